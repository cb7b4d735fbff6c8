#include "support.h"

#include <jansson.h>

#include "base/edit.h"
#include "base/json_priv.h"

/* --- reading ---------------------------------------------------------------- */

static void reads_and_writes_back(void **state)
{
	/* NULL: the text itself. */
	static const char *const rows[][2] = {
	        {"{}", NULL},
	        {"[]", NULL},
	        {"null", NULL},
	        {"\"\"", NULL},
	        {"-0", "0"},
	        {"0", NULL},
	        {"-1", NULL},
	        {"9223372036854775807", NULL},
	        {"-9223372036854775808", NULL},
	        {"1.0", NULL},
	        {"-0.0", NULL},
	        {"0.1", NULL},
	        {"1e2", "100.0"},
	        {"1E+2", "100.0"},
	        {"1e-2", "0.01"},
	        {"1e300", "1e+300"},
	        {"5e-324", "4.94065645841247e-324"},
	        {"1.7976931348623157e308", "1.7976931348623157e+308"},
	        {" [ 1 ,\t{ \"a\" :\r\n[ ] } ] ", "[1,{\"a\":[]}]"},
	        {"{\"z\":1,\"a\":2,\"m\":{\"y\":1,\"b\":2}}", NULL},
	        {"\"\\u0041\\u00e9\\u8a9e\\ud83d\\ude00\"", "\"Aé語😀\""},
	        {"\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"\\\"\\\\/\\b\\f\\n\\r\\t\""},
	        {"\"\\u0001\\u001f\\u007f\"", "\"\\u0001\\u001f\x7f\""},
	        {"\"é語😀\"", NULL},
	        {"[true,false,null,[[],{}],{\"\":\"\"}]", NULL},
	        {"{\"a\":{\"a\":{\"a\":1},\"b\":1},\"b\":{\"a\":1}}", NULL},
	};

	for (size_t i = 0; i < SS_ARRAY_LEN(rows); i++) {
		SS_AUTO_DOC struct ss_doc *doc = from_json(rows[i][0]);

		assert_json(doc, rows[i][1] ? rows[i][1] : rows[i][0]);
	}
}

static void refuses(void **state)
{
	static const struct {
		const char *text;
		const char *message; /* its beginning */
	} rows[] = {
	        {"", "line 1, column 0: "},
	        {" ", "line 1, column 1: "},
	        {"[1,\n 2,,]", "line 2, column 4: "},
	        {"[1,]", "line 1, column 4: "},
	        {"{\"a\":1,}", "line 1, column 8: "},
	        {"{\"a\":1\n,\"a\":2}", "line 2, column 4: duplicate object key"},
	        {"{\"a\"}", "line 1, column 5: "},
	        {"{a:1}", "line 1, column 2: "},
	        {"{1:1}", "line 1, column 2: "},
	        {"[", "line 1, column 1: "},
	        {"]", "line 1, column 1: "},
	        {"[1", "line 1, column 2: "},
	        {"\"abc", "line 1, column "},
	        {"\"\x01\"", "line 1, column 1: control character 0x1"},
	        {"\"\\x41\"", "line 1, column 3: invalid escape"},
	        {"\"\\u00g0\"", "line 1, column "},
	        {"\"\xff\"", "line 1, column 1: unable to decode byte 0xff"},
	        {"\"\xc0\x80\"", "line 1, column 1: unable to decode byte 0xc0"},
	        {"\"\xed\xa0\x80\"", "line 1, column 1: unable to decode byte 0xed"},
	        {"01", "line 1, column "},
	        {"-", "line 1, column 1: invalid token"},
	        {"+1", "line 1, column 1: invalid token"},
	        {".5", "line 1, column 1: invalid token"},
	        {"1.", "line 1, column "},
	        {"1e", "line 1, column "},
	        {"NaN", "line 1, column "},
	        {"tru", "line 1, column "},
	        {"true false", "line 1, column 10: end of file expected"},
	        {"{} x", "line 1, column 4: "},
	        {"// c\n1", "line 1, column "},
	};

	for (size_t i = 0; i < SS_ARRAY_LEN(rows); i++) {
		struct ss_doc *doc = NULL;
		struct ss_err err;

		ss_err_init(&err);
		if (ss_json_parse(rows[i].text, strlen(rows[i].text), &doc, &err) != SS_ERR_PARSE)
			fail_msg("%s: accepted or another code (%s)", rows[i].text, err.message);
		assert_null(doc);
		if (strncmp(err.message, rows[i].message, strlen(rows[i].message)) != 0)
			fail_msg("%s: %s", rows[i].text, err.message);
	}
}

/* Whatever a server stored goes back as it came; what is no character reads as Go reads it. */
static void keeps_what_a_server_may_store(void **state)
{
	static const char *const rows[][2] = {
	        {"\"a\\u0000b\"", "\"a\\u0000b\""},
	        {"{\"\\u0000\":\"\\u0000\"}", "{\"\\u0000\":\"\\u0000\"}"},
	        {"9223372036854775808", "9223372036854775808"},
	        {"[-9223372036854775809]", "[-9223372036854775809]"},
	        {"{\"a\":123456789012345678901234567890,\"b\":1}",
	         "{\"a\":123456789012345678901234567890,\"b\":1}"},
	        {"[1e999,-1.5E+400]", "[1e999,-1.5E+400]"},
	        {"\"\\ud800\"", "\"\xef\xbf\xbd\""},
	        {"\"\\udc00\"", "\"\xef\xbf\xbd\""},
	        {"\"\\udc00\\ud800\"", "\"\xef\xbf\xbd\xef\xbf\xbd\""},
	        {"\"\\ud800\\u0041\"", "\"\xef\xbf\xbd"
	                               "A\""},
	        {"\"\\ud83d\\ude00\\ud83d\"", "\"\xf0\x9f\x98\x80\xef\xbf\xbd\""},
	};

	for (size_t i = 0; i < SS_ARRAY_LEN(rows); i++) {
		SS_AUTO_DOC struct ss_doc *doc = NULL, *copy = ss_doc_new();
		char *text SS_AUTOFREE = NULL;

		if (ss_json_parse(rows[i][0], strlen(rows[i][0]), &doc, NULL))
			fail_msg("%s: refused", rows[i][0]);
		ss_doc_copy(copy, doc, ss_doc_root(doc));
		assert_true(ss_doc_equal(doc, ss_doc_root(doc), copy, ss_doc_root(copy)));
		text = to_json(copy);
		assert_string_equal(text, rows[i][1]);
	}
}

static void refuses_a_nul_in_the_text(void **state)
{
	struct ss_doc *doc;

	assert_int_equal(ss_json_parse("[1]\0", 4, &doc, NULL), SS_ERR_PARSE);
	assert_int_equal(ss_json_parse("1\0", 2, &doc, NULL), SS_ERR_PARSE);
	assert_int_equal(ss_json_parse("[\"a\0b\"]", 7, &doc, NULL), SS_ERR_PARSE);
}

static void duplicates_are_found_in_large_objects(void **state)
{
	SS_AUTO_BUF struct ss_buf text = SS_BUF_INIT;
	struct ss_doc *doc;
	size_t len;

	ss_buf_puts(&text, "{");
	for (int i = 0; i < 5000; i++)
		ss_buf_printf(&text, "\"k%d\":{\"k0\":1,\"k%d\":2},", i, i + 1);
	len = text.len;
	ss_buf_puts(&text, "\"last\":1}");
	doc = from_json_n(text.data, text.len);
	assert_int_equal(ss_doc_count(doc, 0), 5001);
	ss_doc_free(doc);
	/* Of the first few, which are compared one by one at first, and of the rest. */
	for (int k = 3; k <= 3000; k *= 1000) {
		text.len = len;
		ss_buf_printf(&text, "\"k%d\":1}", k);
		assert_int_equal(ss_json_parse(text.data, text.len, &doc, NULL), SS_ERR_PARSE);
	}
}

static int parse_repeated(const char *piece, size_t times, struct ss_err *err)
{
	SS_AUTO_BUF struct ss_buf text = SS_BUF_INIT;
	struct ss_doc *doc = NULL;
	int r;

	for (size_t i = 0; i < times; i++)
		ss_buf_puts(&text, piece);
	assert_int_equal(text.failed, 0);
	r = ss_json_parse(text.data, text.len, &doc, err);
	ss_doc_free(doc);
	return r;
}

static void sizes_are_limited(void **state)
{
	static const char deep[] = "[[[[[[[[[[[[[[[[";
	SS_AUTO_BUF struct ss_buf text = SS_BUF_INIT;
	struct ss_doc *doc;
	struct ss_err err;

	ss_err_init(&err);
	/* 128 levels are fine, 129 are not. */
	for (int i = 0; i < 8; i++)
		ss_buf_puts(&text, deep);
	for (int i = 0; i < 128; i++)
		ss_buf_putc(&text, ']');
	doc = from_json_n(text.data, text.len);
	ss_doc_free(doc);
	ss_buf_reset(&text);
	ss_buf_putc(&text, '[');
	for (int i = 0; i < 8; i++)
		ss_buf_puts(&text, deep);
	for (int i = 0; i < 129; i++)
		ss_buf_putc(&text, ']');
	assert_int_equal(ss_json_parse(text.data, text.len, &doc, &err), SS_ERR_LIMIT);
	assert_non_null(strstr(err.message, "nested deeper than 128 levels"));
	assert_int_equal(parse_repeated(deep, 100000, &err), SS_ERR_LIMIT);
	assert_int_equal(ss_json_parse("", SS_DOC_MAX_BYTES + 1, &doc, &err), SS_ERR_LIMIT);
}

static void values_are_limited(void **state)
{
	SS_AUTO_BUF struct ss_buf text = SS_BUF_INIT;
	struct ss_doc *doc;
	struct ss_err err;

	ss_err_init(&err);
	ss_buf_puts(&text, "[0");
	for (int i = 0; i < SS_DOC_MAX_NODES; i++)
		ss_buf_add(&text, ",0", 2);
	ss_buf_puts(&text, "]");
	assert_int_equal(ss_json_parse(text.data, text.len, &doc, &err), SS_ERR_LIMIT);
	assert_string_equal(err.message, "JSON text holds more than 8388608 values");
}

/* --- the two readers ---------------------------------------------------------- */

/* What jansson makes of it, as text; NULL when it refuses. Texts with a NUL do not
 * get to it. */
static char *by_jansson(const char *text, size_t len)
{
	json_error_t e;
	json_t *root = NULL;
	char *out = NULL;

	if (!memchr(text, 0, len))
		root = json_loadb(text, len,
		                  JSON_REJECT_DUPLICATES | JSON_DECODE_ANY | JSON_ALLOW_NUL, &e);
	if (root)
		out = json_dumps(root, JSON_ENCODE_ANY | JSON_COMPACT);

	json_decref(root);
	return out;
}

/* Numbers out of range, half of a surrogate pair, NUL in a key. */
static bool is_beyond_jansson(const char *text, size_t len, const struct ss_doc *doc)
{
	for (ss_node n = 0; n < ss_doc_nodes(doc); n++) {
		if (ss_doc_type(doc, n) == SS_DIGITS)
			return true;
	}
	return memmem(text, len, "\\ud", 3) || memmem(text, len, "\\uD", 3) ||
	       memmem(text, len, "\\u0000", 6);
}

/* The fast reader accepts what jansson accepts, with the same value. */
static bool agree(const char *text, size_t len)
{
	SS_AUTO_DOC struct ss_doc *fast = ss_doc_new();
	char *ours SS_AUTOFREE = NULL, *theirs SS_AUTOFREE = by_jansson(text, len);
	char *again SS_AUTOFREE = NULL;

	if (!ss_json_parse_fast(text, len, NULL, fast)) {
		if (theirs)
			fail_msg("%.*s: jansson reads %s", (int)len, text, theirs);
		return false;
	}
	ours = to_json(fast);
	if (!theirs && is_beyond_jansson(text, len, fast))
		return true;
	again = by_jansson(ours, strlen(ours));
	if (!theirs || !again || strcmp(again, theirs) != 0)
		fail_msg("%.*s: fast %s, jansson %s", (int)len, text, ours, theirs);
	return true;
}

/* One member of one member of the root is left out, wherever it stands; nothing else is. */
static void without_a_member(void **state)
{
	static const char *const names[2] = {"m", "f"};
	static const struct {
		const char *text, *want;
	} rows[] = {
	        {"{\"m\":{\"a\":1,\"f\":[{\"x\":\"]}\\\"\\\\\"},[[]]] , \"n\":\"s\"},\"z\":2}",
	         "{\"m\":{\"a\":1,\"n\":\"s\"},\"z\":2}"},
	        {"{\"m\":{\"f\":{\"q\":\"\xc3\xa4\"},\"n\":1}}", "{\"m\":{\"n\":1}}"},
	        {"{\"m\":{\"n\":1,\"f\":[1]}}", "{\"m\":{\"n\":1}}"},
	        {"{\"m\":{\"f\":[1]}}", "{\"m\":{}}"},
	        {"{\"m\":{\"f\":7,\"n\":1}}", "{\"m\":{\"n\":1}}"},
	        {"{\"m\":{\"n\":{\"f\":[1],\"g\":1}}}", "{\"m\":{\"n\":{\"f\":[1],\"g\":1}}}"},
	        {"{\"f\":[1],\"x\":{\"f\":[1],\"g\":1}}", "{\"f\":[1],\"x\":{\"f\":[1],\"g\":1}}"},
	        {"[{\"f\":[1],\"g\":1}]", "[{\"f\":[1],\"g\":1}]"},
	        {"{\"m\":{\"f\":[1,\"n\":1}}", NULL},
	        {"{\"m\":{\"f\":[\"", NULL},
	        {"{\"m\":{\"f\":[\"\\", NULL},
	        {"{\"m\":{\"f\":[1],", NULL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		SS_AUTO_DOC struct ss_doc *doc = NULL;
		char *text SS_AUTOFREE = NULL;
		int rc = ss_json_parse_without(rows[i].text, strlen(rows[i].text), names, &doc,
		                               NULL);

		assert_int_equal(rc, rows[i].want ? 0 : SS_ERR_PARSE);
		text = doc ? to_json(doc) : NULL;
		if (rows[i].want)
			assert_string_equal(text, rows[i].want);
	}
}

/* What the scan takes the parser takes, and without its cut it is the text without the member. */
static bool scan_agrees(const char *text, size_t len, const char *const names[2])
{
	SS_AUTO_BUF struct ss_buf cut = SS_BUF_INIT;
	SS_AUTO_DOC struct ss_doc *want = NULL, *got = NULL;
	size_t at, n;

	if (!ss_json_scan(text, len, names, NULL, 0, &at, &n))
		return false;
	assert_true(at + n <= len);
	ss_buf_add(&cut, text, at);
	ss_buf_add(&cut, text + at + n, len - at - n);
	if (ss_json_parse_without(text, len, names, &want, NULL) ||
	    ss_json_parse(cut.data, cut.len, &got, NULL) || ss_doc_type(got, 0) != SS_OBJECT ||
	    !ss_doc_equal(want, 0, got, 0))
		fail_msg("%.*s: the scan takes it, less %zu bytes from %zu", (int)len, text, n, at);
	return true;
}

static void scan_finds_the_member(void **state)
{
	static const char *const names[2] = {"m", "f"};
	static const struct {
		const char *text;
		bool taken;
		size_t at, len;
	} rows[] = {
	        {"{}", true, 0, 0},
	        {" { } ", true, 0, 0},
	        {"{\"a\":[1,-20,true,false,null,\"\",{}, []]}", true, 0, 0},
	        {"{\"m\":{\"a\":1,\"f\":[{\"x\":\"]}\\\"\"}] , \"n\":2}}", true, 12, 20},
	        {"{\"m\":{\"f\":{\"x\":[1,,]},\"n\":2},\"f\":[1]}", true, 6, 16},
	        {"{\"m\":{\"n\":{\"f\":[1],\"g\":1}}}", true, 0, 0},
	        {"{\"a\":\"\\u00e9\\n\\/\xc3\xa4\"}", true, 0, 0},
	        {"{\"a\":999999999999999999}", true, 0, 0},
	        /* Not right. */
	        {"", false, 0, 0},
	        {"{", false, 0, 0},
	        {"{\"a\"}", false, 0, 0},
	        {"{\"a\":1}x", false, 0, 0},
	        {"{\"a\":1,}", false, 0, 0},
	        {"{\"a\":[1,]}", false, 0, 0},
	        {"{\"a\":[1}", false, 0, 0},
	        {"{\"a\":01}", false, 0, 0},
	        {"{\"a\":-}", false, 0, 0},
	        {"{\"a\":nul}", false, 0, 0},
	        {"{\"a\":1,\"b\":2,\"a\":3}", false, 0, 0},
	        {"{\"a\":\"\\u0000\"}", false, 0, 0},
	        {"{\"a\":\"\\ud800\"}", false, 0, 0},
	        {"{\"a\":\"\\udbff\"}", false, 0, 0},
	        {"{\"a\":\"\\udc00\"}", false, 0, 0},
	        {"{\"a\":\"\\udfff\"}", false, 0, 0},
	        {"{\"a\":\"\\ud83d\\ude00\"}", false, 0, 0},
	        {"{\"a\":\"\xc3\"}", false, 0, 0},
	        {"{\"a\":\"\x01\"}", false, 0, 0},
	        {"{\"m\":{\"f\":[1],}}", false, 0, 0},
	        /* For the parser to say. */
	        {"[]", false, 0, 0},
	        {"{\"a\":1.5}", false, 0, 0},
	        {"{\"a\":1e3}", false, 0, 0},
	        {"{\"a\":9223372036854775808}", false, 0, 0},
	        {"{\"\\u0061\":1,\"a\":2}", false, 0, 0},
	        {"{\"m\":{\"n\":1,\"f\":[1]}}", false, 0, 0},
	        {"{\"m\":{\"f\":7,\"n\":1}}", false, 0, 0},
	};

	for (size_t i = 0; i < SS_ARRAY_LEN(rows); i++) {
		size_t at = 0, len = 0, n = strlen(rows[i].text);
		/* A copy of this size, so that a sanitizer sees who reads beyond it. */
		char *text SS_AUTOFREE = malloc(n + 1);

		memcpy(text, rows[i].text, n);
		text = realloc(text, n ? n : 1);
		if (ss_json_scan(text, n, names, NULL, 0, &at, &len) != rows[i].taken ||
		    at != rows[i].at || len != rows[i].len)
			fail_msg("%s: cut %zu at %zu", rows[i].text, len, at);
		if (rows[i].taken)
			scan_agrees(rows[i].text, n, names);
	}
}

static void scan_finds_texts(void **state)
{
	static const char *const names[2] = {"m", "f"};
	static const struct {
		const char *text, *kind, *name;
	} rows[] = {
	        {"{\"k\":\"A\",\"m\":{\"f\":{\"n\":\"no\"},\"n\":\"x\"}}", "A", "x"},
	        {"{\"m\":{\"n\":\"\",\"o\":{\"n\":\"no\"}}, \"k\" : \"A\"}", "A", ""},
	        {"{\"k\":{\"k\":\"no\"},\"n\":\"no\",\"o\":{\"n\":\"no\"}}", NULL, NULL},
	        {"{\"k\":1,\"m\":[{\"n\":\"no\"}]}", NULL, NULL},
	        {"{\"k\":\"A\\n\",\"m\":{\"n\":null}}", NULL, NULL},
	};

	for (size_t i = 0; i < SS_ARRAY_LEN(rows); i++) {
		struct ss_json_find finds[] = {{.key = "k"}, {.parent = "m", .key = "n"}};
		const char *wanted[] = {rows[i].kind, rows[i].name};
		size_t at, len;

		assert_true(ss_json_scan(rows[i].text, strlen(rows[i].text), names, finds, 2, &at,
		                         &len));
		for (size_t k = 0; k < SS_ARRAY_LEN(finds); k++) {
			const char *is = finds[k].text, *want = wanted[k];

			if (is ? !want || strlen(want) != finds[k].len ||
			                    memcmp(is, want, finds[k].len) != 0
			       : want != NULL)
				fail_msg("%s: %s is %.*s", rows[i].text, finds[k].key,
				         is ? (int)finds[k].len : 7, is ? is : "nothing");
		}
	}
}

static void mutate(uint64_t *seed, struct ss_buf *text)
{
	static const char bytes[] = "{}[]:,\"\\u0d8c1e-.tfn \n\x01\x80\xc3\xff";
	size_t at = next_random(seed) % (text->len + 1);

	switch (next_random(seed) % 3) {
	case 0:
		if (at < text->len)
			text->data[at] = bytes[next_random(seed) % sizeof(bytes)];
		break;
	case 1:
		ss_buf_puts(text, "x");
		memmove(text->data + at + 1, text->data + at, text->len - at - 1);
		text->data[at] = bytes[next_random(seed) % sizeof(bytes)];
		break;
	default:
		text->len = at;
		break;
	}
}

static void both_readers_agree(void **state)
{
	SS_AUTO_BUF struct ss_buf text = SS_BUF_INIT;
	static const char *const names[2] = {"a", "b"};
	size_t accepted = 0, scanned = 0;

	for (uint64_t i = 0; i < 10000; i++) {
		SS_AUTO_DOC struct ss_doc *doc = random_doc(i);
		uint64_t seed = i;

		ss_buf_reset(&text);
		ss_json_encode(doc, ss_doc_root(doc), &text);
		accepted += agree(text.data, text.len);
		scanned += scan_agrees(text.data, text.len, names);
		for (int k = 0; k < 4 && text.len; k++) {
			mutate(&seed, &text);
			accepted += agree(text.data, text.len);
			scanned += scan_agrees(text.data, text.len, names);
		}
	}
	assert_true(accepted > 5000);
	assert_true(scanned > 500);
}

/* --- writing ------------------------------------------------------------------ */

static void generated_documents_survive(void **state)
{
	SS_AUTO_BUF struct ss_buf text = SS_BUF_INIT, again = SS_BUF_INIT;

	for (uint64_t i = 0; i < 10000; i++) {
		SS_AUTO_DOC struct ss_doc *doc = random_doc(i), *back = NULL, *pretty = NULL;

		ss_buf_reset(&text);
		ss_buf_reset(&again);
		ss_json_encode(doc, ss_doc_root(doc), &text);
		back = from_json_n(text.data, text.len);
		assert_true(ss_doc_equal(doc, 0, back, 0));
		ss_json_encode(back, ss_doc_root(back), &again);
		assert_string_equal(text.data, again.data);
		ss_buf_reset(&again);
		ss_json_encode_pretty(doc, ss_doc_root(doc), &again);
		pretty = from_json_n(again.data, again.len);
		assert_true(ss_doc_equal(doc, 0, pretty, 0));
	}
}

static void pretty_is_kubectls_form(void **state)
{
	SS_AUTO_DOC struct ss_doc *doc =
	        from_json("{\"a\":1,\"b\":{},\"c\":[],\"d\":[1,{\"e\":[[]]}],\"f\":{\"g\":null}}");
	SS_AUTO_BUF struct ss_buf text = SS_BUF_INIT;

	ss_json_encode_pretty(doc, ss_doc_root(doc), &text);
	assert_string_equal(text.data, "{\n"
	                               "  \"a\": 1,\n"
	                               "  \"b\": {},\n"
	                               "  \"c\": [],\n"
	                               "  \"d\": [\n"
	                               "    1,\n"
	                               "    {\n"
	                               "      \"e\": [\n"
	                               "        []\n"
	                               "      ]\n"
	                               "    }\n"
	                               "  ],\n"
	                               "  \"f\": {\n"
	                               "    \"g\": null\n"
	                               "  }\n"
	                               "}");
}

static void writes_parts_and_nothing(void **state)
{
	SS_AUTO_DOC struct ss_doc *doc = from_json("{\"a\":[1,{\"b\":2}],\"c\":3}");
	SS_AUTO_BUF struct ss_buf text = SS_BUF_INIT;

	ss_json_encode(doc, ss_doc_get(doc, 0, "a"), &text);
	ss_buf_puts(&text, " ");
	ss_json_encode(doc, ss_doc_find(doc, 0, "c", NULL), &text);
	ss_buf_puts(&text, " ");
	ss_json_encode(doc, SS_NO_NODE, &text);
	assert_string_equal(text.data, "[1,{\"b\":2}] 3 null");
}

static void literals_are_escaped_too(void **state)
{
	SS_AUTO_DOC struct ss_doc *doc = ss_doc_new();

	ss_doc_begin_object(doc);
	ss_doc_key_lit(doc, "a\"b");
	ss_doc_string_lit(doc, "long enough\nfor two words\\");
	ss_doc_end(doc);
	assert_json(doc, "{\"a\\\"b\":\"long enough\\nfor two words\\\\\"}");
}

/* The scan looks at eight bytes at a time: a special byte at every place of
 * strings of every length. */
static void escapes_at_every_place(void **state)
{
	SS_AUTO_BUF struct ss_buf out = SS_BUF_INIT;
	static const char specials[] = {'"', '\\', '\n', 0x1f, 0x01};
	char text[64], want[80];

	for (size_t len = 1; len < 40; len++) {
		for (size_t at = 0; at < len; at++) {
			for (size_t k = 0; k < sizeof(specials); k++) {
				memset(text, 0xe1, sizeof(text));
				memset(text, 'x', len);
				text[at] = specials[k];
				ss_buf_reset(&out);
				ss_json_quote(&out, text, len);
				snprintf(want, sizeof(want), "\"%.*s%s%.*s\"", (int)at, text,
				         k == 0   ? "\\\""
				         : k == 1 ? "\\\\"
				         : k == 2 ? "\\n"
				         : k == 3 ? "\\u001f"
				                  : "\\u0001",
				         (int)(len - at - 1), text + at + 1);
				assert_string_equal(out.data, want);
			}
		}
		memset(text, 'x', len);
		ss_buf_reset(&out);
		ss_json_quote(&out, text, len);
		assert_int_equal(out.len, len + 2);
		assert_memory_equal(out.data + 1, text, len);
	}
}

static void a_full_buffer_is_reported(void **state)
{
	SS_AUTO_DOC struct ss_doc *doc = ss_doc_new();
	struct ss_buf text = {.max = 100};
	struct ss_err err;

	ss_err_init(&err);
	ss_doc_begin_array(doc);
	for (int i = 0; i < 100; i++)
		ss_doc_int(doc, i);
	ss_doc_end(doc);
	ss_json_encode(doc, ss_doc_root(doc), &text);
	assert_int_equal(text.failed, SS_ERR_LIMIT);
	assert_int_equal(ss_buf_check(&text, "the manifest", &err), SS_ERR_LIMIT);
	assert_string_equal(err.message, "the manifest is over 100 bytes");
	ss_buf_done(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(without_a_member),
	        cmocka_unit_test(reads_and_writes_back),
	        cmocka_unit_test(refuses),
	        cmocka_unit_test(keeps_what_a_server_may_store),
	        cmocka_unit_test(refuses_a_nul_in_the_text),
	        cmocka_unit_test(duplicates_are_found_in_large_objects),
	        cmocka_unit_test(sizes_are_limited),
	        cmocka_unit_test(values_are_limited),
	        cmocka_unit_test(scan_finds_the_member),
	        cmocka_unit_test(scan_finds_texts),
	        cmocka_unit_test(both_readers_agree),
	        cmocka_unit_test(generated_documents_survive),
	        cmocka_unit_test(pretty_is_kubectls_form),
	        cmocka_unit_test(writes_parts_and_nothing),
	        cmocka_unit_test(literals_are_escaped_too),
	        cmocka_unit_test(escapes_at_every_place),
	        cmocka_unit_test(a_full_buffer_is_reported),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
