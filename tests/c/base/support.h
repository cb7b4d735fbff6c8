/* What the tests of base/ share: cmocka, text <-> document, and documents from a
 * seeded generator. */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/doc.h"
#include "base/err.h"
#include "base/json.h"

static inline struct ss_doc *from_json_n(const char *text, size_t len)
{
	struct ss_doc *doc = NULL;
	struct ss_err err;

	ss_err_init(&err);
	if (ss_json_parse(text, len, &doc, &err))
		fail_msg("%.200s: %s", text, err.message);
	return doc;
}

static inline struct ss_doc *from_json(const char *text)
{
	return from_json_n(text, strlen(text));
}

/* One line, to be freed. */
static inline char *to_json(const struct ss_doc *doc)
{
	struct ss_buf buf = SS_BUF_INIT;

	ss_json_encode(doc, ss_doc_root(doc), &buf);
	return ss_buf_take(&buf, NULL);
}

static inline void assert_json(const struct ss_doc *doc, const char *want)
{
	char *text SS_AUTOFREE = to_json(doc);

	assert_string_equal(text, want);
}

/* --- generated documents --------------------------------------------------- */

static inline uint32_t next_random(uint64_t *state)
{
	*state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (uint32_t)(*state >> 33);
}

/* Pieces that readers and writers are known to trip over. */
static inline void random_text(uint64_t *state, struct ss_buf *out)
{
	static const char *const pieces[] = {
	        "a",
	        "Z9",
	        " ",
	        "\n",
	        "\t",
	        "\"",
	        "\\",
	        "'",
	        "#",
	        " #",
	        ":",
	        ": ",
	        "-",
	        "- ",
	        "?",
	        "{",
	        "}",
	        "[",
	        "]",
	        ",",
	        "&",
	        "*",
	        "!",
	        "|",
	        ">",
	        "%",
	        "@",
	        "`",
	        "é",
	        "語",
	        "😀",
	        "\x01",
	        "\x1b",
	        "\x7f",
	        "\r",
	        "\r\n",
	        "\xc2\x85",
	        "\xe2\x80\xa8",
	        "\xef\xbb\xbf",
	        "0",
	        "1",
	        "0x1f",
	        "1e3",
	        ".5",
	        "_",
	        "yes",
	        "no",
	        "on",
	        "null",
	        "~",
	        "true",
	        "y",
	        "=",
	        "<<",
	        "12:30",
	        "2001-01-01",
	        "---",
	        "...",
	        "+",
	        ".inf",
	        "250m",
	};
	uint32_t n = next_random(state) % 4;

	if (next_random(state) % 16 == 0)
		n += next_random(state) % 60;
	ss_buf_reset(out);
	for (; n; n--)
		ss_buf_puts(out, pieces[next_random(state) % SS_ARRAY_LEN(pieces)]);
}

static inline void random_number(uint64_t *state, struct ss_doc *doc)
{
	uint64_t bits = (uint64_t)next_random(state) << 32 ^ next_random(state);
	double real;

	switch (next_random(state) % 6) {
	case 0:
		ss_doc_int(doc, (int64_t)bits);
		break;
	case 1:
		ss_doc_int(doc, bits & 1 ? INT64_MIN : INT64_MAX);
		break;
	case 2:
		ss_doc_real(doc, (double)(bits % 100000) / 64 - 100);
		break;
	case 3:
		bits ^= (uint64_t)next_random(state) << 33;
		memcpy(&real, &bits, sizeof(real));
		ss_doc_real(doc, real - real == 0 ? real : 0.1);
		break;
	default:
		ss_doc_int(doc, (int64_t)(bits % 2000) - 1000);
		break;
	}
}

static inline void random_value(uint64_t *state, struct ss_doc *doc, unsigned depth)
{
	SS_AUTO_BUF struct ss_buf text = SS_BUF_INIT;
	uint32_t kind = next_random(state) % (depth < 5 ? 10 : 7), n = next_random(state) % 6;

	if (kind >= 7 && next_random(state) % 12 == 0)
		n = 30;
	switch (kind) {
	case 0:
		ss_doc_null(doc);
		break;
	case 1:
		ss_doc_bool(doc, n & 1);
		break;
	case 2:
	case 3:
		random_number(state, doc);
		break;
	case 7:
		ss_doc_begin_array(doc);
		for (uint32_t i = 0; i < n; i++)
			random_value(state, doc, depth + 1);
		ss_doc_end(doc);
		break;
	case 8:
	case 9:
		ss_doc_begin_object(doc);
		for (uint32_t i = 0; i < n; i++) {
			random_text(state, &text);
			/* The number makes it unlike its siblings. */
			ss_buf_printf(&text, "%s%u", i % 3 ? "k" : "", i);
			ss_doc_key(doc, text.data, text.len);
			random_value(state, doc, depth + 1);
		}
		ss_doc_end(doc);
		break;
	default:
		random_text(state, &text);
		ss_doc_string(doc, text.data ? text.data : "", text.len);
		break;
	}
}

static inline struct ss_doc *random_doc(uint64_t seed)
{
	struct ss_doc *doc = ss_doc_new();
	struct ss_err err;

	ss_err_init(&err);
	random_value(&seed, doc, 0);
	if (ss_doc_finish(doc, &err))
		fail_msg("generated document: %s", err.message);
	return doc;
}
