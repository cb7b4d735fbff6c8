#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "app/app.h"
#include "app/output.h"
#include "base/json.h"
#include "base/log.h"
#include "base/yaml.h"
#include "io/writer.h"

int ss_output_doc(const struct ss_doc *doc, ss_node node, const char *format, struct ss_err *err)
{
	struct ss_buf text SS_AUTO_BUF = SS_BUF_INIT;
	int rc = 0;

	if (strcmp(format, "yaml") == 0) {
		rc = ss_yaml_encode(doc, node, &text, err);
	} else {
		ss_json_encode_pretty(doc, node, &text);
		ss_buf_putc(&text, '\n');
		rc = ss_buf_check(&text, "output", err);
	}
	if (!rc)
		fwrite(text.data, 1, text.len, stdout);
	return rc;
}

static struct {
	struct ss_writer *out, *err; /* one and the same where their order shows */
	pthread_t main_thread;
	size_t lost; /* records of the log */
} output;

/* --- the streams ---------------------------------------------------------------------- */
static ssize_t write_stream(void *cookie, const char *text, size_t len)
{
	struct ss_writer **w = cookie;

	errno = ss_writer_put(*w, text, len);
	return errno ? 0 : (ssize_t)len;
}

static FILE *open_stream(struct ss_writer **w, FILE *before, int mode)
{
	cookie_io_functions_t functions = {.write = write_stream};
	FILE *stream = fopencookie(w, "w", functions);

	fflush(before);
	if (stream)
		setvbuf(stream, NULL, mode, BUFSIZ);
	return stream ? stream : before;
}

int ss_output_open(struct ss_loop *loop, struct ss_err *err)
{
	int rc;

	if (output.out)
		return 0;
	rc = ss_writer_new(loop, STDOUT_FILENO, &output.out, err);
	if (rc)
		return rc;
	output.err = output.out;
	if (!ss_writer_same(STDOUT_FILENO, STDERR_FILENO))
		rc = ss_writer_new(loop, STDERR_FILENO, &output.err, err);
	if (rc)
		return rc;
	/* glibc has them as variables for this. */
	stdout = open_stream(&output.out, stdout, isatty(STDOUT_FILENO) ? _IOLBF : _IOFBF);
	stderr = open_stream(&output.err, stderr, _IONBF);
	ss_output_take_log();
	return 0;
}

struct ss_writer *ss_output_writer(void)
{
	return output.out;
}

void ss_output_flush(void)
{
	fflush(stdout);
	if (!output.out)
		return;
	ss_writer_flush(output.out);
	ss_writer_flush(output.err);
}

void ss_output_close(void)
{
	if (!output.out)
		return;
	fflush(stdout);
	ss_writer_detach(output.out);
	if (output.err != output.out)
		ss_writer_detach(output.err);
}

/* --- the log -------------------------------------------------------------------------- */
static void tell_lost(void)
{
	if (!output.lost)
		return;
	fprintf(stderr, "warn %zu records of the log are lost: nobody read them\n", output.lost);
	output.lost = 0;
}

/* A worker does not wait for the loop, nor touch what is its own; and a log that nobody reads is
 * no reason to keep it all. */
static void on_record(void *ud, const char *line, size_t len)
{
	char text[SS_LOG_RECORD_BYTES + 1];

	(void)ud;
	len = len < SS_LOG_RECORD_BYTES ? len : SS_LOG_RECORD_BYTES;
	memcpy(text, line, len);
	text[len++] = '\n';
	if (!pthread_equal(pthread_self(), output.main_thread)) {
		(void)!write(STDERR_FILENO, text, len);
	} else if (ss_writer_is_full(output.err)) {
		output.lost++;
	} else {
		tell_lost();
		fwrite(text, 1, len, stderr);
	}
}

void ss_output_take_log(void)
{
	output.main_thread = pthread_self();
	ss_log_set_sink(output.out ? on_record : NULL, NULL);
}

/* --- the end --------------------------------------------------------------------------- */
/* `| head -1`: who reads has seen enough, which is no fault to report. */
static bool reader_is_gone(void)
{
	struct pollfd fd = {.fd = STDOUT_FILENO, .events = POLLOUT};

	return poll(&fd, 1, 0) == 1 && (fd.revents & POLLERR);
}

static int report_write(int reason)
{
	struct ss_err err SS_AUTO_ERR;

	/* Without a reason it was an earlier write that failed. */
	ss_err_set(&err, SS_ERR_IO, "cannot write standard output: %s",
	           reason ? strerror(reason) : "a write failed");
	return ss_report(&err);
}

int ss_output_finish(int code)
{
	bool failed = ferror(stdout) != 0;

	errno = 0;
	failed |= fflush(stdout) != 0;
	ss_output_close();
	tell_lost();
	if (output.out)
		failed |= (errno = ss_writer_flush(output.out)) != 0;
	if (!failed || code)
		return code;
	if (errno == EPIPE || reader_is_gone())
		return SS_EXIT_ERROR;
	return report_write(errno);
}
