#include "base/yaml_priv.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/real.h"

/* go-yaml v2, which kubectl reads with, knows the words of YAML 1.1. */
static const struct word {
	const char *text;
	enum ss_type type;
	bool value;
} words[] = {
        {"y", SS_BOOL, true},      {"Y", SS_BOOL, true},      {"yes", SS_BOOL, true},
        {"Yes", SS_BOOL, true},    {"YES", SS_BOOL, true},    {"true", SS_BOOL, true},
        {"True", SS_BOOL, true},   {"TRUE", SS_BOOL, true},   {"on", SS_BOOL, true},
        {"On", SS_BOOL, true},     {"ON", SS_BOOL, true},     {"n", SS_BOOL, false},
        {"N", SS_BOOL, false},     {"no", SS_BOOL, false},    {"No", SS_BOOL, false},
        {"NO", SS_BOOL, false},    {"false", SS_BOOL, false}, {"False", SS_BOOL, false},
        {"FALSE", SS_BOOL, false}, {"off", SS_BOOL, false},   {"Off", SS_BOOL, false},
        {"OFF", SS_BOOL, false},   {"", SS_NULL, false},      {"~", SS_NULL, false},
        {"null", SS_NULL, false},  {"Null", SS_NULL, false},  {"NULL", SS_NULL, false},
};

enum { MAX_NUMBER_BYTES = 512 };

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool find_word(const char *s, size_t len, struct ss_yaml_scalar *ret)
{
	if (len > 5)
		return false;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (strlen(words[i].text) == len && memcmp(words[i].text, s, len) == 0) {
			ret->type = words[i].type;
			ret->boolean = words[i].value;
			return true;
		}
	}
	return false;
}

/* [-+].inf, .nan in three spellings */
static bool find_infinite(const char *s, size_t len, struct ss_yaml_scalar *ret)
{
	bool sign = len && (s[0] == '-' || s[0] == '+');
	const char *rest = s + sign;

	if (len - sign != 4 || rest[0] != '.')
		return false;
	if (!strcmp(rest, ".inf") || !strcmp(rest, ".Inf") || !strcmp(rest, ".INF"))
		ret->real = s[0] == '-' ? -HUGE_VAL : HUGE_VAL;
	else if (!sign && (!strcmp(rest, ".nan") || !strcmp(rest, ".NaN") || !strcmp(rest, ".NAN")))
		ret->real = nan("");
	else
		return false;
	ret->type = SS_REAL;
	return true;
}

/* The base a number's prefix names; *s then stands behind it. */
static int number_base(const char **s)
{
	const char *p = *s;

	if (p[0] != '0' || !p[1])
		return 10;
	*s = p + 2;
	switch (p[1]) {
	case 'x':
	case 'X':
		return 16;
	case 'b':
	case 'B':
		return 2;
	case 'o':
	case 'O':
		return 8;
	default:
		*s = p + 1;
		return 8;
	}
}

static int digit_value(char c)
{
	if (is_digit(c))
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : 99;
}

static bool parse_int(const char *s, struct ss_yaml_scalar *ret)
{
	bool negative = *s == '-';
	uint64_t value = 0, limit;
	int base;

	s += *s == '-' || *s == '+';
	base = number_base(&s);
	if (!*s)
		return false;
	ret->too_big = false;
	for (; *s; s++) {
		int d = digit_value(*s);

		if (d >= base)
			return false;
		if (value > (UINT64_MAX - (uint64_t)d) / (uint64_t)base)
			ret->too_big = true;
		else
			value = value * (uint64_t)base + (uint64_t)d;
	}
	limit = (uint64_t)INT64_MAX + negative;
	ret->too_big |= value > limit;
	ret->type = SS_INT;
	ret->integer = ret->too_big ? 0 : (int64_t)(negative ? 0 - value : value);
	return true;
}

static const char *skip_digits(const char *s)
{
	while (is_digit(*s))
		s++;
	return s;
}

/* [-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)? */
static bool is_float(const char *s)
{
	const char *start;

	s += *s == '-' || *s == '+';
	start = s;
	s = skip_digits(s);
	if (*s == '.') {
		const char *fraction = skip_digits(s + 1);

		if (s == start && fraction == s + 1)
			return false;
		s = fraction;
	} else if (s == start) {
		return false;
	}
	if (*s == 'e' || *s == 'E') {
		s++;
		s += *s == '-' || *s == '+';
		if (!is_digit(*s))
			return false;
		s = skip_digits(s);
	}
	return *s == 0;
}

static bool parse_float(const char *s, struct ss_yaml_scalar *ret)
{
	if (!is_float(s))
		return false;
	ret->real = ss_real_parse(s);
	/* As the Go reader: what overflows stays text. */
	if (isinf(ret->real))
		return false;
	ret->type = SS_REAL;
	ret->fraction = true;
	/* Kubernetes' decoder refuses 1000.0 where it wants an integer, and kubectl sends 1000. */
	if (fabs(ret->real) <= 0x1p53 && (double)(int64_t)ret->real == ret->real &&
	    !(ret->real == 0 && signbit(ret->real))) {
		ret->type = SS_INT;
		ret->integer = (int64_t)ret->real;
	}
	return true;
}

static bool without_underscores(const char *s, size_t len, char out[MAX_NUMBER_BYTES])
{
	size_t n = 0;

	if (len >= MAX_NUMBER_BYTES)
		return false;
	for (size_t i = 0; i < len; i++) {
		if (s[i] != '_')
			out[n++] = s[i];
	}
	out[n] = 0;
	return true;
}

struct ss_yaml_scalar ss_yaml_resolve(const char *s, size_t len)
{
	struct ss_yaml_scalar ret = {.type = SS_STRING};
	char number[MAX_NUMBER_BYTES];

	if (find_word(s, len, &ret) || find_infinite(s, len, &ret))
		return ret;
	if (s[0] == '.') {
		if (!memchr(s, '_', len))
			parse_float(s, &ret);
		return ret;
	}
	if (!is_digit(s[0]) && s[0] != '-' && s[0] != '+')
		return ret;
	if (without_underscores(s, len, number) && !parse_int(number, &ret))
		parse_float(number, &ret);
	return ret;
}

/* --- what other readers may see ------------------------------------------ */

/* [-+]?[0-9]+(:[0-9]+)+(\.[0-9]*)?: base 60, in YAML 1.1 only */
static bool is_base60(const char *s)
{
	const char *first;

	s += *s == '-' || *s == '+';
	first = s;
	s = skip_digits(s);
	if (s == first || *s != ':')
		return false;
	while (*s == ':' && is_digit(s[1]))
		s = skip_digits(s + 1);
	if (*s == '.')
		s = skip_digits(s + 1);
	return *s == 0;
}

/* A date, alone or followed by a time. */
static bool is_timestamp(const char *s)
{
	for (int i = 0; i < 4; i++) {
		if (!is_digit(s[i]))
			return false;
	}
	for (int i = 0; i < 2; i++) {
		if (s[i ? 0 : 4] != '-')
			return false;
		s += i ? 1 : 5;
		if (!is_digit(*s))
			return false;
		s += is_digit(s[1]) ? 2 : 1;
	}
	return !*s || strchr("Tt \t", *s);
}

/* A number once separators ("1_000", and "1,000" as Ruby reads it) are out. */
static bool is_number(const char *s, size_t len)
{
	struct ss_yaml_scalar ignored = {0};
	char bare[MAX_NUMBER_BYTES];
	size_t n = 0;

	if (len >= sizeof(bare))
		return true;
	for (size_t i = 0; i < len; i++) {
		if (s[i] != '_' && s[i] != ',')
			bare[n++] = s[i];
	}
	bare[n] = 0;
	return parse_int(bare, &ignored) || is_float(bare) || is_base60(bare);
}

bool ss_yaml_looks_typed(const char *s, size_t len)
{
	static const char *const typed[] = {"y",     "n",    "yes", "no", "on", "off",  "true",
	                                    "false", "null", "~",   "=",  "<<", ".inf", "-.inf",
	                                    "+.inf", ".nan", "",    "0x", "0b", "0o"};

	for (size_t i = 0; i < sizeof(typed) / sizeof(typed[0]); i++) {
		if (strcasecmp(typed[i], s) == 0)
			return true;
	}
	if (!is_digit(s[0]) && !strchr("+-.", s[0]))
		return false;
	return is_timestamp(s) || is_number(s, len);
}
