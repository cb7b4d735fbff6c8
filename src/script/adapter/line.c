/* Where in a file a field of a table constructor stands: a scan of the text that
 * knows comments and strings, for messages only. Lua itself keeps the line of the
 * call, not of the fields. */
#include <ctype.h>
#include <stdbool.h>
#include <string.h>

#include "script/adapter/adapter_priv.h"

struct scan {
	const char *p, *end;
	int line;
};

static void forward(struct scan *s, size_t n)
{
	for (; n && s->p < s->end; n--, s->p++)
		s->line += *s->p == '\n';
}

/* At "[==[": past the closing bracket; false when it is no long bracket. */
static bool skip_long(struct scan *s)
{
	const char *p = s->p + 1;
	size_t level = 0;

	while (p < s->end && *p == '=') {
		p++;
		level++;
	}
	if (p >= s->end || *p != '[')
		return false;
	forward(s, level + 2);
	while (s->p < s->end) {
		size_t i = 0;

		if (*s->p == ']') {
			while (i < level && s->p + 1 + i < s->end && s->p[1 + i] == '=')
				i++;
			if (i == level && s->p + 1 + i < s->end && s->p[1 + i] == ']') {
				forward(s, level + 2);
				return true;
			}
		}
		forward(s, 1);
	}
	return true;
}

static void skip_string(struct scan *s)
{
	char quote = *s->p;

	forward(s, 1);
	while (s->p < s->end && *s->p != quote && *s->p != '\n')
		forward(s, *s->p == '\\' ? 2 : 1);
	forward(s, 1);
}

static void skip_comment(struct scan *s)
{
	forward(s, 2);
	if (s->p < s->end && *s->p == '[' && skip_long(s))
		return;
	while (s->p < s->end && *s->p != '\n')
		forward(s, 1);
}

/* Is this identifier the key of a field: `name =` but not `name ==`? */
static bool is_key(const char *p, const char *end)
{
	while (p < end && isspace((unsigned char)*p))
		p++;
	return p < end && *p == '=' && (p + 1 == end || p[1] != '=');
}

/* On to the next field called name (or ["name"]); false at the end. */
static bool find_key(struct scan *s, const char *name, size_t len)
{
	while (s->p < s->end) {
		const char *p = s->p;
		size_t n = 0;

		if (*p == '-' && p + 1 < s->end && p[1] == '-') {
			skip_comment(s);
		} else if (*p == '"' || *p == '\'') {
			skip_string(s);
			if ((size_t)(s->p - p) == len + 2 && strncmp(p + 1, name, len) == 0 &&
			    s->p < s->end && *s->p == ']')
				return true;
		} else if (*p == '[' && skip_long(s)) {
			continue;
		} else if (isalpha((unsigned char)*p) || *p == '_') {
			while (p + n < s->end && (isalnum((unsigned char)p[n]) || p[n] == '_'))
				n++;
			if (n == len && strncmp(p, name, len) == 0 && is_key(p + n, s->end))
				return true;
			forward(s, n);
		} else {
			forward(s, 1);
		}
	}
	return false;
}

int adapter_find_line(const char *text, size_t len, int from, const char *path)
{
	struct scan s = {text, text + len, 1};
	int found = from;

	while (s.line < from && s.p < s.end)
		forward(&s, 1);
	while (path && *path) {
		size_t n = strcspn(path, ".[");

		if (!find_key(&s, path, n))
			break;
		found = s.line;
		forward(&s, n);
		path += n;
		/* Elements of lists have no key: the line of the list will do. */
		if (*path == '[')
			break;
		path += *path == '.';
	}
	return found;
}
