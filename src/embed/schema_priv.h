/* What the tables of schema.c and schema_pod.c are written with. */
#pragma once

#include "base/attr.h"
#include "embed/schema.h"

#define FIELDS(list)                                                                               \
	{                                                                                          \
		.type = SS_SCHEMA_OBJECT, .n_fields = SS_ARRAY_LEN(list), .fields = list           \
	}
#define KEYED(item, by)                                                                            \
	{                                                                                          \
		.type = SS_SCHEMA_LIST, .rel = SS_REL_KEYED, .elem = item, .keys = by              \
	}
#define MAP(value)                                                                                 \
	{                                                                                          \
		.type = SS_SCHEMA_MAP, .elem = value                                               \
	}

#define OBJECT_TABLE(name, ...) static const struct ss_schema_field name##_fields[] = {__VA_ARGS__}
/* static const struct ss_schema NAME, with its fields. */
#define OBJECT(name, ...)                                                                          \
	OBJECT_TABLE(name, __VA_ARGS__);                                                           \
	static const struct ss_schema name = FIELDS(name##_fields)
/* Text with a form of its own; NAMED must not be empty. */
#define FORM(name, is, says)                                                                       \
	static const struct ss_schema name = {.type = SS_SCHEMA_STRING, .form = is, .rule = says}
#define NAMED(name, is, says)                                                                      \
	static const struct ss_schema name = {                                                     \
	        .type = SS_SCHEMA_STRING, .form = is, .rule = says, .min = 1}
#define WORDS(name, list)                                                                          \
	static const struct ss_schema name = {.type = SS_SCHEMA_STRING, .words = list}
#define RANGE(name, low, high)                                                                     \
	static const struct ss_schema name = {.type = SS_SCHEMA_INT, .min = low, .max = high}
#define ATOMIC_LIST(item)                                                                          \
	{                                                                                          \
		.type = SS_SCHEMA_LIST, .rel = SS_REL_ATOMIC, .elem = item                         \
	}

SS_UNUSED static const struct ss_schema open_ = {.type = SS_SCHEMA_OPEN};
SS_UNUSED static const struct ss_schema text = {.type = SS_SCHEMA_STRING},
                                        number = {.type = SS_SCHEMA_INT};
SS_UNUSED static const struct ss_schema flag = {.type = SS_SCHEMA_BOOL},
                                        time_ = {.type = SS_SCHEMA_TIME};
SS_UNUSED static const struct ss_schema bytes = {.type = SS_SCHEMA_BYTES},
                                        quantity = {.type = SS_SCHEMA_QUANTITY};
SS_UNUSED static const struct ss_schema texts = MAP(&text), binaries = MAP(&bytes),
                                        quantities = MAP(&quantity);
SS_UNUSED static const struct ss_schema text_list = {
        .type = SS_SCHEMA_LIST, .rel = SS_REL_ATOMIC, .elem = &text};
SS_UNUSED static const struct ss_schema text_set = {
        .type = SS_SCHEMA_LIST, .rel = SS_REL_SET, .elem = &text};
SS_UNUSED static const struct ss_schema open_list = {
        .type = SS_SCHEMA_LIST, .rel = SS_REL_ATOMIC, .elem = &open_};
SS_UNUSED static const struct ss_schema atom = {
        .type = SS_SCHEMA_MAP, .rel = SS_REL_ATOMIC, .elem = &open_};

SS_UNUSED static const char *const by_name[] = {"name", NULL}, *const by_type[] = {"type", NULL};
SS_UNUSED static const char *const by_uid[] = {"uid", NULL}, *const by_ip[] = {"ip", NULL};

SS_UNUSED static const struct ss_schema named = KEYED(&open_, by_name),
                                        owners = KEYED(&atom, by_uid);
SS_UNUSED static const struct ss_schema conditions = KEYED(&open_, by_type),
                                        addresses = KEYED(&open_, by_ip);
