/* A document: a JSON value in one append-only arena.
 * The builder writes one, the guard reads it; JSON text, YAML and Lua tables are
 * replays of it. It tells int64 from real, null from absent, {} from [], and
 * keeps the order of keys as written. Nodes are indices into one array in
 * pre-order, so a subtree is contiguous and copying it is a memcpy; strings are
 * NUL-terminated and never move. One that holds a NUL byte (a server may store it) is
 * given only to who asks for its length: as a C string it would be another text.
 *
 * Writing: begin_object, key, value …, end. Writers return nothing; the first
 * failure sticks and ss_doc_finish reports it. A document with a failure reads
 * as empty. A node stays valid until reset or free.
 * Not thread safe; a finished document may be read from several threads. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/attr.h"

struct ss_err;
struct ss_doc;

/* One of several documents that a text holds: return 0 to go on, else that code is what the reader
 * returns. The callee owns doc; line is where it begins, from 1. */
typedef int (*ss_doc_fn)(void *ud, struct ss_doc *doc, size_t line, struct ss_err *err);

typedef uint32_t ss_node; /* an index, only meaningful with its document */
#define SS_NO_NODE ((ss_node)UINT32_MAX)

/* SS_DIGITS: a number that neither an int64 nor a double keeps, as its text. */
enum ss_type {
	SS_NONE,
	SS_NULL,
	SS_BOOL,
	SS_INT,
	SS_REAL,
	SS_DIGITS,
	SS_STRING,
	SS_ARRAY,
	SS_OBJECT
};

enum {
	SS_DOC_MAX_DEPTH = 128,
	SS_DOC_MAX_NODES = 8 * 1024 * 1024,
};
#define SS_DOC_MAX_BYTES ((size_t)64 << 20) /* of string data */

/* NULL when out of memory. The first ~250 nodes and 2 KiB of strings need one allocation. */
struct ss_doc *ss_doc_new(void);
void ss_doc_free(struct ss_doc *doc);  /* NULL is fine */
void ss_doc_reset(struct ss_doc *doc); /* empty again, memory kept */
static inline void ss_doc_freep(struct ss_doc **p)
{
	ss_doc_free(*p);
}
#define SS_AUTO_DOC SS_CLEANUP(ss_doc_freep)

/* --- writing ------------------------------------------------------------ */
void ss_doc_begin_object(struct ss_doc *doc);
void ss_doc_begin_array(struct ss_doc *doc);
void ss_doc_end(struct ss_doc *doc);
/* key and string copy and check: invalid UTF-8 fails with SS_ERR_INVAL.
 * The _lit forms borrow without a check: only for strings of the program itself,
 * since copies of the subtree in other documents borrow them too. */
void ss_doc_key(struct ss_doc *doc, const char *key, size_t len);
static inline void ss_doc_key_lit(struct ss_doc *doc, const char *key);
void ss_doc_string(struct ss_doc *doc, const char *s, size_t len);
static inline void ss_doc_string_lit(struct ss_doc *doc, const char *s);
void ss_doc_int(struct ss_doc *doc, int64_t value);
void ss_doc_real(struct ss_doc *doc, double value); /* NaN and infinities fail with SS_ERR_INVAL */
/* A number by its JSON text, which the caller has checked. */
void ss_doc_digits(struct ss_doc *doc, const char *s, size_t len);
/* A number of a language that does not tell 1 from 1.0: an integral one within 2^53 is written
 * as an integer, anything else as ss_doc_real does. */
void ss_doc_number(struct ss_doc *doc, double value);
void ss_doc_bool(struct ss_doc *doc, bool value);
void ss_doc_null(struct ss_doc *doc);
/* Append a copy of a subtree of src (which may not be doc itself); SS_NO_NODE writes null. */
void ss_doc_copy(struct ss_doc *doc, const struct ss_doc *src, ss_node node);
/* Shorthands: key (literal) plus value. A NULL string writes nothing at all. */
static inline void ss_doc_put_string(struct ss_doc *doc, const char *lit_key, const char *s);
static inline void ss_doc_put_int(struct ss_doc *doc, const char *lit_key, int64_t value);
static inline void ss_doc_put_bool(struct ss_doc *doc, const char *lit_key, bool value);
void ss_doc_put_copy(struct ss_doc *doc, const char *lit_key, const struct ss_doc *src,
                     ss_node node);
/* A failure found by the writer itself (bad input …); the first one wins. */
void ss_doc_fail(struct ss_doc *doc, int code);
/* As ss_doc_fail, with what ss_doc_finish shall say (borrowed). */
void ss_doc_fail_why(struct ss_doc *doc, int code, const char *lit_why);
/* The failure so far, or 0: lets a long replay stop early. */
int ss_doc_failed(const struct ss_doc *doc);
/* 0 when exactly one complete value was written without failure, else code and
 * message ("spec.env[3].value: the text holds a NUL byte"). */
int ss_doc_finish(struct ss_doc *doc, struct ss_err *err);

/* --- reading: every function takes SS_NO_NODE and answers as for "absent" --- */
ss_node ss_doc_root(const struct ss_doc *doc); /* SS_NO_NODE when empty or failed */
enum ss_type ss_doc_type(const struct ss_doc *doc, ss_node node);
size_t ss_doc_count(const struct ss_doc *doc, ss_node node); /* members or elements, else 0 */
int64_t ss_doc_get_int(const struct ss_doc *doc, ss_node node, int64_t fallback);
double ss_doc_get_real(const struct ss_doc *doc, ss_node node, double fallback); /* ints too */
bool ss_doc_get_bool(const struct ss_doc *doc, ss_node node, bool fallback);
/* NULL when it is no string. ret_len may be NULL: then a text with a NUL byte in it is none. */
const char *ss_doc_get_string(const struct ss_doc *doc, ss_node node, size_t *ret_len);

/* The text of a number of SS_DIGITS, else NULL. */
const char *ss_doc_get_digits(const struct ss_doc *doc, ss_node node, size_t *ret_len);

/* Member by key, element by index; SS_NO_NODE when absent or of another type. */
ss_node ss_doc_get(const struct ss_doc *doc, ss_node object, const char *key);
ss_node ss_doc_at(const struct ss_doc *doc, ss_node array, size_t index);
/* Nested members: ss_doc_find(doc, n, "spec", "template", NULL). */
ss_node ss_doc_find(const struct ss_doc *doc, ss_node node, ...) __attribute__((sentinel));
/* ss_doc_find + get_string. */
const char *ss_doc_find_string(const struct ss_doc *doc, ss_node node, ...)
        __attribute__((sentinel));
bool ss_doc_is_string(const struct ss_doc *doc, ss_node node, const char *value);

/* for (struct ss_iter it = ss_iter(doc, node); ss_iter_next(&it);) it.key, it.value … */
struct ss_iter {
	const struct ss_doc *doc;
	const char *key; /* members only, else NULL */
	size_t key_len;
	ss_node value;
	size_t index; /* of value, from 0 */
	ss_node next_, end_;
	bool object_;
};
struct ss_iter ss_iter(const struct ss_doc *doc, ss_node container); /* empty for other types */
bool ss_iter_next(struct ss_iter *it);

/* Same value; objects compare without regard to order, 1 == 1.0. */
bool ss_doc_equal(const struct ss_doc *a, ss_node na, const struct ss_doc *b, ss_node nb);

/* Statistics for benchmarks and limits. */
size_t ss_doc_nodes(const struct ss_doc *doc);
size_t ss_doc_bytes(const struct ss_doc *doc); /* memory held */

/* --- inside of the literal forms: the length of a literal is the compiler's work --- */
void ss_doc_key_lit_(struct ss_doc *doc, const char *key, size_t len);
void ss_doc_string_lit_(struct ss_doc *doc, const char *s, size_t len);
void ss_doc_put_string_(struct ss_doc *doc, const char *lit_key, size_t key_len, const char *s);
void ss_doc_put_int_(struct ss_doc *doc, const char *lit_key, size_t key_len, int64_t value);
void ss_doc_put_bool_(struct ss_doc *doc, const char *lit_key, size_t key_len, bool value);

static inline void ss_doc_key_lit(struct ss_doc *doc, const char *key)
{
	ss_doc_key_lit_(doc, key, strlen(key));
}

static inline void ss_doc_string_lit(struct ss_doc *doc, const char *s)
{
	ss_doc_string_lit_(doc, s, strlen(s));
}

static inline void ss_doc_put_string(struct ss_doc *doc, const char *lit_key, const char *s)
{
	ss_doc_put_string_(doc, lit_key, strlen(lit_key), s);
}

static inline void ss_doc_put_int(struct ss_doc *doc, const char *lit_key, int64_t value)
{
	ss_doc_put_int_(doc, lit_key, strlen(lit_key), value);
}

static inline void ss_doc_put_bool(struct ss_doc *doc, const char *lit_key, bool value)
{
	ss_doc_put_bool_(doc, lit_key, strlen(lit_key), value);
}
