#include "app/repl/screen.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "app/output.h"
#include "base/log.h"

enum { PENDING_MAX_BYTES = 1 << 20, COLUMNS = 80, ROWS = 24, SIZE_MAX_CELLS = 10000 };

void ss_screen_init(struct ss_screen *s, bool tty)
{
	*s = (struct ss_screen){.tty = tty, .pending = {.max = PENDING_MAX_BYTES}};
}

void ss_screen_done(struct ss_screen *s)
{
	ss_buf_done(&s->pending);
}

static void print(struct ss_screen *s, FILE *stream, const char *text, size_t len)
{
	bool shown = s->hide && (stream == stdout || isatty(STDERR_FILENO));

	fflush(stdout); /* what libedit has drawn */
	if (shown)
		s->hide(s->ud);
	fwrite(text, 1, len, stream);
	/* The line starts at the left. */
	if (shown && len && text[len - 1] != '\n')
		fputs("\r\n", stream);
	if (fflush(stream) && stream == stdout && !s->failed)
		s->failed = errno;
	if (shown)
		s->show(s->ud);
}

void ss_screen_write(struct ss_screen *s, const char *text, size_t len)
{
	if (s->held && s->tty)
		ss_buf_add(&s->pending, text, len);
	else
		print(s, stdout, text, len);
}

/* Colours are for the terminal: without them, for a file. Sequences are CSI … m. */
static void write_plain(struct ss_screen *s, const char *text, size_t len)
{
	struct ss_buf plain SS_AUTO_BUF = SS_BUF_INIT;

	for (size_t i = 0; i < len; i++) {
		if (text[i] == '\033' && i + 1 < len && text[i + 1] == '[')
			while (i < len && text[i] != 'm')
				i++;
		else
			ss_buf_putc(&plain, text[i]);
	}
	if (plain.len)
		print(s, stderr, plain.data, plain.len);
}

void ss_screen_tell(struct ss_screen *s, const char *text, size_t len)
{
	bool tty = isatty(STDERR_FILENO);

	if (s->held && tty)
		ss_buf_add(&s->pending, text, len);
	else if (tty)
		print(s, stderr, text, len);
	else
		write_plain(s, text, len);
}

void ss_screen_hold(struct ss_screen *s)
{
	s->held = true;
}

void ss_screen_release(struct ss_screen *s)
{
	static const char lost[] = "(there was more output meanwhile, which is lost)\n";

	s->held = false;
	if (s->pending.len)
		print(s, stdout, s->pending.data, s->pending.len);
	if (s->pending.failed)
		print(s, stderr, lost, sizeof(lost) - 1);
	ss_buf_reset(&s->pending);
	s->pending.failed = 0;
}

static int sensible(int value, int otherwise)
{
	return value > 0 && value <= SIZE_MAX_CELLS ? value : otherwise;
}

void ss_screen_size(int *ret_columns, int *ret_rows)
{
	struct winsize w = {0};

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &w) < 0)
		memset(&w, 0, sizeof(w));
	*ret_columns = sensible(w.ws_col, COLUMNS);
	*ret_rows = sensible(w.ws_row, ROWS);
}

/* --- the log -------------------------------------------------------------------------------- */
static pthread_t main_thread;

static void on_record(void *ud, const char *line, size_t len)
{
	struct ss_buf text SS_AUTO_BUF = SS_BUF_INIT;

	ss_buf_add(&text, line, len);
	ss_buf_putc(&text, '\n');
	if (text.failed)
		return;
	/* A worker does not wait for the screen, nor touch it. */
	if (pthread_equal(pthread_self(), main_thread))
		ss_screen_tell(ud, text.data, text.len);
	else
		(void)!write(STDERR_FILENO, text.data, text.len);
}

void ss_screen_take_log(struct ss_screen *s)
{
	main_thread = pthread_self();
	ss_log_set_sink(on_record, s);
}

void ss_screen_leave_log(void)
{
	ss_output_take_log();
}
