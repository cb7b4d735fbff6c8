#include <stdlib.h>
#include <string.h>

#include "app/repl/editor.h"
#include "app/repl/repl.h"
#include "app/repl/signals.h"
#include "io/loop.h"
#include "script/await.h"
#include "script/host.h"
#include "script/luax.h"

static void free_question(struct ss_question *q)
{
	free(q->text);
	free(q);
}

/* It stays in the queue, so that the one who reads finds it there. */
static void cancel_question(void *op)
{
	struct ss_question *q = op;

	q->await = NULL;
}

static void free_answer(void *data)
{
	ss_buf_done(data);
	free(data);
}

static int push_answer(lua_State *L, struct ss_await *a)
{
	const struct ss_buf *answer = a->data;

	if (!answer)
		lua_pushnil(L);
	else
		lua_pushlstring(L, answer->data ? answer->data : "", answer->len);
	return 1;
}

static void enqueue(struct ss_repl *r, struct ss_question *q)
{
	struct ss_question **end = &r->questions;

	while (*end)
		end = &(*end)->next;
	*end = q;
	r->wanted = true;
}

int ss_repl_ask(lua_State *L)
{
	struct ss_repl *r = lua_touserdata(L, lua_upvalueindex(1));
	const char *text = luaL_checkstring(L, 1);
	struct ss_question *q;
	struct ss_await *a;

	if (!r->tty) {
		lua_pushnil(L);
		return 1;
	}
	a = ss_await_new(L, push_answer);
	q = calloc(1, sizeof(*q));
	if (!q || !(q->text = strdup(text))) {
		free(q);
		return luaL_error(L, "out of memory");
	}
	q->repl = r;
	q->await = a;
	enqueue(r, q);
	ss_await_started(a, cancel_question, q);
	return ss_await_wait(L, a);
}

static void answer(struct ss_repl *r, struct ss_question *q)
{
	struct ss_buf *text = calloc(1, sizeof(*text));
	enum ss_line_kind kind = SS_LINE_FAILED;
	struct ss_err err SS_AUTO_ERR;

	ss_err_init(&err);
	if (text && r->editor) {
		ss_editor_flush(r->editor);
		kind = ss_editor_read(r->editor, q->text, true, text, &err);
	} else if (text) {
		bool was = r->wanted;

		ss_screen_write(&r->screen, q->text, strlen(q->text));
		r->wanted = false; /* we are it */
		kind = ss_lines_read(&r->lines, r->app->loop, text, &err);
		r->wanted = was;
		if (kind == SS_LINE_INTERRUPTED)
			ss_screen_write(&r->screen, "\n", 1);
	}
	if (ss_signals_ending())
		ss_host_interrupt(r->host); /* what runs is not to outlive the question */
	if (!q->await || kind != SS_LINE_TEXT) {
		if (text)
			free_answer(text);
		text = NULL;
	}
	if (!q->await)
		return;
	q->await->data = text;
	q->await->data_free = text ? free_answer : NULL;
	ss_await_finish(q->await, NULL);
}

void ss_repl_answer(struct ss_repl *r)
{
	struct ss_question *q;

	while ((q = r->questions)) {
		if (q->await)
			answer(r, q);
		r->questions = q->next;
		free_question(q);
	}
	r->wanted = false;
}
