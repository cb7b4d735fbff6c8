/* What a YAML scalar is, by its tag and style, and how it is written. */
#include <math.h>

#include "base/digest.h"
#include "base/utf8.h"
#include "base/yaml_reader.h"

int ss_yaml_bad_tag(struct reader *r, const yaml_char_t *tag, const char *allowed)
{
	const char *name = (const char *)tag;
	size_t prefix = strlen(TAG_PREFIX);

	/* Without the tag: it may be a password that nobody quoted. */
	if (strncmp(name, TAG_PREFIX, prefix) != 0)
		return ss_yaml_fail(r, SS_ERR_PARSE,
		                    "text that begins with '!' needs quotes, and of the tags only "
		                    "%s are allowed here",
		                    allowed);
	return ss_yaml_fail(r, SS_ERR_PARSE, "the tag !!%.100s is not allowed here (only %s)",
	                    name + prefix, allowed);
}

int ss_yaml_scalar_value(struct reader *r, const yaml_event_t *event, struct ss_yaml_scalar *ret)
{
	const char *text = (const char *)event->data.scalar.value;
	size_t len = event->data.scalar.length;
	const char *tag = (const char *)event->data.scalar.tag;
	bool plain = event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
	bool fits;

	*ret = (struct ss_yaml_scalar){.type = SS_STRING};
	if (!tag && plain)
		*ret = ss_yaml_resolve(text, len);
	if (!tag || tag_is(tag, "!") || tag_is(tag, YAML_STR_TAG) ||
	    tag_is(tag, TAG_PREFIX "binary"))
		return 0;
	*ret = ss_yaml_resolve(text, len);
	if (tag_is(tag, YAML_INT_TAG))
		fits = ret->type == SS_INT;
	else if (tag_is(tag, YAML_FLOAT_TAG))
		fits = ret->type == SS_INT || ret->type == SS_REAL;
	else if (tag_is(tag, YAML_BOOL_TAG))
		fits = ret->type == SS_BOOL;
	else if (tag_is(tag, YAML_NULL_TAG))
		fits = ret->type == SS_NULL;
	else
		return ss_yaml_bad_tag(r, event->data.scalar.tag,
		                       "!!str, !!int, !!float, !!bool, !!null and !!binary");
	if (!fits)
		return ss_yaml_fail(r, SS_ERR_PARSE, "\"%.100s\" is no %s", text,
		                    tag + strlen(TAG_PREFIX));
	return 0;
}

int ss_yaml_check_number(struct reader *r, const yaml_event_t *event,
                         const struct ss_yaml_scalar *s)
{
	if (s->type == SS_INT && s->too_big)
		return ss_yaml_fail(
		        r, SS_ERR_PARSE,
		        "the integer %.60s does not fit 64 bits; quote it if it is text",
		        (const char *)event->data.scalar.value);
	if (s->type == SS_REAL && !isfinite(s->real))
		return ss_yaml_fail(r, SS_ERR_PARSE,
		                    "%s cannot be written as JSON; quote it if it is text",
		                    (const char *)event->data.scalar.value);
	return 0;
}

bool ss_yaml_is_binary(const yaml_event_t *event)
{
	const char *tag = (const char *)event->data.scalar.tag;

	return tag && tag_is(tag, TAG_PREFIX "binary");
}

/* !!binary is base64; JSON has text only, so the bytes must be UTF-8. */
static int decode_binary(struct reader *r, const yaml_event_t *event, struct ss_buf *out)
{
	int code = ss_base64_decode((const char *)event->data.scalar.value,
	                            event->data.scalar.length, out);

	if (code == SS_ERR_NOMEM)
		return ss_err_nomem(r->err);
	if (code)
		return ss_yaml_fail(r, SS_ERR_PARSE, "!!binary is not valid base64");
	if (out->len && !ss_utf8_valid(out->data, out->len))
		return ss_yaml_fail(r, SS_ERR_PARSE, "!!binary does not hold UTF-8 text");
	return 0;
}

/* Are these the digits of an integer of JSON, which pass through as they are? */
static bool is_json_integer(const char *s)
{
	s += *s == '-';
	return *s > '0' && *s <= '9' && s[strspn(s, "0123456789")] == 0;
}

int ss_yaml_put_scalar(struct reader *r, const yaml_event_t *event, const struct ss_yaml_scalar *s)
{
	SS_AUTO_BUF struct ss_buf binary = SS_BUF_INIT;
	const char *value = (const char *)event->data.scalar.value;
	int code;

	if (s->type == SS_INT && s->too_big && is_json_integer(value)) {
		ss_doc_digits(r->doc, value, event->data.scalar.length);
		return 0;
	}
	code = ss_yaml_check_number(r, event, s);
	if (!code && ss_yaml_is_binary(event)) {
		code = decode_binary(r, event, &binary);
		if (!code)
			ss_doc_string(r->doc, binary.data ? binary.data : "", binary.len);
		return code;
	}
	switch (s->type) {
	case SS_NULL:
		ss_doc_null(r->doc);
		break;
	case SS_BOOL:
		ss_doc_bool(r->doc, s->boolean);
		break;
	case SS_INT:
		ss_doc_int(r->doc, s->integer);
		break;
	case SS_REAL:
		ss_doc_real(r->doc, s->real);
		break;
	default:
		ss_doc_string(r->doc, value, event->data.scalar.length);
		break;
	}
	return code;
}
