#include "base/json.h"

#include "base/doc_priv.h"
#include "base/err.h"
#include "base/real.h"
#include "base/scan.h"

enum {
	SCALAR_BYTES = SS_REAL_TEXT_SIZE, /* "-1.7976931348623157e+308" */
	/* What one node writes besides its string: a comma, a scalar or two quotes and
	 * a colon, and the ends of all containers. */
	SLACK_BYTES = SCALAR_BYTES + SS_DOC_MAX_DEPTH + 32,
	BLOCK_BYTES = 512, /* of a string between two looks at the space left */
	RESERVE_BYTES = 65536,
};

/* What stands after the backslash; 0 = the byte stands for itself, 'u' = \u00XX. */
static const char escapes[256] = {
        'u', 'u', 'u', 'u', 'u', 'u', 'u', 'u', 'b',         't',           'n', 'u',
        'f', 'r', 'u', 'u', 'u', 'u', 'u', 'u', 'u',         'u',           'u', 'u',
        'u', 'u', 'u', 'u', 'u', 'u', 'u', 'u', ['"'] = '"', ['\\'] = '\\',
};

/* Where text goes: space in the buffer is taken in blocks, and len written back. */
struct sink {
	struct ss_buf *buf;
	char *at, *end;
};

static void sink_open(struct sink *s, struct ss_buf *buf)
{
	s->buf = buf;
	s->at = buf->data ? buf->data + buf->len : NULL;
	s->end = buf->data ? buf->data + buf->cap - 1 : NULL;
}

static void sink_close(struct sink *s)
{
	if (!s->at)
		return;
	s->buf->len = (size_t)(s->at - s->buf->data);
	*s->at = 0;
}

static __attribute__((noinline)) bool sink_more(struct sink *s, size_t n)
{
	sink_close(s);
	if (!ss_buf_grow(s->buf, n))
		return false;
	sink_open(s, s->buf);
	return true;
}

static inline bool need(struct sink *s, size_t n)
{
	return (size_t)(s->end - s->at) >= n || sink_more(s, n);
}

static inline void put(struct sink *s, char c)
{
	*s->at++ = c;
}

static char *escape(char *to, const char *s, size_t len)
{
	static const char hex[] = "0123456789abcdef";

	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)s[i];

		if (!escapes[c]) {
			*to++ = (char)c;
			continue;
		}
		*to++ = '\\';
		*to++ = escapes[c];
		if (escapes[c] == 'u') {
			*to++ = '0';
			*to++ = '0';
			*to++ = hex[c >> 4];
			*to++ = hex[c & 15];
		}
	}
	return to;
}

/* Text that needs escapes, in blocks of bounded growth. */
static __attribute__((noinline)) bool quote_escaped(struct sink *out, const char *s, size_t len)
{
	put(out, '"');
	for (size_t n; len; s += n, len -= n) {
		n = len < BLOCK_BYTES ? len : BLOCK_BYTES;
		if (!need(out, n * 6))
			return false;
		out->at = escape(out->at, s, n);
	}
	if (!need(out, SLACK_BYTES))
		return false;
	put(out, '"');
	return true;
}

/* Needs len + SLACK_BYTES, and leaves most of the slack. */
static inline bool quote(struct sink *out, const char *s, size_t len, bool plain)
{
	if (!plain && ss_scan_special(s, len, false))
		return quote_escaped(out, s, len);
	put(out, '"');
	ss_scan_copy(out->at, s, len);
	out->at += len;
	put(out, '"');
	return true;
}

static void put_int(struct sink *out, int64_t value)
{
	char digits[24], *p = digits + sizeof(digits);
	uint64_t left = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;

	do {
		*--p = (char)('0' + left % 10);
		left /= 10;
	} while (left);
	if (value < 0)
		*--p = '-';
	memcpy(out->at, p, (size_t)(digits + sizeof(digits) - p));
	out->at += digits + sizeof(digits) - p;
}

static inline void put_word(struct sink *out, const char *word, size_t len)
{
	memcpy(out->at, word, len);
	out->at += len;
}

static inline bool put_scalar(struct sink *out, const struct node *n)
{
	if (n->type == SS_STRING)
		return quote(out, n->v.s, n->len, n->flags & NODE_PLAIN);
	switch (n->type) {
	case SS_BOOL:
		if (n->v.i)
			put_word(out, "true", 4);
		else
			put_word(out, "false", 5);
		break;
	case SS_INT:
		put_int(out, n->v.i);
		break;
	case SS_REAL:
		out->at += ss_real_format(n->v.d, out->at);
		break;
	case SS_DIGITS:
		put_word(out, n->v.s, n->len);
		break;
	default:
		put_word(out, "null", 4);
		break;
	}
	return true;
}

/* A new line, indented for depth, and again the room that node n needs. */
static bool newline(struct sink *out, unsigned depth, const struct node *n)
{
	size_t spaces = 2 * (size_t)depth;

	if (!need(out, 1 + spaces + SLACK_BYTES + (has_text(n) ? n->len : 0)))
		return false;
	put(out, '\n');
	memset(out->at, ' ', spaces);
	out->at += spaces;
	return true;
}

/* What stands between the last token and the next one. */
enum gap { GAP_NONE, GAP_FIRST, GAP_NEXT };

/* One pass over the nodes, without recursion: open[] says where each open
 * container stops and how it closes. */
static inline bool encode(struct sink *out, const struct node *nodes, uint32_t at, bool pretty)
{
	struct {
		uint32_t end;
		char close;
	} open[SS_DOC_MAX_DEPTH + 1];
	uint32_t stop = at + node_size(&nodes[at]);
	unsigned depth = 0;
	enum gap gap = GAP_NONE;

	for (uint32_t i = at; i < stop; i++) {
		const struct node *n = &nodes[i];

		if (!need(out, SLACK_BYTES + (has_text(n) ? n->len : 0)))
			return false;
		if (gap == GAP_NEXT)
			put(out, ',');
		if (pretty && gap != GAP_NONE && !newline(out, depth, n))
			return false;
		if (is_container(n)) {
			put(out, n->type == SS_OBJECT ? '{' : '[');
			open[depth].close = n->type == SS_OBJECT ? '}' : ']';
			open[depth++].end = i + n->v.c.size;
			gap = GAP_FIRST;
		} else {
			if (!put_scalar(out, n))
				return false;
			gap = GAP_NEXT;
		}
		if (n->flags & NODE_KEY) {
			put(out, ':');
			if (pretty)
				put(out, ' ');
			gap = GAP_NONE;
			continue;
		}
		for (; depth && open[depth - 1].end == i + 1; gap = GAP_NEXT) {
			depth--;
			if (pretty && gap == GAP_NEXT && !newline(out, depth, n))
				return false;
			put(out, open[depth].close);
		}
	}
	return true;
}

/* About 16 bytes per node in manifests: mostly the only growth. */
static bool reserve(const struct node *n, struct ss_buf *out)
{
	size_t max = out->max ? out->max : SS_BUF_MAX_BYTES;
	size_t bytes = (size_t)node_size(n) * 16 + SCALAR_BYTES;

	return ss_buf_grow(out, bytes < RESERVE_BYTES && bytes + out->len <= max ? bytes : 1);
}

static void encode_to(const struct ss_doc *doc, ss_node node, struct ss_buf *out, bool pretty)
{
	const struct node *n = node_at(doc, node);
	struct sink s;

	if (!n) {
		ss_buf_add(out, "null", 4);
		return;
	}
	if (!reserve(n, out))
		return;
	sink_open(&s, out);
	if (pretty)
		encode(&s, doc->nodes, node, true);
	else
		encode(&s, doc->nodes, node, false);
	sink_close(&s);
}

void ss_json_encode(const struct ss_doc *doc, ss_node node, struct ss_buf *out)
{
	encode_to(doc, node, out, false);
}

void ss_json_encode_pretty(const struct ss_doc *doc, ss_node node, struct ss_buf *out)
{
	encode_to(doc, node, out, true);
}

void ss_json_quote(struct ss_buf *out, const char *s, size_t len)
{
	struct sink sink;

	if (!ss_buf_grow(out, len + SLACK_BYTES))
		return;
	sink_open(&sink, out);
	quote(&sink, s, len, false);
	sink_close(&sink);
}
