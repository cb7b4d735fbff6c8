/* Kubernetes quantities (apimachinery resource.Quantity): syntax and order.
 * Equal to resource.ParseQuantity with its oddities ("", "Ei" are invalid, "+",
 * ".", "Ki" are zero), its rounding up to 1n and its cap of binary suffixes at
 * 2^63-1. One limit is ours: texts above SS_QUANTITY_MAX_LEN are invalid. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

enum { SS_QUANTITY_MAX_LEN = 128 };

/* Valid by the grammar of resource.ParseQuantity? */
bool ss_quantity_is_valid(const char *s, size_t len);
/* Exact comparison of two valid quantities: <0, 0, >0. An invalid one counts as zero. */
int ss_quantity_cmp(const char *a, const char *b);
/* Value rounded up (away from zero) to an integer as Quantity.Value() does; saturates at
 * LLONG_MAX/MIN. */
long long ss_quantity_value(const char *s);
