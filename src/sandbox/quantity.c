#include "sandbox/quantity.h"

#include <errno.h>
#include <limits.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum {
	NANO = -9,
	BINARY_MAX_DIGITS = 20,                               /* 2^60 adds 19 */
	DIGITS_MAX = SS_QUANTITY_MAX_LEN + BINARY_MAX_DIGITS, /* of one value */
};

/* The text of a quantity, taken apart. */
struct parts {
	bool negative;
	const char *whole, *fraction; /* digits; whole without leading zeros */
	size_t whole_len, fraction_len;
	bool has_digits; /* in the number, leading zeros included */
	int binary;      /* 2^binary, 0 = decimal */
	int64_t decimal; /* 10^decimal */
};

/* The exact value: digits × 10^exponent, most significant digit first, without
 * leading or trailing zeros; n == 0 is zero. */
struct value {
	bool negative;
	int n;
	int64_t exponent;
	uint8_t digits[DIGITS_MAX];
};

static size_t count_digits(const char *s, const char *end)
{
	const char *p = s;

	while (p < end && *p >= '0' && *p <= '9')
		p++;
	return (size_t)(p - s);
}

static bool parse_exponent(const char *s, size_t len, int64_t *ret)
{
	char text[SS_QUANTITY_MAX_LEN + 1], *end;
	long long value;

	memcpy(text, s, len);
	text[len] = 0;
	errno = 0;
	value = strtoll(text, &end, 10);
	if (errno || end == text || *end)
		return false;
	/* ParseQuantity keeps 32 bits of it. */
	*ret = (int32_t)(uint32_t)value;
	return true;
}

static bool parse_suffix(const char *s, size_t len, struct parts *p)
{
	static const char decimal[] = "kMGTPE", binary[] = "KMGTPE";
	const char *at;

	p->binary = 0;
	p->decimal = 0;
	if (!len)
		return true;
	if (len == 1 && (*s == 'n' || *s == 'u' || *s == 'm')) {
		p->decimal = *s == 'n' ? -9 : *s == 'u' ? -6 : -3;
		return true;
	}
	at = memchr(decimal, *s, 6);
	if (len == 1 && at) {
		p->decimal = 3 * (at - decimal + 1);
		return true;
	}
	at = memchr(binary, *s, 6);
	if (len == 2 && s[1] == 'i' && at) {
		p->binary = 10 * (int)(at - binary + 1);
		return true;
	}
	return len > 1 && (*s == 'e' || *s == 'E') && parse_exponent(s + 1, len - 1, &p->decimal);
}

/* ParseQuantity reads a number without any digit as zero on its fast path
 * (int64 arithmetic) and refuses it on the slow one. */
static bool takes_slow_path(const struct parts *p)
{
	int whole = p->whole_len ? (int)p->whole_len : 1;

	if (p->binary)
		return p->fraction_len || 15 - whole - p->binary * 3 / 10 - 1 < 0;
	return 18 - whole - (int)p->fraction_len < 0 ||
	       p->decimal - (int64_t)p->fraction_len < NANO;
}

static bool parse(const char *s, size_t len, struct parts *p)
{
	const char *end = s + len, *zeros;

	if (!len || len > SS_QUANTITY_MAX_LEN)
		return false;
	*p = (struct parts){.negative = *s == '-'};
	if (*s == '-' || *s == '+')
		s++;
	zeros = s;
	while (s < end && *s == '0')
		s++;
	p->whole = s;
	p->whole_len = count_digits(s, end);
	s += p->whole_len;
	p->has_digits = s > zeros;
	if (s < end && *s == '.') {
		p->fraction = ++s;
		p->fraction_len = count_digits(s, end);
		p->has_digits |= p->fraction_len > 0;
		s += p->fraction_len;
	}
	if (!parse_suffix(s, (size_t)(end - s), p))
		return false;
	return p->has_digits || !takes_slow_path(p);
}

bool ss_quantity_is_valid(const char *s, size_t len)
{
	struct parts p;

	return parse(s, len, &p);
}

/* digits ×= 2^bits; there is room for BINARY_MAX_DIGITS more. */
static void shift_left(struct value *v, int bits)
{
	uint8_t out[DIGITS_MAX];
	int at = DIGITS_MAX, n;
	unsigned __int128 carry = 0;

	for (int i = v->n; i > 0 || carry;) {
		if (i > 0)
			carry += (unsigned __int128)v->digits[--i] << bits;
		out[--at] = (uint8_t)(carry % 10);
		carry /= 10;
	}
	n = DIGITS_MAX - at;
	memcpy(v->digits, out + at, (size_t)n);
	v->n = n;
}

static void strip_zeros(struct value *v)
{
	int leading = 0;

	while (v->n && !v->digits[v->n - 1]) {
		v->n--;
		v->exponent++;
	}
	while (leading < v->n && !v->digits[leading])
		leading++;
	v->n -= leading;
	memmove(v->digits, v->digits + leading, (size_t)v->n);
}

/* Away from zero to a multiple of 10^exponent. */
static void round_up(struct value *v, int64_t exponent)
{
	int64_t drop = exponent - v->exponent;

	if (!v->n || drop <= 0)
		return;
	v->n = drop < v->n ? v->n - (int)drop : 0;
	v->exponent = exponent;
	/* The last digit was not zero, so something was dropped: carry one in. */
	for (int i = v->n; i > 0; i--) {
		if (v->digits[i - 1] < 9) {
			v->digits[i - 1]++;
			strip_zeros(v);
			return;
		}
		v->digits[i - 1] = 0;
	}
	v->exponent += v->n;
	v->n = 1;
	v->digits[0] = 1;
}

/* Compare without signs. */
static int cmp_size(const struct value *a, const struct value *b)
{
	int64_t top_a = a->n + a->exponent, top_b = b->n + b->exponent;
	int n = a->n < b->n ? a->n : b->n, c;

	if (!a->n || !b->n)
		return (a->n > 0) - (b->n > 0);
	if (top_a != top_b)
		return top_a < top_b ? -1 : 1;
	c = memcmp(a->digits, b->digits, (size_t)n);
	return c ? c : a->n - b->n;
}

static void cap_binary(struct value *v)
{
	static const struct value max = {
	        .n = 19,
	        .digits = {9, 2, 2, 3, 3, 7, 2, 0, 3, 6, 8, 5, 4, 7, 7, 5, 8, 0, 7},
	};
	bool negative = v->negative;

	if (cmp_size(v, &max) > 0)
		*v = max;
	v->negative = negative;
}

static void evaluate(const char *s, struct value *v)
{
	struct parts p;

	*v = (struct value){0};
	if (!parse(s, strlen(s), &p))
		return;
	v->negative = p.negative;
	v->exponent = p.decimal - (int64_t)p.fraction_len;
	for (size_t i = 0; i < p.whole_len; i++)
		v->digits[v->n++] = (uint8_t)(p.whole[i] - '0');
	for (size_t i = 0; i < p.fraction_len; i++)
		v->digits[v->n++] = (uint8_t)(p.fraction[i] - '0');
	strip_zeros(v);
	if (v->n && p.binary) {
		shift_left(v, p.binary);
		strip_zeros(v);
	}
	round_up(v, NANO);
	if (p.binary)
		cap_binary(v);
}

/* Nearly every quantity in use: up to nine digits without a fraction, so that the
 * number of 1n it stands for fits in 128 bits. */
static bool count_nanos(const char *s, __int128 *ret)
{
	const __int128 giga = 1000000000, max = (__int128)INT64_MAX * giga;
	struct parts p;
	__int128 n = 0;

	if (!parse(s, strlen(s), &p) || p.fraction_len || p.whole_len > 9 || p.decimal < NANO ||
	    p.decimal > 18)
		return false;
	for (size_t i = 0; i < p.whole_len; i++)
		n = n * 10 + (p.whole[i] - '0');
	n <<= p.binary;
	for (int64_t i = NANO; i < p.decimal; i++)
		n *= 10;
	if (p.binary && n > max)
		n = max;
	*ret = p.negative ? -n : n;
	return true;
}

int ss_quantity_cmp(const char *a, const char *b)
{
	struct value va, vb;
	__int128 na, nb;

	if (count_nanos(a, &na) && count_nanos(b, &nb))
		return (na > nb) - (na < nb);
	evaluate(a, &va);
	evaluate(b, &vb);
	if (!va.n && !vb.n)
		return 0;
	if (va.n && vb.n && va.negative == vb.negative)
		return va.negative ? cmp_size(&vb, &va) : cmp_size(&va, &vb);
	return (vb.n ? (vb.negative ? 1 : -1) : 0) + (va.n ? (va.negative ? -1 : 1) : 0);
}

long long ss_quantity_value(const char *s)
{
	struct value v;
	unsigned long long sum = 0;

	evaluate(s, &v);
	round_up(&v, 0);
	if (v.n && v.n + v.exponent > 19)
		return v.negative ? LLONG_MIN : LLONG_MAX;
	for (int64_t i = 0; v.n && i < v.n + v.exponent; i++)
		sum = sum * 10 + (i < v.n ? v.digits[i] : 0);
	if (sum > LLONG_MAX)
		return v.negative ? LLONG_MIN : LLONG_MAX;
	return v.negative ? -(long long)sum : (long long)sum;
}
