/* The parts of a manifest that are the same in nearly all. */
#include <stdatomic.h>
#include <stdlib.h>

#include "sandbox/build_priv.h"

static void put_pod_security(struct ss_doc *out)
{
	ss_doc_key_lit(out, "securityContext");
	ss_doc_begin_object(out);
	ss_doc_put_bool(out, "runAsNonRoot", true);
	ss_doc_put_int(out, "runAsUser", 1000);
	ss_doc_put_int(out, "runAsGroup", 1000);
	ss_doc_put_int(out, "fsGroup", 1000);
	build_put_lit(out, "fsGroupChangePolicy", "OnRootMismatch");
	ss_doc_key_lit(out, "seccompProfile");
	ss_doc_begin_object(out);
	build_put_lit(out, "type", "RuntimeDefault");
	ss_doc_end(out);
	ss_doc_end(out);
}

/* A long-lived pod into which commands are exec'd; tini forwards signals and reaps zombies. */
static void put_command(struct ss_doc *out)
{
	static const char *const words[] = {"/usr/bin/tini", "--", "/bin/sh", "-c",
	                                    "sleep infinity"};

	ss_doc_key_lit(out, "command");
	ss_doc_begin_array(out);
	for (size_t i = 0; i < SS_ARRAY_LEN(words); i++)
		ss_doc_string_lit(out, words[i]);
	ss_doc_end(out);
}

static void put_container_security(struct ss_doc *out)
{
	ss_doc_key_lit(out, "securityContext");
	ss_doc_begin_object(out);
	ss_doc_put_bool(out, "runAsNonRoot", true);
	ss_doc_put_int(out, "runAsUser", 1000);
	ss_doc_put_int(out, "runAsGroup", 1000);
	ss_doc_put_bool(out, "readOnlyRootFilesystem", true);
	ss_doc_put_bool(out, "allowPrivilegeEscalation", false);
	ss_doc_key_lit(out, "capabilities");
	ss_doc_begin_object(out);
	ss_doc_key_lit(out, "drop");
	ss_doc_begin_array(out);
	ss_doc_string_lit(out, "ALL");
	ss_doc_end(out);
	ss_doc_end(out);
	ss_doc_end(out);
}

static void put_mounts(struct ss_doc *out)
{
	static const char *const paths[BUILD_VOLUMES] = {"/workspace", "/home/paperclip",
	                                                 "/home/paperclip/.cache", "/tmp"};

	ss_doc_key_lit(out, "volumeMounts");
	ss_doc_begin_array(out);
	for (size_t i = 0; i < BUILD_VOLUMES; i++) {
		ss_doc_begin_object(out);
		build_put_lit(out, "name", build_volume_names[i]);
		build_put_lit(out, "mountPath", paths[i]);
		ss_doc_end(out);
	}
	ss_doc_end(out);
}

const struct amounts *build_default_amounts(enum build_part part)
{
	static const struct amounts requests = {.cpu = {"250m", 4}, .memory = {"512Mi", 5}};
	static const struct amounts limits = {.cpu = {"2", 1}, .memory = {"4Gi", 3}};

	return part == PART_REQUESTS ? &requests : &limits;
}

static void put_requests(struct ss_doc *out)
{
	build_put_amounts(out, "requests", build_default_amounts(PART_REQUESTS), (struct text){0});
}

static void put_limits(struct ss_doc *out)
{
	build_put_amounts(out, "limits", build_default_amounts(PART_LIMITS), (struct text){0});
}

static void put_default_volumes(struct ss_doc *out)
{
	static const struct text none[BUILD_VOLUMES];

	build_put_volumes(none, out);
}

static void (*const writers[BUILD_PARTS])(struct ss_doc *out) = {
        [PART_POD_SECURITY] = put_pod_security,
        [PART_COMMAND] = put_command,
        [PART_CONTAINER_SECURITY] = put_container_security,
        [PART_REQUESTS] = put_requests,
        [PART_LIMITS] = put_limits,
        [PART_MOUNTS] = put_mounts,
        [PART_VOLUMES] = put_default_volumes,
};

struct build_fixed {
	struct ss_doc *doc;
	ss_node parts[BUILD_PARTS];
};

static void drop(struct build_fixed *fixed)
{
	if (fixed)
		ss_doc_free(fixed->doc);
	free(fixed);
}

/* [{key: value} …], one object per part: writers give key and value. */
static struct build_fixed *make(void)
{
	struct build_fixed *fixed = calloc(1, sizeof(*fixed));

	if (!fixed || !(fixed->doc = ss_doc_new()))
		goto fail;
	ss_doc_begin_array(fixed->doc);
	for (size_t i = 0; i < BUILD_PARTS; i++) {
		ss_doc_begin_object(fixed->doc);
		writers[i](fixed->doc);
		ss_doc_end(fixed->doc);
	}
	ss_doc_end(fixed->doc);
	if (ss_doc_finish(fixed->doc, NULL) < 0)
		goto fail;
	for (size_t i = 0; i < BUILD_PARTS; i++) {
		ss_node part = ss_doc_at(fixed->doc, ss_doc_root(fixed->doc), i);
		struct ss_iter it = ss_iter(fixed->doc, part);

		ss_iter_next(&it);
		fixed->parts[i] = it.value;
	}
	return fixed;
fail:
	drop(fixed);
	return NULL;
}

const struct build_fixed *build_fixed(void)
{
	/* Made by the first build of the process and kept until its end. */
	static _Atomic(struct build_fixed *) shared;
	struct build_fixed *seen = atomic_load_explicit(&shared, memory_order_acquire), *made;

	if (seen)
		return seen;
	made = make();
	if (made && !atomic_compare_exchange_strong(&shared, &seen, made)) {
		drop(made);
		return seen;
	}
	return made;
}

void build_put_part(struct ss_doc *out, const char *lit_key, const struct build_fixed *fixed,
                    enum build_part part)
{
	ss_doc_put_copy(out, lit_key, fixed->doc, fixed->parts[part]);
}
