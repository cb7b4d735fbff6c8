/* What an overlay says about itself: of which adapter, for which tenant. The rest of
 * its contract is that of adapters (adapter/contract.c). */
#include <string.h>

#include "base/err.h"
#include "sandbox/names.h"
#include "script/adapter/adapter_priv.h"

static const char *declared_string(const struct ss_adapter_version *v, const char *key,
                                   bool *ret_given, size_t *ret_len)
{
	const struct ss_doc *d = v->declared;
	ss_node node = ss_doc_get(d, ss_doc_root(d), key);

	*ret_given = ss_doc_type(d, node) > SS_NULL;
	return ss_doc_get_string(d, node, ret_len);
}

static void check_adapter(struct ss_adapter_version *v)
{
	size_t len = 0;
	bool given;
	const char *s = declared_string(v, "adapter", &given, &len);

	if (!s)
		adapter_finding(v, given ? "adapter" : "",
		                "adapter must name the adapter it is for: adapter = \"NAME\", or "
		                "\"*\" for all");
	else if (strcmp(s, "*") != 0 && !adapter_is_name(s, len))
		adapter_finding(v, "adapter",
		                "adapter '%s' is no name of an adapter, nor \"*\" for all", s);
	v->target = s;
}

static void check_tenant(struct ss_adapter_version *v)
{
	size_t len = 0;
	bool given;
	const char *s = declared_string(v, "tenant", &given, &len), *why;

	if (given && !s)
		adapter_finding(v, "tenant", "tenant must be a string, such as \"acme\"");
	else if (s && (why = ss_name_check_dns_label(s, len)))
		adapter_finding(v, "tenant", "tenant '%s' %s", s, why);
	v->tenant = s;
}

void overlay_check_target(struct ss_adapter_version *v)
{
	check_adapter(v);
	check_tenant(v);
}

bool ss_adapter_is_overlay(const struct ss_adapter_version *v)
{
	return v->overlay;
}

const char *ss_overlay_adapter(const struct ss_adapter_version *v)
{
	return v->target;
}

const char *ss_overlay_tenant(const struct ss_adapter_version *v)
{
	return v->tenant;
}

bool ss_overlay_applies(const struct ss_adapter_version *v, const char *adapter, const char *tenant)
{
	if (v->tenant && (!tenant || strcmp(v->tenant, tenant) != 0))
		return false;
	return strcmp(v->target, "*") == 0 || strcmp(v->target, adapter) == 0;
}
