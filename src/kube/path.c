#include "kube/path.h"

#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "io/http.h"

enum { SEGMENT_MAX = 253 };

/* The rule of apimachinery's path segment names, which also keeps a name from
 * reaching another object: kinds narrow it further on the server. */
static const char *segment_fault(const char *s)
{
	if (!*s)
		return "is empty";
	if (strlen(s) > SEGMENT_MAX)
		return "is longer than 253 bytes";
	if (!strcmp(s, ".") || !strcmp(s, ".."))
		return "may not be '.' or '..'";
	for (; *s; s++) {
		if (*s == '/' || *s == '%')
			return "may not hold '/' or '%'";
		if ((unsigned char)*s <= ' ' || *s == 0x7f)
			return "may not hold white space or control characters";
	}
	return NULL;
}

int ss_path_check(const char *what, const char *s, struct ss_err *err)
{
	const char *fault = segment_fault(s);

	if (!fault)
		return 0;
	return ss_err_set(err, SS_ERR_INVAL, "the %s \"%.64s\" %s", what, s, fault);
}

static void segment(struct ss_buf *out, const char *s)
{
	ss_buf_putc(out, '/');
	ss_http_escape(out, s);
}

void ss_path_collection(struct ss_buf *out, const struct ss_kind *kind, const char *namespace_)
{
	if (*kind->group) {
		ss_buf_puts(out, "/apis");
		segment(out, kind->group);
	} else {
		ss_buf_puts(out, "/api");
	}
	segment(out, kind->version);
	if (namespace_) {
		ss_buf_puts(out, "/namespaces");
		segment(out, namespace_);
	}
	segment(out, kind->plural);
}

void ss_path_object(struct ss_buf *out, const struct ss_kind *kind, const char *namespace_,
                    const char *name, const char *subresource)
{
	ss_path_collection(out, kind, namespace_);
	segment(out, name);
	if (subresource)
		segment(out, subresource);
}

void ss_path_query(struct ss_buf *out, const char *key, const char *value)
{
	if (!value)
		return;
	ss_buf_putc(out, out->data && memchr(out->data, '?', out->len) ? '&' : '?');
	ss_buf_puts(out, key);
	ss_buf_putc(out, '=');
	ss_http_escape(out, value);
}

void ss_path_query_int(struct ss_buf *out, const char *key, int64_t value)
{
	char text[24];

	snprintf(text, sizeof(text), "%lld", (long long)value);
	ss_path_query(out, key, text);
}

void ss_path_field(struct ss_buf *out, const char *field, const char *value)
{
	if (out->len)
		ss_buf_putc(out, ',');
	ss_buf_puts(out, field);
	ss_buf_putc(out, '=');
	for (; *value; value++) {
		if (*value == '\\' || *value == ',' || *value == '=')
			ss_buf_putc(out, '\\');
		ss_buf_putc(out, *value);
	}
}
