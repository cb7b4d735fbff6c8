/* What Tab does with the candidates that the session offers. */
#include <lauxlib.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "app/repl/editor.h"
#include "app/repl/repl.h"
#include "app/repl/text.h"
#include "base/log.h"
#include "base/utf8.h"
#include "script/host.h"

enum { MAX_CANDIDATES = 10000, MAX_SHOWN_BYTES = 200, GAP = 2, LEAST_ROWS = 6 };

struct candidate {
	const char *text; /* the state's stack holds it */
	size_t len;
	const char *note; /* NULL = none */
	int width;        /* in columns */
};

struct candidates {
	struct candidate *items;
	size_t n;
	size_t start;     /* bytes from the beginning of the text */
	const char *note; /* on all of them, or on why there are none */
};

/* --- reading them ---------------------------------------------------------------------------- */
static int width_of(const char *text, size_t len)
{
	size_t n;
	wchar_t *wide = ss_text_to_wide(text, len, &n);
	int width = wide ? wcswidth(wide, n) : (int)len;

	free(wide);
	return width < 0 ? (int)n : width;
}

/* Stack: …, start, candidates, notes. */
static bool read_candidates(lua_State *L, struct candidates *c)
{
	size_t n = lua_istable(L, -2) ? lua_rawlen(L, -2) : 0;
	size_t n_notes = lua_istable(L, -1) ? lua_rawlen(L, -1) : 0;

	if (n > MAX_CANDIDATES)
		n = MAX_CANDIDATES;
	c->start = (size_t)lua_tointeger(L, -3);
	c->items = calloc(n + 1, sizeof(*c->items));
	if (!c->items)
		return false;
	for (size_t i = 1; i <= n; i++) {
		struct candidate *item = &c->items[c->n];

		/* The tables keep the strings. */
		if (lua_rawgeti(L, -2, (lua_Integer)i) == LUA_TSTRING) {
			item->text = lua_tolstring(L, -1, &item->len);
			c->n++;
		}
		lua_pop(L, 1);
		if (item->text && lua_rawgeti(L, -1, (lua_Integer)i) == LUA_TSTRING)
			item->note = lua_tostring(L, -1);
		if (item->text)
			lua_pop(L, 1);
	}
	if (!n && n_notes && lua_rawgeti(L, -1, 1) == LUA_TSTRING)
		c->note = lua_tostring(L, -1);
	if (!n && n_notes)
		lua_pop(L, 1);
	return true;
}

static size_t common_prefix(const struct candidates *c)
{
	size_t len = c->items[0].len;

	for (size_t i = 1; i < c->n; i++) {
		size_t same = 0;

		while (same < len && same < c->items[i].len &&
		       c->items[i].text[same] == c->items[0].text[same])
			same++;
		len = same;
	}
	return ss_utf8_cut(c->items[0].text, len);
}

/* --- listing them ------------------------------------------------------------------------------ */
static size_t add_shown(struct ss_buf *out, const char *text)
{
	char safe[MAX_SHOWN_BYTES];

	ss_log_escape(text, strlen(text), safe, sizeof(safe));
	ss_buf_puts(out, safe);
	return strlen(safe);
}

/* As much of it as fits beside the candidates. */
static void add_note(struct ss_buf *out, const char *note, int room)
{
	char safe[MAX_SHOWN_BYTES];
	size_t len, whole;

	ss_log_escape(note, strlen(note), safe, sizeof(safe));
	len = whole = strlen(safe);
	while (len && width_of(safe, len) > room - (len < whole))
		len = ss_utf8_cut(safe, len - 1);
	ss_buf_add(out, safe, len);
	if (len < whole && room > 0)
		ss_buf_puts(out, "…");
}

static void add_cell(struct ss_buf *out, const struct candidate *item, int width)
{
	add_shown(out, item->text);
	for (int i = item->width; i < width; i++)
		ss_buf_putc(out, ' ');
}

static int widest(struct candidates *c)
{
	int width = 0;

	for (size_t i = 0; i < c->n; i++) {
		struct ss_buf shown SS_AUTO_BUF = SS_BUF_INIT;

		add_shown(&shown, c->items[i].text);
		c->items[i].width = width_of(shown.data ? shown.data : "", shown.len);
		if (c->items[i].width > width)
			width = c->items[i].width;
	}
	return width;
}

/* Each with its note on a line of its own. */
static size_t list_notes(const struct candidates *c, int width, int columns, size_t rows,
                         struct ss_buf *out)
{
	size_t n = c->n < rows ? c->n : rows;

	for (size_t i = 0; i < n; i++) {
		add_cell(out, &c->items[i], c->items[i].note ? width + GAP : 0);
		if (c->items[i].note)
			add_note(out, c->items[i].note, columns - width - GAP);
		ss_buf_puts(out, "\r\n");
	}
	return n;
}

/* In columns, downwards, as ls does. */
static size_t list_columns(const struct candidates *c, int width, int columns, size_t rows,
                           struct ss_buf *out)
{
	size_t across = (size_t)(columns / (width + GAP) > 0 ? columns / (width + GAP) : 1);
	size_t n = c->n < across * rows ? c->n : across * rows;
	size_t down = (n + across - 1) / across;

	for (size_t row = 0; row < down; row++) {
		for (size_t i = row; i < n; i += down)
			add_cell(out, &c->items[i], i + down < n ? width + GAP : 0);
		ss_buf_puts(out, "\r\n");
	}
	return n;
}

static bool has_notes(const struct candidates *c)
{
	for (size_t i = 0; i < c->n; i++)
		if (c->items[i].note && *c->items[i].note)
			return true;
	return false;
}

static void list(struct ss_repl *r, struct candidates *c)
{
	struct ss_buf out SS_AUTO_BUF = SS_BUF_INIT;
	int columns, rows, width = widest(c);
	size_t most, shown;

	ss_screen_size(&columns, &rows);
	most = (size_t)(rows > LEAST_ROWS ? rows - 3 : LEAST_ROWS - 3);
	/* Notes where all of them fit. */
	if (has_notes(c) && c->n <= most)
		shown = list_notes(c, width, columns, most, &out);
	else
		shown = list_columns(c, width, columns, most, &out);
	if (shown < c->n)
		ss_buf_printf(&out, "… %zu more\r\n", c->n - shown);
	if (!out.failed)
		ss_editor_list(r->editor, out.data, out.len);
}

/* --- Tab ------------------------------------------------------------------------------------------ */
static void use(struct ss_repl *r, struct candidates *c, size_t cursor, size_t line_start)
{
	size_t typed, prefix;

	if (!c->n && c->note) {
		struct ss_buf out SS_AUTO_BUF = SS_BUF_INIT;

		add_shown(&out, c->note);
		ss_buf_puts(&out, "\r\n");
		ss_editor_list(r->editor, out.data, out.len);
		return;
	}
	/* What begins in an earlier line of the block cannot be changed any more. */
	if (!c->n || c->start > cursor || c->start < line_start) {
		ss_editor_beep(r->editor);
		return;
	}
	typed = cursor - c->start;
	prefix = common_prefix(c);
	if (c->n == 1 || prefix > typed)
		ss_editor_replace(r->editor, typed, c->items[0].text,
		                  c->n == 1 ? c->items[0].len : prefix);
	else
		list(r, c);
}

void ss_repl_complete(void *ud, const char *line, size_t len, size_t cursor)
{
	struct ss_repl *r = ud;
	struct ss_buf text SS_AUTO_BUF = SS_BUF_INIT;
	struct candidates c = {0};
	size_t before = r->block.len ? r->block.len + 1 : 0;

	if (before) {
		ss_buf_add(&text, r->block.data, r->block.len);
		ss_buf_putc(&text, '\n');
	}
	ss_buf_add(&text, line, len);
	if (text.failed || !ss_session_candidates(r, &text, before + cursor))
		return;
	if (read_candidates(ss_host_state(r->host), &c))
		use(r, &c, before + cursor, before);
	free(c.items);
	lua_pop(ss_host_state(r->host), 3);
}
