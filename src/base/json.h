/* JSON text <-> document. RFC 8259 to a depth of SS_DOC_MAX_DEPTH, where a duplicate key is an
 * error, half a surrogate pair U+FFFD, and a number beyond int64 and double its text (SS_DIGITS):
 * what a server may store is read. A reader that writes the document directly takes what is right,
 * jansson says what is wrong with the rest. Encoding is a single pass over the arena. */
#pragma once

#include "base/buf.h"
#include "base/doc.h"

/* 0 and a new document in *ret, or SS_ERR_PARSE ("line 3, column 7: …"), SS_ERR_LIMIT, SS_ERR_NOMEM. */
int ss_json_parse(const char *text, size_t len, struct ss_doc **ret, struct ss_err *err);
enum { SS_JSON_MAX_VALUES = 10000 };
/* Every value of a stream of them (`jq -c` writes one), between which "---" may stand as in YAML.
 * Errors as ss_json_parse, and what fn returns. */
int ss_json_parse_all(const char *text, size_t len, ss_doc_fn fn, void *ud, struct ss_err *err);
/* Where the next value begins, at or behind text[at]: behind white space, byte order marks and
 * "---". */
size_t ss_json_next(const char *text, size_t len, size_t at);
/* The end of the array or object at text[at], by its brackets and strings; 0 when it has none. */
size_t ss_json_end(const char *text, size_t len, size_t at);
/* As ss_json_parse, without the member names[1] of the root's member names[0]: it is skipped with a
 * look at its strings and brackets only, which is what makes large answers cheap. */
int ss_json_parse_without(const char *text, size_t len, const char *const names[2],
                          struct ss_doc **ret, struct ss_err *err);
/* A text for ss_json_scan to find: the member key of the root, or of the root's member parent. */
struct ss_json_find {
	const char *parent, *key; /* parent NULL: of the root */
	const char *text; /* into what was scanned; NULL: not there, no text, or with escapes */
	size_t len;
};

/* Whether text is an object that ss_json_parse takes. Builds nothing, so costs a quarter of it, and
 * is content to say no where only the parser can tell: to reals, integers of 19 digits, escapes in
 * keys, pairs of \u, more than some fifty levels or two hundred keys at once. The member names[1] of
 * the root's member names[0], when it is there, begins at *ret_at (with its key) and takes *ret_len
 * bytes with the comma behind it, without which it is no, too; *ret_len is 0 when there is none. */
bool ss_json_scan(const char *text, size_t len, const char *const names[2],
                  struct ss_json_find *finds, size_t n_finds, size_t *ret_at, size_t *ret_len);
/* Why the element at index is not taken; its member metadata, where that can be read, else NULL. */
typedef void (*ss_json_sifted_fn)(void *ud, size_t index, const struct ss_doc *metadata,
                                  const struct ss_err *why);
/* Append text to out without those elements of the array that is the root's member which ss_json_parse
 * does not take, however deep they are. 1 when there were any, 0 when out is of no use, SS_ERR_NOMEM. */
int ss_json_sift(const char *text, size_t len, const char *member, ss_json_sifted_fn fn, void *ud,
                 struct ss_buf *out, struct ss_err *err);
/* Append one line without spaces. Failure sticks to out; its limit may
 * be met up to 4 KiB early. Reals with an integral value print with ".0". */
void ss_json_encode(const struct ss_doc *doc, ss_node node, struct ss_buf *out);
/* Append with indentation of two spaces, as kubectl -o json prints. */
void ss_json_encode_pretty(const struct ss_doc *doc, ss_node node, struct ss_buf *out);
/* Append s as a quoted JSON string. */
void ss_json_quote(struct ss_buf *out, const char *s, size_t len);
