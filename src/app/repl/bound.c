/* What the keys do that libedit does not know: Tab, and a paste. */
#include <stdlib.h>
#include <string.h>

#include "app/repl/editor_priv.h"
#include "app/repl/screen.h"
#include "app/repl/text.h"

static void refuse_paste(struct ss_editor *e)
{
	char text[160];
	int n = snprintf(text, sizeof(text),
	                 "(a paste of %zu bytes is left out: at most %d are taken; put it into a "
	                 "file and :load it)\n",
	                 e->input.paste_bytes, SS_INPUT_PASTE_MAX_BYTES);

	ss_screen_tell(e->options.screen, text, (size_t)n);
}

static unsigned char on_paste(EditLine *el, int key)
{
	struct ss_editor *e;
	wchar_t *text = NULL;
	size_t n = 0;

	(void)key;
	ss_libedit.el_get(el, EL_CLIENTDATA, &e);
	if (!e->pasted)
		return CC_ERROR;
	e->pasted = false;
	if (e->input.paste_bytes > SS_INPUT_PASTE_MAX_BYTES) {
		refuse_paste(e);
		return CC_NORM;
	}
	if (e->input.paste.len)
		text = ss_text_to_wide(e->input.paste.data, e->input.paste.len, &n);
	/* A line break at the end is there to run it, which is for the person to do. */
	while (n && text[n - 1] == L'\n')
		text[--n] = 0;
	if (n && ss_libedit.el_winsertstr(el, text) < 0)
		ss_libedit.el_beep(el);
	free(text);
	return CC_REFRESH;
}

static unsigned char on_complete(EditLine *el, int key)
{
	struct ss_buf line SS_AUTO_BUF = SS_BUF_INIT;
	const LineInfoW *info = ss_libedit.el_wline(el);
	struct ss_editor *e;
	size_t cursor;

	(void)key;
	ss_libedit.el_get(el, EL_CLIENTDATA, &e);
	if (e->plain)
		return CC_ERROR;
	ss_text_add_wide(&line, info->buffer, (size_t)(info->cursor - info->buffer));
	cursor = line.len;
	ss_text_add_wide(&line, info->cursor, (size_t)(info->lastchar - info->cursor));
	if (line.failed)
		return CC_ERROR;
	e->options.complete(e->options.ud, line.data ? line.data : "", line.len, cursor);
	return CC_REFRESH;
}

void ss_editor_replace(struct ss_editor *e, size_t n, const char *text, size_t len)
{
	const LineInfoW *line = ss_libedit.el_wline(e->el);
	const wchar_t *from = line->cursor;
	wchar_t *wide = ss_text_to_wide(text, len, NULL);

	/* Bytes become characters: each has one that does not go on another. */
	while (n && from > line->buffer) {
		struct ss_buf one SS_AUTO_BUF = SS_BUF_INIT;

		ss_text_add_wide(&one, --from, 1);
		n -= one.len < n ? one.len : n;
	}
	ss_libedit.el_deletestr(e->el, (int)(line->cursor - from));
	if (wide && ss_libedit.el_winsertstr(e->el, wide) < 0)
		ss_libedit.el_beep(e->el);
	free(wide);
}

void ss_editor_list(struct ss_editor *e, const char *text, size_t len)
{
	ss_editor_leave(e, "");
	fwrite(text, 1, len, stdout);
	ss_editor_show(e);
}

void ss_editor_beep(struct ss_editor *e)
{
	ss_libedit.el_beep(e->el);
}

/* The shells' own where libedit's differ, and the keys of today's terminals. */
void ss_editor_bind(struct ss_editor *e)
{
	static const char *const emacs[][2] = {
	        {"^R", "em-inc-search-prev"},      {"^W", "ed-delete-prev-word"},
	        {"\\e[3~", "ed-delete-next-char"}, {"\\e[H", "ed-move-to-beg"},
	        {"\\e[F", "ed-move-to-end"},       {"\\eOH", "ed-move-to-beg"},
	        {"\\eOF", "ed-move-to-end"},       {"\\e[1~", "ed-move-to-beg"},
	        {"\\e[4~", "ed-move-to-end"},      {"\\e[1;5C", "em-next-word"},
	        {"\\e[1;5D", "ed-prev-word"},      {"\\e[A", "ed-prev-history"},
	        {"\\e[B", "ed-next-history"},      {"\\e[C", "ed-next-char"},
	        {"\\e[D", "ed-prev-char"},
	};
	const wchar_t paste[] = {SS_PASTE_KEY, 0};
	const char *mode = NULL;

	ss_libedit.el_wset(e->el, EL_ADDFN, L"ss-paste", L"Insert what was pasted", on_paste);
	ss_libedit.el_wset(e->el, EL_ADDFN, L"ss-complete", L"Complete the word", on_complete);
	ss_libedit.el_wset(e->el, EL_BIND, paste, L"ss-paste", NULL);
	ss_libedit.el_wset(e->el, EL_BIND, L"-a", paste, L"ss-paste", NULL);
	ss_libedit.el_wset(e->el, EL_BIND, L"^I", L"ss-complete", NULL);
	/* In vi's insert mode ESC is a key of its own, which no sequence may begin with. */
	if (ss_libedit.el_get(e->el, EL_EDITOR, &mode) == 0 && mode && strcmp(mode, "emacs") != 0)
		return;
	for (size_t i = 0; i < SS_ARRAY_LEN(emacs); i++)
		ss_libedit.el_set(e->el, EL_BIND, emacs[i][0], emacs[i][1], NULL);
}
