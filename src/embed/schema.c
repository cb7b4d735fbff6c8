#include "embed/schema.h"

#include <string.h>

#include "embed/schema_priv.h"
#include "embed/validate.h"

static const struct ss_schema_field meta_fields[] = {
        {"annotations", &texts, 0},
        {"creationTimestamp", &time_, 0},
        {"deletionGracePeriodSeconds", &number, 0},
        {"deletionTimestamp", &time_, 0},
        {"finalizers", &text_set, 0},
        {"generateName", &text, 0},
        {"generation", &number, 0},
        {"labels", &texts, 0},
        {"managedFields", &open_list, 0},
        {"name", &text, 0},
        {"namespace", &text, 0},
        {"ownerReferences", &owners, 0},
        {"resourceVersion", &text, 0},
        {"selfLink", &text, 0},
        {"uid", &text, 0},
};
static const struct ss_schema meta = FIELDS(meta_fields);

/* --- sandboxes --------------------------------------------------------------- */
static const struct ss_schema_field template_meta_fields[] = {{"annotations", &texts, 0},
                                                              {"labels", &texts, 0}};
static const struct ss_schema template_meta = FIELDS(template_meta_fields);
static const struct ss_schema_field template_fields[] = {{"metadata", &template_meta, 0},
                                                         {"spec", &ss_schema_pod_spec, 1}};
static const struct ss_schema template_ = FIELDS(template_fields);
WORDS(mode, "Running|Suspended");
WORDS(shutdown, "Delete|Retain");
static const struct ss_schema_field sandbox_spec_fields[] = {
        {"operatingMode", &mode, 0}, {"podTemplate", &template_, 1},
        {"service", &flag, 0},       {"shutdownPolicy", &shutdown, 0},
        {"shutdownTime", &time_, 0}, {"volumeClaimTemplates", &open_list, 0}};
static const struct ss_schema sandbox_spec = FIELDS(sandbox_spec_fields);
static const struct ss_schema_field sandbox_status_fields[] = {
        {"conditions", &open_list, 0}, {"nodeName", &text, 0}, {"podIPs", &text_list, 0},
        {"selector", &text, 0},        {"service", &text, 0},  {"serviceFQDN", &text, 0}};
static const struct ss_schema sandbox_status = FIELDS(sandbox_status_fields);

/* --- permissions, bounds, networks, jobs ------------------------------------- */
#define RBAC "rbac.authorization.k8s.io"
NAMED(segment, ss_is_segment, ss_segment_rule);
WORDS(role_kind, "Role|ClusterRole");
WORDS(subject_kind, "ServiceAccount|User|Group");
WORDS(rbac_group, RBAC);
WORDS(subject_group, "|" RBAC);
NAMED(some_text, NULL, NULL);
OBJECT(rule, {"apiGroups", &text_list, 0}, {"nonResourceURLs", &text_list, 0},
       {"resourceNames", &text_list, 0}, {"resources", &text_list, 0}, {"verbs", &text_list, 0});
static const struct ss_schema rules = ATOMIC_LIST(&rule);
static const struct ss_schema_field role_ref_fields[] = {
        {"apiGroup", &rbac_group, 0}, {"kind", &role_kind, 1}, {"name", &segment, 1}};
static const struct ss_schema role_ref = {
        .type = SS_SCHEMA_OBJECT, .rel = SS_REL_ATOMIC, .n_fields = 3, .fields = role_ref_fields};
OBJECT(subject, {"apiGroup", &subject_group, 0}, {"kind", &subject_kind, 1},
       {"name", &some_text, 1}, {"namespace", &text, 0});
static const struct ss_schema subjects = ATOMIC_LIST(&subject);

WORDS(scope, "Terminating|NotTerminating|BestEffort|NotBestEffort|PriorityClass|"
             "CrossNamespacePodAffinity|VolumeAttributesClass");
static const struct ss_schema scopes = ATOMIC_LIST(&scope);
static const struct ss_schema hard = {.type = SS_SCHEMA_MAP,
                                      .elem = &quantity,
                                      .form = ss_is_qualified_name,
                                      .rule = ss_key_rule};
OBJECT(quota_spec, {"hard", &hard, 0}, {"scopeSelector", &open_, 0}, {"scopes", &scopes, 0});
OBJECT(range_item, {"default", &quantities, 0}, {"defaultRequest", &quantities, 0},
       {"max", &quantities, 0}, {"maxLimitRequestRatio", &quantities, 0}, {"min", &quantities, 0},
       {"type", &some_text, 1});
static const struct ss_schema range_items = ATOMIC_LIST(&range_item);
OBJECT(range_spec, {"limits", &range_items, 1});

NAMED(block, ss_is_block, "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)");
static const struct ss_schema blocks = ATOMIC_LIST(&block);
RANGE(end_port, 1, 65535);
WORDS(direction, "Ingress|Egress");
static const struct ss_schema directions = ATOMIC_LIST(&direction);
OBJECT(ip_block, {"cidr", &block, 1}, {"except", &blocks, 0});
OBJECT(peer, {"ipBlock", &ip_block, 0}, {"namespaceSelector", &ss_schema_label_selector, 0},
       {"podSelector", &ss_schema_label_selector, 0});
static const struct ss_schema peers = ATOMIC_LIST(&peer);
OBJECT(policy_port, {"endPort", &end_port, 0}, {"port", &ss_schema_port_ref, 0},
       {"protocol", &ss_schema_protocol, 0});
static const struct ss_schema policy_ports = ATOMIC_LIST(&policy_port);
OBJECT(egress, {"ports", &policy_ports, 0}, {"to", &peers, 0});
OBJECT(ingress, {"from", &peers, 0}, {"ports", &policy_ports, 0});
static const struct ss_schema egresses = ATOMIC_LIST(&egress), ingresses = ATOMIC_LIST(&ingress);
OBJECT(network_spec, {"egress", &egresses, 0}, {"ingress", &ingresses, 0},
       {"podSelector", &ss_schema_label_selector, 0}, {"policyTypes", &directions, 0});

RANGE(count, 0, INT32_MAX);
WORDS(completion_mode, "NonIndexed|Indexed");
WORDS(replacement, "TerminatingOrFailed|Failed");
OBJECT(job_template, {"metadata", &meta, 0}, {"spec", &ss_schema_pod_spec, 1});
OBJECT(job_spec, {"activeDeadlineSeconds", &count, 0}, {"backoffLimit", &count, 0},
       {"backoffLimitPerIndex", &count, 0}, {"completionMode", &completion_mode, 0},
       {"completions", &count, 0}, {"managedBy", &text, 0}, {"manualSelector", &flag, 0},
       {"maxFailedIndexes", &count, 0}, {"parallelism", &count, 0}, {"podFailurePolicy", &open_, 0},
       {"podReplacementPolicy", &replacement, 0}, {"selector", &ss_schema_label_selector, 0},
       {"successPolicy", &open_, 0}, {"suspend", &flag, 0}, {"template", &job_template, 1},
       {"ttlSecondsAfterFinished", &count, 0});

/* --- the kinds --------------------------------------------------------------- */
#define FRAME                                                                                      \
	{                                                                                          \
		"apiVersion", &text, 0                                                             \
	}
#define KIND                                                                                       \
	{"kind", &text, 0},                                                                        \
	{                                                                                          \
		"metadata", &meta, 0                                                               \
	}

static const struct ss_schema_field plain_fields[] = {
        FRAME, KIND, {"spec", &open_, 0}, {"status", &open_, 0}};
static const struct ss_schema_field account_fields[] = {FRAME,
                                                        {"automountServiceAccountToken", &flag, 0},
                                                        {"imagePullSecrets", &open_list, 0},
                                                        KIND,
                                                        {"secrets", &named, 0}};
static const struct ss_schema_field secret_fields[] = {
        FRAME, {"data", &binaries, 0},    {"immutable", &flag, 0},
        KIND,  {"stringData", &texts, 0}, {"type", &text, 0}};
static const struct ss_schema_field config_map_fields[] = {
        FRAME, {"binaryData", &binaries, 0}, {"data", &texts, 0}, {"immutable", &flag, 0}, KIND};
static const struct ss_schema_field pod_fields[] = {
        FRAME, KIND, {"spec", &ss_schema_pod_spec, 0}, {"status", &open_, 0}};
static const struct ss_schema_field event_fields[] = {{"action", &text, 0},
                                                      FRAME,
                                                      {"count", &number, 0},
                                                      {"eventTime", &time_, 0},
                                                      {"firstTimestamp", &time_, 0},
                                                      {"involvedObject", &atom, 1},
                                                      {"kind", &text, 0},
                                                      {"lastTimestamp", &time_, 0},
                                                      {"message", &text, 0},
                                                      {"metadata", &meta, 0},
                                                      {"reason", &text, 0},
                                                      {"related", &atom, 0},
                                                      {"reportingComponent", &text, 0},
                                                      {"reportingInstance", &text, 0},
                                                      {"series", &open_, 0},
                                                      {"source", &open_, 0},
                                                      {"type", &text, 0}};
static const struct ss_schema_field role_fields[] = {FRAME, KIND, {"rules", &rules, 0}};
static const struct ss_schema_field binding_fields[] = {
        FRAME, KIND, {"roleRef", &role_ref, 1}, {"subjects", &subjects, 0}};
#define KIND_WITH(spec_type)                                                                       \
	{                                                                                          \
		FRAME, KIND, {"spec", &spec_type, 0},                                              \
		{                                                                                  \
			"status", &open_, 0                                                        \
		}                                                                                  \
	}
static const struct ss_schema_field quota_fields[] = KIND_WITH(quota_spec),
                                    range_fields[] = KIND_WITH(range_spec),
                                    network_fields[] = KIND_WITH(network_spec),
                                    job_fields[] = KIND_WITH(job_spec);
static const struct ss_schema_field sandbox_fields[] = {
        FRAME, KIND, {"spec", &sandbox_spec, 1}, {"status", &sandbox_status, 0}};

const struct ss_schema ss_schema_namespace = FIELDS(plain_fields),
                       ss_schema_quota = FIELDS(quota_fields),
                       ss_schema_limit_range = FIELDS(range_fields),
                       ss_schema_network_policy = FIELDS(network_fields),
                       ss_schema_job = FIELDS(job_fields), ss_schema_pod = FIELDS(pod_fields),
                       ss_schema_service_account = FIELDS(account_fields),
                       ss_schema_secret = FIELDS(secret_fields),
                       ss_schema_event = FIELDS(event_fields),
                       ss_schema_config_map = FIELDS(config_map_fields),
                       ss_schema_role = FIELDS(role_fields),
                       ss_schema_role_binding = FIELDS(binding_fields),
                       ss_schema_sandbox = FIELDS(sandbox_fields);

/* Lists in open values that have the same keys wherever they appear. */
static const struct ss_schema_field well_known[] = {{"conditions", &conditions, 0},
                                                    {"containers", &ss_schema_containers, 0},
                                                    {"env", &ss_schema_env, 0},
                                                    {"imagePullSecrets", &named, 0},
                                                    {"initContainers", &ss_schema_containers, 0},
                                                    {"podIPs", &addresses, 0},
                                                    {"volumeMounts", &ss_schema_mounts, 0},
                                                    {"volumes", &named, 0}};
static const struct ss_schema known_lists = FIELDS(well_known);

const struct ss_schema_field *ss_schema_field(const struct ss_schema *schema, const char *name)
{
	size_t low = 0, high;

	if (!schema || schema->type != SS_SCHEMA_OBJECT)
		return NULL;
	high = schema->n_fields;
	while (low < high) {
		size_t mid = (low + high) / 2;
		int c = strcmp(name, schema->fields[mid].name);

		if (c == 0)
			return &schema->fields[mid];
		if (c < 0)
			high = mid;
		else
			low = mid + 1;
	}
	return NULL;
}

const struct ss_schema *ss_schema_member(const struct ss_schema *schema, const char *name)
{
	const struct ss_schema_field *field;

	if (!schema)
		return NULL;
	if (schema->type == SS_SCHEMA_MAP)
		return schema->elem;
	field = ss_schema_field(schema->type == SS_SCHEMA_OPEN ? &known_lists : schema, name);
	if (field)
		return field->type;
	return schema->type == SS_SCHEMA_OPEN ? &open_ : NULL;
}

bool ss_schema_declares(const struct ss_schema *schema, const char *name)
{
	return schema && (schema->type == SS_SCHEMA_OPEN || ss_schema_field(schema, name));
}
