#include <stdarg.h>
#include <stdio.h>

#include "base/err.h"
#include "base/log.h"
#include "sandbox/guard_priv.h"
#include "sandbox/path.h"

static void render(const struct at *at, char *buf, size_t size)
{
	if (!at->up)
		return;
	render(at->up, buf, size);
	if (at->key)
		ss_path_add_key(buf, size, at->key);
	else
		ss_path_add_index(buf, size, at->index);
}

static void name_object(const struct guard_run *run, char *out, size_t size)
{
	char text[360];

	snprintf(text, sizeof(text), "%s%s%s%s%s", run->kind, run->name[0] ? " " : "",
	         run->name[0] ? run->namespace_ : "", run->name[0] && run->namespace_[0] ? "/" : "",
	         run->name);
	ss_log_escape(text, strlen(text), out, size);
}

static bool is_waived(const struct guard_run *run, enum guard_rule rule)
{
	size_t n;
	const char *id = ss_guard_rules(&n)[rule].id;

	if (!run->guard || rule == R_MALFORMED)
		return false;
	for (size_t i = 0; i < run->guard->n_waivers; i++) {
		const struct ss_waiver *w = &run->guard->waivers[i];

		if (strcmp(w->rule, id) == 0 &&
		    (!w->namespace_ || strcmp(w->namespace_, run->namespace_) == 0) &&
		    (!w->name || (run->name[0] && strcmp(w->name, run->name) == 0)))
			return true;
	}
	return false;
}

static void add_detail(struct guard_run *run, const char *path, const char *id, const char *message,
                       const char *fix)
{
	if (!run->details) {
		run->details = ss_doc_new();
		if (!run->details) {
			run->nomem = true;
			return;
		}
		ss_doc_begin_array(run->details);
	}
	ss_doc_begin_object(run->details);
	ss_doc_put_string(run->details, "path", path);
	ss_doc_put_string(run->details, "rule", id);
	ss_doc_put_string(run->details, "message", message);
	ss_doc_put_string(run->details, "fix", fix);
	ss_doc_end(run->details);
}

void guard_path(const struct at *at, const char *key, char *buf)
{
	buf[0] = 0;
	render(at, buf, GUARD_PATH_SIZE);
	if (key)
		ss_path_add_key(buf, GUARD_PATH_SIZE, key);
}

void guard_refuse_at(struct guard_run *run, enum guard_rule rule, const char *path, const char *fix,
                     const char *message)
{
	size_t n;
	const char *id = ss_guard_rules(&n)[rule].id;
	char object[360];

	name_object(run, object, sizeof(object));
	if (is_waived(run, rule)) {
		if (run->guard->waived)
			run->guard->waived(run->guard->ud, id, path, object);
		return;
	}
	if (!run->count++) {
		snprintf(run->object, sizeof(run->object), "%s", object);
		snprintf(run->first, sizeof(run->first), "%s%s%s (%s): %s", path,
		         path[0] ? " " : "", message, id, fix);
	}
	if (run->count <= GUARD_DETAILS_MAX)
		add_detail(run, path, id, message, fix);
}

void guard_refuse(struct guard_run *run, enum guard_rule rule, const struct at *up, const char *key,
                  const char *fix, const char *fmt, ...)
{
	char path[GUARD_PATH_SIZE], text[320], message[400];
	va_list args;

	if ((run->loose && rule == R_MALFORMED) || guard_change_takes(run, rule, up, key))
		return;
	if (run->count >= GUARD_DETAILS_MAX && !run->guard) {
		run->count++;
		return;
	}
	guard_path(up, key, path);
	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	ss_log_escape(text, strlen(text), message, sizeof(message));
	guard_refuse_at(run, rule, path, fix, message);
}

int guard_report(struct guard_run *run, struct ss_err *err)
{
	if (run->nomem ||
	    (run->details && (ss_doc_end(run->details), ss_doc_finish(run->details, NULL) < 0))) {
		ss_doc_free(run->details);
		return ss_err_nomem(err);
	}
	if (!run->count)
		return 0;
	if (run->count > 1)
		ss_err_set(err, SS_ERR_POLICY, "%s is refused by the guard: %s (and %zu more)",
		           run->object, run->first, run->count - 1);
	else
		ss_err_set(err, SS_ERR_POLICY, "%s is refused by the guard: %s", run->object,
		           run->first);
	if (!err) {
		ss_doc_free(run->details);
		return SS_ERR_POLICY;
	}
	snprintf(err->object, sizeof(err->object), "%s", run->object);
	err->details = run->details;
	return SS_ERR_POLICY;
}
