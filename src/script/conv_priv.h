/* What reading (conv.c) and pushing (conv_push.c) share: the marks of tables. */
#pragma once

#include <lua.h>
#include <stddef.h>
#include <stdint.h>

/* Registry[&ss_conv_array_key] = the metatable of json.array. */
extern const char ss_conv_array_key;
/* metatable[&ss_conv_order_key] = {key = rank}: the hidden order of an object's keys. */
extern const char ss_conv_order_key;

/* Whether a member of this name is a list in Kubernetes' API. */
int ss_conv_is_list_field(const char *name, size_t len);
