/* What the served kinds look like, as far as the server looks: fields and types
 * of what provisioning writes, and how lists and maps merge. Pruning,
 * validation and server-side apply go by it. Constant data. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum ss_schema_type {
	SS_SCHEMA_OPEN, /* not looked into: any value; objects merge by key, lists as their name says */
	SS_SCHEMA_STRING,
	SS_SCHEMA_BYTES,    /* base64 text */
	SS_SCHEMA_TIME,     /* RFC 3339 text */
	SS_SCHEMA_QUANTITY, /* text or a number */
	SS_SCHEMA_INT_OR_STRING,
	SS_SCHEMA_INT,
	SS_SCHEMA_BOOL,
	SS_SCHEMA_LIST,
	SS_SCHEMA_MAP,    /* free keys, one type of value */
	SS_SCHEMA_OBJECT, /* declared fields and no others */
};

enum ss_schema_rel {
	SS_REL_GRANULAR, /* maps and objects: each member has its own owners */
	SS_REL_ATOMIC,   /* replaced as a whole */
	SS_REL_SET,      /* lists of scalars, each its own key */
	SS_REL_KEYED,    /* lists of objects, identified by the fields in keys */
};

struct ss_schema {
	uint8_t type; /* enum ss_schema_type */
	uint8_t rel;  /* enum ss_schema_rel */
	uint16_t n_fields;
	const struct ss_schema *elem;         /* lists and maps */
	const struct ss_schema_field *fields; /* objects; sorted by name */
	const char *const
	        *keys; /* keyed lists: sorted names, "name=default" allowed, NULL at the end */
	/* Which values are valid, beyond the type. */
	const char *words;              /* text: "A|B", NULL = any */
	bool (*form)(const char *text); /* text that is not empty: what it looks like, NULL = any */
	const char *rule;               /* the form in words; of a map, both are of its keys */
	int64_t min, max;               /* numbers; equal = any. Text is not empty where min is 1 */
	const char *one_of; /* objects: "a|b", of which one member must be there and no more */
};

struct ss_schema_field {
	const char *name;
	const struct ss_schema *type;
	bool required;
};

/* The declared field, or NULL. */
const struct ss_schema_field *ss_schema_field(const struct ss_schema *schema, const char *name);
/* The type of a member of an object, a map or an open value; NULL when it is not declared. */
const struct ss_schema *ss_schema_member(const struct ss_schema *schema, const char *name);
/* A member of this name is a field of its parent (and not the key of a map). */
bool ss_schema_declares(const struct ss_schema *schema, const char *name);

extern const struct ss_schema ss_schema_pod_spec, ss_schema_containers, ss_schema_env,
        ss_schema_mounts, ss_schema_label_selector, ss_schema_protocol, ss_schema_port_ref;
extern const struct ss_schema ss_schema_namespace, ss_schema_service_account, ss_schema_secret,
        ss_schema_config_map, ss_schema_pod, ss_schema_event, ss_schema_role,
        ss_schema_role_binding, ss_schema_quota, ss_schema_limit_range, ss_schema_network_policy,
        ss_schema_job, ss_schema_sandbox;
