#include "app/repl/lines.h"

#include <string.h>

#include "app/repl/signals.h"
#include "base/err.h"

void ss_lines_init(struct ss_lines *l, const bool *wanted)
{
	*l = (struct ss_lines){.ahead = {.max = SS_LINE_MAX_BYTES}, .wanted = wanted};
}

void ss_lines_done(struct ss_lines *l)
{
	ss_bytes_stop(&l->bytes);
	ss_buf_done(&l->ahead);
}

static bool take_line(struct ss_lines *l, struct ss_buf *out)
{
	const char *nl = l->ahead.len > l->scanned ? memchr(l->ahead.data + l->scanned, '\n',
	                                                    l->ahead.len - l->scanned)
	                                           : NULL;
	size_t len = nl ? (size_t)(nl - l->ahead.data) : l->ahead.len;

	l->scanned = nl ? 0 : len;
	if (!nl && !(l->bytes.eof && len))
		return false;
	l->scanned = 0;
	ss_buf_add(out, l->ahead.data, len && nl && nl[-1] == '\r' ? len - 1 : len);
	ss_buf_consume(&l->ahead, nl ? len + 1 : len);
	return true;
}

static enum ss_line_kind wait_for_line(struct ss_lines *l, struct ss_buf *out, struct ss_err *err)
{
	for (;;) {
		if (ss_signals_ending())
			return SS_LINE_END;
		if (ss_signals_take_interrupt()) {
			ss_buf_reset(&l->ahead);
			l->scanned = 0;
			return SS_LINE_INTERRUPTED;
		}
		if (take_line(l, out))
			return SS_LINE_TEXT;
		if (*l->wanted)
			return SS_LINE_WANTED;
		if (l->bytes.eof)
			return SS_LINE_END;
		ss_bytes_wait(&l->bytes);
		ss_buf_add(&l->ahead, l->bytes.data, l->bytes.len);
		l->bytes.len = 0;
		if (ss_buf_check(&l->ahead, "line", err))
			return SS_LINE_FAILED;
	}
}

enum ss_line_kind ss_lines_read(struct ss_lines *l, struct ss_loop *loop, struct ss_buf *out,
                                struct ss_err *err)
{
	enum ss_line_kind kind;

	if (ss_bytes_start(&l->bytes, loop, err))
		return SS_LINE_FAILED;
	kind = wait_for_line(l, out, err);
	ss_bytes_stop(&l->bytes);
	return kind;
}
