#include <stdlib.h>
#include <string.h>

#include "app/output.h"
#include "app/repl/repl.h"
#include "app/repl/signals.h"
#include "io/child.h"
#include "script/await.h"
#include "script/host.h"
#include "script/luax.h"

enum { MAX_WORDS = 32 };

/* --- $EDITOR ------------------------------------------------------------------------------- */
static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* One word of *s to *out, both moved behind it; false for a quote that is not closed. */
static bool take_word(const char **s, char **out)
{
	char quote = 0;

	for (; **s && (quote || !is_blank(**s)); (*s)++) {
		if (**s == quote) {
			quote = 0;
		} else if (!quote && (**s == '\'' || **s == '"')) {
			quote = **s;
		} else {
			if (**s == '\\' && quote != '\'' && (*s)[1])
				(*s)++;
			*(*out)++ = **s;
		}
	}
	*(*out)++ = 0;
	return !quote;
}

int ss_repl_split_editor(const char *editor, const char *path, char ***ret, struct ss_err *err)
{
	char **words = malloc((MAX_WORDS + 2) * sizeof(*words) + strlen(editor) + strlen(path) + 4);
	char *out = words ? (char *)(words + MAX_WORDS + 2) : NULL;
	size_t n = 0;

	if (!words)
		return ss_err_nomem(err);
	for (const char *s = editor; *(s += strspn(s, " \t"));) {
		words[n] = out;
		if (n++ < MAX_WORDS && take_word(&s, &out))
			continue;
		free(words);
		return ss_err_set(err, SS_ERR_INVAL, "editor '%s': %s", editor,
		                  n > MAX_WORDS ? "too many words" : "a quote is not closed");
	}
	if (!n) {
		free(words);
		return ss_err_set(err, SS_ERR_INVAL, "the editor is empty: set $EDITOR");
	}
	/* A file, whatever it is called: no option. */
	words[n++] = strcat(strcpy(out, path[0] == '-' ? "./" : ""), path);
	words[n] = NULL;
	*ret = words;
	return 0;
}

static const char *editor(void)
{
	const char *visual = getenv("VISUAL"), *plain = getenv("EDITOR");

	return visual && *visual ? visual : plain && *plain ? plain : "vi";
}

/* --- the child ------------------------------------------------------------------------------ */
struct ss_away {
	struct ss_repl *repl;
	struct ss_child *child;
	struct ss_await *await; /* NULL = it is not waited for any more */
	struct termios ours;
};

static void take_terminal_back(struct ss_away *away)
{
	tcsetattr(0, TCSADRAIN, &away->ours);
	ss_signals_set_state(SS_SIGNALS_RUNNING);
	ss_screen_release(&away->repl->screen);
}

static void on_end(void *ud, int code)
{
	struct ss_away *away = ud;

	away->repl->away = NULL;
	take_terminal_back(away);
	if (away->await) {
		away->await->value = code;
		ss_await_finish(away->await, NULL);
	}
	ss_child_release(away->child);
	free(away);
}

/* The terminal is the child's until it ends. */
static void cancel_away(void *op)
{
	struct ss_away *away = op;

	away->await = NULL;
	ss_child_stop(away->child);
}

static int push_code(lua_State *L, struct ss_await *a)
{
	lua_pushinteger(L, a->value);
	return 1;
}

static int start(struct ss_repl *r, struct ss_await *a, const char *path, struct ss_away **ret,
                 struct ss_err *err)
{
	struct ss_away *away = calloc(1, sizeof(*away));
	char **words SS_AUTOFREE = NULL;
	int rc;

	if (!away)
		return ss_err_nomem(err);
	away->repl = r;
	away->await = a;
	tcgetattr(0, &away->ours);
	rc = ss_repl_split_editor(editor(), path, &words, err);
	if (!rc) {
		ss_screen_hold(&r->screen);
		ss_signals_hand_over();
		ss_output_flush();
		rc = ss_child_start(r->app->loop, (const char *const *)words, on_end, away,
		                    &away->child, err);
		if (rc)
			take_terminal_back(away);
	}
	if (rc)
		free(away);
	else
		*ret = r->away = away;
	return rc;
}

int ss_repl_edit_file(lua_State *L)
{
	struct ss_repl *r = lua_touserdata(L, lua_upvalueindex(1));
	const char *path = luaL_checkstring(L, 1);
	struct ss_away *away = NULL;
	struct ss_await *a;
	struct ss_err err;

	ss_err_init(&err);
	a = ss_await_new(L, push_code);
	if (!r->tty || r->screen.hide || r->screen.held)
		ss_err_set(&err, SS_ERR_UNAVAILABLE,
		           r->tty ? "the terminal is in use" : "an editor needs a terminal");
	else
		start(r, a, path, &away, &err);
	if (err.code)
		return ss_await_fail(L, a, &err);
	ss_await_started(a, cancel_away, away);
	return ss_await_wait(L, a);
}

void ss_repl_end_child(struct ss_repl *r)
{
	struct ss_away *away = r->away;

	if (!away)
		return;
	ss_child_stop(away->child);
	ss_child_release(away->child);
	take_terminal_back(away);
	free(away);
	r->away = NULL;
}
