/* Writing the manifest: the object of design.md section 1, in its order. */
#include "base/err.h"
#include "sandbox/build.h"
#include "sandbox/build_priv.h"

#define ROLE_KEY "paperclip.io/role"

static inline void put_text(struct ss_doc *out, const char *key, struct text t)
{
	ss_doc_key_lit(out, key);
	ss_doc_string(out, t.s, t.len);
}

/* A given value, or the default. */
static inline void put_or(struct ss_doc *out, const char *key, struct text t, const char *lit)
{
	if (t.s)
		put_text(out, key, t);
	else
		build_put_lit(out, key, lit);
}

static void put_pairs(struct ss_doc *out, const char *key, const struct pairs *m)
{
	ss_doc_key_lit(out, key);
	ss_doc_begin_object(out);
	for (size_t i = 0; i < m->n; i++) {
		ss_doc_key(out, m->at[i].key.s, m->at[i].key.len);
		ss_doc_string(out, m->at[i].value.s, m->at[i].value.len);
	}
	ss_doc_end(out);
}

static void put_metadata(const struct build_input *in, struct ss_doc *out)
{
	ss_doc_key_lit(out, "metadata");
	ss_doc_begin_object(out);
	put_text(out, "name", in->text[B_SANDBOX_NAME]);
	put_text(out, "namespace", in->text[B_NAMESPACE]);
	put_pairs(out, "labels", &in->labels);
	if (in->annotations.n)
		put_pairs(out, "annotations", &in->annotations);
	ss_doc_end(out);
}

/* The labels with the role in its sorted place; it wins over an input label. */
static void put_pod_labels(const struct pairs *labels, struct ss_doc *out)
{
	bool done = false;

	ss_doc_key_lit(out, "labels");
	ss_doc_begin_object(out);
	for (size_t i = 0; i < labels->n; i++) {
		const struct pair *pair = &labels->at[i];
		int order = done ? 1 : strcmp(pair->key.s, ROLE_KEY);

		if (!done && order >= 0) {
			build_put_lit(out, ROLE_KEY, "agent");
			done = true;
		}
		if (order == 0)
			continue;
		ss_doc_key(out, pair->key.s, pair->key.len);
		ss_doc_string(out, pair->value.s, pair->value.len);
	}
	if (!done)
		build_put_lit(out, ROLE_KEY, "agent");
	ss_doc_end(out);
}

static void put_pull_secrets(const struct build_input *in, struct ss_doc *out)
{
	if (in->node[B_IMAGE_PULL_SECRETS] == SS_NO_NODE)
		return;
	ss_doc_key_lit(out, "imagePullSecrets");
	ss_doc_begin_array(out);
	for (struct ss_iter it = ss_iter(in->doc, in->node[B_IMAGE_PULL_SECRETS]);
	     ss_iter_next(&it);) {
		struct text name;

		name.s = ss_doc_get_string(in->doc, it.value, &name.len);
		ss_doc_begin_object(out);
		put_text(out, "name", name);
		ss_doc_end(out);
	}
	ss_doc_end(out);
}

static void put_env_from(struct text secret, struct ss_doc *out)
{
	ss_doc_key_lit(out, "envFrom");
	ss_doc_begin_array(out);
	ss_doc_begin_object(out);
	ss_doc_key_lit(out, "secretRef");
	ss_doc_begin_object(out);
	put_text(out, "name", secret);
	ss_doc_end(out);
	ss_doc_end(out);
	ss_doc_end(out);
}

static void put_env(const struct build_input *in, struct ss_doc *out)
{
	if (!in->env.n && !in->text[B_HOME].s)
		return;
	ss_doc_key_lit(out, "env");
	ss_doc_begin_array(out);
	if (in->text[B_HOME].s) {
		ss_doc_begin_object(out);
		build_put_lit(out, "name", "HOME");
		put_text(out, "value", in->text[B_HOME]);
		ss_doc_end(out);
	}
	for (size_t i = 0; i < in->env.n; i++) {
		ss_doc_begin_object(out);
		put_text(out, "name", in->env.at[i].key);
		put_text(out, "value", in->env.at[i].value);
		ss_doc_end(out);
	}
	ss_doc_end(out);
}

void build_put_amounts(struct ss_doc *out, const char *lit_key, const struct amounts *a,
                       struct text storage)
{
	ss_doc_key_lit(out, lit_key);
	ss_doc_begin_object(out);
	if (a->cpu.s)
		put_text(out, "cpu", a->cpu);
	if (storage.s)
		put_text(out, "ephemeral-storage", storage);
	if (a->memory.s)
		put_text(out, "memory", a->memory);
	ss_doc_end(out);
}

/* Given ones replace the defaults as a whole. */
static void put_given(const struct build_input *in, const char *lit_key,
                      const struct amounts *given, const struct build_fixed *fixed,
                      enum build_part part, struct ss_doc *out)
{
	struct text storage = in->text[B_EPHEMERAL_STORAGE];

	if (given->given)
		build_put_amounts(out, lit_key, given, storage);
	else if (storage.s)
		build_put_amounts(out, lit_key, build_default_amounts(part), storage);
	else
		build_put_part(out, lit_key, fixed, part);
}

static void put_resources(const struct build_input *in, const struct build_fixed *fixed,
                          struct ss_doc *out)
{
	ss_doc_key_lit(out, "resources");
	ss_doc_begin_object(out);
	put_given(in, "requests", &in->requests, fixed, PART_REQUESTS, out);
	put_given(in, "limits", &in->limits, fixed, PART_LIMITS, out);
	ss_doc_end(out);
}

void build_put_volumes(const struct text *sizes, struct ss_doc *out)
{
	static const char *const defaults[BUILD_VOLUMES] = {"8Gi", "1Gi", "1Gi", "2Gi"};

	ss_doc_key_lit(out, "volumes");
	ss_doc_begin_array(out);
	for (size_t i = 0; i < BUILD_VOLUMES; i++) {
		ss_doc_begin_object(out);
		build_put_lit(out, "name", build_volume_names[i]);
		ss_doc_key_lit(out, "emptyDir");
		ss_doc_begin_object(out);
		put_or(out, "sizeLimit", sizes[i], defaults[i]);
		ss_doc_end(out);
		ss_doc_end(out);
	}
	ss_doc_end(out);
}

static void put_container(const struct build_input *in, const struct build_fixed *fixed,
                          struct ss_doc *out)
{
	ss_doc_begin_object(out);
	build_put_lit(out, "name", "agent");
	put_text(out, "image", in->text[B_IMAGE]);
	build_put_lit(out, "imagePullPolicy", "IfNotPresent");
	build_put_part(out, "command", fixed, PART_COMMAND);
	put_env_from(in->text[B_ENV_SECRET_NAME], out);
	put_env(in, out);
	build_put_part(out, "securityContext", fixed, PART_CONTAINER_SECURITY);
	put_resources(in, fixed, out);
	build_put_part(out, "volumeMounts", fixed, PART_MOUNTS);
	ss_doc_end(out);
}

/* Members in PodSpec's order, whatever the input's. */
static void put_tolerations(const struct build_input *in, struct ss_doc *out)
{
	static const char *const names[] = {"key", "operator", "value", "effect",
	                                    "tolerationSeconds"};

	if (in->node[B_TOLERATIONS] == SS_NO_NODE)
		return;
	ss_doc_key_lit(out, "tolerations");
	ss_doc_begin_array(out);
	for (struct ss_iter it = ss_iter(in->doc, in->node[B_TOLERATIONS]); ss_iter_next(&it);) {
		ss_doc_begin_object(out);
		for (size_t i = 0; i < SS_ARRAY_LEN(names); i++) {
			ss_node member = ss_doc_get(in->doc, it.value, names[i]);

			if (ss_doc_type(in->doc, member) > SS_NULL)
				ss_doc_put_copy(out, names[i], in->doc, member);
		}
		ss_doc_end(out);
	}
	ss_doc_end(out);
}

/* Of a type that was checked: a copy, so that marks pass through (ss_build_marked). */
static void put_field(const struct build_input *in, enum build_id id, const char *key,
                      struct ss_doc *out)
{
	if (in->node[id] != SS_NO_NODE)
		ss_doc_put_copy(out, key, in->doc, in->node[id]);
}

static void put_pod_options(const struct build_input *in, struct ss_doc *out)
{
	if (in->node_selector.n)
		put_pairs(out, "nodeSelector", &in->node_selector);
	put_tolerations(in, out);
	if (in->text[B_NODE_NAME].s)
		put_text(out, "nodeName", in->text[B_NODE_NAME]);
	put_field(in, B_ACTIVE_DEADLINE_SECONDS, "activeDeadlineSeconds", out);
	put_field(in, B_HOST_USERS, "hostUsers", out);
	put_field(in, B_ENABLE_SERVICE_LINKS, "enableServiceLinks", out);
}

static void put_pod_spec(const struct build_input *in, const struct build_fixed *fixed,
                         struct ss_doc *out)
{
	ss_doc_key_lit(out, "spec");
	ss_doc_begin_object(out);
	put_text(out, "serviceAccountName", in->text[B_SERVICE_ACCOUNT_NAME]);
	ss_doc_put_bool(out, "automountServiceAccountToken", false);
	/* The controller needs the pod to come back between exec calls. */
	build_put_lit(out, "restartPolicy", "Always");
	if (in->text[B_RUNTIME_CLASS_NAME].s)
		put_text(out, "runtimeClassName", in->text[B_RUNTIME_CLASS_NAME]);
	put_pull_secrets(in, out);
	build_put_part(out, "securityContext", fixed, PART_POD_SECURITY);
	ss_doc_key_lit(out, "containers");
	ss_doc_begin_array(out);
	put_container(in, fixed, out);
	ss_doc_end(out);
	if (in->node[B_VOLUMES] == SS_NO_NODE)
		build_put_part(out, "volumes", fixed, PART_VOLUMES);
	else
		build_put_volumes(in->volumes, out);
	put_pod_options(in, out);
	ss_doc_end(out);
}

static void put_pod_template(const struct build_input *in, const struct build_fixed *fixed,
                             struct ss_doc *out)
{
	ss_doc_key_lit(out, "podTemplate");
	ss_doc_begin_object(out);
	ss_doc_key_lit(out, "metadata");
	ss_doc_begin_object(out);
	put_pod_labels(&in->labels, out);
	ss_doc_end(out);
	put_pod_spec(in, fixed, out);
	ss_doc_end(out);
}

void build_write(const struct build_input *in, struct ss_doc *out)
{
	const struct build_fixed *fixed = build_fixed();

	if (!fixed) {
		ss_doc_fail(out, SS_ERR_NOMEM);
		return;
	}
	ss_doc_begin_object(out);
	put_or(out, "apiVersion", in->text[B_API_VERSION], SS_BUILD_API_VERSION);
	build_put_lit(out, "kind", "Sandbox");
	put_metadata(in, out);
	ss_doc_key_lit(out, "spec");
	ss_doc_begin_object(out);
	put_pod_template(in, fixed, out);
	if (in->text[B_SHUTDOWN_TIME].s)
		put_text(out, "shutdownTime", in->text[B_SHUTDOWN_TIME]);
	if (in->text[B_SHUTDOWN_POLICY].s)
		put_text(out, "shutdownPolicy", in->text[B_SHUTDOWN_POLICY]);
	ss_doc_end(out);
	ss_doc_end(out);
}
