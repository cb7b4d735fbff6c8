#include "app/app.h"
#include "app/output.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "io/file.h"
#include "io/loop.h"
#include "io/trust.h"
#include "script/policy/policy.h"

/* Where the shipped adapters and scripts are: beside an installed binary, else the source tree. */
static char *installed_policy_dir(void)
{
	char exe[4096];
	ssize_t len = readlink("/proc/self/exe", exe, sizeof(exe) - 1);
	char *slash, *dir;

	if (len > 0) {
		exe[len] = 0;
		slash = strrchr(exe, '/');
		*slash = 0;
		dir = ss_file_join(exe, "../share/sandscript/scripts");
		if (dir && ss_file_is_dir(dir))
			return dir;
		free(dir);
	}
	return ss_file_is_dir(SS_SOURCE_SCRIPTS) ? strdup(SS_SOURCE_SCRIPTS) : NULL;
}

static int choose_policy_dir(struct ss_app *app, struct ss_err *err)
{
	const char *given = ss_app_option(app, "policy");
	const char *env = getenv("SANDSCRIPT_POLICY");
	const char *configured =
	        ss_doc_find_string(app->config_doc, ss_doc_root(app->config_doc), "policy", NULL);
	const char *dir = given ? given : env && *env ? env : configured;

	if (!dir) {
		app->policy_dir = installed_policy_dir();
		return 0;
	}
	if (!ss_file_is_dir(dir))
		return ss_err_set(err, SS_ERR_USAGE, "policy folder %s (from %s) is not a folder",
		                  dir,
		                  given         ? "--policy"
		                  : env && *env ? "$SANDSCRIPT_POLICY"
		                                : "the configuration file");
	/* Not where a link leads now: git-sync puts another one in its place. */
	app->policy_dir = ss_file_absolute(dir);
	return app->policy_dir ? 0 : ss_err_set(err, SS_ERR_IO, "%s: %s", dir, strerror(errno));
}

static int add_waiver(struct ss_app *app, const char *text, struct ss_err *err)
{
	char *spec;

	if (app->n_waivers == SS_APP_MAX_WAIVERS)
		return ss_err_set(err, SS_ERR_LIMIT, "more than %d waivers", SS_APP_MAX_WAIVERS);
	spec = strdup(text);
	if (!spec)
		return ss_err_nomem(err);
	app->owned[app->n_owned++] = spec;
	return ss_guard_parse_waiver(spec, &app->waivers[app->n_waivers++], err);
}

static int collect_waivers(struct ss_app *app, struct ss_err *err)
{
	ss_node configured =
	        ss_doc_find(app->config_doc, ss_doc_root(app->config_doc), "waive", NULL);
	const char *text;
	int rc = 0;

	for (struct ss_iter it = ss_iter(app->config_doc, configured); !rc && ss_iter_next(&it);)
		rc = add_waiver(app, ss_doc_get_string(it.doc, it.value, NULL), err);
	for (size_t i = 0; !rc && (text = ss_app_option_at(app, "waive", i)); i++)
		rc = add_waiver(app, text, err);
	return rc;
}

static void log_waived(void *ud, const char *rule, const char *path, const char *object)
{
	(void)ud;
	ss_log(SS_LOG_WARN, "guard: rule %s waived for %s at %s", rule, object, path);
}

static int parse_timeout(struct ss_app *app, struct ss_err *err)
{
	const char *text = ss_app_option(app, "timeout");
	double seconds;
	char *end;

	if (!text)
		return 0;
	seconds = strtod(text, &end);
	if (end != text && strcmp(end, "s") == 0)
		end++;
	if (end == text || *end || !(seconds > 0) || seconds > 86400 * 30)
		return ss_err_set(err, SS_ERR_USAGE,
		                  "--timeout '%s' is not a number of seconds above 0", text);
	app->timeout_ms = (int64_t)(seconds * 1000);
	if (app->timeout_ms < 1)
		app->timeout_ms = 1;
	return 0;
}

static int check_cluster(const struct ss_app *app, struct ss_err *err)
{
	const char *cluster = ss_app_option(app, "cluster");
	const char *other = ss_app_option(app, "kubeconfig") ? "kubeconfig"
	                    : ss_app_option(app, "context")  ? "context"
	                                                     : NULL;

	if (!cluster)
		return 0;
	if (strcmp(cluster, "embedded") != 0 &&
	    (strncmp(cluster, "embedded:", 9) != 0 || !cluster[9]))
		return ss_err_set(err, SS_ERR_USAGE,
		                  "--cluster '%s' is neither embedded nor embedded:FILE; a cluster "
		                  "of the kubeconfig is chosen by --context",
		                  cluster);
	if (other)
		return ss_err_set(err, SS_ERR_USAGE, "--cluster and --%s exclude each other",
		                  other);
	return 0;
}

static int parse_log_level(const struct ss_app *app, struct ss_err *err)
{
	const char *text = ss_app_option(app, "log");
	enum ss_log_level level = SS_LOG_INFO;

	if (text && !ss_log_parse_level(text, &level))
		return ss_err_set(err, SS_ERR_USAGE,
		                  "--log '%s' is not one of debug, info, warn, error, off", text);
	ss_log_set_level(level);
	return 0;
}

int ss_app_configure(struct ss_app *app, struct ss_err *err)
{
	int rc = parse_log_level(app, err);

	if (ss_app_option(app, "watch"))
		ss_trust_be_strict();
	if (!rc)
		rc = parse_timeout(app, err);
	if (!rc)
		rc = check_cluster(app, err);
	if (!rc)
		rc = ss_config_file_load(&app->config_doc, err);
	if (!rc)
		rc = choose_policy_dir(app, err);
	if (!rc)
		rc = collect_waivers(app, err);
	app->cluster = (struct ss_config_request){
	        .kubeconfig = ss_app_option(app, "kubeconfig"),
	        .context = ss_app_option(app, "context"),
	        .namespace_ = ss_app_option(app, "namespace"),
	        .cluster = ss_app_option(app, "cluster"),
	};
	app->output = ss_app_option(app, "output");
	app->guard = (struct ss_guard){app->waivers, app->n_waivers, log_waived, NULL};
	return rc;
}

int ss_app_loop(struct ss_app *app, struct ss_err *err)
{
	if (!app->loop)
		app->loop = ss_loop_new(err);
	return app->loop ? ss_output_open(app->loop, err) : SS_ERR_NOMEM;
}

int ss_app_env(struct ss_app *app, struct ss_err *err)
{
	int rc = ss_app_loop(app, err);

	if (rc || app->env.loop)
		return rc;
	app->env = (struct ss_bind_env){
	        .loop = app->loop,
	        .cluster = app->cluster,
	        .guard = &app->guard,
	        .policy_dir = app->policy_dir,
	        .watch_policy = app->watch_policy,
	};
	return 0;
}

int ss_app_policy(struct ss_app *app, struct ss_policy **ret, struct ss_err *err)
{
	int rc = ss_app_env(app, err);

	return rc ? rc : ss_bind_policy(&app->env, ret, err);
}

static void on_hangup(void *ud, int signum)
{
	struct ss_app *app = ud;

	(void)signum;
	if (app->env.policy)
		ss_policy_poke(app->env.policy);
}

int ss_app_watch_policy(struct ss_app *app, struct ss_err *err)
{
	struct ss_policy *policy;
	int rc;

	app->watch_policy = true;
	rc = ss_app_policy(app, &policy, err);
	return rc ? rc : ss_loop_on_signal(app->loop, SIGHUP, on_hangup, app, err);
}

void ss_app_done(struct ss_app *app)
{
	ss_bind_env_done(&app->env);
	ss_output_close();
	if (app->loop)
		ss_loop_free(app->loop);
	ss_doc_free(app->config_doc);
	for (size_t i = 0; i < app->n_owned; i++)
		free(app->owned[i]);
	free(app->policy_dir);
	free(app->args);
	free(app->values);
}
