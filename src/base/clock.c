#include "base/clock.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

/* 0000-01-01 and 9999-12-31T23:59:59: what four digits of a year can say. */
#define FIRST_MS INT64_C(-62167219200000)
#define LAST_MS  INT64_C(253402300799000)

static int64_t (*test_mono_ms)(void);
static int64_t (*test_wall_ms)(void);

static int64_t read_ns(clockid_t id)
{
	struct timespec t;

	clock_gettime(id, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

int64_t ss_clock_mono_ns(void)
{
	return test_mono_ms ? test_mono_ms() * 1000000 : read_ns(CLOCK_MONOTONIC);
}

int64_t ss_clock_mono_ms(void)
{
	return test_mono_ms ? test_mono_ms() : read_ns(CLOCK_MONOTONIC) / 1000000;
}

int64_t ss_clock_wall_ms(void)
{
	return test_wall_ms ? test_wall_ms() : read_ns(CLOCK_REALTIME) / 1000000;
}

void ss_clock_set_for_test(int64_t (*mono_ms)(void), int64_t (*wall_ms)(void))
{
	test_mono_ms = mono_ms;
	test_wall_ms = wall_ms;
}

void ss_clock_rfc3339(int64_t wall_ms, char *out, size_t out_size)
{
	int64_t ms = wall_ms < FIRST_MS ? FIRST_MS : wall_ms > LAST_MS ? LAST_MS : wall_ms;
	time_t seconds = (time_t)(ms >= 0 ? ms / 1000 : (ms - 999) / 1000);
	struct tm tm;

	gmtime_r(&seconds, &tm);
	snprintf(out, out_size, "%04d-%02d-%02dT%02d:%02d:%02dZ", tm.tm_year + 1900, tm.tm_mon + 1,
	         tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec);
}

/* n digits at *s as a number within [low, high]. */
static bool digits(const char **s, int n, int low, int high, int *ret)
{
	int value = 0;

	for (int i = 0; i < n; i++, (*s)++) {
		if (**s < '0' || **s > '9')
			return false;
		value = value * 10 + (**s - '0');
	}
	*ret = value;
	return value >= low && value <= high;
}

static bool one_of(const char **s, const char *set)
{
	if (!**s || !strchr(set, **s))
		return false;
	(*s)++;
	return true;
}

static bool parse_date(const char **s, struct tm *tm)
{
	static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	int year, month;
	bool leap;

	if (!digits(s, 4, 0, 9999, &year) || !one_of(s, "-") || !digits(s, 2, 1, 12, &month) ||
	    !one_of(s, "-"))
		return false;
	leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
	tm->tm_year = year - 1900;
	tm->tm_mon = month - 1;
	return digits(s, 2, 1, days[month - 1] + (month == 2 && leap), &tm->tm_mday);
}

/* A leap second (":60") is taken as the second after it. */
static bool parse_time(const char **s, struct tm *tm, int *ret_ms)
{
	int unit = 100;

	if (!digits(s, 2, 0, 23, &tm->tm_hour) || !one_of(s, ":") ||
	    !digits(s, 2, 0, 59, &tm->tm_min) || !one_of(s, ":") ||
	    !digits(s, 2, 0, 60, &tm->tm_sec))
		return false;
	*ret_ms = 0;
	if (!one_of(s, "."))
		return true;
	if (**s < '0' || **s > '9')
		return false;
	for (; **s >= '0' && **s <= '9'; (*s)++, unit /= 10)
		*ret_ms += (**s - '0') * unit;
	return true;
}

static bool parse_zone(const char **s, int *ret_minutes)
{
	int sign = **s == '-' ? -1 : 1, hours, minutes;

	*ret_minutes = 0;
	if (one_of(s, "Zz"))
		return true;
	if (!one_of(s, "+-") || !digits(s, 2, 0, 23, &hours) || !one_of(s, ":") ||
	    !digits(s, 2, 0, 59, &minutes))
		return false;
	*ret_minutes = sign * (hours * 60 + minutes);
	return true;
}

int ss_clock_parse_rfc3339(const char *s, int64_t *ret_ms)
{
	struct tm tm = {0};
	int ms, minutes;

	if (!parse_date(&s, &tm) || !one_of(&s, "Tt") || !parse_time(&s, &tm, &ms) ||
	    !parse_zone(&s, &minutes) || *s)
		return -1;
	*ret_ms = ((int64_t)timegm(&tm) - (int64_t)minutes * 60) * 1000 + ms;
	return 0;
}
