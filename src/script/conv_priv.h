/* What reading (conv.c) and pushing (conv_push.c) share: the marks of tables. */
#pragma once

#include <lua.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Registry[&ss_conv_array_key] = the metatable of json.array. */
extern const char ss_conv_array_key;
/* metatable[&ss_conv_order_key] = {key = rank}: the hidden order of an object's keys. */
extern const char ss_conv_order_key;

/* Registry[&ss_conv_number_key] = the metatable of numbers that Lua has no type for: a userdata
 * whose block is the digits and a NUL. */
extern const char ss_conv_number_key;

/* The fields of a kind; every object has metadata. NULL without a kind; without an apiVersion it is
 * the built-in one of that name. */
const struct ss_conv_field *ss_conv_type(const char *api_version, const char *kind);
/* The fields of a member's value, or of its elements; NULL for what is not known, or has none. */
const struct ss_conv_field *ss_conv_member(const struct ss_conv_field *of, const char *key,
                                           size_t len, bool *ret_list);
