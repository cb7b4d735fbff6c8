/* What the content of a string must look like. */
#include <string.h>

#include "base/clock.h"
#include "sandbox/build_priv.h"
#include "sandbox/names.h"
#include "sandbox/quantity.h"

static bool has_control(const char *s, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if ((unsigned char)s[i] < ' ' || s[i] == 0x7f)
			return true;
	}
	return false;
}

static const char *check_plain(const char *s, size_t len)
{
	if (!len)
		return "must not be empty";
	return has_control(s, len) ? "must not contain control characters" : NULL;
}

static const char *check_image(const char *s, size_t len)
{
	if (!len)
		return "must not be empty";
	if (memchr(s, ' ', len) || has_control(s, len))
		return "must not contain white space or control characters";
	return NULL;
}

static const char *check_home(const char *s, size_t len)
{
	if (!len || s[0] != '/')
		return "must be an absolute path";
	return has_control(s, len) ? "must not contain control characters" : NULL;
}

static const char *check_api_version(const char *s, size_t len)
{
	if (strcmp(s, "agents.x-k8s.io/v1alpha1") == 0 || strcmp(s, "agents.x-k8s.io/v1beta1") == 0)
		return NULL;
	return "must be agents.x-k8s.io/v1alpha1 or agents.x-k8s.io/v1beta1";
}

static const char *check_shutdown_policy(const char *s, size_t len)
{
	return strcmp(s, "Retain") == 0 || strcmp(s, "Delete") == 0 ? NULL
	                                                            : "must be Retain or Delete";
}

/* As metav1.Time reads it: Go knows neither leap seconds nor lower-case letters. */
static const char *check_time(const char *s, size_t len)
{
	int64_t ms;

	if (ss_clock_parse_rfc3339(s, &ms) < 0 || strpbrk(s, "tz") || (len > 17 && s[17] == '6'))
		return "must be a time by RFC 3339, such as 2030-01-02T15:04:05Z";
	return NULL;
}

const char *build_check_quantity(const char *s, size_t len)
{
	if (!ss_quantity_is_valid(s, len))
		return "must be a quantity, such as \"500m\", \"2\" or \"4Gi\"";
	return s[0] == '-' ? "must not be negative" : NULL;
}

/* Of the fields that are strings. */
static const struct {
	build_check_fn check;
	const char *example;
} rules[B_COUNT] = {
        [B_NAMESPACE] = {ss_name_check_dns_label, "\"agents\""},
        [B_SANDBOX_NAME] = {ss_name_check_dns_label, "\"agent-1\""},
        [B_ADAPTER_TYPE] = {check_plain, "\"claude_local\""},
        [B_IMAGE] = {check_image, "\"ghcr.io/acme/agent:v1\""},
        [B_ENV_SECRET_NAME] = {ss_name_check_dns_subdomain, "\"agent-1-env\""},
        [B_SERVICE_ACCOUNT_NAME] = {ss_name_check_dns_subdomain, "\"agent\""},
        [B_RUNTIME_CLASS_NAME] = {ss_name_check_dns_subdomain, "\"gvisor\""},
        [B_API_VERSION] = {check_api_version, "\"agents.x-k8s.io/v1beta1\""},
        [B_HOME] = {check_home, "\"/home/paperclip\""},
        [B_NODE_NAME] = {ss_name_check_dns_subdomain, "\"node-1\""},
        [B_SHUTDOWN_TIME] = {check_time, "\"2030-01-02T15:04:05Z\""},
        [B_SHUTDOWN_POLICY] = {check_shutdown_policy, "\"Delete\""},
        [B_EPHEMERAL_STORAGE] = {build_check_quantity, "\"10Gi\""},
};

/* Paths are built for problems only: for a good input that would be most of the work. */
static void not_a_string(const struct build_input *in, ss_node node, const char *path,
                         const char *example, struct build_problems *p)
{
	build_problem(p, path, "must be a string%s%s, is %s", example ? " such as " : "",
	              example ? example : "", build_type_name(ss_doc_type(in->doc, node)));
}

struct text build_string(const struct build_input *in, ss_node node, const char *parent,
                         const char *key, build_check_fn check, const char *example,
                         struct build_problems *p)
{
	char buf[256];
	const char *why, *path;
	struct text t;

	t.s = ss_doc_get_string(in->doc, node, &t.len);
	why = t.s && check ? check(t.s, t.len) : NULL;
	if (t.s && memchr(t.s, 0, t.len))
		why = "the text holds a NUL byte";
	if (t.s && !why)
		return t;
	path = key ? build_path(buf, sizeof(buf), parent, key) : parent;
	if (!t.s)
		not_a_string(in, node, path, example, p);
	else if (t.len)
		build_problem(p, path, "%s, is \"%.100s\"", why, t.s);
	else
		build_problem(p, path, "%s", why);
	return (struct text){0};
}

struct text build_field_string(const struct build_input *in, enum build_id id, const char *name,
                               struct build_problems *p)
{
	return build_string(in, in->node[id], name, NULL, rules[id].check, rules[id].example, p);
}
