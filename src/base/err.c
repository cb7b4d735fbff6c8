#include "base/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/doc.h"
#include "base/edit.h"
#include "base/log.h"

static const char *const names[] = {
        [0] = "ok",
        [-SS_ERR_NOMEM] = "nomem",
        [-SS_ERR_INVAL] = "invalid",
        [-SS_ERR_PARSE] = "parse",
        [-SS_ERR_LIMIT] = "limit",
        [-SS_ERR_NOT_FOUND] = "not_found",
        [-SS_ERR_ALREADY_EXISTS] = "already_exists",
        [-SS_ERR_CONFLICT] = "conflict",
        [-SS_ERR_FORBIDDEN] = "forbidden",
        [-SS_ERR_UNAUTHORIZED] = "unauthorized",
        [-SS_ERR_GONE] = "gone",
        [-SS_ERR_RATE_LIMITED] = "rate_limited",
        [-SS_ERR_UNAVAILABLE] = "unavailable",
        [-SS_ERR_TIMEOUT] = "timeout",
        [-SS_ERR_CANCELED] = "canceled",
        [-SS_ERR_TLS] = "tls",
        [-SS_ERR_POLICY] = "policy",
        [-SS_ERR_CONFIG] = "config",
        [-SS_ERR_IO] = "io",
        [-SS_ERR_UNSUPPORTED] = "unsupported",
        [-SS_ERR_FAILED] = "failed",
        [-SS_ERR_SCRIPT] = "script",
        [-SS_ERR_USAGE] = "usage",
        [-SS_ERR_INTERNAL] = "internal",
};

const char *ss_code_name(int code)
{
	if (code > 0 || code <= -(int)SS_ARRAY_LEN(names))
		return "internal";
	return names[-code];
}

int ss_code_from_name(const char *name)
{
	for (size_t i = 0; i < SS_ARRAY_LEN(names); i++) {
		if (strcmp(names[i], name) == 0)
			return -(int)i;
	}
	return SS_ERR_INTERNAL;
}

void ss_err_init(struct ss_err *err)
{
	err->code = 0;
	err->status = 0;
	err->retry_after_ms = -1;
	err->retryable = false;
	err->reason[0] = err->op[0] = err->object[0] = err->message[0] = 0;
	err->details = NULL;
}

void ss_err_done(struct ss_err *err)
{
	if (!err)
		return;
	ss_doc_free(err->details);
	ss_err_init(err);
}

/* Format without a cut where possible: a secret that is cut in two could no
 * longer be recognised. *ret_heap is to be freed. */
static SS_PRINTF(4, 0) const
        char *format(char *small, size_t size, char **ret_heap, const char *fmt, va_list args)
{
	va_list again;
	int n;

	*ret_heap = NULL;
	va_copy(again, args);
	n = vsnprintf(small, size, fmt, args);
	if (n >= 0 && (size_t)n >= size && vasprintf(ret_heap, fmt, again) < 0)
		*ret_heap = NULL;
	va_end(again);
	return n < 0 ? fmt : *ret_heap ? *ret_heap : small;
}

int ss_err_set(struct ss_err *err, int code, const char *fmt, ...)
{
	char small[1024], *heap;
	const char *text;
	va_list args;

	if (!err)
		return code;
	va_start(args, fmt);
	text = format(small, sizeof(small), &heap, fmt, args);
	va_end(args);
	ss_doc_free(err->details);
	err->details = NULL;
	err->code = code;
	ss_log_escape(text, strlen(text), err->message, sizeof(err->message));
	free(heap);
	return code;
}

int ss_err_wrap(struct ss_err *err, int code, const char *fmt, ...)
{
	char small[512], before[512], message[sizeof(err->message)], *heap;
	const char *text;
	va_list args;

	if (!err)
		return code;
	va_start(args, fmt);
	text = format(small, sizeof(small), &heap, fmt, args);
	va_end(args);
	ss_log_escape(text, strlen(text), before, sizeof(before));
	free(heap);
	if (!err->code)
		err->code = code;
	memcpy(message, err->message, sizeof(message));
	snprintf(err->message, sizeof(err->message), "%s%s", before, message[0] ? ": " : "");
	ss_log_escape(message, strlen(message), err->message + strlen(err->message),
	              sizeof(err->message) - strlen(err->message));
	return err->code;
}

int ss_err_nomem(struct ss_err *err)
{
	if (err) {
		ss_doc_free(err->details);
		err->details = NULL;
		err->code = SS_ERR_NOMEM;
		snprintf(err->message, sizeof(err->message), "out of memory");
	}
	return SS_ERR_NOMEM;
}

void ss_err_move(struct ss_err *to, struct ss_err *from)
{
	if (!from || from == to)
		return;
	if (to) {
		ss_doc_free(to->details);
		*to = *from;
		from->details = NULL;
	}
	ss_err_done(from);
}

void ss_err_copy(struct ss_err *to, const struct ss_err *from)
{
	if (to == from)
		return;
	ss_doc_free(to->details);
	*to = *from;
	to->details = from->details ? ss_doc_dup(from->details, ss_doc_root(from->details)) : NULL;
}

void ss_err_set_object(struct ss_err *err, const char *kind, const char *ns, const char *name)
{
	char text[sizeof(err->object)];

	if (!err)
		return;
	snprintf(text, sizeof(text), "%s %s%s%s", kind, ns ? ns : "", ns && ns[0] ? "/" : "", name);
	ss_log_escape(text, strlen(text), err->object, sizeof(err->object));
}
