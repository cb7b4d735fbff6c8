#include "base/yaml.h"

#include <stdio.h>

#include <yaml.h>

#include "base/err.h"
#include "base/json.h"
#include "base/utf8.h"
#include "base/yaml_priv.h"

struct writer {
	yaml_emitter_t emitter;
	const struct ss_doc *doc;
	struct ss_buf *out;
};

static int write_out(void *ud, unsigned char *data, size_t size)
{
	struct ss_buf *out = ud;

	ss_buf_add(out, data, size);
	return !out->failed;
}

static bool emit(struct writer *w, yaml_event_t *event)
{
	return yaml_emitter_emit(&w->emitter, event);
}

/* No controls but line feeds, and no breaks that a reader turns into one: such
 * text can stand as it is. */
static bool is_printable(const char *s, size_t len)
{
	uint32_t code;

	for (size_t i = 0, n; i < len; i += n) {
		n = ss_utf8_decode(s + i, len - i, &code);
		if (!n || (code < 0x20 && code != '\n') || (code >= 0x7f && code < 0xa0) ||
		    code == 0x2028 || code == 0x2029 || code == 0xfeff)
			return false;
	}
	return true;
}

static yaml_scalar_style_t string_style(const char *s, size_t len)
{
	if (!is_printable(s, len) || ss_yaml_looks_typed(s, len))
		return YAML_DOUBLE_QUOTED_SCALAR_STYLE;
	return memchr(s, '\n', len) ? YAML_LITERAL_SCALAR_STYLE : YAML_PLAIN_SCALAR_STYLE;
}

static bool put_text(struct writer *w, const char *s, size_t len, yaml_scalar_style_t style)
{
	yaml_event_t event;

	return yaml_scalar_event_initialize(&event, NULL, NULL, (const yaml_char_t *)s, (int)len, 1,
	                                    1, style) &&
	       emit(w, &event);
}

static bool put_string(struct writer *w, const char *s, size_t len, bool key)
{
	yaml_scalar_style_t style = string_style(s, len);

	/* A key stays on its line. */
	if (key && style == YAML_LITERAL_SCALAR_STYLE)
		style = YAML_DOUBLE_QUOTED_SCALAR_STYLE;
	return put_text(w, s, len, style);
}

static bool put_scalar(struct writer *w, ss_node node)
{
	SS_AUTO_BUF struct ss_buf text = SS_BUF_INIT;

	/* Reals, integers, true, false and null read the same in both. */
	ss_json_encode(w->doc, node, &text);
	if (text.failed) {
		w->out->failed = text.failed;
		return false;
	}
	return put_text(w, text.data, text.len, YAML_PLAIN_SCALAR_STYLE);
}

static bool put_node(struct writer *w, ss_node node);

static bool put_members(struct writer *w, ss_node node)
{
	for (struct ss_iter it = ss_iter(w->doc, node); ss_iter_next(&it);) {
		if (it.key && !put_string(w, it.key, it.key_len, true))
			return false;
		if (!put_node(w, it.value))
			return false;
	}
	return true;
}

static bool put_object(struct writer *w, ss_node node)
{
	yaml_event_t event;

	return yaml_mapping_start_event_initialize(&event, NULL, NULL, 1,
	                                           YAML_BLOCK_MAPPING_STYLE) &&
	       emit(w, &event) && put_members(w, node) &&
	       yaml_mapping_end_event_initialize(&event) && emit(w, &event);
}

static bool put_array(struct writer *w, ss_node node)
{
	yaml_event_t event;

	return yaml_sequence_start_event_initialize(&event, NULL, NULL, 1,
	                                            YAML_BLOCK_SEQUENCE_STYLE) &&
	       emit(w, &event) && put_members(w, node) &&
	       yaml_sequence_end_event_initialize(&event) && emit(w, &event);
}

static bool put_node(struct writer *w, ss_node node)
{
	size_t len;
	const char *s;

	switch (ss_doc_type(w->doc, node)) {
	case SS_OBJECT:
		return put_object(w, node);
	case SS_ARRAY:
		return put_array(w, node);
	case SS_STRING:
		s = ss_doc_get_string(w->doc, node, &len);
		return put_string(w, s, len, false);
	default:
		return put_scalar(w, node);
	}
}

static bool put_stream(struct writer *w, ss_node node)
{
	yaml_event_t event;

	return yaml_stream_start_event_initialize(&event, YAML_UTF8_ENCODING) && emit(w, &event) &&
	       yaml_document_start_event_initialize(&event, NULL, NULL, NULL, 1) &&
	       emit(w, &event) && put_node(w, node) &&
	       yaml_document_end_event_initialize(&event, 1) && emit(w, &event) &&
	       yaml_stream_end_event_initialize(&event) && emit(w, &event);
}

/* libyaml closes text that ends in kept line breaks with "...": the end of the
 * file or the next "---" does that too. */
static void drop_end_mark(struct ss_buf *out, size_t start)
{
	static const char mark[] = "\n...\n";
	size_t n = sizeof(mark) - 1;

	if (out->len < start + n || memcmp(out->data + out->len - n, mark, n) != 0)
		return;
	out->len -= n - 1;
	out->data[out->len] = 0;
}

static int failure(struct writer *w, struct ss_err *err)
{
	if (w->out->failed)
		return ss_buf_check(w->out, "YAML text", err);
	if (w->emitter.error == YAML_NO_ERROR || w->emitter.error == YAML_MEMORY_ERROR)
		return ss_err_nomem(err);
	return ss_err_set(err, SS_ERR_INTERNAL, "writing YAML: %s",
	                  w->emitter.problem ? w->emitter.problem : "the emitter failed");
}

int ss_yaml_encode(const struct ss_doc *doc, ss_node node, struct ss_buf *out, struct ss_err *err)
{
	struct writer w = {.doc = doc, .out = out};
	size_t start = out->len;
	int r = 0;

	if (!yaml_emitter_initialize(&w.emitter))
		return ss_err_nomem(err);
	yaml_emitter_set_output(&w.emitter, write_out, out);
	yaml_emitter_set_unicode(&w.emitter, 1);
	yaml_emitter_set_width(&w.emitter, -1);
	if (put_stream(&w, node))
		drop_end_mark(out, start);
	else
		r = failure(&w, err);
	yaml_emitter_delete(&w.emitter);
	return r;
}
