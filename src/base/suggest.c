#include "base/suggest.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>

enum { MAX_WORD = 64 };

static int fold(char c)
{
	return tolower((unsigned char)c);
}

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* Optimal string alignment; rows i-2, i-1 and i of the table. */
static size_t distance(const char *a, size_t na, const char *b, size_t nb)
{
	size_t rows[3][MAX_WORD + 1];
	size_t *before = rows[0], *last = rows[1], *row = rows[2], *spare;

	for (size_t j = 0; j <= nb; j++)
		last[j] = j;
	for (size_t i = 1; i <= na; i++) {
		row[0] = i;
		for (size_t j = 1; j <= nb; j++) {
			bool same = fold(a[i - 1]) == fold(b[j - 1]);

			row[j] = least(last[j] + 1, row[j - 1] + 1);
			row[j] = least(row[j], last[j - 1] + !same);
			if (i > 1 && j > 1 && fold(a[i - 1]) == fold(b[j - 2]) &&
			    fold(a[i - 2]) == fold(b[j - 1]))
				row[j] = least(row[j], before[j - 2] + 1);
		}
		spare = before;
		before = last;
		last = row;
		row = spare;
	}
	return last[nb];
}

const char *ss_suggest(const char *word, const char *const *words, size_t n)
{
	size_t len = strlen(word), best = SIZE_MAX;
	const char *found = NULL;

	if (len > MAX_WORD)
		return NULL;
	for (size_t i = 0; i < n; i++) {
		size_t other = words[i] ? strlen(words[i]) : MAX_WORD + 1, d;

		if (other > MAX_WORD)
			continue;
		if (strcasecmp(word, words[i]) == 0)
			return words[i];
		d = distance(word, len, words[i], other);
		if (d <= (len > other ? len : other) / 3 && d < best) {
			best = d;
			found = words[i];
		}
	}
	return found;
}
