/* Bytes of a terminal: characters, pastes, and what is neither. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "app/repl/input.h"
#include "app/repl/layout.h"
#include "app/repl/text.h"

/* What next gives until there is nothing: characters as UTF-8, a paste between « and ». */
static void take(struct ss_input *in, bool settled, struct ss_buf *out)
{
	wchar_t c;

	for (;;) {
		switch (ss_input_next(in, settled, &c)) {
		case SS_INPUT_NOTHING:
			return;
		case SS_INPUT_CHAR:
			ss_text_add_wide(out, &c, 1);
			break;
		case SS_INPUT_PASTE:
			ss_buf_printf(out, "«%.*s»", (int)in->paste.len, in->paste.data);
		}
	}
}

static void assert_text(const struct ss_buf *out, const char *want)
{
	assert_string_equal(out->data ? out->data : "", want);
}

/* Whole, and byte by byte, with the same outcome. */
static void check(const char *bytes, size_t len, const char *want)
{
	for (size_t step = 1; step <= len; step += len > 1 ? len - 1 : 1) {
		struct ss_buf out SS_AUTO_BUF = SS_BUF_INIT;
		struct ss_input in;

		ss_input_init(&in);
		for (size_t at = 0; at < len; at += step) {
			ss_input_feed(&in, bytes + at, at + step > len ? len - at : step);
			take(&in, false, &out);
		}
		take(&in, true, &out);
		assert_text(&out, want);
		ss_input_done(&in);
	}
}

#define CHECK(bytes, want) check(bytes, sizeof(bytes) - 1, want)

static void test_characters(void **state)
{
	(void)state;
	CHECK("ab\tc\r", "ab\tc\r");
	CHECK("h\xc3\xa9\xe4\xb8\x96\xf0\x9f\x98\x80", "hé世😀");
	CHECK("\033[A\033", "\033[A\033");
}

static void test_what_is_no_utf8(void **state)
{
	(void)state;
	CHECK("a\xff"
	      "b",
	      "a\uFFFDb");
	CHECK("\xc3(", "\uFFFD(");
	CHECK("\xe4\xb8", "\uFFFD\uFFFD");
	CHECK("\xed\xa0\x80", "\uFFFD\uFFFD\uFFFD");
	CHECK("\xc2\x9b"
	      "31m",
	      "\uFFFD31m"); /* CSI as one character */
}

static void test_pastes(void **state)
{
	(void)state;
	CHECK("\033[200~if x then\r\ty()\rend\033[201~z", "«if x then\n\ty()\nend»z");
	CHECK("\033[200~a\r\nb\nc\r\r\033[201~", "«a\nb\nc\n\n»");
	CHECK("\033[200~a\033[20b\033[201\033[201~", "«a\033[20b\033[201»");
	CHECK("\033[200~\033[201~\033[200~x\033[201~", "«»«x»");
	CHECK("\033[20", "\033[20");
}

static void test_long_paste_is_counted_not_kept(void **state)
{
	static char chunk[65536];
	struct ss_input in;
	wchar_t c;

	(void)state;
	memset(chunk, 'x', sizeof(chunk));
	ss_input_init(&in);
	ss_input_feed(&in, "\033[200~", 6);
	for (size_t i = 0; i < 160; i++) {
		ss_input_feed(&in, chunk, sizeof(chunk));
		assert_int_equal(ss_input_next(&in, false, &c), SS_INPUT_NOTHING);
	}
	ss_input_feed(&in, "\033[201~q", 7);
	assert_int_equal(ss_input_next(&in, false, &c), SS_INPUT_PASTE);
	assert_int_equal(in.paste_bytes, 160 * sizeof(chunk));
	assert_true(in.paste.cap <= 4 * SS_INPUT_PASTE_MAX_BYTES);
	assert_int_equal(ss_input_next(&in, false, &c), SS_INPUT_CHAR);
	assert_int_equal(c, 'q');
	ss_input_done(&in);
}

static void test_random_bytes(void **state)
{
	static const char some[] = "\033[200~\033[201~\xe4\xb8\x96\xff\r\n\t ab";
	unsigned seed = 7;

	(void)state;
	for (int round = 0; round < 2000; round++) {
		struct ss_buf out SS_AUTO_BUF = SS_BUF_INIT;
		struct ss_input in;

		ss_input_init(&in);
		for (int i = 0; i < 50; i++) {
			size_t at, n;

			seed = seed * 1103515245 + 12345;
			at = (seed >> 8) % (sizeof(some) - 1);
			n = 1 + (seed >> 20) % 8;
			if (at + n > sizeof(some) - 1)
				n = sizeof(some) - 1 - at;
			ss_input_feed(&in, some + at, n);
			take(&in, seed >> 28 == 1, &out);
		}
		take(&in, true, &out);
		ss_input_done(&in);
	}
}

/* --- text and its place on the screen --------------------------------------------------------- */
static void test_wide_and_back(void **state)
{
	struct ss_buf out SS_AUTO_BUF = SS_BUF_INIT;
	size_t n;
	wchar_t *wide = ss_text_to_wide("h\xc3\xa9\xff\0z\xf0\x9f\x98\x80", 10, &n);

	(void)state;
	assert_int_equal(n, 6);
	ss_text_add_wide(&out, wide, n);
	assert_text(&out, "hé\uFFFD\uFFFDz😀");
	free(wide);
}

static void test_prompt_marks_what_has_no_width(void **state)
{
	wchar_t *prompt = ss_text_to_prompt("\033[1;31mprod\033[0m> ", 17);

	(void)state;
	assert_memory_equal(prompt, L"\1\033[1;31m\1prod\1\033[0m\1> ", 22 * sizeof(wchar_t));
	free(prompt);
	prompt = ss_text_to_prompt("\033[1", 3);
	assert_memory_equal(prompt, L"\1\033[1\1", 6 * sizeof(wchar_t));
	free(prompt);
	prompt = ss_text_to_prompt("a\1b\nc\033", 6);
	assert_memory_equal(prompt, L"a?b?c?", 7 * sizeof(wchar_t));
	free(prompt);
}

static void place(int columns, const wchar_t *text, int row, int column)
{
	struct ss_layout at = {.columns = columns};

	ss_layout_add(&at, text, wcslen(text));
	assert_int_equal(at.row, row);
	assert_int_equal(at.column, column);
}

static void test_layout(void **state)
{
	struct ss_layout at = {.columns = 10};

	(void)state;
	place(10, L"abc", 0, 3);
	place(10, L"0123456789", 1, 0);
	place(10, L"a\nbc", 1, 2);
	place(10, L"a\tb", 0, 9);
	place(10, L"\3", 0, 2);
	place(2, L"abcde", 2, 1);
	ss_layout_add_prompt(&at, L"\1\033[1m\1ab\1\033[0m\1> ");
	assert_int_equal(at.column, 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_characters),
	        cmocka_unit_test(test_what_is_no_utf8),
	        cmocka_unit_test(test_pastes),
	        cmocka_unit_test(test_long_paste_is_counted_not_kept),
	        cmocka_unit_test(test_random_bytes),
	        cmocka_unit_test(test_wide_and_back),
	        cmocka_unit_test(test_prompt_marks_what_has_no_width),
	        cmocka_unit_test(test_layout),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
