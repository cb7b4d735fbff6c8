/* Writing the manifest: the object of design.md section 1, in its order. */
#include "sandbox/build_priv.h"

#define ROLE_KEY "paperclip.io/role"

static inline void put_text(struct ss_doc *out, const char *key, struct text t)
{
	ss_doc_key_lit(out, key);
	ss_doc_string(out, t.s, t.len);
}

/* Inline, so that the lengths of literals are constants. */
static inline void put_lit(struct ss_doc *out, const char *lit_key, const char *lit)
{
	ss_doc_key_lit(out, lit_key);
	ss_doc_string_lit(out, lit);
}

/* A given value, or the default. */
static inline void put_or(struct ss_doc *out, const char *key, struct text t, const char *lit)
{
	if (t.s)
		put_text(out, key, t);
	else
		put_lit(out, key, lit);
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
			put_lit(out, ROLE_KEY, "agent");
			done = true;
		}
		if (order == 0)
			continue;
		ss_doc_key(out, pair->key.s, pair->key.len);
		ss_doc_string(out, pair->value.s, pair->value.len);
	}
	if (!done)
		put_lit(out, ROLE_KEY, "agent");
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

static void put_pod_security(struct ss_doc *out)
{
	ss_doc_key_lit(out, "securityContext");
	ss_doc_begin_object(out);
	ss_doc_put_bool(out, "runAsNonRoot", true);
	ss_doc_put_int(out, "runAsUser", 1000);
	ss_doc_put_int(out, "runAsGroup", 1000);
	ss_doc_put_int(out, "fsGroup", 1000);
	put_lit(out, "fsGroupChangePolicy", "OnRootMismatch");
	ss_doc_key_lit(out, "seccompProfile");
	ss_doc_begin_object(out);
	put_lit(out, "type", "RuntimeDefault");
	ss_doc_end(out);
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
		put_lit(out, "name", "HOME");
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

static void put_amounts(struct ss_doc *out, const char *key, const struct amounts *given,
                        const struct amounts *defaults, struct text storage)
{
	const struct amounts *a = given->given ? given : defaults;

	ss_doc_key_lit(out, key);
	ss_doc_begin_object(out);
	if (a->cpu.s)
		put_text(out, "cpu", a->cpu);
	if (storage.s)
		put_text(out, "ephemeral-storage", storage);
	if (a->memory.s)
		put_text(out, "memory", a->memory);
	ss_doc_end(out);
}

static void put_resources(const struct build_input *in, struct ss_doc *out)
{
	static const struct amounts requests = {.cpu = {"250m", 4}, .memory = {"512Mi", 5}};
	static const struct amounts limits = {.cpu = {"2", 1}, .memory = {"4Gi", 3}};
	struct text storage = in->text[B_EPHEMERAL_STORAGE];

	ss_doc_key_lit(out, "resources");
	ss_doc_begin_object(out);
	put_amounts(out, "requests", &in->requests, &requests, storage);
	put_amounts(out, "limits", &in->limits, &limits, storage);
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
		put_lit(out, "name", build_volume_names[i]);
		put_lit(out, "mountPath", paths[i]);
		ss_doc_end(out);
	}
	ss_doc_end(out);
}

static void put_volumes(const struct build_input *in, struct ss_doc *out)
{
	static const char *const sizes[BUILD_VOLUMES] = {"8Gi", "1Gi", "1Gi", "2Gi"};

	ss_doc_key_lit(out, "volumes");
	ss_doc_begin_array(out);
	for (size_t i = 0; i < BUILD_VOLUMES; i++) {
		ss_doc_begin_object(out);
		put_lit(out, "name", build_volume_names[i]);
		ss_doc_key_lit(out, "emptyDir");
		ss_doc_begin_object(out);
		put_or(out, "sizeLimit", in->volumes[i], sizes[i]);
		ss_doc_end(out);
		ss_doc_end(out);
	}
	ss_doc_end(out);
}

static void put_container(const struct build_input *in, struct ss_doc *out)
{
	ss_doc_begin_object(out);
	put_lit(out, "name", "agent");
	put_text(out, "image", in->text[B_IMAGE]);
	put_lit(out, "imagePullPolicy", "IfNotPresent");
	put_command(out);
	put_env_from(in->text[B_ENV_SECRET_NAME], out);
	put_env(in, out);
	put_container_security(out);
	put_resources(in, out);
	put_mounts(out);
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

static void put_bool_field(const struct build_input *in, enum build_id id, const char *key,
                           struct ss_doc *out)
{
	if (in->node[id] != SS_NO_NODE)
		ss_doc_put_bool(out, key, ss_doc_get_bool(in->doc, in->node[id], false));
}

static void put_pod_options(const struct build_input *in, struct ss_doc *out)
{
	ss_node deadline = in->node[B_ACTIVE_DEADLINE_SECONDS];

	if (in->node_selector.n)
		put_pairs(out, "nodeSelector", &in->node_selector);
	put_tolerations(in, out);
	if (in->text[B_NODE_NAME].s)
		put_text(out, "nodeName", in->text[B_NODE_NAME]);
	if (deadline != SS_NO_NODE)
		ss_doc_put_int(out, "activeDeadlineSeconds", ss_doc_get_int(in->doc, deadline, 0));
	put_bool_field(in, B_HOST_USERS, "hostUsers", out);
	put_bool_field(in, B_ENABLE_SERVICE_LINKS, "enableServiceLinks", out);
}

static void put_pod_spec(const struct build_input *in, struct ss_doc *out)
{
	ss_doc_key_lit(out, "spec");
	ss_doc_begin_object(out);
	put_text(out, "serviceAccountName", in->text[B_SERVICE_ACCOUNT_NAME]);
	ss_doc_put_bool(out, "automountServiceAccountToken", false);
	/* The controller needs the pod to come back between exec calls. */
	put_lit(out, "restartPolicy", "Always");
	if (in->text[B_RUNTIME_CLASS_NAME].s)
		put_text(out, "runtimeClassName", in->text[B_RUNTIME_CLASS_NAME]);
	put_pull_secrets(in, out);
	put_pod_security(out);
	ss_doc_key_lit(out, "containers");
	ss_doc_begin_array(out);
	put_container(in, out);
	ss_doc_end(out);
	put_volumes(in, out);
	put_pod_options(in, out);
	ss_doc_end(out);
}

static void put_pod_template(const struct build_input *in, struct ss_doc *out)
{
	ss_doc_key_lit(out, "podTemplate");
	ss_doc_begin_object(out);
	ss_doc_key_lit(out, "metadata");
	ss_doc_begin_object(out);
	put_pod_labels(&in->labels, out);
	ss_doc_end(out);
	put_pod_spec(in, out);
	ss_doc_end(out);
}

void build_write(const struct build_input *in, struct ss_doc *out)
{
	ss_doc_begin_object(out);
	put_or(out, "apiVersion", in->text[B_API_VERSION], "agents.x-k8s.io/v1alpha1");
	put_lit(out, "kind", "Sandbox");
	put_metadata(in, out);
	ss_doc_key_lit(out, "spec");
	ss_doc_begin_object(out);
	put_pod_template(in, out);
	if (in->text[B_SHUTDOWN_TIME].s)
		put_text(out, "shutdownTime", in->text[B_SHUTDOWN_TIME]);
	if (in->text[B_SHUTDOWN_POLICY].s)
		put_text(out, "shutdownPolicy", in->text[B_SHUTDOWN_POLICY]);
	ss_doc_end(out);
	ss_doc_end(out);
}
