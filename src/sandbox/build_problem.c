/* Collecting what is wrong with an input. */
#include <stdarg.h>
#include <stdio.h>

#include "base/err.h"
#include "base/log.h"
#include "base/suggest.h"
#include "sandbox/build.h"
#include "sandbox/build_priv.h"
#include "sandbox/path.h"

enum { KEY_SHOWN = 80 };

static void add_detail(struct build_problems *p, const char *path, const char *message)
{
	if (!p->list) {
		p->list = ss_doc_new();
		if (!p->list) {
			p->nomem = true;
			return;
		}
		ss_doc_begin_array(p->list);
	}
	ss_doc_begin_object(p->list);
	ss_doc_put_string(p->list, "path", path);
	ss_doc_put_string(p->list, "message", message);
	ss_doc_end(p->list);
}

void build_problem(struct build_problems *p, const char *path, const char *fmt, ...)
{
	char text[512], message[512];
	va_list args;

	if (++p->count > SS_BUILD_MAX_PROBLEMS)
		return;
	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	ss_log_escape(text, strlen(text), message, sizeof(message));
	if (p->count == 1) {
		/* An unknown field at the top names itself. */
		bool bare = strncmp(message, "unknown field", 13) == 0 && !strpbrk(path, ".[");

		snprintf(p->first, sizeof(p->first), "%s%s%s", bare ? "" : path,
		         bare || !path[0] ? "" : ": ", message);
	}
	add_detail(p, path, message);
}

const char *build_path(char *buf, size_t size, const char *parent, const char *key)
{
	snprintf(buf, size, "%s", parent);
	ss_path_add_key(buf, size, key);
	return buf;
}

const char *build_type_name(enum ss_type type)
{
	static const char *const names[] = {
	        [SS_NONE] = "absent",
	        [SS_NULL] = "null",
	        [SS_BOOL] = "a boolean",
	        [SS_INT] = "an integer",
	        [SS_REAL] = "a number with a fraction",
	        [SS_DIGITS] = "a number out of range",
	        [SS_STRING] = "a string",
	        [SS_ARRAY] = "a list",
	        [SS_OBJECT] = "a map",
	};

	return names[type];
}

/* " (known: cpu, memory)", for short lists. */
static void list_known(const char *const *known, size_t n, char *out, size_t size)
{
	size_t len;

	out[0] = 0;
	if (n > 5)
		return;
	snprintf(out, size, " (known: ");
	for (size_t i = 0; i < n; i++) {
		len = strlen(out);
		snprintf(out + len, size - len, "%s%s", known[i], i + 1 < n ? ", " : ")");
	}
}

void build_unknown(struct build_problems *p, const char *parent, const char *key,
                   const char *const *known, size_t n_known)
{
	const char *near = ss_suggest(key, known, n_known);
	char path[256], shown[KEY_SHOWN + 1], list[128];

	ss_log_escape(key, strlen(key), shown, sizeof(shown));
	build_path(path, sizeof(path), parent, key);
	list_known(known, n_known, list, sizeof(list));
	if (near)
		build_problem(p, path, "unknown field '%s': did you mean '%s'?", shown, near);
	else
		build_problem(p, path, "unknown field '%s'%s", shown, list);
}
