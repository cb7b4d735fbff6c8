/* Where the line editor puts the characters of a line: libedit tells nobody, but
 * what is printed above the prompt has to know how many rows to clear. */
#pragma once

#include <stddef.h>
#include <wchar.h>

struct ss_layout {
	int columns; /* of the terminal, at least 2 */
	int row, column;
};

/* After text, by libedit's rules: a tab goes to the next multiple of 8, a control character is
 * ^X, a line that is full continues in the next row, at once. */
void ss_layout_add(struct ss_layout *at, const wchar_t *text, size_t len);
/* The same for a prompt: what stands between two \1 has no width. */
void ss_layout_add_prompt(struct ss_layout *at, const wchar_t *prompt);
