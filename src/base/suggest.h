/* "did you mean …?": the nearest of a list of words. */
#pragma once

#include <stddef.h>

/* The word with the smallest edit distance (adjacent swap counts one), if it is
 * near enough to be a likely typo (at most a third of the length, case ignored
 * first); NULL otherwise. words may contain NULL entries. */
const char *ss_suggest(const char *word, const char *const *words, size_t n);
