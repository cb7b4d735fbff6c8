/* The inside of the builder: build_input.c (with build_map.c, build_check.c and
 * build_tolerations.c) reads an input into struct build_input and checks it,
 * build_manifest.c (with build_fixed.c) writes the manifest from that. */
#pragma once

#include "base/attr.h"
#include "base/doc.h"

/* Indices into the table of build_fields.c. */
enum build_id {
	B_NAMESPACE,
	B_SANDBOX_NAME,
	B_ADAPTER_TYPE,
	B_IMAGE,
	B_ENV_SECRET_NAME,
	B_SERVICE_ACCOUNT_NAME,
	B_LABELS,
	B_RESOURCES,
	B_RUNTIME_CLASS_NAME,
	B_IMAGE_PULL_SECRETS,
	B_API_VERSION,
	B_ANNOTATIONS,
	B_ENV,
	B_HOME,
	B_VOLUMES,
	B_NODE_SELECTOR,
	B_TOLERATIONS,
	B_NODE_NAME,
	B_SHUTDOWN_TIME,
	B_SHUTDOWN_POLICY,
	B_ACTIVE_DEADLINE_SECONDS,
	B_HOST_USERS,
	B_ENABLE_SERVICE_LINKS,
	B_EPHEMERAL_STORAGE,
	B_COUNT,
	B_NONE = B_COUNT,
};

/* A string of the input document; s is NULL when it is absent. */
struct text {
	const char *s;
	size_t len;
};
struct pair {
	struct text key, value;
};

/* A map, sorted by key. */
struct pairs {
	size_t n;
	struct pair *at; /* small, or the heap's */
	struct pair small[32];
};

struct amounts {
	bool given; /* else the defaults stand */
	struct text cpu, memory;
};

enum { BUILD_VOLUMES = 4 };
extern const char *const build_volume_names[BUILD_VOLUMES];

struct build_input {
	const struct ss_doc *doc;
	ss_node node[B_COUNT];     /* SS_NO_NODE when absent, null or an empty list or map */
	struct text text[B_COUNT]; /* set for strings and quantities only */
	struct pairs labels, annotations, env, node_selector;
	struct amounts requests, limits;
	struct text volumes[BUILD_VOLUMES];
};

/* What is wrong with an input. */
struct build_problems {
	size_t count;
	struct ss_doc *list; /* [{path, message}], NULL before the first */
	bool nomem;
	char first[640]; /* "path: message" */
};

enum build_id build_field_id(const char *name, size_t len);
const char *build_field_name(enum build_id id);

/* Fills in; every problem found is added to problems. */
void build_read(struct build_input *in, const struct ss_doc *doc, ss_node node,
                struct build_problems *problems);
void build_input_done(struct build_input *in);
/* build_mark.c: put the marks of a document of the same shape in the place of the values read. */
void build_mark(struct build_input *in, const struct ss_doc *marks, ss_node node);
void build_write(const struct build_input *in, struct ss_doc *out);

/* build_fixed.c: copying a part is a memcpy, writing all of them would be half of a build. */
enum build_part {
	PART_POD_SECURITY,
	PART_COMMAND,
	PART_CONTAINER_SECURITY,
	PART_REQUESTS,
	PART_LIMITS,
	PART_MOUNTS,
	PART_VOLUMES,
	BUILD_PARTS,
};
struct build_fixed;
/* Shared by all threads; NULL when out of memory. */
const struct build_fixed *build_fixed(void);
void build_put_part(struct ss_doc *out, const char *lit_key, const struct build_fixed *fixed,
                    enum build_part part);
/* Of PART_REQUESTS or PART_LIMITS. */
const struct amounts *build_default_amounts(enum build_part part);
void build_put_amounts(struct ss_doc *out, const char *lit_key, const struct amounts *a,
                       struct text storage);
/* Given sizes, or the defaults. */
void build_put_volumes(const struct text *sizes, struct ss_doc *out);
/* Inline, so that the lengths of literals are constants. */
static inline void build_put_lit(struct ss_doc *out, const char *lit_key, const char *lit)
{
	ss_doc_key_lit(out, lit_key);
	ss_doc_string_lit(out, lit);
}

/* path is what a reader would type: build_path(…, "labels", "a.b/c") is labels["a.b/c"]. */
void build_problem(struct build_problems *p, const char *path, const char *fmt, ...)
        SS_PRINTF(3, 4);
const char *build_path(char *buf, size_t size, const char *parent, const char *key);
/* "a string", "a number" … for messages. */
const char *build_type_name(enum ss_type type);
/* A problem for an unknown member of parent ("" = the input itself). */
void build_unknown(struct build_problems *p, const char *parent, const char *key,
                   const char *const *known, size_t n_known);
/* NULL when the text is good, else what it must be ("must not be empty"). */
typedef const char *(*build_check_fn)(const char *s, size_t len);
const char *build_check_quantity(const char *s, size_t len);
/* The string at node, the member key of parent (NULL = parent itself); {NULL, 0}
 * with a problem added when it is none or check (may be NULL) refuses it.
 * example (may be NULL) is for messages. */
struct text build_string(const struct build_input *in, ss_node node, const char *parent,
                         const char *key, build_check_fn check, const char *example,
                         struct build_problems *p);
/* The same for a field of type string or quantity. */
struct text build_field_string(const struct build_input *in, enum build_id id, const char *name,
                               struct build_problems *p);
/* The map at a field into m, sorted; members that are null count as absent. */
void build_read_pairs(const struct build_input *in, enum build_id id, build_check_fn check_key,
                      build_check_fn check_value, struct pairs *m, struct build_problems *p);
void build_read_tolerations(const struct build_input *in, struct build_problems *p);
/* The members of an object, each to ret[] under the index of its name; absent
 * and null ones are left alone. False with a problem added when it is no object. */
bool build_read_members(const struct build_input *in, ss_node node, const char *path,
                        const char *const *names, size_t n, ss_node *ret, struct build_problems *p);
