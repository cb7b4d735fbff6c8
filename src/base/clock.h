/* Time. Durations and deadlines are int64 milliseconds of the monotonic clock;
 * wall time is for timestamps only. Tests may replace both. */
#pragma once

#include <stddef.h>
#include <stdint.h>

int64_t ss_clock_mono_ms(void);
int64_t ss_clock_mono_ns(void);
int64_t ss_clock_wall_ms(void);
/* "2026-01-02T03:04:05Z"; out holds at least 21 bytes. Kubernetes' metav1.Time form. */
void ss_clock_rfc3339(int64_t wall_ms, char *out, size_t out_size);
/* 0 and *ret_ms, or -1 when it is no RFC 3339 time. */
int ss_clock_parse_rfc3339(const char *s, int64_t *ret_ms);
/* NULL restores the real clock. */
void ss_clock_set_for_test(int64_t (*mono_ms)(void), int64_t (*wall_ms)(void));
