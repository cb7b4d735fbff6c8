/* Reals as text, whatever locale the program around the library has set. */
#pragma once

#include <stddef.h>

enum { SS_REAL_TEXT_SIZE = 32 };

/* The number that text (digits, '.', exponent; checked by the caller) says; infinite on overflow. */
double ss_real_parse(const char *text);
/* The shortest text of a finite value that reads back as the same value and as a
 * real ("1.0", "1e+20"); returns its length. */
size_t ss_real_format(double value, char out[SS_REAL_TEXT_SIZE]);
