/* `build --watch` and `test --watch`: the command runs again whenever a file that it
 * may read changes, until Ctrl-C. A change is one of content: a touch is none. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "app/app.h"
#include "app/ending.h"
#include "base/buf.h"
#include "base/log.h"
#include "io/file.h"
#include "io/fswatch.h"
#include "io/loop.h"

enum {
	MAX_DEPTH = 8,
	MAX_FILE_BYTES = 4 << 20, /* larger files count by their first bytes alone */
	SETTLE_MS = 20,           /* an editor that saves touches several names */
	POLL_MS = 1000,           /* what inotify does not see */
};

struct again {
	struct ss_app *app;
	const char *const *paths;
	struct ss_fswatch *watches[SS_WATCH_PATHS];
	struct ss_timer *settle, *poll;
	uint64_t digest; /* of what the last run saw */
	bool look;
};

/* --- Ctrl-C ------------------------------------------------------------------------------ */
static volatile sig_atomic_t interrupted;
static struct ss_loop *volatile waiting;

static void on_interrupt(int signum)
{
	int saved = errno;

	interrupted = signum;
	ss_ending_in(SS_ENDING_MS, 128 + signum, false);
	if (waiting)
		ss_loop_wakeup(waiting);
	errno = saved;
}

/* After each run: one in Lua has handlers of its own. */
static void catch_interrupts(void)
{
	struct sigaction action = {.sa_handler = on_interrupt};

	ss_ending_start();
	sigemptyset(&action.sa_mask);
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
}

/* --- what the files hold -------------------------------------------------------------------- */
/* FNV-1a: it tells changes apart, not enemies. */
static void mix(uint64_t *digest, const void *data, size_t len)
{
	const unsigned char *p = data;

	for (size_t i = 0; i < len; i++)
		*digest = (*digest ^ p[i]) * 0x100000001b3ULL;
}

static void mix_file(uint64_t *digest, const char *path)
{
	struct ss_buf text SS_AUTO_BUF = SS_BUF_INIT;
	int rc = ss_file_read_text(path, MAX_FILE_BYTES, &text, NULL);

	mix(digest, path, strlen(path) + 1);
	mix(digest, &rc, sizeof(rc));
	mix(digest, &text.len, sizeof(text.len));
	mix(digest, text.data, text.len);
}

static bool is_read(const char *name)
{
	static const char *const suffixes[] = {".lua", ".yaml", ".yml", ".json"};
	size_t len = strlen(name);

	for (size_t i = 0; i < SS_ARRAY_LEN(suffixes); i++) {
		size_t n = strlen(suffixes[i]);

		if (len > n && strcmp(name + len - n, suffixes[i]) == 0)
			return true;
	}
	return false;
}

static void mix_dir(uint64_t *digest, const char *dir, int depth)
{
	char **names = NULL;

	if (depth > MAX_DEPTH || ss_file_list(dir, &names, NULL))
		return;
	for (char **name = names; *name; name++) {
		char *path SS_AUTOFREE = **name == '.' ? NULL : ss_file_join(dir, *name);

		if (path && ss_file_is_dir(path))
			mix_dir(digest, path, depth + 1);
		else if (path && is_read(*name))
			mix_file(digest, path);
	}
	ss_file_free_list(names);
}

static uint64_t take_digest(const struct again *w)
{
	uint64_t digest = 0xcbf29ce484222325ULL;

	for (const char *const *path = w->paths; *path; path++) {
		if (ss_file_is_dir(*path))
			mix_dir(&digest, *path, 0);
		else
			mix_file(&digest, *path);
	}
	return digest;
}

/* --- waiting ------------------------------------------------------------------------------------ */
static void on_settled(void *ud)
{
	struct again *w = ud;

	ss_timer_stop(w->settle);
	w->settle = NULL;
	w->look = true;
}

static void poll_where_blind(struct again *w);

static void on_change(void *ud)
{
	struct again *w = ud;

	poll_where_blind(w);
	if (!w->settle)
		w->settle = ss_timer_start(w->app->loop, SETTLE_MS, on_settled, w);
	if (!w->settle)
		w->look = true;
}

static void on_poll(void *ud);

static void poll_where_blind(struct again *w)
{
	bool blind = false;

	for (size_t i = 0; w->paths[i]; i++)
		blind |= ss_fswatch_is_blind(w->watches[i]);
	ss_timer_stop(w->poll);
	w->poll = blind ? ss_timer_start(w->app->loop, POLL_MS, on_poll, w) : NULL;
}

static void on_poll(void *ud)
{
	struct again *w = ud;

	poll_where_blind(w);
	w->look = true;
}

static int open_watches(struct again *w, struct ss_err *err)
{
	for (size_t i = 0; w->paths[i]; i++) {
		char *dir SS_AUTOFREE = ss_file_is_dir(w->paths[i]) ? strdup(w->paths[i])
		                                                    : ss_file_dirname(w->paths[i]);
		struct ss_err why SS_AUTO_ERR;

		if (!dir)
			return ss_err_nomem(err);
		if (ss_fswatch_start(w->app->loop, dir, on_change, w, &w->watches[i], &why))
			ss_log(SS_LOG_WARN, "%s; changes are seen every %d ms", why.message,
			       POLL_MS);
		ss_fswatch_keep_active(w->watches[i]);
	}
	poll_where_blind(w);
	return 0;
}

static void close_watches(struct again *w)
{
	for (size_t i = 0; i < SS_WATCH_PATHS; i++)
		ss_fswatch_stop(w->watches[i]);
	ss_timer_stop(w->settle);
	ss_timer_stop(w->poll);
}

static void wait_for_change(struct again *w)
{
	while (!interrupted) {
		if (w->look) {
			w->look = false;
			if (take_digest(w) != w->digest)
				return;
		}
		ss_loop_step(w->app->loop, true);
	}
}

/* --- the whole ------------------------------------------------------------------------------------- */
static void print_head(const struct again *w, int number)
{
	time_t now = time(NULL);
	struct tm t;

	localtime_r(&now, &t);
	fprintf(stderr, "== sandscript %s, run %d, %02d:%02d:%02d ==\n", w->app->command->name,
	        number, t.tm_hour, t.tm_min, t.tm_sec);
}

/* A run starts from nothing, as the first did. */
static int run_once(struct again *w, int (*run)(struct ss_app *app))
{
	int code;

	w->digest = take_digest(w);
	code = run(w->app);
	ss_bind_env_done(&w->app->env);
	w->app->env = (struct ss_bind_env){0};
	catch_interrupts();
	return code;
}

int ss_app_run_again(struct ss_app *app, const char *const *paths, int (*run)(struct ss_app *app))
{
	struct again w = {.app = app, .paths = paths};
	struct ss_err err SS_AUTO_ERR;
	int code = 0;

	if (ss_app_loop(app, &err) || open_watches(&w, &err)) {
		close_watches(&w);
		return ss_report(&err);
	}
	waiting = app->loop;
	catch_interrupts();
	for (int number = 1; !interrupted && code < 128; number++) {
		print_head(&w, number);
		code = run_once(&w, run);
		if (fflush(stdout)) {
			close_watches(&w);
			waiting = NULL;
			return code; /* nobody reads it any more: said at the end */
		}
		if (code < 128)
			wait_for_change(&w);
	}
	close_watches(&w);
	waiting = NULL;
	return code < 128 ? 128 + interrupted : code;
}
