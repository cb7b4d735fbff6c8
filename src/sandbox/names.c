#include "sandbox/names.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

enum { LABEL_MAX = 63, SUBDOMAIN_MAX = 253 };

/* Which classes a byte belongs to. Bytes from 0x80 on belong to none. */
enum { LOWER = 1, UPPER = 2, DIGIT = 4, DASH = 8, DOT = 16, UNDERSCORE = 32 };

#define ALNUM (LOWER | UPPER | DIGIT)

static unsigned class_of(unsigned char c)
{
	static const uint8_t classes[256] = {
	        ['-'] = DASH,  ['.'] = DOT,   ['_'] = UNDERSCORE, ['0'] = DIGIT, ['1'] = DIGIT,
	        ['2'] = DIGIT, ['3'] = DIGIT, ['4'] = DIGIT,      ['5'] = DIGIT, ['6'] = DIGIT,
	        ['7'] = DIGIT, ['8'] = DIGIT, ['9'] = DIGIT,      ['a'] = LOWER, ['b'] = LOWER,
	        ['c'] = LOWER, ['d'] = LOWER, ['e'] = LOWER,      ['f'] = LOWER, ['g'] = LOWER,
	        ['h'] = LOWER, ['i'] = LOWER, ['j'] = LOWER,      ['k'] = LOWER, ['l'] = LOWER,
	        ['m'] = LOWER, ['n'] = LOWER, ['o'] = LOWER,      ['p'] = LOWER, ['q'] = LOWER,
	        ['r'] = LOWER, ['s'] = LOWER, ['t'] = LOWER,      ['u'] = LOWER, ['v'] = LOWER,
	        ['w'] = LOWER, ['x'] = LOWER, ['y'] = LOWER,      ['z'] = LOWER, ['A'] = UPPER,
	        ['B'] = UPPER, ['C'] = UPPER, ['D'] = UPPER,      ['E'] = UPPER, ['F'] = UPPER,
	        ['G'] = UPPER, ['H'] = UPPER, ['I'] = UPPER,      ['J'] = UPPER, ['K'] = UPPER,
	        ['L'] = UPPER, ['M'] = UPPER, ['N'] = UPPER,      ['O'] = UPPER, ['P'] = UPPER,
	        ['Q'] = UPPER, ['R'] = UPPER, ['S'] = UPPER,      ['T'] = UPPER, ['U'] = UPPER,
	        ['V'] = UPPER, ['W'] = UPPER, ['X'] = UPPER,      ['Y'] = UPPER, ['Z'] = UPPER,
	};

	return classes[c];
}

/* All bytes in `inner`, the first and the last one in `edge`; not empty. */
static bool consists_of(const char *s, size_t len, unsigned inner, unsigned edge)
{
	if (!len || !(class_of((unsigned char)s[0]) & edge) ||
	    !(class_of((unsigned char)s[len - 1]) & edge))
		return false;
	for (size_t i = 1; i + 1 < len; i++) {
		if (!(class_of((unsigned char)s[i]) & inner))
			return false;
	}
	return true;
}

static bool is_subdomain(const char *s, size_t len)
{
	const char *end = s + len, *dot;

	for (;; s = dot + 1) {
		dot = memchr(s, '.', (size_t)(end - s));
		if (!consists_of(s, (size_t)((dot ? dot : end) - s), LOWER | DIGIT | DASH,
		                 LOWER | DIGIT))
			return false;
		if (!dot)
			return true;
	}
}

const char *ss_name_check_dns_label(const char *s, size_t len)
{
	if (!len)
		return "must not be empty";
	if (len > LABEL_MAX)
		return "must be at most 63 characters";
	if (consists_of(s, len, LOWER | DIGIT | DASH, LOWER | DIGIT))
		return NULL;
	if (is_subdomain(s, len))
		return "must not contain dots";
	return "must consist of lower case letters, digits and '-', and start and end with a "
	       "letter or digit";
}

const char *ss_name_check_dns_subdomain(const char *s, size_t len)
{
	if (!len)
		return "must not be empty";
	if (len > SUBDOMAIN_MAX)
		return "must be at most 253 characters";
	if (is_subdomain(s, len))
		return NULL;
	return "must consist of lower case letters, digits, '-' and '.', and each part between "
	       "dots must start and end with a letter or digit";
}

const char *ss_name_check_label_key(const char *s, size_t len)
{
	const char *slash = memchr(s, '/', len), *name = slash ? slash + 1 : s;
	size_t name_len = len - (size_t)(name - s);

	if (slash && slash == s)
		return "prefix before '/' must not be empty";
	if (slash && slash - s > SUBDOMAIN_MAX)
		return "prefix before '/' must be at most 253 characters";
	if (slash && !is_subdomain(s, (size_t)(slash - s)))
		return "prefix before '/' must be a DNS name (lower case letters, digits, '-' and "
		       "'.')";
	if (!name_len)
		return slash ? "name after '/' must not be empty" : "must not be empty";
	if (name_len > LABEL_MAX)
		return "name part must be at most 63 characters";
	if (!consists_of(name, name_len, ALNUM | DASH | DOT | UNDERSCORE, ALNUM))
		return "name part must consist of letters, digits, '-', '_' and '.', and start and "
		       "end with a letter or digit";
	return NULL;
}

const char *ss_name_check_label_value(const char *s, size_t len)
{
	if (len > LABEL_MAX)
		return "must be at most 63 characters";
	if (len && !consists_of(s, len, ALNUM | DASH | DOT | UNDERSCORE, ALNUM))
		return "must consist of letters, digits, '-', '_' and '.', and start and end with "
		       "a letter or digit";
	return NULL;
}

const char *ss_name_check_env(const char *s, size_t len)
{
	const unsigned any = ALNUM | DASH | DOT | UNDERSCORE;

	if (!len)
		return "must not be empty";
	if (class_of((unsigned char)s[0]) & DIGIT)
		return "must not start with a digit";
	if (!consists_of(s, len, any, any))
		return "must consist of letters, digits, '_', '-' and '.'";
	if (s[0] == '.' && (len == 1 || s[1] == '.'))
		return "must not be '.' or start with '..'";
	return NULL;
}
