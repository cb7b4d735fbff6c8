#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/app.h"
#include "base/yaml.h"
#include "io/file.h"
#include "script/policy.h"

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
		rc = ss_file_read(file, MAX_REQUEST_BYTES, &text, err);
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

static int build(struct ss_app *app, struct ss_doc *manifest, struct ss_err *err)
{
	struct ss_doc *file_request SS_AUTO_DOC = NULL;
	struct ss_doc *request SS_AUTO_DOC = NULL;
	const char **sets SS_AUTOFREE = calloc(app->n_values + 1, sizeof(*sets));
	struct ss_policy_result result;
	struct ss_policy *policy;
	size_t n = 0;
	int rc;

	if (!sets)
		return ss_err_nomem(err);
	while ((sets[n] = ss_app_option_at(app, "set", n)))
		n++;
	rc = read_request(ss_app_option(app, "file"), &file_request, err);
	if (!rc)
		rc = ss_set_values(file_request, ss_doc_root(file_request), sets, n, &request, err);
	if (!rc)
		rc = ss_app_policy(app, &policy, err);
	if (rc)
		return rc;
	return ss_policy_build(policy, app->args[0], request, ss_doc_root(request),
	                       SS_POLICY_OPERATOR, manifest, &result, err);
}

static int build_once(struct ss_app *app)
{
	struct ss_doc *manifest SS_AUTO_DOC = ss_doc_new();
	struct ss_err err SS_AUTO_ERR;
	int rc;

	ss_err_init(&err);
	rc = manifest ? build(app, manifest, &err) : ss_err_nomem(&err);
	if (!rc)
		rc = ss_output_doc(manifest, ss_doc_root(manifest),
		                   app->output ? app->output : "yaml", &err);
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
