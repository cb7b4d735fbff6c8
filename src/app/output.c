#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "app/app.h"
#include "base/json.h"
#include "base/yaml.h"

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

/* `| head -1`: who reads has seen enough, which is no fault to report. */
static bool reader_is_gone(void)
{
	struct pollfd fd = {.fd = STDOUT_FILENO, .events = POLLOUT};

	return poll(&fd, 1, 0) == 1 && (fd.revents & POLLERR);
}

static int report_write(int reason)
{
	struct ss_err err SS_AUTO_ERR;

	ss_err_init(&err);
	/* Without a reason it was an earlier write that failed. */
	ss_err_set(&err, SS_ERR_IO, "cannot write standard output: %s",
	           reason ? strerror(reason) : "a write failed");
	return ss_report(&err);
}

int ss_output_finish(int code)
{
	bool failed = ferror(stdout) != 0;

	errno = 0;
	if ((fflush(stdout) == 0 && !failed) || code)
		return code;
	if (errno == EPIPE || reader_is_gone())
		return SS_EXIT_ERROR;
	return report_write(errno);
}
