#include "embed/schema.h"

#include <string.h>

#include "base/attr.h"

#define FIELDS(list)                                                                               \
	{                                                                                          \
		.type = SS_SCHEMA_OBJECT, .n_fields = SS_ARRAY_LEN(list), .fields = list           \
	}
#define KEYED(item, by)                                                                            \
	{                                                                                          \
		.type = SS_SCHEMA_LIST, .rel = SS_REL_KEYED, .elem = item, .keys = by              \
	}
#define MAP(value)                                                                                 \
	{                                                                                          \
		.type = SS_SCHEMA_MAP, .elem = value                                               \
	}

static const struct ss_schema open_ = {.type = SS_SCHEMA_OPEN};
static const struct ss_schema text = {.type = SS_SCHEMA_STRING}, number = {.type = SS_SCHEMA_INT};
static const struct ss_schema flag = {.type = SS_SCHEMA_BOOL}, time_ = {.type = SS_SCHEMA_TIME};
static const struct ss_schema bytes = {.type = SS_SCHEMA_BYTES},
                              quantity = {.type = SS_SCHEMA_QUANTITY};
static const struct ss_schema texts = MAP(&text), binaries = MAP(&bytes),
                              quantities = MAP(&quantity);
static const struct ss_schema text_list = {
        .type = SS_SCHEMA_LIST, .rel = SS_REL_ATOMIC, .elem = &text};
static const struct ss_schema text_set = {.type = SS_SCHEMA_LIST, .rel = SS_REL_SET, .elem = &text};
static const struct ss_schema open_list = {
        .type = SS_SCHEMA_LIST, .rel = SS_REL_ATOMIC, .elem = &open_};
static const struct ss_schema atom = {.type = SS_SCHEMA_MAP, .rel = SS_REL_ATOMIC, .elem = &open_};

static const char *const by_name[] = {"name", NULL}, *const by_type[] = {"type", NULL};
static const char *const by_uid[] = {"uid", NULL}, *const by_ip[] = {"ip", NULL};
static const char *const by_mount[] = {"mountPath", NULL}, *const by_device[] = {"devicePath",
                                                                                 NULL};
static const char *const by_port[] = {"containerPort", "protocol=TCP", NULL};
static const char *const by_topology[] = {"topologyKey", "whenUnsatisfiable", NULL};

static const struct ss_schema named = KEYED(&open_, by_name), owners = KEYED(&atom, by_uid);
static const struct ss_schema conditions = KEYED(&open_, by_type), addresses = KEYED(&open_, by_ip);
static const struct ss_schema spread = KEYED(&open_, by_topology),
                              devices = KEYED(&open_, by_device);

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

/* --- containers and pods --------------------------------------------------- */
static const struct ss_schema_field env_fields[] = {
        {"name", &text, 1}, {"value", &text, 0}, {"valueFrom", &open_, 0}};
static const struct ss_schema env_var = FIELDS(env_fields), env = KEYED(&env_var, by_name);
static const struct ss_schema_field mount_fields[] = {
        {"mountPath", &text, 1},  {"mountPropagation", &text, 0},  {"name", &text, 1},
        {"readOnly", &flag, 0},   {"recursiveReadOnly", &text, 0}, {"subPath", &text, 0},
        {"subPathExpr", &text, 0}};
static const struct ss_schema mount = FIELDS(mount_fields), mounts = KEYED(&mount, by_mount);
static const struct ss_schema_field port_fields[] = {{"containerPort", &number, 1},
                                                     {"hostIP", &text, 0},
                                                     {"hostPort", &number, 0},
                                                     {"name", &text, 0},
                                                     {"protocol", &text, 0}};
static const struct ss_schema port = FIELDS(port_fields), ports = KEYED(&port, by_port);
static const struct ss_schema_field resource_fields[] = {
        {"claims", &named, 0}, {"limits", &quantities, 0}, {"requests", &quantities, 0}};
static const struct ss_schema resources = FIELDS(resource_fields);

static const struct ss_schema_field container_fields[] = {
        {"args", &text_list, 0},
        {"command", &text_list, 0},
        {"env", &env, 0},
        {"envFrom", &open_list, 0},
        {"image", &text, 0},
        {"imagePullPolicy", &text, 0},
        {"lifecycle", &open_, 0},
        {"livenessProbe", &open_, 0},
        {"name", &text, 1},
        {"ports", &ports, 0},
        {"readinessProbe", &open_, 0},
        {"resizePolicy", &open_list, 0},
        {"resources", &resources, 0},
        {"restartPolicy", &text, 0},
        {"restartPolicyRules", &open_list, 0},
        {"securityContext", &open_, 0},
        {"startupProbe", &open_, 0},
        {"stdin", &flag, 0},
        {"stdinOnce", &flag, 0},
        {"targetContainerName", &text, 0},
        {"terminationMessagePath", &text, 0},
        {"terminationMessagePolicy", &text, 0},
        {"tty", &flag, 0},
        {"volumeDevices", &devices, 0},
        {"volumeMounts", &mounts, 0},
        {"workingDir", &text, 0},
};
static const struct ss_schema container = FIELDS(container_fields);
static const struct ss_schema containers = KEYED(&container, by_name);

static const struct ss_schema_field pod_spec_fields[] = {
        {"activeDeadlineSeconds", &number, 0},
        {"affinity", &open_, 0},
        {"automountServiceAccountToken", &flag, 0},
        {"containers", &containers, 1},
        {"dnsConfig", &open_, 0},
        {"dnsPolicy", &text, 0},
        {"enableServiceLinks", &flag, 0},
        {"ephemeralContainers", &containers, 0},
        {"hostAliases", &addresses, 0},
        {"hostIPC", &flag, 0},
        {"hostNetwork", &flag, 0},
        {"hostPID", &flag, 0},
        {"hostUsers", &flag, 0},
        {"hostname", &text, 0},
        {"hostnameOverride", &text, 0},
        {"imagePullSecrets", &named, 0},
        {"initContainers", &containers, 0},
        {"nodeName", &text, 0},
        {"nodeSelector", &atom, 0},
        {"os", &open_, 0},
        {"overhead", &quantities, 0},
        {"preemptionPolicy", &text, 0},
        {"priority", &number, 0},
        {"priorityClassName", &text, 0},
        {"readinessGates", &open_list, 0},
        {"resourceClaims", &named, 0},
        {"resources", &resources, 0},
        {"restartPolicy", &text, 0},
        {"runtimeClassName", &text, 0},
        {"schedulerName", &text, 0},
        {"schedulingGates", &named, 0},
        {"schedulingGroup", &open_, 0},
        {"securityContext", &open_, 0},
        {"serviceAccount", &text, 0},
        {"serviceAccountName", &text, 0},
        {"setHostnameAsFQDN", &flag, 0},
        {"shareProcessNamespace", &flag, 0},
        {"subdomain", &text, 0},
        {"terminationGracePeriodSeconds", &number, 0},
        {"tolerations", &open_list, 0},
        {"topologySpreadConstraints", &spread, 0},
        {"volumes", &named, 0},
};
static const struct ss_schema pod_spec = FIELDS(pod_spec_fields);
static const struct ss_schema_field template_meta_fields[] = {{"annotations", &texts, 0},
                                                              {"labels", &texts, 0}};
static const struct ss_schema template_meta = FIELDS(template_meta_fields);
static const struct ss_schema_field template_fields[] = {{"metadata", &template_meta, 0},
                                                         {"spec", &pod_spec, 1}};
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
        FRAME, KIND, {"spec", &pod_spec, 0}, {"status", &open_, 0}};
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
                                                    {"containers", &containers, 0},
                                                    {"env", &env, 0},
                                                    {"imagePullSecrets", &named, 0},
                                                    {"initContainers", &containers, 0},
                                                    {"podIPs", &addresses, 0},
                                                    {"volumeMounts", &mounts, 0},
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
