#include "base/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/doc.h"
#include "base/edit.h"
#include "base/log.h"

static const struct {
	const char *name, *meaning;
} codes[] = {
        [0] = {"ok", "no error"},
        [-SS_ERR_NOMEM] = {"nomem", "memory is used up"},
        [-SS_ERR_INVAL] = {"invalid", "what was given can never be right (HTTP 400, 422)"},
        [-SS_ERR_PARSE] = {"parse", "a text is no JSON, YAML, kubeconfig …"},
        [-SS_ERR_LIMIT] = {"limit", "a limit of size, depth or number was reached"},
        [-SS_ERR_NOT_FOUND] = {"not_found", "it is not there (HTTP 404)"},
        [-SS_ERR_ALREADY_EXISTS] = {"already_exists", "the name is taken (HTTP 409)"},
        [-SS_ERR_CONFLICT] = {"conflict", "somebody else changed it, or owns the field (HTTP 409)"},
        [-SS_ERR_FORBIDDEN] = {"forbidden", "it is not allowed to you (HTTP 403)"},
        [-SS_ERR_UNAUTHORIZED] = {"unauthorized", "the server does not know you (HTTP 401)"},
        [-SS_ERR_GONE] = {"gone", "the state that was asked for is kept no more (HTTP 410)"},
        [-SS_ERR_RATE_LIMITED] = {"rate_limited", "the server asks to slow down (HTTP 429)"},
        [-SS_ERR_UNAVAILABLE] = {"unavailable", "no connection, or the server fails (HTTP 5xx)"},
        [-SS_ERR_TIMEOUT] = {"timeout", "the time that was given is over"},
        [-SS_ERR_CANCELED] = {"canceled", "it was stopped: Ctrl-C, task.cancel"},
        [-SS_ERR_TLS] = {"tls", "the certificate or the handshake"},
        [-SS_ERR_POLICY] = {"policy", "the guard refused it (`help guard`)"},
        [-SS_ERR_CONFIG] = {"config", "the kubeconfig or the configuration file"},
        [-SS_ERR_IO] = {"io", "a file or a pipe"},
        [-SS_ERR_UNSUPPORTED] = {"unsupported", "the other side does not do this"},
        [-SS_ERR_FAILED] = {"failed", "what was waited for failed for good"},
        [-SS_ERR_SCRIPT] = {"script", "an error in Lua"},
        [-SS_ERR_USAGE] = {"usage", "the command line"},
        [-SS_ERR_INTERNAL] = {"internal", "a bug of ours, or an answer that makes no sense"},
};

const char *ss_code_name(int code)
{
	if (code > 0 || code <= -(int)SS_ARRAY_LEN(codes))
		code = SS_ERR_INTERNAL;
	return codes[-code].name;
}

const char *ss_code_meaning(int code)
{
	return code > 0 || code <= -(int)SS_ARRAY_LEN(codes) ? NULL : codes[-code].meaning;
}

int ss_code_from_name(const char *name)
{
	for (size_t i = 0; i < SS_ARRAY_LEN(codes); i++) {
		if (strcmp(codes[i].name, name) == 0)
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
