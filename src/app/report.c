#include <stdio.h>
#include <string.h>

#include "app/app.h"
#include "base/log.h"

const struct ss_exit_meaning ss_exit_meanings[] = {
        {SS_EXIT_OK, "ok"},
        {SS_EXIT_ERROR, "an error in a script, a finding, a difference"},
        {SS_EXIT_USAGE, "usage"},
        {SS_EXIT_POLICY, "denied by policy"},
        {SS_EXIT_CLUSTER, "cluster unreachable, TLS, unauthorized or forbidden, bad kubeconfig"},
        {SS_EXIT_TIMEOUT, "timeout"},
        {SS_EXIT_INTERRUPTED, "interrupted"},
        {SS_EXIT_TERMINATED, "terminated"},
        {0, NULL},
};

int ss_exit_code(int code)
{
	switch (code) {
	case SS_OK:
		return SS_EXIT_OK;
	case SS_ERR_USAGE:
		return SS_EXIT_USAGE;
	case SS_ERR_POLICY:
		return SS_EXIT_POLICY;
	case SS_ERR_CONFIG:
	case SS_ERR_UNAVAILABLE:
	case SS_ERR_TLS:
	case SS_ERR_UNAUTHORIZED:
	case SS_ERR_FORBIDDEN:
		return SS_EXIT_CLUSTER;
	case SS_ERR_TIMEOUT:
		return SS_EXIT_TIMEOUT;
	case SS_ERR_CANCELED:
		return SS_EXIT_INTERRUPTED;
	default:
		return SS_EXIT_ERROR;
	}
}

/* Details are [{path|field, rule|reason, message, fix}]. The message has the only one already, and of
 * the guard's the first. */
static void report_details(const struct ss_err *err)
{
	ss_node root = ss_doc_root(err->details);

	if (ss_doc_count(err->details, root) < 2)
		return;
	for (struct ss_iter it = ss_iter(err->details, root); ss_iter_next(&it);) {
		const char *path = ss_doc_find_string(it.doc, it.value, "path", NULL);
		const char *rule = ss_doc_find_string(it.doc, it.value, "rule", NULL);
		const char *message = ss_doc_find_string(it.doc, it.value, "message", NULL);
		const char *fix = ss_doc_find_string(it.doc, it.value, "fix", NULL);

		if (!it.index && err->code == SS_ERR_POLICY)
			continue;
		if (!path)
			path = ss_doc_find_string(it.doc, it.value, "field", NULL);
		ss_log_print(stderr, "  %s%s%s%s%s%s%s%s", path ? path : "",
		             path && *path ? ": " : "", message ? message : "", rule ? " [" : "",
		             rule ? rule : "", rule ? "]" : "", fix ? ": " : "", fix ? fix : "");
	}
}

int ss_report(const struct ss_err *err)
{
	const char *message = err->message[0] ? err->message : ss_code_name(err->code);
	const char *nl = strchr(message, '\n');
	/* Messages that are sentences about the object begin with it. */
	const char *object = strncmp(message, err->object, strlen(err->object)) ? err->object : "";
	bool subject = err->op[0] || *object;

	fflush(stdout);
	fprintf(stderr, "sandscript: %s%s%s%s%.*s\n", err->op, err->op[0] && *object ? " " : "",
	        object, subject ? ": " : "", nl ? (int)(nl - message) : (int)strlen(message),
	        message);
	report_details(err);
	if (nl)
		fprintf(stderr, "%s\n", nl + 1);
	return ss_exit_code(err->code);
}
