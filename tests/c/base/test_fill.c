#include "support.h"

#include "base/buf.h"
#include "base/fill.h"

static void check(const char *head, int indent, const char *text, const char *want)
{
	struct ss_buf out SS_AUTO_BUF = SS_BUF_INIT;

	ss_fill(&out, head, indent, text);
	assert_string_equal(out.data ? out.data : "", want);
}

#define TEN "123456789 "

static void prose_is_broken_at_eighty_columns(void **state)
{
	check("", 0, TEN TEN TEN TEN TEN TEN TEN TEN "x",
	      TEN TEN TEN TEN TEN TEN TEN "123456789\nx");
	check("", 0, TEN TEN TEN TEN TEN TEN TEN "1234567890 x",
	      TEN TEN TEN TEN TEN TEN TEN "1234567890\nx");
	check("", 70, "123456789 1234567890",
	      "                                                  "
	      "                    123456789\n"
	      "                                                  "
	      "                    1234567890");
}

static void a_word_wider_than_the_line_stands_alone(void **state)
{
	check("", 76, "a 123456789 b",
	      "                                                          "
	      "                  a\n"
	      "                                                          "
	      "                  123456789\n"
	      "                                                          "
	      "                  b");
}

static void line_breaks_and_blanks_are_one_blank(void **state)
{
	check("", 0, "a\nb  c\t d \n", "a b c d");
}

static void an_empty_line_ends_a_paragraph(void **state)
{
	check("", 2, "a\nb\n\nc\n\n", "  a b\n\n  c");
}

static void a_line_that_begins_with_a_blank_stays(void **state)
{
	check("", 1, "a\n  b   c\n  d\ne", " a\n   b   c\n   d\n e");
	check("", 0, "  b   c", "  b   c");
}

static void a_head_has_its_text_beside_it_or_below(void **state)
{
	check("ab", 4, "c", "ab  c");
	check("--> ", 4, "c", "--> c");
	check("abcd", 4, "c", "abcd\n    c");
	check("abcdef", 4, "c", "abcdef\n    c");
	check("ab", 4, "", "ab");
	check("…", 3, "c", "…  c");
}

static void columns_are_characters(void **state)
{
	assert_int_equal(ss_fill_width("a…b"), 3);
	check("", 76, "………… x",
	      "                                                              "
	      "              …………\n"
	      "                                                              "
	      "              x");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(prose_is_broken_at_eighty_columns),
	        cmocka_unit_test(a_word_wider_than_the_line_stands_alone),
	        cmocka_unit_test(line_breaks_and_blanks_are_one_blank),
	        cmocka_unit_test(an_empty_line_ends_a_paragraph),
	        cmocka_unit_test(a_line_that_begins_with_a_blank_stays),
	        cmocka_unit_test(a_head_has_its_text_beside_it_or_below),
	        cmocka_unit_test(columns_are_characters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
