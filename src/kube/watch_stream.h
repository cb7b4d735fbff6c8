/* The body of a watch: JSON lines of {type, object}, cut out of whatever pieces the
 * connection delivers (K35). */
#pragma once

#include "base/buf.h"
#include "base/doc.h"
#include "kube/watch.h"

enum {
	SS_STREAM_MAX_EVENT_BYTES = 4 << 20,
	SS_STREAM_MAX_BACKLOG_BYTES = 4 << 20, /* of a paused watch, which is then resumed later */
	SS_STREAM_MAX_BYTES = 48 << 20,        /* above what a transport delivers in one piece */
};

struct ss_stream {
	struct ss_buf buf;
	size_t at;      /* of the first byte not consumed */
	size_t scanned; /* up to here there is no newline */
};

enum ss_line_type { SS_LINE_EVENT, SS_LINE_ERROR, SS_LINE_UNKNOWN };
struct ss_line {
	enum ss_line_type type;
	enum ss_event_type event;
	struct ss_doc *object; /* owned by the caller; the Status of an error */
};

void ss_stream_done(struct ss_stream *s);
void ss_stream_reset(struct ss_stream *s);
/* False: out of memory, or far more than one event has come without being taken. */
bool ss_stream_add(struct ss_stream *s, const char *data, size_t len);
size_t ss_stream_backlog(const struct ss_stream *s);
/* The next whole line, without the newline; false when there is none. Valid until the next call. */
bool ss_stream_next(struct ss_stream *s, const char **ret_line, size_t *ret_len);
/* Give back the memory of the lines taken. */
void ss_stream_compact(struct ss_stream *s);
/* 0, SS_ERR_PARSE, SS_ERR_NOMEM … */
int ss_stream_parse(const char *line, size_t len, struct ss_line *ret, struct ss_err *err);
