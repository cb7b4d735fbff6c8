#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/app.h"
#include "base/buf.h"
#include "base/yaml.h"
#include "io/file.h"
#include "script/policy/explain.h"
#include "script/policy/policy.h"

enum { MAX_REQUEST_BYTES = 4 * 1024 * 1024 };

static int read_request(const char *file, struct ss_doc **ret, struct ss_err *err)
{
	struct ss_buf text SS_AUTO_BUF = SS_BUF_INIT;
	int rc;

	if (!file) {
		*ret = ss_doc_new();
		if (!*ret)
			return ss_err_nomem(err);
		ss_doc_begin_object(*ret);
		ss_doc_end(*ret);
		return 0;
	}
	if (strcmp(file, "-") == 0)
		rc = ss_file_read_fd(STDIN_FILENO, MAX_REQUEST_BYTES, &text, err);
	else
		rc = ss_file_read_text(file, MAX_REQUEST_BYTES, &text, err);
	if (rc)
		return rc;
	rc = ss_yaml_parse(text.data ? text.data : "", text.len, ret, err);
	if (rc)
		return ss_err_wrap(err, rc, "%s", file);
	if (ss_doc_type(*ret, ss_doc_root(*ret)) != SS_OBJECT)
		return ss_err_set(err, SS_ERR_INVAL, "%s: the request must be a map of fields",
		                  file);
	return 0;
}

/* The values of --set, in order, NULL at the end. */
static const char **list_sets(const struct ss_app *app, size_t *ret_n)
{
	const char **sets = calloc(app->n_values + 1, sizeof(*sets));
	size_t n = 0;

	while (sets && (sets[n] = ss_app_option_at(app, "set", n)))
		n++;
	*ret_n = n;
	return sets;
}

/* The request: -f with --set over it. */
static int make_request(struct ss_app *app, const char *const *sets, size_t n,
                        struct ss_doc **ret_file, struct ss_doc **ret, struct ss_err *err)
{
	int rc = read_request(ss_app_option(app, "file"), ret_file, err);

	return rc ? rc : ss_set_values(*ret_file, ss_doc_root(*ret_file), sets, n, ret, err);
}

/* --- explain ------------------------------------------------------------------------------- */
struct flags {
	struct ss_explain_flag *list;
	struct ss_set_path *paths;
	struct ss_buf *texts;
	size_t n;
};

static void flags_done(struct flags *f)
{
	for (size_t i = 0; i < f->n; i++) {
		free(f->paths[i].spec);
		ss_buf_done(&f->texts[i]);
	}
	free(f->list);
	free(f->paths);
	free(f->texts);
}

static int flags_init(struct flags *f, const char *const *sets, size_t n, struct ss_err *err)
{
	int rc = 0;

	f->list = calloc(n + 1, sizeof(*f->list));
	f->paths = calloc(n + 1, sizeof(*f->paths));
	f->texts = calloc(n + 1, sizeof(*f->texts));
	if (!f->list || !f->paths || !f->texts)
		return ss_err_nomem(err);
	for (; f->n < n && !rc; f->n++) {
		rc = ss_set_path(sets[f->n], &f->paths[f->n], err);
		ss_buf_printf(&f->texts[f->n], "--set %s", sets[f->n]);
		if (!rc)
			rc = ss_buf_check(&f->texts[f->n], "--set", err);
		f->list[f->n] = (struct ss_explain_flag){
		        .path = (const char *const *)f->paths[f->n].segments,
		        .n = f->paths[f->n].n,
		        .text = f->texts[f->n].data,
		};
	}
	return rc;
}

static int explain(struct ss_app *app, struct ss_policy *policy, const struct ss_doc *unset,
                   const struct ss_doc *request, const char *const *sets, size_t n,
                   struct ss_doc *leaves, struct ss_err *err)
{
	struct ss_doc *manifest SS_AUTO_DOC = ss_doc_new();
	struct flags flags = {0};
	int rc = manifest ? flags_init(&flags, sets, n, err) : ss_err_nomem(err);
	const struct ss_explain_request from = {.file = ss_app_option(app, "file"),
	                                        .flags = flags.list,
	                                        .n_flags = flags.n,
	                                        .unset = unset};

	if (!rc)
		rc = ss_policy_explain(policy, app->args[0], request, ss_doc_root(request), &from,
		                       manifest, leaves, err);
	flags_done(&flags);
	return rc;
}

/* --- the command ----------------------------------------------------------------------------- */
/* What is printed: the manifest, or where it comes from. */
static int build(struct ss_app *app, struct ss_doc *out, struct ss_err *err)
{
	struct ss_doc *file_request SS_AUTO_DOC = NULL, *request SS_AUTO_DOC = NULL;
	const char **sets SS_AUTOFREE = NULL;
	struct ss_policy_result result;
	struct ss_policy *policy;
	size_t n = 0;
	int rc;

	sets = list_sets(app, &n);
	if (!sets)
		return ss_err_nomem(err);
	rc = make_request(app, sets, n, &file_request, &request, err);
	if (!rc)
		rc = ss_app_policy(app, &policy, err);
	if (rc)
		return rc;
	if (ss_app_option(app, "explain"))
		return explain(app, policy, file_request, request, sets, n, out, err);
	return ss_policy_build(policy, app->args[0], request, ss_doc_root(request),
	                       SS_POLICY_OPERATOR, out, &result, err);
}

static int build_once(struct ss_app *app)
{
	struct ss_doc *out SS_AUTO_DOC = ss_doc_new();
	const char *format = app->output;
	struct ss_err err SS_AUTO_ERR;
	int rc;

	ss_err_init(&err);
	if (!format)
		format = ss_app_option(app, "explain") ? "text" : "yaml";
	if (strcmp(format, "text") == 0 && !ss_app_option(app, "explain"))
		rc = ss_err_set(&err, SS_ERR_USAGE,
		                "-o text is for build --explain: a manifest is yaml or json");
	else
		rc = out ? build(app, out, &err) : ss_err_nomem(&err);
	if (!rc && strcmp(format, "text") == 0)
		rc = ss_explain_print(out, &err);
	else if (!rc)
		rc = ss_output_doc(out, ss_doc_root(out), format, &err);
	return rc ? ss_report(&err) : SS_EXIT_OK;
}

int ss_cmd_build(struct ss_app *app)
{
	const char *file = ss_app_option(app, "file");
	const char *const paths[] = {app->policy_dir, file, NULL};
	struct ss_err err SS_AUTO_ERR;

	ss_err_init(&err);
	if (!ss_app_option(app, "watch") || !app->policy_dir)
		return build_once(app);
	if (file && strcmp(file, "-") == 0) {
		ss_err_set(&err, SS_ERR_USAGE,
		           "build --watch reads its request again: it cannot be standard input");
		return ss_report(&err);
	}
	return ss_app_run_again(app, paths, build_once);
}
