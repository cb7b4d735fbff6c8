/* The agent profile, beyond Pod Security: reliability.md 3.2. */
#include <stdio.h>

#include "sandbox/guard_priv.h"
#include "sandbox/quantity.h"

static void check_service_account(struct guard_run *run, const struct at *spec)
{
	enum tri mount = guard_bool(run, spec, "automountServiceAccountToken");
	const char *name = guard_string(run, spec, "serviceAccountName");

	if (mount == ABSENT || mount == YES)
		guard_refuse(run, R_P01, spec, "automountServiceAccountToken",
		             "write automountServiceAccountToken: false",
		             "must be set to false: an agent never calls the Kubernetes API");
	if (name && (!name[0] || strcmp(name, "default") == 0))
		guard_refuse(run, R_P02, spec, "serviceAccountName",
		             "name a service account made for agents",
		             name[0] ? "must not be default" : "must be set");
}

static void check_shared_processes(struct guard_run *run, const struct at *spec)
{
	if (guard_bool(run, spec, "shareProcessNamespace") == YES)
		guard_refuse(run, R_P05, spec, "shareProcessNamespace",
		             "write false or leave it out", "must not be true");
}

/* P17. nodeName and tolerations are the operator's to set through the builder. */
static void check_placement(struct guard_run *run, const struct at *spec)
{
	static const struct {
		const char *key;
		enum ss_type type;
		const char *harmless; /* what the API server writes into stored pods */
	} fields[] = {
	        {"hostAliases", SS_ARRAY, NULL},
	        {"dnsConfig", SS_OBJECT, NULL},
	        {"subdomain", SS_STRING, ""},
	        {"schedulerName", SS_STRING, "default-scheduler"},
	        {"priorityClassName", SS_STRING, ""},
	        {"overhead", SS_OBJECT, NULL},
	        {"resourceClaims", SS_ARRAY, NULL},
	};

	for (size_t i = 0; i < SS_ARRAY_LEN(fields); i++) {
		struct at at = guard_get(run, spec, fields[i].key, fields[i].type);
		const char *s = ss_doc_get_string(run->doc, at.node, NULL);

		if (s ? !s[0] || strcmp(s, fields[i].harmless) == 0
		      : !ss_doc_count(run->doc, at.node))
			continue;
		guard_refuse(run, R_P17, &at, NULL, "leave it out", "must not be set for an agent");
	}
}

static void check_ephemeral_containers(struct guard_run *run, const struct at *spec)
{
	ss_node node = ss_doc_get(run->doc, spec->node, "ephemeralContainers");

	if (ss_doc_type(run->doc, node) == SS_ARRAY && ss_doc_count(run->doc, node))
		guard_refuse(run, R_P18, spec, "ephemeralContainers", "leave it out",
		             "must not be set for an agent");
}

void guard_agent_pod(struct guard_run *run, const struct guard_pod *pod)
{
	check_service_account(run, &pod->spec);
	check_shared_processes(run, &pod->spec);
	check_placement(run, &pod->spec);
	check_ephemeral_containers(run, &pod->spec);
}

/* --- volumes ------------------------------------------------------------- */

static void check_projected(struct guard_run *run, const struct at *volume)
{
	struct at projected = guard_get(run, volume, "projected", SS_OBJECT);
	struct at sources = guard_get(run, &projected, "sources", SS_ARRAY), source;

	for (struct ss_iter it = ss_iter(run->doc, sources.node);
	     guard_next(run, &sources, &it, SS_OBJECT, &source);) {
		struct at token = guard_get(run, &source, "serviceAccountToken", SS_OBJECT);

		if (token.node != SS_NO_NODE)
			guard_refuse(run, R_P01, &token, NULL, "leave this source out",
			             "must not be given to an agent");
	}
}

static void check_empty_dir(struct guard_run *run, const struct at *volume)
{
	/* Of another type: reported with the volume's. */
	struct at dir = {.up = volume,
	                 .key = "emptyDir",
	                 .node = ss_doc_get(run->doc, volume->node, "emptyDir")};
	ss_node limit = ss_doc_get(run->doc, dir.node, "sizeLimit");
	char buf[32];
	const char *size;

	if (ss_doc_type(run->doc, dir.node) != SS_OBJECT && guard_volume_type(run, volume))
		return;
	size = guard_quantity(run, &dir, "sizeLimit", buf, sizeof(buf));
	/* Zero stands for no limit. */
	if (size ? ss_quantity_cmp(size, "0") <= 0 : ss_doc_type(run->doc, limit) <= SS_NULL)
		guard_refuse(run, R_P06, &dir, "sizeLimit", "write a size, such as sizeLimit: 1Gi",
		             "must be set: what an agent can write to has a limit");
}

void guard_agent_volume(struct guard_run *run, const struct at *volume)
{
	check_projected(run, volume);
	check_empty_dir(run, volume);
}

/* --- containers ---------------------------------------------------------- */

static void check_read_only(struct guard_run *run, const struct guard_container *c)
{
	enum tri value = guard_bool(run, &c->sc, "readOnlyRootFilesystem");

	if (value == ABSENT || value == NO)
		guard_refuse(run, R_P06, &c->sc, "readOnlyRootFilesystem",
		             "write readOnlyRootFilesystem: true and mount an emptyDir where the "
		             "agent writes",
		             "must be set to true");
}

static void check_limits(struct guard_run *run, const struct at *limits)
{
	static const char *const names[] = {"cpu", "memory"};
	char buf[32];

	for (size_t i = 0; i < SS_ARRAY_LEN(names); i++) {
		ss_node node = ss_doc_get(run->doc, limits->node, names[i]);
		const char *limit = guard_quantity(run, limits, names[i], buf, sizeof(buf));

		/* A limit of zero is none at all to the kubelet. */
		if (limit ? ss_quantity_cmp(limit, "0") <= 0
		          : ss_doc_type(run->doc, node) <= SS_NULL)
			guard_refuse(run, R_P08, limits, names[i],
			             i ? "write a limit, such as memory: 4Gi"
			               : "write a limit, such as cpu: \"2\"",
			             "must be set and above zero");
	}
}

static bool is_cpu_or_memory(const char *name)
{
	return strcmp(name, "cpu") == 0 || strcmp(name, "memory") == 0;
}

static void check_requests(struct guard_run *run, const struct at *requests,
                           const struct at *limits)
{
	char buf_request[32], buf_limit[32];

	for (struct ss_iter it = ss_iter(run->doc, requests->node); ss_iter_next(&it);) {
		const char *request =
		        guard_quantity(run, requests, it.key, buf_request, sizeof(buf_request));
		/* Limits of cpu and memory were read, and reported, already. */
		size_t len;
		ss_node node = ss_doc_get(run->doc, limits->node, it.key);
		const char *limit = ss_doc_get_string(run->doc, node, &len);

		if (!is_cpu_or_memory(it.key) || ss_doc_type(run->doc, node) == SS_INT)
			limit = guard_quantity(run, limits, it.key, buf_limit, sizeof(buf_limit));
		else if (limit && !ss_quantity_is_valid(limit, len))
			limit = NULL;
		if (request && limit && ss_quantity_cmp(request, limit) > 0)
			guard_refuse(run, R_P08, requests, it.key,
			             "lower the request or raise the limit",
			             "must be at most the limit: %.40s is above %.40s", request,
			             limit);
	}
}

static void check_resources(struct guard_run *run, const struct guard_container *c)
{
	struct at resources = guard_get(run, &c->self, "resources", SS_OBJECT);
	struct at limits = guard_get(run, &resources, "limits", SS_OBJECT);
	struct at requests = guard_get(run, &resources, "requests", SS_OBJECT);

	check_limits(run, &limits);
	check_requests(run, &requests, &limits);
}

/* P18: handlers and exec probes run commands of the manifest's author in the agent. */
static void check_handlers(struct guard_run *run, const struct guard_container *c)
{
	for (struct ss_iter it = ss_iter(run->doc, c->lifecycle.node); ss_iter_next(&it);) {
		if (ss_doc_type(run->doc, it.value) != SS_NULL)
			guard_refuse(run, R_P18, &c->lifecycle, it.key, "leave it out",
			             "must not be set for an agent");
	}
	for (size_t i = 0; i < SS_ARRAY_LEN(c->probes); i++) {
		struct at exec = guard_get(run, &c->probes[i], "exec", SS_OBJECT);

		if (exec.node != SS_NO_NODE)
			guard_refuse(run, R_P18, &exec, NULL,
			             "use httpGet, tcpSocket or grpc, or leave the probe out",
			             "must not be set for an agent");
	}
}

void guard_agent_container(struct guard_run *run, const struct guard_container *c)
{
	check_read_only(run, c);
	/* The API server allows ephemeral containers no resources. */
	if (!c->ephemeral)
		check_resources(run, c);
	check_handlers(run, c);
}

/* --- labels and annotations ---------------------------------------------- */

static bool domain_is(const char *prefix, size_t len, const char *domain)
{
	size_t n = strlen(domain);

	if (len < n || memcmp(prefix + len - n, domain, n) != 0)
		return false;
	return len == n || prefix[len - n - 1] == '.';
}

static size_t prefix_len(const char *key)
{
	const char *slash = strchr(key, '/');

	return slash ? (size_t)(slash - key) : 0;
}

bool guard_key_is_controllers(const char *key)
{
	return domain_is(key, prefix_len(key), "agents.x-k8s.io");
}

bool guard_key_is_reserved(const char *key)
{
	size_t len = prefix_len(key);

	if (!len || (len == 17 && memcmp(key, "app.kubernetes.io", 17) == 0))
		return false;
	return domain_is(key, len, "kubernetes.io") || domain_is(key, len, "k8s.io") ||
	       guard_key_is_controllers(key);
}

static void refuse_key(struct guard_run *run, const struct at *map, const char *key)
{
	guard_refuse(run, R_P19, map, key, "use a prefix of your own, or app.kubernetes.io/",
	             "must not be set: its prefix belongs to Kubernetes or agent-sandbox");
}

void guard_agent_keys(struct guard_run *run, const struct at *map, bool own_annotations)
{
	for (struct ss_iter it = ss_iter(run->doc, map->node); ss_iter_next(&it);) {
		/* kubectl apply leaves its record on the object itself. */
		if (own_annotations &&
		    strcmp(it.key, "kubectl.kubernetes.io/last-applied-configuration") == 0)
			continue;
		if (guard_key_is_reserved(it.key))
			refuse_key(run, map, it.key);
	}
}

void guard_controller_keys(struct guard_run *run, const struct at *map)
{
	for (struct ss_iter it = ss_iter(run->doc, map->node); ss_iter_next(&it);) {
		if (guard_key_is_controllers(it.key))
			refuse_key(run, map, it.key);
	}
}
