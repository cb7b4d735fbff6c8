#include "support.h"

#include "base/clock.h"
#include "base/yaml.h"
#include "base/yaml_priv.h"
#include "kubectl_reads.h"

static struct ss_doc *from_yaml(const char *text)
{
	struct ss_doc *doc = NULL;
	struct ss_err err;

	ss_err_init(&err);
	if (ss_yaml_parse(text, strlen(text), &doc, &err))
		fail_msg("%s: %s", text, err.message);
	return doc;
}

/* --- reading ------------------------------------------------------------------ */

static void reads_what_kubectl_reads(void **state)
{
	for (size_t i = 0; i < SS_ARRAY_LEN(kubectl_reads); i++) {
		SS_AUTO_DOC struct ss_doc *doc = from_yaml(kubectl_reads[i][0]);
		SS_AUTO_DOC struct ss_doc *want = from_json(kubectl_reads[i][1]);
		char *text SS_AUTOFREE = to_json(doc);

		if (!ss_doc_equal(doc, 0, want, 0))
			fail_msg("%s: %s, want %s", kubectl_reads[i][0], text, kubectl_reads[i][1]);
	}
}

static void integral_numbers_are_integers(void **state)
{
	static const char *const rows[][2] = {
	        {"1e3", "1000"},
	        {"1.0", "1"},
	        {"-2.0", "-2"},
	        {"08", "8"},
	        {"9007199254740992.0", "9007199254740992"},
	        {"1e16", "1e+16"},
	        {"-0.0", "-0.0"},
	        {"0.5", "0.5"},
	        {"9223372036854775807", "9223372036854775807"},
	};

	for (size_t i = 0; i < SS_ARRAY_LEN(rows); i++) {
		SS_AUTO_DOC struct ss_doc *doc = from_yaml(rows[i][0]);

		assert_json(doc, rows[i][1]);
	}
}

static void own_keys_win_over_merged_ones(void **state)
{
	static const char *const rows[][2] = {
	        {"<<: {k: 1}\nk: 2", "{\"k\":2}"},
	        {"k: 2\n<<: {k: 1, j: 3}", "{\"k\":2,\"j\":3}"},
	        {"<<: [{k: 1}, {k: 2, l: 3}]", "{\"k\":1,\"l\":3}"},
	        {"a: &a {x: 1, u: 2}\nb: &b {<<: *a, u: 3}\nc: {<<: *b, z: 4}",
	         "{\"a\":{\"x\":1,\"u\":2},\"b\":{\"u\":3,\"x\":1},\"c\":{\"z\":4,\"u\":3,\"x\":1}"
	         "}"},
	        {"a: &a {x: 1}\nb: &b {u: 2}\nc: {<<: [*a, *b]}",
	         "{\"a\":{\"x\":1},\"b\":{\"u\":2},\"c\":{\"x\":1,\"u\":2}}"},
	        {"- <<: {a: {<<: {b: 1}}}", "[{\"a\":{\"b\":1}}]"},
	        {"'<<': {k: 1}", "{\"<<\":{\"k\":1}}"},
	        {"&k key: *k", "{\"key\":\"key\"}"},
	        {"a: &x b\n*x : 1", "{\"a\":\"b\",\"b\":1}"},
	        {"a: &x 1\nb: &x 2\nc: *x", "{\"a\":1,\"b\":2,\"c\":2}"},
	};

	for (size_t i = 0; i < SS_ARRAY_LEN(rows); i++) {
		SS_AUTO_DOC struct ss_doc *doc = from_yaml(rows[i][0]);

		assert_json(doc, rows[i][1]);
	}
}

static void text_that_is_json_is_read_as_json(void **state)
{
	static const char *const rows[][2] = {
	        {"\n {\"a\":\n\t\"\\ud83d\\ude00\"}", "{\"a\":\"😀\"}"},
	        {"[1.0]", "[1.0]"},
	        {"{\"a\":1} # not JSON", "{\"a\":1}"},
	        {"{a: yes}", "{\"a\":true}"},
	};

	for (size_t i = 0; i < SS_ARRAY_LEN(rows); i++) {
		SS_AUTO_DOC struct ss_doc *doc = from_yaml(rows[i][0]);

		assert_json(doc, rows[i][1]);
	}
}

static void refuses(void **state)
{
	static const char *const rows[][2] = {
	        {"a: .inf",
	         "line 1, column 4: .inf cannot be written as JSON; quote it if it is text"},
	        {"a:\n- .NaN",
	         "line 2, column 3: .NaN cannot be written as JSON; quote it if it is text"},
	        {"a: 0x8000000000000000", "line 1, column 4: the integer 0x8000000000000000 does "
	                                  "not fit 64 bits; quote it if "
	                                  "it is text"},
	        {"9223372036854775808: 1", "line 1, column 1: the integer 9223372036854775808 does "
	                                   "not fit 64 bits; quote it if "
	                                   "it is text"},
	        {"0xfffffffffffffffff: 1", "line 1, column 1: the integer 0xfffffffffffffffff does "
	                                   "not fit 64 bits; quote it if it "
	                                   "is text"},
	        {"a: 1\nb:\n  c: 1\n  c: 2", "line 4, column 3: the key \"c\" is there twice"},
	        {"{1: a, '1': b}", "line 1, column 8: the key \"1\" is there twice"},
	        {"1.10: a", "line 1, column 1: the key 1.10 is a real number; quote it"},
	        {"{1e3: a}", "line 1, column 2: the key 1e3 is a real number; quote it"},
	        {"{null: a}", "line 1, column 2: a key is null; quote it if it is text"},
	        {"? [a]\n: b", "line 1, column 3: a mapping's key must be a scalar"},
	        {"&a 1: b", "line 1, column 1: an anchor on a key that is no string"},
	        {"a: &x 1\n*x : b", "line 2, column 1: alias *x as a key is no string"},
	        {"a: *x", "line 1, column 4: this alias has no anchor before it (text that begins "
	                  "with '*' needs quotes)"},
	        {"a: &x {b: [*x]}", "line 1, column 12: alias *x stands inside its own anchor"},
	        {"b: {<<: 3}", "line 1, column 9: \"<<\" takes a mapping or a list of mappings"},
	        {"b: {<<: [3]}", "line 1, column 10: \"<<\" takes a mapping or a list of mappings"},
	        {"b: {<<: [[{a: 1}]]}",
	         "line 1, column 10: \"<<\" takes a mapping or a list of mappings"},
	        {"a: &x 1\nb: {<<: *x}",
	         "line 2, column 9: \"<<\" takes a mapping or a list of mappings"},
	        {"a: &x [1]\nb: {<<: [*x]}",
	         "line 2, column 10: \"<<\" takes a mapping or a list of mappings"},
	        {"a: !!int x", "line 1, column 4: \"x\" is no int"},
	        {"a: !!bool 1", "line 1, column 4: \"1\" is no bool"},
	        {"a: !!null 1", "line 1, column 4: \"1\" is no null"},
	        {"a: !!float x", "line 1, column 4: \"x\" is no float"},
	        {"!!timestamp 2001-01-01", "line 1, column 1: the tag !!timestamp is not allowed "
	                                   "here (only !!str, !!int, !!float, "
	                                   "!!bool, !!null and !!binary)"},
	        {"!foo bar",
	         "line 1, column 1: text that begins with '!' needs quotes, and of the tags only "
	         "!!str, !!int, !!float, !!bool, !!null and !!binary are allowed here"},
	        {"!!set {a}", "line 1, column 1: the tag !!set is not allowed here (only !!map)"},
	        {"!!str [a]", "line 1, column 1: the tag !!str is not allowed here (only !!seq)"},
	        {"!!binary aGk=: 1", "line 1, column 1: the tag !!binary is not allowed here (only "
	                             "!!str, !!int, !!float and "
	                             "!!bool)"},
	        {"!!binary /w==", "line 1, column 1: !!binary does not hold UTF-8 text"},
	        {"!!binary a", "line 1, column 1: !!binary is not valid base64"},
	        {"a\n---\nb", "line 3: a second document where one is expected"},
	        {"a:\n\tb: 1",
	         "line 2, column 1: found character that cannot start any token (while "
	         "scanning for the next token, line 2)"},
	        {"a: b: c", "line 1, column 5: mapping values are not allowed in this context"},
	        {"a: [1,\n2",
	         "line 3, column 1: did not find expected ',' or ']' (while parsing a flow "
	         "sequence, line 1)"},
	        {"a: 1\nb: \xff", "line 2, column 4: invalid leading UTF-8 octet"},
	        {"a: \x01", "line 1, column 4: control characters are not allowed"},
	};

	for (size_t i = 0; i < SS_ARRAY_LEN(rows); i++) {
		struct ss_doc *doc = NULL;
		struct ss_err err;

		ss_err_init(&err);
		if (ss_yaml_parse(rows[i][0], strlen(rows[i][0]), &doc, &err) != SS_ERR_PARSE)
			fail_msg("%s: accepted", rows[i][0]);
		assert_null(doc);
		assert_string_equal(err.message, rows[i][1]);
	}
}

/* --- streams ------------------------------------------------------------------- */

struct seen {
	char text[200];
	size_t stop_after, n;
};

static int note(void *ud, struct ss_doc *doc, size_t line, struct ss_err *err)
{
	struct seen *seen = ud;
	char *text SS_AUTOFREE = to_json(doc);

	snprintf(seen->text + strlen(seen->text), sizeof(seen->text) - strlen(seen->text),
	         "%zu:%s ", line, text);
	ss_doc_free(doc);
	if (++seen->n == seen->stop_after)
		return ss_err_set(err, SS_ERR_CANCELED, "enough");
	return 0;
}

static void reads_all_documents(void **state)
{
	static const char *const rows[][2] = {
	        {"", ""},
	        {"# nothing\n", ""},
	        {"---\n---\n# x\n---\n", ""},
	        {"a: 1\n---\n---\n# c\nb: 2\n...\n---\n- 3\n", "1:{\"a\":1} 5:{\"b\":2} 8:[3] "},
	        {"---\nnull\n--- ~\n--- ''\n", "2:null 3:null 4:\"\" "},
	        {"\n\n{\"a\":1}\n", "3:{\"a\":1} "},
	        {"--- &x 1\n--- 2", "1:1 2:2 "},
	};

	for (size_t i = 0; i < SS_ARRAY_LEN(rows); i++) {
		struct seen seen = {.text = ""};

		assert_int_equal(
		        ss_yaml_parse_all(rows[i][0], strlen(rows[i][0]), note, &seen, NULL), 0);
		assert_string_equal(seen.text, rows[i][1]);
	}
}

static void the_reader_of_documents_may_stop(void **state)
{
	static const char text[] = "1\n---\n2\n---\n3\n";
	struct seen seen = {.stop_after = 2};
	struct ss_err err;

	ss_err_init(&err);
	assert_int_equal(ss_yaml_parse_all(text, sizeof(text) - 1, note, &seen, &err),
	                 SS_ERR_CANCELED);
	assert_string_equal(seen.text, "1:1 3:2 ");
	assert_string_equal(err.message, "enough");
}

static void an_anchor_ends_with_its_document(void **state)
{
	static const char text[] = "&x 1\n---\n*x";
	struct seen seen = {.text = ""};

	assert_int_equal(ss_yaml_parse_all(text, sizeof(text) - 1, note, &seen, NULL),
	                 SS_ERR_PARSE);
	assert_string_equal(seen.text, "1:1 ");
}

/* --- limits -------------------------------------------------------------------- */

static int parse_repeated(const char *head, const char *piece, size_t times, struct ss_err *err)
{
	SS_AUTO_BUF struct ss_buf text = SS_BUF_INIT;
	struct ss_doc *doc = NULL;
	int r;

	ss_err_init(err);
	ss_buf_puts(&text, head);
	for (size_t i = 0; i < times; i++)
		ss_buf_puts(&text, piece);
	r = ss_yaml_parse(text.data, text.len, &doc, err);
	ss_doc_free(doc);
	return r;
}

static void nesting_is_cut_in_time(void **state)
{
	static const struct {
		const char *piece;
		int code;
	} rows[] = {
	        {"[", SS_ERR_LIMIT},      {"{", SS_ERR_PARSE},       {"[[],", SS_ERR_LIMIT},
	        {"{a: ", SS_ERR_LIMIT},   {"{\"a\":", SS_ERR_LIMIT}, {"- ", SS_ERR_LIMIT},
	        {"{?", SS_ERR_PARSE},     {"[?", SS_ERR_PARSE},      {"[a,", SS_ERR_LIMIT},
	        {"[: ", SS_ERR_PARSE},    {"[\n", SS_ERR_LIMIT},     {"[a: b,", SS_ERR_LIMIT},
	        {"- - - ", SS_ERR_LIMIT}, {"{a,", SS_ERR_PARSE},
	};

	for (size_t i = 0; i < SS_ARRAY_LEN(rows); i++) {
		int64_t start = ss_clock_mono_ns();
		struct ss_err err;

		if (parse_repeated("", rows[i].piece, 40000, &err) != rows[i].code)
			fail_msg("%s: %s", rows[i].piece, err.message);
		if (rows[i].code == SS_ERR_LIMIT)
			assert_non_null(strstr(err.message, "nested deeper than 64 levels"));
		/* libyaml alone takes seconds for several of them; the sanitizers cost 10 times. */
		assert_true(ss_clock_mono_ns() - start < INT64_C(200000000));
	}
}

static void depth_64_is_read(void **state)
{
	SS_AUTO_BUF struct ss_buf text = SS_BUF_INIT;
	struct ss_doc *doc = NULL;

	ss_buf_puts(&text, "# YAML\n");
	for (int i = 0; i < 64; i++)
		ss_buf_puts(&text, "[");
	for (int i = 0; i < 64; i++)
		ss_buf_puts(&text, "]");
	assert_int_equal(ss_yaml_parse(text.data, text.len, &doc, NULL), 0);
	ss_doc_free(doc);
	ss_buf_reset(&text);
	ss_buf_puts(&text, "# YAML\n");
	for (int i = 0; i < 65; i++)
		ss_buf_puts(&text, "[");
	for (int i = 0; i < 65; i++)
		ss_buf_puts(&text, "]");
	assert_int_equal(ss_yaml_parse(text.data, text.len, &doc, NULL), SS_ERR_LIMIT);
}

static void brackets_in_text_are_no_nesting(void **state)
{
	SS_AUTO_BUF struct ss_buf text = SS_BUF_INIT, line = SS_BUF_INIT;
	SS_AUTO_DOC struct ss_doc *doc = NULL;

	for (int i = 0; i < 3000; i++)
		ss_buf_puts(&line, "{[");
	ss_buf_printf(&text, "a: |\n  %s\nb: \"%s\"\nc: '%s'\n# %s\nd: x%s\ne: >\n  %s\n",
	              line.data, line.data, line.data, line.data, line.data, line.data);
	doc = from_yaml(text.data);
	assert_int_equal(strlen(ss_doc_find_string(doc, 0, "a", NULL)), line.len + 1);
	assert_string_equal(ss_doc_find_string(doc, 0, "b", NULL), line.data);
	assert_string_equal(ss_doc_find_string(doc, 0, "c", NULL), line.data);
	assert_int_equal(strlen(ss_doc_find_string(doc, 0, "d", NULL)), line.len + 1);
	assert_int_equal(strlen(ss_doc_find_string(doc, 0, "e", NULL)), line.len + 1);
}

static void aliases_are_limited(void **state)
{
	/* Nine levels of nine aliases each: 9^9 values. */
	static const char laughs[] = "a: &a [x,x,x,x,x,x,x,x,x]\n"
	                             "b: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\n"
	                             "c: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\n"
	                             "d: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c]\n"
	                             "e: &e [*d,*d,*d,*d,*d,*d,*d,*d,*d]\n"
	                             "f: &f [*e,*e,*e,*e,*e,*e,*e,*e,*e]\n";
	struct ss_doc *doc = NULL;
	struct ss_err err;

	ss_err_init(&err);
	assert_int_equal(ss_yaml_parse(laughs, sizeof(laughs) - 1, &doc, &err), SS_ERR_LIMIT);
	assert_non_null(strstr(err.message, "aliases add more than 100000 values"));
	assert_int_equal(parse_repeated("- &a x\n", "- *a\n", 100, &err), 0);
	assert_int_equal(parse_repeated("- &a x\n", "- *a\n", 101, &err), SS_ERR_LIMIT);
	assert_string_equal(err.message, "line 102, column 3: more than 100 aliases");
	assert_int_equal(parse_repeated("", "- &a x\n", 10001, &err), SS_ERR_LIMIT);
	assert_string_equal(err.message, "line 10001, column 3: more than 10000 anchors");
}

static void aliases_cannot_nest_past_the_limit(void **state)
{
	SS_AUTO_BUF struct ss_buf text = SS_BUF_INIT;
	struct ss_doc *doc = NULL;
	struct ss_err err;

	/* 50 levels inside 50 levels inside 50. */
	ss_err_init(&err);
	for (int k = 0; k < 3; k++) {
		ss_buf_printf(&text, "- &a%d ", k);
		for (int i = 0; i < 50; i++)
			ss_buf_puts(&text, "[");
		ss_buf_printf(&text, k ? "*a%d" : "x", k - 1);
		for (int i = 0; i < 50; i++)
			ss_buf_puts(&text, "]");
		ss_buf_puts(&text, "\n");
	}
	assert_int_equal(ss_yaml_parse(text.data, text.len, &doc, &err), SS_ERR_LIMIT);
	assert_non_null(strstr(err.message, "nested deeper than 128 levels"));
}

static void documents_and_directives_are_limited(void **state)
{
	SS_AUTO_BUF struct ss_buf text = SS_BUF_INIT;
	struct ss_doc *doc = NULL;
	struct ss_err err;

	assert_int_equal(parse_repeated("", "---\n", 10000, &err), 0);
	assert_int_equal(parse_repeated("", "---\n", 10001, &err), SS_ERR_LIMIT);
	assert_string_equal(err.message, "line 10001, column 1: more than 10000 documents");
	ss_err_init(&err);
	for (int i = 0; i < 20000; i++)
		ss_buf_printf(&text, "%%TAG !a%d! x\n", i);
	assert_int_equal(ss_yaml_parse(text.data, text.len, &doc, &err), SS_ERR_LIMIT);
	assert_non_null(strstr(err.message, "more than 16 %TAG directives"));
}

static void many_keys_are_compared_fast(void **state)
{
	SS_AUTO_BUF struct ss_buf text = SS_BUF_INIT;
	SS_AUTO_DOC struct ss_doc *doc = NULL;
	struct ss_err err;
	int64_t start = ss_clock_mono_ns();

	ss_err_init(&err);
	for (int i = 0; i < 30000; i++)
		ss_buf_printf(&text, "k%d: {k%d: 1}\n", i, i);
	doc = from_yaml(text.data);
	assert_int_equal(ss_doc_count(doc, 0), 30000);
	assert_true(ss_clock_mono_ns() - start < INT64_C(5000000000));
	ss_doc_free(doc);
	doc = NULL;
	ss_buf_puts(&text, "k77: 1\n");
	assert_int_equal(ss_yaml_parse(text.data, text.len, &doc, &err), SS_ERR_PARSE);
	assert_string_equal(err.message, "line 30001, column 1: the key \"k77\" is there twice");
}

/* --- writing ------------------------------------------------------------------- */

static char *to_yaml(const struct ss_doc *doc)
{
	struct ss_buf buf = SS_BUF_INIT;

	assert_int_equal(ss_yaml_encode(doc, ss_doc_root(doc), &buf, NULL), 0);
	return ss_buf_take(&buf, NULL);
}

static void writes_as_kubectl_prints(void **state)
{
	static const char *const rows[][2] = {
	        {"{}", "{}\n"},
	        {"[]", "[]\n"},
	        {"null", "null\n"},
	        {"\"\"", "\"\"\n"},
	        {"1.5", "1.5\n"},
	        {"\"a\\n\\n\"", "|+\n  a\n\n"},
	        {"{\"a\":{},\"b\":[],\"c\":{\"d\":null}}", "a: {}\nb: []\nc:\n  d: null\n"},
	        {"{\"containers\":[{\"image\":\"x\",\"command\":[\"/bin/sh\",\"-c\"]}]}",
	         "containers:\n- image: x\n  command:\n  - /bin/sh\n  - -c\n"},
	        {"[[1,[2]],{\"a\":[3]}]", "- - 1\n  - - 2\n- a:\n  - 3\n"},
	        {"{\"run\":\"#!/bin/sh\\nset -e\\n\",\"next\":\"a\\nb\"}",
	         "run: |\n  #!/bin/sh\n  set -e\nnext: |-\n  a\n  b\n"},
	        {"{\"a\":\"\\n b\"}", "a: |2-\n\n   b\n"},
	        {"{\"a\":\"x \\ny\"}", "a: \"x \\ny\"\n"},
	        {"{\"a\":\"x\\ty\",\"b\":\"\\u001b[1m\",\"c\":\"a\\r\\nb\"}",
	         "a: \"x\\ty\"\nb: \"\\e[1m\"\nc: \"a\\r\\nb\"\n"},
	        {"{\"a\":\"- b\",\"c\":\": d\",\"e\":\"f #g\",\"h\":\" i\",\"j\":\"*k\"}",
	         "a: '- b'\nc: ': d'\ne: 'f #g'\nh: ' i'\nj: '*k'\n"},
	        {"{\"cpu\":\"2\",\"a\":\"250m\",\"b\":\"4Gi\",\"c\":\"1.2.3\",\"d\":\"10.0.0.1:"
	         "80\"}",
	         "cpu: \"2\"\na: 250m\nb: 4Gi\nc: 1.2.3\nd: 10.0.0.1:80\n"},
	        {"{\"true\":1,\"1\":2,\"\":3,\"a b\":4}",
	         "\"true\": 1\n\"1\": 2\n\"\": 3\na b: 4\n"},
	        {"\"é語\"", "é語\n"},
	};

	for (size_t i = 0; i < SS_ARRAY_LEN(rows); i++) {
		SS_AUTO_DOC struct ss_doc *doc = from_json(rows[i][0]);
		char *text SS_AUTOFREE = to_yaml(doc);

		assert_string_equal(text, rows[i][1]);
	}
}

static void long_lines_are_not_folded(void **state)
{
	SS_AUTO_DOC struct ss_doc *doc = ss_doc_new();
	char *text SS_AUTOFREE = NULL;
	char words[1001];

	for (size_t i = 0; i < 1000; i++)
		words[i] = i % 5 == 4 ? ' ' : 'x';
	words[999] = 'x';
	words[1000] = 0;
	ss_doc_string(doc, words, 1000);
	text = to_yaml(doc);
	assert_int_equal(strlen(text), 1001);
	assert_memory_equal(text, words, 1000);
}

static void quotes_what_any_reader_takes_for_more(void **state)
{
	static const char *const typed[] = {
	        "",
	        "y",
	        "N",
	        "yes",
	        "No",
	        "ON",
	        "off",
	        "True",
	        "FALSE",
	        "tRUE",
	        "null",
	        "Null",
	        "~",
	        "=",
	        "<<",
	        "0",
	        "-1",
	        "+1",
	        "1_000",
	        "1,000",
	        "0x1F",
	        "0o17",
	        "0b11",
	        "010",
	        "08",
	        "1.5",
	        ".5",
	        "5.",
	        "1e3",
	        "1e400",
	        ".inf",
	        "-.INF",
	        "+.inf",
	        ".NaN",
	        "12:30",
	        "12:30:45.5",
	        "1:60",
	        "2001-01-01",
	        "2001-1-1 12:00:00",
	        "2001-01-01T00:00:00Z",
	        "123456789012345678901234567890",
	        "0x",
	        "-0x1f",
	        "1.",
	        "0b",
	        "0o",
	};
	static const char *const plain[] = {
	        "a",       "250m", "512Mi", "1.2.3", "10.0.0.1",
	        "v1",      "1d",   "0xG",   "null2", "yesno",
	        "1e",      "-",    "--",    "+",     ".",
	        "..",      "inf",  "NaN",   "12:",   ":12",
	        "2001-01", "-a",   "1-2",   "e3",    "sha256:0123456789abcdef",
	};

	for (size_t i = 0; i < SS_ARRAY_LEN(typed); i++) {
		if (!ss_yaml_looks_typed(typed[i], strlen(typed[i])))
			fail_msg("%s is taken for a string", typed[i]);
	}
	for (size_t i = 0; i < SS_ARRAY_LEN(plain); i++) {
		if (ss_yaml_looks_typed(plain[i], strlen(plain[i])))
			fail_msg("%s is not taken for a string", plain[i]);
	}
	/* Every row that kubectl reads as something else is quoted. */
	for (size_t i = 0; i < SS_ARRAY_LEN(kubectl_reads); i++) {
		const char *text = kubectl_reads[i][0];

		if (strchr(kubectl_reads[i][1], '"') || strpbrk(text, "!#[{|>\n: '\"-"))
			continue;
		if (!ss_yaml_looks_typed(text, strlen(text)))
			fail_msg("%s is taken for a string", text);
	}
}

static void generated_documents_survive(void **state)
{
	for (uint64_t i = 0; i < 3000; i++) {
		SS_AUTO_DOC struct ss_doc *doc = random_doc(i), *back = NULL;
		char *text SS_AUTOFREE = to_yaml(doc);

		back = from_yaml(text);
		if (!ss_doc_equal(doc, 0, back, 0))
			fail_msg("seed %d:\n%s", (int)i, text);
	}
}

static void a_full_buffer_is_reported(void **state)
{
	SS_AUTO_DOC struct ss_doc *doc = ss_doc_new();
	struct ss_buf out = {.max = 50000};
	struct ss_err err;

	ss_err_init(&err);
	ss_doc_begin_array(doc);
	for (int i = 0; i < 30000; i++)
		ss_doc_string_lit(doc, "abcdef");
	ss_doc_end(doc);
	assert_int_equal(ss_yaml_encode(doc, 0, &out, &err), SS_ERR_LIMIT);
	assert_string_equal(err.message, "YAML text is over 50000 bytes");
	ss_buf_done(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(reads_what_kubectl_reads),
	        cmocka_unit_test(integral_numbers_are_integers),
	        cmocka_unit_test(own_keys_win_over_merged_ones),
	        cmocka_unit_test(text_that_is_json_is_read_as_json),
	        cmocka_unit_test(refuses),
	        cmocka_unit_test(reads_all_documents),
	        cmocka_unit_test(the_reader_of_documents_may_stop),
	        cmocka_unit_test(an_anchor_ends_with_its_document),
	        cmocka_unit_test(nesting_is_cut_in_time),
	        cmocka_unit_test(depth_64_is_read),
	        cmocka_unit_test(brackets_in_text_are_no_nesting),
	        cmocka_unit_test(aliases_are_limited),
	        cmocka_unit_test(aliases_cannot_nest_past_the_limit),
	        cmocka_unit_test(documents_and_directives_are_limited),
	        cmocka_unit_test(many_keys_are_compared_fast),
	        cmocka_unit_test(writes_as_kubectl_prints),
	        cmocka_unit_test(long_lines_are_not_folded),
	        cmocka_unit_test(quotes_what_any_reader_takes_for_more),
	        cmocka_unit_test(generated_documents_survive),
	        cmocka_unit_test(a_full_buffer_is_reported),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
