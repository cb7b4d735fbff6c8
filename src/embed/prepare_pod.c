#include "embed/prepare_pod.h"

#include <stdio.h>
#include <string.h>

#include "embed/prepare.h"
#include "embed/validate.h"

void ss_put_text(struct ss_value in, struct ss_doc *out, const char *key, const char *value)
{
	if (!ss_has(in, key))
		ss_doc_put_string(out, key, value);
}

void ss_put_number(struct ss_value in, struct ss_doc *out, const char *key, int64_t value)
{
	if (!ss_has(in, key))
		ss_doc_put_int(out, key, value);
}

void ss_put_empty(struct ss_value in, struct ss_doc *out, const char *key)
{
	if (ss_has(in, key))
		return;
	ss_doc_key(out, key, strlen(key));
	ss_doc_begin_object(out);
	ss_doc_end(out);
}

/* Without a tag or digest, or with :latest, an image is always pulled. */
static const char *pull_policy(const char *image)
{
	const char *name = image ? strrchr(image, '/') : NULL;
	const char *tag;

	name = name ? name : image;
	tag = name ? strrchr(name, ':') : NULL;
	if (name && strchr(name, '@'))
		return "IfNotPresent";
	return !tag || strcmp(tag, ":latest") == 0 ? "Always" : "IfNotPresent";
}

void ss_put_amount(struct ss_doc *out, struct ss_value in)
{
	static const struct {
		const char *suffix;
		double size;
	} units[] = {{"Ei", 0x1p60}, {"Pi", 0x1p50}, {"Ti", 0x1p40}, {"Gi", 0x1p30}, {"Mi", 0x1p20},
	             {"Ki", 0x1p10}, {"E", 1e18},    {"P", 1e15},    {"T", 1e12},    {"G", 1e9},
	             {"M", 1e6},     {"k", 1e3},     {"", 1},        {"m", 1e-3}};
	const char *s = ss_doc_get_string(in.doc, in.node, NULL);
	bool binary = s && strchr(s, 'i');
	double n = ss_amount(in);
	char text[64];

	for (size_t i = binary ? 0 : 6; i < SS_ARRAY_LEN(units); i++) {
		double count = n / units[i].size;

		if (count != (double)(long long)count)
			continue;
		snprintf(text, sizeof(text), "%lld%s", (long long)count, n ? units[i].suffix : "");
		ss_doc_string(out, text, strlen(text));
		return;
	}
	ss_doc_copy(out, in.doc, in.node);
}

void ss_put_first(struct ss_doc *out, const char *key, const struct ss_value *maps, size_t n)
{
	size_t all = 0;

	for (size_t i = 0; i < n; i++)
		all += ss_doc_count(maps[i].doc, maps[i].node);
	if (!all && maps[0].node == SS_NO_NODE)
		return;
	ss_doc_key(out, key, strlen(key));
	ss_doc_begin_object(out);
	for (size_t i = 0; i < n; i++)
		for (struct ss_iter it = ss_iter(maps[i].doc, maps[i].node); ss_iter_next(&it);) {
			size_t before = 0;

			while (before < i && !ss_has(maps[before], it.key))
				before++;
			if (before < i)
				continue;
			ss_doc_key(out, it.key, it.key_len);
			ss_doc_copy(out, it.doc, it.value);
		}
	ss_doc_end(out);
}

/* A limit without a request is the request. */
static void resources(struct ss_value in, struct ss_doc *out)
{
	struct ss_value maps[] = {ss_value_get(in, "requests"), ss_value_get(in, "limits")};

	ss_doc_key_lit(out, "resources");
	ss_doc_begin_object(out);
	ss_copy_members(out, in, (const char *const[]){"requests", NULL});
	ss_put_first(out, "requests", maps, 2);
	ss_doc_end(out);
}

static void probe(struct ss_value container, const char *key, struct ss_doc *out)
{
	struct ss_value in = ss_value_get(container, key);

	if (in.node == SS_NO_NODE)
		return;
	ss_doc_key_lit(out, key);
	ss_doc_begin_object(out);
	ss_copy_members(out, in, NULL);
	ss_put_number(in, out, "timeoutSeconds", 1);
	ss_put_number(in, out, "periodSeconds", 10);
	ss_put_number(in, out, "successThreshold", 1);
	ss_put_number(in, out, "failureThreshold", 3);
	ss_doc_end(out);
}

static void container(struct ss_value in, struct ss_doc *out)
{
	static const char *const rebuilt[] = {"resources", "livenessProbe", "readinessProbe",
	                                      "startupProbe", NULL};

	ss_doc_begin_object(out);
	ss_copy_members(out, in, rebuilt);
	resources(ss_value_get(in, "resources"), out);
	for (size_t i = 1; rebuilt[i]; i++)
		probe(in, rebuilt[i], out);
	ss_put_text(in, out, "terminationMessagePath", "/dev/termination-log");
	ss_put_text(in, out, "terminationMessagePolicy", "File");
	ss_put_text(in, out, "imagePullPolicy", pull_policy(ss_value_string(in, "image")));
	ss_doc_end(out);
}

static void volume(struct ss_value in, struct ss_doc *out)
{
	static const char *const with_mode[] = {"secret", "configMap", "projected", "downwardAPI",
	                                        NULL};

	ss_doc_begin_object(out);
	ss_copy_members(out, in, with_mode);
	for (const char *const *key = with_mode; *key; key++) {
		struct ss_value source = ss_value_get(in, *key);

		if (source.node == SS_NO_NODE)
			continue;
		ss_doc_key_lit(out, *key);
		ss_doc_begin_object(out);
		ss_copy_members(out, source, NULL);
		ss_put_number(source, out, "defaultMode", 0644);
		ss_doc_end(out);
	}
	ss_doc_end(out);
}

void ss_prepare_list(struct ss_value holder, const char *key,
                     void (*item)(struct ss_value, struct ss_doc *), struct ss_doc *out)
{
	struct ss_value in = ss_value_get(holder, key);

	if (in.node == SS_NO_NODE)
		return;
	ss_doc_key(out, key, strlen(key));
	ss_doc_begin_array(out);
	for (struct ss_iter it = ss_iter(in.doc, in.node); ss_iter_next(&it);)
		item((struct ss_value){it.doc, it.value}, out);
	ss_doc_end(out);
}

void ss_prepare_pod(struct ss_value pod, struct ss_doc *out)
{
	struct ss_value spec = ss_value_get(pod, "spec");

	ss_copy_members(out, pod, (const char *const[]){"spec", NULL});
	if (spec.node == SS_NO_NODE)
		return;
	ss_doc_key_lit(out, "spec");
	ss_doc_begin_object(out);
	ss_prepare_list(spec, "volumes", volume, out);
	ss_prepare_list(spec, "initContainers", container, out);
	ss_prepare_list(spec, "containers", container, out);
	ss_copy_members(out, spec,
	                (const char *const[]){"volumes", "initContainers", "containers", NULL});
	ss_put_text(spec, out, "restartPolicy", "Always");
	ss_put_number(spec, out, "terminationGracePeriodSeconds", 30);
	ss_put_text(spec, out, "dnsPolicy", "ClusterFirst");
	ss_put_empty(spec, out, "securityContext");
	ss_put_text(spec, out, "schedulerName", "default-scheduler");
	if (!ss_has(spec, "enableServiceLinks"))
		ss_doc_put_bool(out, "enableServiceLinks", true);
	ss_doc_end(out);
}

/* --- admission ------------------------------------------------------------- */

static void tolerate(struct ss_doc *out, const char *key)
{
	ss_doc_begin_object(out);
	ss_doc_put_string(out, "key", key);
	ss_doc_put_string(out, "operator", "Exists");
	ss_doc_put_string(out, "effect", "NoExecute");
	ss_doc_put_int(out, "tolerationSeconds", 300);
	ss_doc_end(out);
}

static void tolerations(struct ss_value in, struct ss_doc *out)
{
	static const char *const keys[] = {"node.kubernetes.io/not-ready",
	                                   "node.kubernetes.io/unreachable"};

	ss_doc_key_lit(out, "tolerations");
	ss_doc_begin_array(out);
	for (struct ss_iter it = ss_iter(in.doc, in.node); ss_iter_next(&it);)
		ss_doc_copy(out, it.doc, it.value);
	for (size_t i = 0; i < SS_ARRAY_LEN(keys); i++) {
		bool there = false;

		for (struct ss_iter it = ss_iter(in.doc, in.node); ss_iter_next(&it) && !there;)
			there = ss_doc_is_string(it.doc, ss_doc_get(it.doc, it.value, "key"),
			                         keys[i]);
		if (!there)
			tolerate(out, keys[i]);
	}
	ss_doc_end(out);
}

/* There are no objects of these kinds here, and a server has two classes from the start. */
static int check_classes(struct ss_ctx *ctx, const char *name, struct ss_value spec)
{
	const char *runtime = ss_value_string(spec, "runtimeClassName");
	const char *priority = ss_value_string(spec, "priorityClassName");

	if (runtime && *runtime)
		return ss_fail_object(
		        ctx, 403, "Forbidden", ss_kind(SS_KIND_POD), name,
		        "pods %s is forbidden: pod rejected: RuntimeClass %s not found "
		        "(the embedded cluster has none)",
		        ss_quoted(ctx, name), ss_quoted(ctx, runtime));
	if (priority && *priority && strcmp(priority, "system-cluster-critical") != 0 &&
	    strcmp(priority, "system-node-critical") != 0)
		return ss_fail_object(
		        ctx, 403, "Forbidden", ss_kind(SS_KIND_POD), name,
		        "pods %s is forbidden: no PriorityClass with name %s was found",
		        ss_quoted(ctx, name), priority);
	return 0;
}

int ss_admit_pod(struct ss_ctx *ctx, const char *ns, const char *name, struct ss_value in,
                 struct ss_value *ret)
{
	static const char *const rebuilt[] = {"serviceAccountName", "serviceAccount", "tolerations",
	                                      NULL};
	struct ss_value spec = ss_value_get(in, "spec");
	const char *account = ss_value_string(spec, "serviceAccountName");
	struct ss_record record;
	struct ss_doc *out;
	int rc;

	rc = check_classes(ctx, name, spec);
	if (rc < 0)
		return rc;
	account = account && *account ? account : "default";
	rc = ss_store_get(ctx->store, &ctx->pool, ss_kind(SS_KIND_SERVICE_ACCOUNT), ns, account,
	                  &record, &ctx->err);
	if (rc == SS_ERR_NOT_FOUND)
		return ss_fail_object(
		        ctx, 403, "Forbidden", ss_kind(SS_KIND_POD), name,
		        "pods %s is forbidden: error looking up service account %s/%s: "
		        "serviceaccount %s not found",
		        ss_quoted(ctx, name), ns, account, ss_quoted(ctx, account));
	out = rc < 0 ? NULL : ss_ctx_doc(ctx);
	if (!out)
		return rc < 0 ? rc : SS_ERR_NOMEM;
	ss_doc_begin_object(out);
	ss_copy_members(out, in, (const char *const[]){"spec", NULL});
	ss_doc_key_lit(out, "spec");
	ss_doc_begin_object(out);
	ss_copy_members(out, spec, rebuilt);
	ss_doc_put_string(out, "serviceAccountName", account);
	ss_doc_put_string(out, "serviceAccount", account);
	tolerations(ss_value_get(spec, "tolerations"), out);
	ss_put_number(spec, out, "priority", 0);
	ss_put_text(spec, out, "preemptionPolicy", "PreemptLowerPriority");
	ss_doc_end(out);
	ss_doc_end(out);
	rc = ss_ctx_finish(ctx, out);
	*ret = (struct ss_value){out, ss_doc_root(out)};
	return rc;
}

const char *ss_pod_qos(struct ss_value spec)
{
	static const char *const kinds[] = {"containers", "initContainers"};
	bool any = false, guaranteed = true;

	for (size_t i = 0; i < SS_ARRAY_LEN(kinds); i++) {
		struct ss_value all = ss_value_get(spec, kinds[i]);

		for (struct ss_iter it = ss_iter(all.doc, all.node); ss_iter_next(&it);) {
			struct ss_value r =
			        ss_value_get((struct ss_value){it.doc, it.value}, "resources");
			struct ss_value limits = ss_value_get(r, "limits");
			struct ss_value requests = ss_value_get(r, "requests");

			any |= ss_doc_count(r.doc, limits.node) ||
			       ss_doc_count(r.doc, requests.node);
			guaranteed &= ss_has(limits, "cpu") && ss_has(limits, "memory") &&
			              ss_doc_equal(r.doc, limits.node, r.doc, requests.node);
		}
	}
	return !any ? "BestEffort" : guaranteed ? "Guaranteed" : "Burstable";
}
