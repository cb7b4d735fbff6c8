/* The pure layer behind a pipe, for the oracles: one JSON object per line in,
 * one per line out.
 *   {"build": input}      {"ok": manifest} or {"error": message, "details": […]}
 *   {"check": object}     {"ok": true} or {"violations": […], "message": …}
 *   {"name": text}        {"dns_label": bool, "dns_subdomain": …, "label_key": …, …}
 *   {"quantity": [a, b]}  {"valid": [bool, bool], "cmp": -1|0|1, "value": [int, int]}
 *   {"json": text}        {"ok": value} or {"error": message, …}
 *   {"yaml": text}        {"ok": [value, …]}, the documents of the text, or {"error": message, …}
 *   {"json_again": text}, {"yaml_again": text}  {"ok": text}, as kubectl prints it, or {"error": …}
 *   {"patch": [value, operations]}  {"ok": value} or {"error": message, …}
 * A manifest is answered as the text that the builder gives, byte for byte, after
 * its replays were compared: the text parsed, and written and read as YAML. With
 * -u every answer is flushed, else only at the end. */
#include <stdio.h>
#include <stdlib.h>

#include "base/edit.h"
#include "base/err.h"
#include "base/json.h"
#include "base/yaml.h"
#include "sandbox/build.h"
#include "sandbox/guard.h"
#include "sandbox/names.h"
#include "sandbox/quantity.h"

static const char *compare_json(const struct ss_doc *doc, const struct ss_buf *text)
{
	struct ss_doc *again SS_AUTO_DOC = NULL;

	if (ss_json_parse(text->data, text->len, &again, NULL) < 0)
		return "replay: the JSON text does not parse";
	if (!ss_doc_equal(doc, ss_doc_root(doc), again, ss_doc_root(again)))
		return "replay: the JSON text reads differently";
	return NULL;
}

static const char *compare_yaml(const struct ss_doc *doc)
{
	struct ss_buf text SS_AUTO_BUF = SS_BUF_INIT;
	struct ss_doc *again SS_AUTO_DOC = NULL;

	if (ss_yaml_encode(doc, ss_doc_root(doc), &text, NULL) < 0 ||
	    ss_yaml_parse(text.data, text.len, &again, NULL) < 0)
		return "replay: the YAML text does not parse";
	if (!ss_doc_equal(doc, ss_doc_root(doc), again, ss_doc_root(again)))
		return "replay: the YAML text reads differently";
	return NULL;
}

static void put_error(struct ss_buf *out, const char *message, const struct ss_doc *details)
{
	ss_buf_puts(out, "{\"error\":");
	ss_json_quote(out, message, strlen(message));
	ss_buf_puts(out, ",\"details\":");
	ss_json_encode(details, details ? ss_doc_root(details) : SS_NO_NODE, out);
	ss_buf_puts(out, "}");
}

static void build(const struct ss_doc *in, ss_node node, struct ss_buf *out)
{
	struct ss_err err SS_AUTO_ERR;
	struct ss_doc *doc SS_AUTO_DOC = ss_doc_new();
	struct ss_buf text SS_AUTO_BUF = SS_BUF_INIT;
	const char *why;

	if (ss_build_sandbox(in, node, doc, &err) < 0 || ss_doc_finish(doc, &err) < 0) {
		put_error(out, err.message, err.details);
		return;
	}
	ss_json_encode(doc, ss_doc_root(doc), &text);
	why = compare_json(doc, &text);
	if (!why)
		why = compare_yaml(doc);
	if (why) {
		put_error(out, why, NULL);
		return;
	}
	ss_buf_puts(out, "{\"ok\":");
	ss_buf_add(out, text.data, text.len);
	ss_buf_puts(out, "}");
}

static void check(const struct ss_doc *in, ss_node node, struct ss_buf *out)
{
	struct ss_err err SS_AUTO_ERR;

	if (ss_guard_check(NULL, in, node, &err) == 0) {
		ss_buf_puts(out, "{\"ok\":true}");
		return;
	}
	ss_buf_puts(out, "{\"violations\":");
	ss_json_encode(err.details, err.details ? ss_doc_root(err.details) : SS_NO_NODE, out);
	ss_buf_puts(out, ",\"message\":");
	ss_json_quote(out, err.message, strlen(err.message));
	ss_buf_puts(out, "}");
}

static void name(const struct ss_doc *in, ss_node node, struct ss_buf *out)
{
	static const struct {
		const char *name;
		const char *(*check)(const char *s, size_t len);
	} checks[] = {
	        {"dns_label", ss_name_check_dns_label},
	        {"dns_subdomain", ss_name_check_dns_subdomain},
	        {"label_key", ss_name_check_label_key},
	        {"label_value", ss_name_check_label_value},
	        {"env", ss_name_check_env},
	};
	size_t len;
	const char *s = ss_doc_get_string(in, node, &len);

	for (size_t i = 0; i < SS_ARRAY_LEN(checks); i++)
		ss_buf_printf(out, "%c\"%s\":%s", i ? ',' : '{', checks[i].name,
		              checks[i].check(s ? s : "", len) ? "false" : "true");
	ss_buf_puts(out, "}");
}

static void quantity(const struct ss_doc *in, ss_node node, struct ss_buf *out)
{
	const char *s[2];
	bool valid[2];
	long long value[2];
	int cmp;

	for (size_t i = 0; i < 2; i++) {
		size_t len;

		s[i] = ss_doc_get_string(in, ss_doc_at(in, node, i), &len);
		valid[i] = s[i] && ss_quantity_is_valid(s[i], len);
		value[i] = valid[i] ? ss_quantity_value(s[i]) : 0;
	}
	cmp = valid[0] && valid[1] ? ss_quantity_cmp(s[0], s[1]) : 0;
	ss_buf_printf(out, "{\"valid\":[%s,%s],\"cmp\":%d,\"value\":[%lld,%lld]}",
	              valid[0] ? "true" : "false", valid[1] ? "true" : "false",
	              (cmp > 0) - (cmp < 0), value[0], value[1]);
}

static void put_ok(struct ss_buf *out, int code, const struct ss_doc *doc, const struct ss_err *err)
{
	if (code) {
		put_error(out, err->message, NULL);
		return;
	}
	ss_buf_puts(out, "{\"ok\":");
	ss_json_encode(doc, ss_doc_root(doc), out);
	ss_buf_puts(out, "}");
}

static void json(const struct ss_doc *in, ss_node node, struct ss_buf *out)
{
	struct ss_err err SS_AUTO_ERR;
	struct ss_doc *doc SS_AUTO_DOC = NULL;
	size_t len;
	const char *text = ss_doc_get_string(in, node, &len);
	int code = ss_json_parse(text ? text : "", len, &doc, &err);

	put_ok(out, code, doc, &err);
}

static int keep(void *ud, struct ss_doc *doc, size_t line, struct ss_err *err)
{
	ss_doc_copy(ud, doc, ss_doc_root(doc));
	ss_doc_free(doc);
	return 0;
}

static void yaml(const struct ss_doc *in, ss_node node, struct ss_buf *out)
{
	struct ss_err err SS_AUTO_ERR;
	struct ss_doc *all SS_AUTO_DOC = ss_doc_new();
	size_t len;
	const char *text = ss_doc_get_string(in, node, &len);
	int code;

	ss_doc_begin_array(all);
	code = ss_yaml_parse_all(text ? text : "", len, keep, all, &err);
	ss_doc_end(all);
	put_ok(out, code ? code : ss_doc_finish(all, &err), all, &err);
}

static void put_text(struct ss_buf *out, int code, const struct ss_buf *text,
                     const struct ss_err *err)
{
	if (code) {
		put_error(out, err->message, NULL);
		return;
	}
	ss_buf_puts(out, "{\"ok\":");
	ss_json_quote(out, text->data, text->len);
	ss_buf_puts(out, "}");
}

static void json_again(const struct ss_doc *in, ss_node node, struct ss_buf *out)
{
	struct ss_err err SS_AUTO_ERR;
	struct ss_doc *doc SS_AUTO_DOC = NULL;
	struct ss_buf text SS_AUTO_BUF = SS_BUF_INIT;
	size_t len;
	const char *from = ss_doc_get_string(in, node, &len);
	int code = ss_json_parse(from ? from : "", len, &doc, &err);

	if (!code)
		ss_json_encode_pretty(doc, ss_doc_root(doc), &text);
	put_text(out, code, &text, &err);
}

static void yaml_again(const struct ss_doc *in, ss_node node, struct ss_buf *out)
{
	struct ss_err err SS_AUTO_ERR;
	struct ss_doc *doc SS_AUTO_DOC = NULL;
	struct ss_buf text SS_AUTO_BUF = SS_BUF_INIT;
	size_t len;
	const char *from = ss_doc_get_string(in, node, &len);
	int code = ss_yaml_parse(from ? from : "", len, &doc, &err);

	if (!code)
		code = ss_yaml_encode(doc, ss_doc_root(doc), &text, &err);
	put_text(out, code, &text, &err);
}

static void patch(const struct ss_doc *in, ss_node node, struct ss_buf *out)
{
	struct ss_err err SS_AUTO_ERR;
	struct ss_doc *doc SS_AUTO_DOC = NULL;
	int code = ss_edit_json_patch(in, ss_doc_at(in, node, 0), in, ss_doc_at(in, node, 1), &doc,
	                              &err);

	put_ok(out, code, doc, &err);
}

static void answer(const char *line, size_t len, struct ss_buf *out)
{
	static const struct {
		const char *key;
		void (*run)(const struct ss_doc *in, ss_node node, struct ss_buf *out);
	} verbs[] = {{"build", build},
	             {"check", check},
	             {"name", name},
	             {"quantity", quantity},
	             {"json", json},
	             {"yaml", yaml},
	             {"patch", patch},
	             {"json_again", json_again},
	             {"yaml_again", yaml_again}};
	struct ss_err err SS_AUTO_ERR;
	struct ss_doc *in SS_AUTO_DOC = NULL;

	if (ss_json_parse(line, len, &in, &err) < 0) {
		put_error(out, err.message, NULL);
		return;
	}
	for (size_t i = 0; i < SS_ARRAY_LEN(verbs); i++) {
		ss_node node = ss_doc_get(in, ss_doc_root(in), verbs[i].key);

		if (node == SS_NO_NODE)
			continue;
		verbs[i].run(in, node, out);
		return;
	}
	put_error(out, "unknown request", NULL);
}

int main(int argc, char **argv)
{
	bool flush = argc > 1 && strcmp(argv[1], "-u") == 0;
	struct ss_buf out SS_AUTO_BUF = SS_BUF_INIT;
	char *line SS_AUTOFREE = NULL;
	size_t cap = 0;
	ssize_t len;

	while ((len = getline(&line, &cap, stdin)) > 0) {
		if (line[len - 1] == '\n')
			len--;
		ss_buf_reset(&out);
		answer(line, (size_t)len, &out);
		ss_buf_puts(&out, "\n");
		if (out.failed || fwrite(out.data, 1, out.len, stdout) != out.len)
			return 1;
		if (flush)
			fflush(stdout);
	}
	return ferror(stdin) || fflush(stdout) != 0;
}
