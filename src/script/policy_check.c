/* `sandscript check`: everything that is wrong with one adapter file. What loads
 * is also tried: a build from its own fields must pass the guard, twice the same. */
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "io/file.h"
#include "script/policy_priv.h"

/* The request of a build that nobody asked for. The image is given only where none is declared. */
static int sample_request(const struct ss_adapter_version *v, struct ss_doc *out,
                          struct ss_err *err)
{
	const struct ss_doc *fields = ss_adapter_fields(v);

	ss_doc_begin_object(out);
	ss_doc_put_string(out, "namespace", "sample");
	ss_doc_put_string(out, "sandboxName", "sample");
	ss_doc_put_string(out, "envSecretName", "sample-env");
	ss_doc_put_string(out, "serviceAccountName", "agent");
	if (ss_doc_get(fields, ss_doc_root(fields), "image") == SS_NO_NODE)
		ss_doc_put_string(out, "image", "registry.example/agent:1");
	ss_doc_end(out);
	return ss_doc_finish(out, err);
}

/* "FILE:LINE: text" of a message -> line, and the text behind it. */
static const char *split_line(const char *message, const char *file, int *ret_line)
{
	size_t len = strlen(file);
	char *end;

	*ret_line = 0;
	if (strncmp(message, file, len) != 0 || message[len] != ':')
		return message;
	*ret_line = (int)strtol(message + len + 1, &end, 10);
	return *end == ':' ? end + 1 + strspn(end + 1, " ") : message;
}

static void report_build(const struct ss_adapter_version *v, const struct ss_err *problem,
                         struct ss_findings *findings)
{
	const char *file = ss_adapter_file(v);
	const struct ss_doc *d = problem->details;
	int line;
	const char *text = split_line(problem->message, file, &line);

	if (!ss_doc_count(d, ss_doc_root(d))) {
		ss_findings_add(findings, file, line, NULL, "a build from it fails: %s", text);
		return;
	}
	for (struct ss_iter it = ss_iter(d, ss_doc_root(d)); ss_iter_next(&it);) {
		const char *path = ss_doc_find_string(d, it.value, "path", NULL);
		const char *message = ss_doc_find_string(d, it.value, "message", NULL);
		const char *fix = ss_doc_find_string(d, it.value, "fix", NULL);

		ss_findings_add(findings, file, 0, path, "a build from it fails: %s%s%s%s%s",
		                path ? path : "", path ? ": " : "", message ? message : text,
		                fix ? "; " : "", fix ? fix : "");
	}
}

/* One build; false with a finding when it fails. */
static bool try_build(struct policy_scratch *scratch, struct ss_adapter_version *v,
                      const struct ss_doc *request, struct ss_doc *out,
                      struct ss_findings *findings)
{
	const struct policy_view view = {.adapter = v, .generation = 1};
	struct ss_err problem SS_AUTO_ERR;
	int rc;

	ss_err_init(&problem);
	rc = policy_manifest(scratch, &view, request, ss_doc_root(request), SS_POLICY_OPERATOR, out,
	                     &problem);
	if (rc)
		report_build(v, &problem, findings);
	return rc == 0;
}

static int try_builds(struct ss_adapter_version *v, struct ss_findings *findings,
                      struct ss_err *err)
{
	struct ss_doc *request SS_AUTO_DOC = ss_doc_new();
	struct ss_doc *first SS_AUTO_DOC = ss_doc_new(), *second SS_AUTO_DOC = ss_doc_new();
	struct ss_doc *a SS_AUTO_DOC = ss_doc_new(), *b SS_AUTO_DOC = ss_doc_new();
	struct policy_scratch scratch = {{a, b}};
	int rc;

	if (!request || !first || !second || !a || !b)
		return ss_err_nomem(err);
	rc = sample_request(v, request, err);
	if (rc)
		return rc;
	if (try_build(&scratch, v, request, first, findings) &&
	    try_build(&scratch, v, request, second, findings) &&
	    !ss_doc_equal(first, ss_doc_root(first), second, ss_doc_root(second)))
		ss_findings_add(findings, ss_adapter_file(v), 0, NULL,
		                "the build hook gives different results for equal inputs: it must "
		                "not keep anything from call to call");
	return 0;
}

static void write_findings(const struct ss_findings *findings, struct ss_doc *out)
{
	for (size_t i = 0; i < findings->n; i++) {
		const struct ss_finding *f = &findings->list[i];

		ss_doc_begin_object(out);
		ss_doc_put_string(out, "file", f->file);
		ss_doc_put_int(out, "line", f->line);
		if (f->path)
			ss_doc_put_string(out, "path", f->path);
		ss_doc_put_string(out, "message", f->message);
		ss_doc_end(out);
	}
}

/* The policy folder of a file and its name in it: DIR/adapters/x.lua -> DIR, adapters/x.lua. A file
 * that is elsewhere is its own folder's. */
static int split_path(const char *path, char **ret_dir, char **ret_rel)
{
	char *folder SS_AUTOFREE = ss_file_dirname(path), *parent = NULL;
	const char *base = strrchr(path, '/'), *last;

	if (!folder)
		return SS_ERR_NOMEM;
	base = base ? base + 1 : path;
	last = strrchr(folder, '/');
	last = last ? last + 1 : folder;
	if (strcmp(last, "adapters") != 0) {
		*ret_dir = strdup(folder);
		*ret_rel = strdup(base);
	} else {
		parent = ss_file_dirname(folder);
		*ret_dir = parent;
		*ret_rel = ss_file_join("adapters", base);
	}
	return *ret_dir && *ret_rel ? 0 : SS_ERR_NOMEM;
}

int ss_policy_check_file(const char *path, struct ss_doc *out, struct ss_err *err)
{
	char *dir SS_AUTOFREE = NULL, *rel SS_AUTOFREE = NULL;
	struct ss_findings findings = {0};
	struct ss_adapter_version *v = NULL;
	int rc = split_path(path, &dir, &rel), n;

	if (rc)
		return ss_err_nomem(err);
	rc = ss_adapter_load(dir, rel, &findings, &v, err);
	if (rc == 0 && v)
		rc = try_builds(v, &findings, err);
	if (rc == 0 && findings.nomem)
		rc = ss_err_nomem(err);
	if (rc == 0)
		write_findings(&findings, out);
	n = (int)findings.n;
	ss_adapter_unref(v);
	ss_findings_done(&findings);
	return rc ? rc : n;
}
