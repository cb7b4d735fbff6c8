#include "base/real.h"

#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_TEXT = 512 };

/* '.' to the locale's decimal point and back. No locale of glibc that is in use has one of
 * several bytes. */
static void swap_point(char *text, char from, char to)
{
	char *at = from == to ? NULL : strchr(text, from);

	if (at)
		*at = to;
}

double ss_real_parse(const char *text)
{
	char copy[MAX_TEXT];
	char point = localeconv()->decimal_point[0];

	if (point == '.' || strlen(text) >= sizeof(copy))
		return strtod(text, NULL);
	memcpy(copy, text, strlen(text) + 1);
	swap_point(copy, '.', point);
	return strtod(copy, NULL);
}

size_t ss_real_format(double value, char out[SS_REAL_TEXT_SIZE])
{
	int n = 0;

	for (int digits = 15; digits <= 17; digits++) {
		n = snprintf(out, SS_REAL_TEXT_SIZE - 2, "%.*g", digits, value);
		if (strtod(out, NULL) == value)
			break;
	}
	swap_point(out, localeconv()->decimal_point[0], '.');
	if (strpbrk(out, ".e"))
		return (size_t)n;
	memcpy(out + n, ".0", 3);
	return (size_t)n + 2;
}
