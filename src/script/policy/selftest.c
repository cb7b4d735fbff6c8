#include "script/policy/selftest.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "script/adapter/adapter.h"

struct selftest {
	const struct policy_view *view;
	struct policy_scratch scratch;
	struct ss_findings *findings;
};

static bool has_image(const struct ss_adapter_version *v)
{
	const struct ss_doc *fields = ss_adapter_fields(v);

	return ss_doc_get(fields, ss_doc_root(fields), "image") != SS_NO_NODE;
}

static bool declares_image(const struct policy_view *view, const char *tenant)
{
	for (size_t i = 0; i < view->n_overlays; i++) {
		if (ss_overlay_applies(view->overlays[i], ss_adapter_name(view->adapter), tenant) &&
		    has_image(view->overlays[i]))
			return true;
	}
	return has_image(view->adapter);
}

/* The request of a build that nobody asked for. The image is given only where none is declared. */
static int sample_request(const struct policy_view *view, const char *tenant, struct ss_doc *out,
                          struct ss_err *err)
{
	ss_doc_begin_object(out);
	ss_doc_put_string(out, "namespace", "sample");
	ss_doc_put_string(out, "sandboxName", "sample");
	ss_doc_put_string(out, "envSecretName", "sample-env");
	ss_doc_put_string(out, "serviceAccountName", "agent");
	if (tenant)
		ss_doc_put_string(out, "tenant", tenant);
	if (!declares_image(view, tenant))
		ss_doc_put_string(out, "image", "registry.example/agent:1");
	ss_doc_end(out);
	return ss_doc_finish(out, err);
}

/* --- findings ----------------------------------------------------------------------- */
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

static void report_one(struct selftest *t, const char *tenant, int line, const char *path,
                       const char *text, const char *fix)
{
	ss_findings_add(t->findings, ss_adapter_file(t->view->adapter), line, path,
	                "a build from it%s%s%s fails: %s%s%s%s%s", tenant ? " for tenant '" : "",
	                tenant ? tenant : "", tenant ? "'" : "", path ? path : "", path ? ": " : "",
	                text, fix ? "; " : "", fix ? fix : "");
}

static void report(struct selftest *t, const char *tenant, const struct ss_err *problem)
{
	const struct ss_doc *d = problem->details;
	int line;
	const char *text = split_line(problem->message, ss_adapter_file(t->view->adapter), &line);

	if (!ss_doc_count(d, ss_doc_root(d)))
		report_one(t, tenant, line, NULL, text, NULL);
	for (struct ss_iter it = ss_iter(d, ss_doc_root(d)); ss_iter_next(&it);) {
		const char *message = ss_doc_find_string(d, it.value, "message", NULL);

		report_one(t, tenant, 0, ss_doc_find_string(d, it.value, "path", NULL),
		           message ? message : text, ss_doc_find_string(d, it.value, "fix", NULL));
	}
}

/* --- builds -------------------------------------------------------------------------- */
/* *ret is NULL, with a finding, when the build fails. */
static int build(struct selftest *t, const char *tenant, struct ss_doc **ret, struct ss_err *err)
{
	struct ss_doc *request SS_AUTO_DOC = ss_doc_new(), *out SS_AUTO_DOC = ss_doc_new();
	struct ss_err problem SS_AUTO_ERR;
	int rc;

	ss_err_init(&problem);
	if (!request || !out)
		return ss_err_nomem(err);
	rc = sample_request(t->view, tenant, request, err);
	if (rc)
		return rc;
	rc = policy_manifest(&t->scratch, t->view, request, ss_doc_root(request),
	                     SS_POLICY_OPERATOR, out, &problem);
	if (rc == SS_ERR_NOMEM)
		return ss_err_nomem(err);
	if (rc) {
		report(t, tenant, &problem);
		return 0;
	}
	*ret = out;
	out = NULL;
	return 0;
}

static void compare(struct selftest *t, const struct ss_doc *first, const struct ss_doc *second)
{
	if (!ss_doc_equal(first, ss_doc_root(first), second, ss_doc_root(second)))
		ss_findings_add(t->findings, ss_adapter_file(t->view->adapter), 0, NULL,
		                "the build hook gives different results for equal inputs: it must "
		                "not keep anything from call to call");
}

static int build_twice(struct selftest *t, const char *const *tenants, size_t n,
                       struct ss_doc **first, struct ss_err *err)
{
	size_t before = t->findings->n;
	int rc = 0;

	for (size_t i = 0; !rc && i < n; i++)
		rc = build(t, tenants[i], &first[i], err);
	/* What failed once is not said twice. */
	for (size_t i = n; !rc && t->findings->n == before && i-- > 0;) {
		struct ss_doc *second SS_AUTO_DOC = NULL;

		rc = build(t, tenants[i], &second, err);
		if (!rc && second)
			compare(t, first[i], second);
	}
	return rc;
}

int policy_selftest(const struct policy_view *view, const char *const *tenants, size_t n,
                    struct ss_findings *findings, struct ss_err *err)
{
	struct selftest t = {.view = view, .findings = findings};
	struct ss_doc **first = calloc(n + 1, sizeof(*first));
	int rc = first ? policy_scratch_init(&t.scratch, err) : ss_err_nomem(err);

	if (!rc)
		rc = build_twice(&t, tenants, n, first, err);
	for (size_t i = 0; first && i < n; i++)
		ss_doc_free(first[i]);
	free(first);
	policy_scratch_done(&t.scratch);
	return rc;
}
