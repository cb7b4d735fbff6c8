#include "embed/schema.h"

#include <string.h>

#include "embed/schema_priv.h"

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
static const struct ss_schema_field sandbox_spec_fields[] = {
        {"operatingMode", &text, 0}, {"podTemplate", &template_, 1},
        {"service", &flag, 0},       {"shutdownPolicy", &text, 0},
        {"shutdownTime", &time_, 0}, {"volumeClaimTemplates", &open_list, 0}};
static const struct ss_schema sandbox_spec = FIELDS(sandbox_spec_fields);
static const struct ss_schema_field sandbox_status_fields[] = {
        {"conditions", &open_list, 0}, {"nodeName", &text, 0}, {"podIPs", &text_list, 0},
        {"selector", &text, 0},        {"service", &text, 0},  {"serviceFQDN", &text, 0}};
static const struct ss_schema sandbox_status = FIELDS(sandbox_status_fields);

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
static const struct ss_schema_field role_fields[] = {FRAME, KIND, {"rules", &open_list, 0}};
static const struct ss_schema_field binding_fields[] = {
        FRAME, KIND, {"roleRef", &atom, 1}, {"subjects", &open_list, 0}};
static const struct ss_schema_field sandbox_fields[] = {
        FRAME, KIND, {"spec", &sandbox_spec, 1}, {"status", &sandbox_status, 0}};

const struct ss_schema ss_schema_namespace = FIELDS(plain_fields),
                       ss_schema_plain = FIELDS(plain_fields), ss_schema_job = FIELDS(plain_fields),
                       ss_schema_pod = FIELDS(pod_fields),
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
