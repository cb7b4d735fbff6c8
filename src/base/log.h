/* Logging to stderr: one line per record, "LEVEL message key=value …".
 * Text from outside is escaped (no control characters, no terminal sequences),
 * and registered secrets never appear. Library layers log at debug only;
 * the program reports each failure once. Any thread may log, but the sink is the
 * main thread's: another one gets a sink of its own. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "base/attr.h"

enum ss_log_level { SS_LOG_DEBUG, SS_LOG_INFO, SS_LOG_WARN, SS_LOG_ERROR, SS_LOG_OFF };

struct ss_doc;

/* warn at first. */
void ss_log_set_level(enum ss_log_level level);
enum ss_log_level ss_log_get_level(void);
/* "debug" …; false when unknown. */
bool ss_log_parse_level(const char *name, enum ss_log_level *ret);
void ss_log(enum ss_log_level level, const char *fmt, ...) SS_PRINTF(2, 3);
/* fields: an object whose members are appended as key=value; NULL is fine. */
void ss_log_fields(enum ss_log_level level, const char *message, const struct ss_doc *fields);
/* Replace every occurrence of this text (8 bytes or longer) by "[secret]" from now on. The
 * newest 64 are kept. */
void ss_log_add_secret(const char *secret, size_t len);
/* A copy of s with control characters, ESC and bidi controls escaped and secrets
 * replaced, cut at max bytes; into out (size max + 1 at most). */
void ss_log_escape(const char *s, size_t len, char *out, size_t out_size);
/* A line for people: the formatted text escaped, whole, and a break. Whatever comes from outside
 * (paths, names, messages) is printed by this, or by the escape of Lua. */
void ss_log_print(FILE *out, const char *fmt, ...) SS_PRINTF(2, 3);
/* Where records go; NULL is stderr. For tests and the REPL. */
enum { SS_LOG_RECORD_BYTES = 8192 }; /* of a line, at most */
typedef void (*ss_log_sink_fn)(void *ud, const char *line, size_t len);
void ss_log_set_sink(ss_log_sink_fn fn, void *ud);
/* Where records of this thread go, before the sink of all; NULL = there. */
void ss_log_set_thread_sink(ss_log_sink_fn fn, void *ud);
/* A line without its break goes where records go now, whatever the level: one that a thread's sink
 * was given, or a message that is no record. */
void ss_log_line(const char *line, size_t len);
