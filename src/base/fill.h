/* Prose for a terminal: every help text is filled here, so that none is wider than the narrowest window
 * that people have. */
#pragma once

struct ss_buf;

enum { SS_FILL_COLUMNS = 80 };

/* head, then text from column indent on, broken at blanks. The first line of text stands beside a head
 * that leaves room for a blank, and below a longer one; head may be "". A line break of text counts as a
 * blank; an empty line ends a paragraph; a line that begins with a blank stays as it is, on a line of
 * its own (a table, code). Nothing ends with a newline or a blank. Columns are code points: for texts
 * without wide characters. */
void ss_fill(struct ss_buf *out, const char *head, int indent, const char *text);
/* How many columns a text takes, in the same sense. */
int ss_fill_width(const char *text);
