/* A PodSpec: its fields and their types, how they merge, and which values they take. What a table
 * cannot say (one field beside another) is in validate_pod.c; what is open, in validate.h. */
#include "embed/schema_priv.h"
#include "embed/validate.h"

static const char *const by_mount[] = {"mountPath", NULL}, *const by_device[] = {"devicePath",
                                                                                 NULL};
static const char *const by_port[] = {"containerPort", "protocol=TCP", NULL};
static const char *const by_topology[] = {"topologyKey", "whenUnsatisfiable", NULL};

RANGE(port_number, 1, 65535);
RANGE(host_port, 0, 65535);
RANGE(file_mode, 0, 0777);
RANGE(positive, 1, INT32_MAX);
RANGE(not_negative, 0, INT64_MAX);
RANGE(weight, 1, 100);
RANGE(deadline, 1, INT32_MAX);
#define PORT_NAME "must be at most 15 of a-z, 0-9 and '-', with a letter"
const struct ss_schema ss_schema_port_ref = {.type = SS_SCHEMA_INT_OR_STRING,
                                             .form = ss_is_port_name,
                                             .rule = PORT_NAME,
                                             .min = 1,
                                             .max = 65535};
FORM(port_name, ss_is_port_name, PORT_NAME);
FORM(ip, ss_is_ip, "must be a valid IP address");
FORM(host_name, ss_is_label_name, ss_label_rule);
FORM(label_value, ss_is_label_value, ss_value_rule);
FORM(inner_path, ss_is_inner_path, "must be a relative path without '..'");
NAMED(file_path, ss_is_inner_path, "must be a relative path without '..'");
NAMED(label_name, ss_is_label_name, ss_label_rule);
NAMED(some_text, NULL, NULL);
NAMED(env_name, ss_is_env_name,
      "a valid environment variable name must consist only of printable ASCII characters other "
      "than '='");
static const struct ss_schema label_values = {.type = SS_SCHEMA_MAP,
                                              .elem = &label_value,
                                              .form = ss_is_qualified_name,
                                              .rule = ss_key_rule};
static const struct ss_schema number_list = ATOMIC_LIST(&number);

/* --- selectors ----------------------------------------------------------------------------------- */
WORDS(label_operator, "In|NotIn|Exists|DoesNotExist");
WORDS(node_operator, "In|NotIn|Exists|DoesNotExist|Gt|Lt");
OBJECT(label_term, {"key", &text, 1}, {"operator", &label_operator, 1}, {"values", &text_list, 0});
OBJECT(node_term, {"key", &text, 1}, {"operator", &node_operator, 1}, {"values", &text_list, 0});
static const struct ss_schema label_terms = ATOMIC_LIST(&label_term),
                              node_terms = ATOMIC_LIST(&node_term);
static const struct ss_schema_field selector_fields[] = {{"matchExpressions", &label_terms, 0},
                                                         {"matchLabels", &label_values, 0}};
const struct ss_schema ss_schema_label_selector = {.type = SS_SCHEMA_OBJECT,
                                                   .rel = SS_REL_ATOMIC,
                                                   .n_fields = SS_ARRAY_LEN(selector_fields),
                                                   .fields = selector_fields};
OBJECT(node_selector_term, {"matchExpressions", &node_terms, 0}, {"matchFields", &node_terms, 0});
static const struct ss_schema node_selector_terms = ATOMIC_LIST(&node_selector_term);
OBJECT(node_selector, {"nodeSelectorTerms", &node_selector_terms, 1});
OBJECT(node_preferred, {"preference", &node_selector_term, 1}, {"weight", &weight, 1});
static const struct ss_schema nodes_preferred = ATOMIC_LIST(&node_preferred);
OBJECT(node_affinity, {"preferredDuringSchedulingIgnoredDuringExecution", &nodes_preferred, 0},
       {"requiredDuringSchedulingIgnoredDuringExecution", &node_selector, 0});
OBJECT(pod_term, {"labelSelector", &ss_schema_label_selector, 0}, {"matchLabelKeys", &text_list, 0},
       {"mismatchLabelKeys", &text_list, 0}, {"namespaceSelector", &ss_schema_label_selector, 0},
       {"namespaces", &text_list, 0}, {"topologyKey", &text, 1});
static const struct ss_schema pod_terms = ATOMIC_LIST(&pod_term);
OBJECT(pod_preferred, {"podAffinityTerm", &pod_term, 1}, {"weight", &weight, 1});
static const struct ss_schema pods_preferred = ATOMIC_LIST(&pod_preferred);
OBJECT(pod_affinity, {"preferredDuringSchedulingIgnoredDuringExecution", &pods_preferred, 0},
       {"requiredDuringSchedulingIgnoredDuringExecution", &pod_terms, 0});
OBJECT(affinity, {"nodeAffinity", &node_affinity, 0}, {"podAffinity", &pod_affinity, 0},
       {"podAntiAffinity", &pod_affinity, 0});
WORDS(unsatisfiable, "DoNotSchedule|ScheduleAnyway");
WORDS(node_policy, "Honor|Ignore");
OBJECT(spread_item, {"labelSelector", &ss_schema_label_selector, 0},
       {"matchLabelKeys", &text_list, 0}, {"maxSkew", &positive, 1}, {"minDomains", &positive, 0},
       {"nodeAffinityPolicy", &node_policy, 0}, {"nodeTaintsPolicy", &node_policy, 0},
       {"topologyKey", &text, 1}, {"whenUnsatisfiable", &unsatisfiable, 1});
static const struct ss_schema spread = KEYED(&spread_item, by_topology);
WORDS(effect, "|NoSchedule|PreferNoSchedule|NoExecute");
WORDS(toleration_operator, "|Exists|Equal|Lt|Gt");
OBJECT(toleration, {"effect", &effect, 0}, {"key", &text, 0}, {"operator", &toleration_operator, 0},
       {"tolerationSeconds", &number, 0}, {"value", &text, 0});
static const struct ss_schema tolerations = ATOMIC_LIST(&toleration);

/* --- security contexts --------------------------------------------------------------------------- */
WORDS(profile_type, "Localhost|RuntimeDefault|Unconfined");
WORDS(proc_mount, "Default|Unmasked");
WORDS(change_policy, "Always|OnRootMismatch");
WORDS(groups_policy, "Merge|Strict");
WORDS(selinux_policy, "MountOption|Recursive");
OBJECT(profile, {"localhostProfile", &text, 0}, {"type", &profile_type, 1});
OBJECT(capabilities, {"add", &text_list, 0}, {"drop", &text_list, 0});
OBJECT(selinux, {"level", &text, 0}, {"role", &text, 0}, {"type", &text, 0}, {"user", &text, 0});
OBJECT(windows, {"gmsaCredentialSpec", &text, 0}, {"gmsaCredentialSpecName", &text, 0},
       {"hostProcess", &flag, 0}, {"runAsUserName", &text, 0});
OBJECT(pair, {"name", &text, 1}, {"value", &text, 0});
static const struct ss_schema pairs = ATOMIC_LIST(&pair);
OBJECT(container_context, {"allowPrivilegeEscalation", &flag, 0}, {"appArmorProfile", &profile, 0},
       {"capabilities", &capabilities, 0}, {"privileged", &flag, 0}, {"procMount", &proc_mount, 0},
       {"readOnlyRootFilesystem", &flag, 0}, {"runAsGroup", &not_negative, 0},
       {"runAsNonRoot", &flag, 0}, {"runAsUser", &not_negative, 0}, {"seLinuxOptions", &selinux, 0},
       {"seccompProfile", &profile, 0}, {"windowsOptions", &windows, 0});
OBJECT(pod_context, {"appArmorProfile", &profile, 0}, {"fsGroup", &not_negative, 0},
       {"fsGroupChangePolicy", &change_policy, 0}, {"runAsGroup", &not_negative, 0},
       {"runAsNonRoot", &flag, 0}, {"runAsUser", &not_negative, 0},
       {"seLinuxChangePolicy", &selinux_policy, 0}, {"seLinuxOptions", &selinux, 0},
       {"seccompProfile", &profile, 0}, {"supplementalGroups", &number_list, 0},
       {"supplementalGroupsPolicy", &groups_policy, 0}, {"sysctls", &pairs, 0},
       {"windowsOptions", &windows, 0});

/* --- handlers ------------------------------------------------------------------------------------ */
WORDS(scheme, "HTTP|HTTPS");
OBJECT(exec, {"command", &text_list, 0});
OBJECT(http_get, {"host", &text, 0}, {"httpHeaders", &pairs, 0}, {"path", &text, 0},
       {"port", &ss_schema_port_ref, 1}, {"scheme", &scheme, 0});
OBJECT(tcp_socket, {"host", &text, 0}, {"port", &ss_schema_port_ref, 1});
OBJECT(grpc, {"port", &port_number, 1}, {"service", &text, 0});
OBJECT(pause, {"seconds", &not_negative, 1});
static const struct ss_schema_field probe_fields[] = {
        {"exec", &exec, 0},
        {"failureThreshold", &positive, 0},
        {"grpc", &grpc, 0},
        {"httpGet", &http_get, 0},
        {"initialDelaySeconds", &not_negative, 0},
        {"periodSeconds", &positive, 0},
        {"successThreshold", &positive, 0},
        {"tcpSocket", &tcp_socket, 0},
        {"terminationGracePeriodSeconds", &positive, 0},
        {"timeoutSeconds", &positive, 0},
};
static const struct ss_schema probe = {.type = SS_SCHEMA_OBJECT,
                                       .n_fields = SS_ARRAY_LEN(probe_fields),
                                       .fields = probe_fields,
                                       .one_of = "exec|grpc|httpGet|tcpSocket"};
static const struct ss_schema_field handler_fields[] = {{"exec", &exec, 0},
                                                        {"httpGet", &http_get, 0},
                                                        {"sleep", &pause, 0},
                                                        {"tcpSocket", &tcp_socket, 0}};
static const struct ss_schema handler = {.type = SS_SCHEMA_OBJECT,
                                         .n_fields = SS_ARRAY_LEN(handler_fields),
                                         .fields = handler_fields,
                                         .one_of = "exec|httpGet|sleep|tcpSocket"};
OBJECT(lifecycle, {"postStart", &handler, 0}, {"preStop", &handler, 0}, {"stopSignal", &text, 0});

/* --- environment --------------------------------------------------------------------------------- */
OBJECT(key_ref, {"key", &text, 1}, {"name", &text, 0}, {"optional", &flag, 0});
OBJECT(field_ref, {"apiVersion", &text, 0}, {"fieldPath", &text, 1});
OBJECT(resource_ref, {"containerName", &text, 0}, {"divisor", &quantity, 0},
       {"resource", &text, 1});
static const struct ss_schema_field source_fields[] = {{"configMapKeyRef", &key_ref, 0},
                                                       {"fieldRef", &field_ref, 0},
                                                       {"fileKeyRef", &open_, 0},
                                                       {"resourceFieldRef", &resource_ref, 0},
                                                       {"secretKeyRef", &key_ref, 0}};
static const struct ss_schema value_source = {
        .type = SS_SCHEMA_OBJECT,
        .n_fields = SS_ARRAY_LEN(source_fields),
        .fields = source_fields,
        .one_of = "configMapKeyRef|fieldRef|fileKeyRef|resourceFieldRef|secretKeyRef"};
OBJECT(env_var, {"name", &env_name, 1}, {"value", &text, 0}, {"valueFrom", &value_source, 0});
const struct ss_schema ss_schema_env = KEYED(&env_var, by_name);
OBJECT(object_ref, {"name", &text, 0}, {"optional", &flag, 0});
static const struct ss_schema_field env_from_fields[] = {
        {"configMapRef", &object_ref, 0}, {"prefix", &text, 0}, {"secretRef", &object_ref, 0}};
static const struct ss_schema env_from_item = {.type = SS_SCHEMA_OBJECT,
                                               .n_fields = SS_ARRAY_LEN(env_from_fields),
                                               .fields = env_from_fields,
                                               .one_of = "configMapRef|secretRef"};
static const struct ss_schema env_from = ATOMIC_LIST(&env_from_item);

/* --- containers ---------------------------------------------------------------------------------- */
WORDS(propagation, "None|HostToContainer|Bidirectional");
WORDS(recursive, "Disabled|Enabled|IfPossible");
OBJECT(mount, {"mountPath", &some_text, 1}, {"mountPropagation", &propagation, 0},
       {"name", &some_text, 1}, {"readOnly", &flag, 0}, {"recursiveReadOnly", &recursive, 0},
       {"subPath", &inner_path, 0}, {"subPathExpr", &inner_path, 0});
const struct ss_schema ss_schema_mounts = KEYED(&mount, by_mount);
const struct ss_schema ss_schema_protocol = {.type = SS_SCHEMA_STRING, .words = "TCP|UDP|SCTP"};
OBJECT(port, {"containerPort", &port_number, 1}, {"hostIP", &ip, 0}, {"hostPort", &host_port, 0},
       {"name", &port_name, 0}, {"protocol", &ss_schema_protocol, 0});
static const struct ss_schema ports = KEYED(&port, by_port);
OBJECT(resources, {"claims", &named, 0}, {"limits", &quantities, 0}, {"requests", &quantities, 0});
OBJECT(device, {"devicePath", &text, 1}, {"name", &text, 1});
static const struct ss_schema devices = KEYED(&device, by_device);
WORDS(pull_policy, "Always|IfNotPresent|Never");
WORDS(restart_policy, "Always|OnFailure|Never");
WORDS(message_policy, "File|FallbackToLogsOnError");
OBJECT(container, {"args", &text_list, 0}, {"command", &text_list, 0}, {"env", &ss_schema_env, 0},
       {"envFrom", &env_from, 0}, {"image", &text, 0}, {"imagePullPolicy", &pull_policy, 0},
       {"lifecycle", &lifecycle, 0}, {"livenessProbe", &probe, 0}, {"name", &label_name, 1},
       {"ports", &ports, 0}, {"readinessProbe", &probe, 0}, {"resizePolicy", &open_list, 0},
       {"resources", &resources, 0}, {"restartPolicy", &restart_policy, 0},
       {"restartPolicyRules", &open_list, 0}, {"securityContext", &container_context, 0},
       {"startupProbe", &probe, 0}, {"stdin", &flag, 0}, {"stdinOnce", &flag, 0},
       {"targetContainerName", &text, 0}, {"terminationMessagePath", &text, 0},
       {"terminationMessagePolicy", &message_policy, 0}, {"tty", &flag, 0},
       {"volumeDevices", &devices, 0}, {"volumeMounts", &ss_schema_mounts, 0},
       {"workingDir", &text, 0});
const struct ss_schema ss_schema_containers = KEYED(&container, by_name);

/* --- volumes ------------------------------------------------------------------------------------- */
OBJECT(key_to_path, {"key", &text, 1}, {"mode", &file_mode, 0}, {"path", &file_path, 1});
static const struct ss_schema keys_to_paths = ATOMIC_LIST(&key_to_path);
OBJECT(config_map_source, {"defaultMode", &file_mode, 0}, {"items", &keys_to_paths, 0},
       {"name", &text, 0}, {"optional", &flag, 0});
OBJECT(secret_source, {"defaultMode", &file_mode, 0}, {"items", &keys_to_paths, 0},
       {"optional", &flag, 0}, {"secretName", &text, 0});
OBJECT(downward_file, {"fieldRef", &field_ref, 0}, {"mode", &file_mode, 0}, {"path", &file_path, 1},
       {"resourceFieldRef", &resource_ref, 0});
static const struct ss_schema downward_files = ATOMIC_LIST(&downward_file);
OBJECT(downward, {"defaultMode", &file_mode, 0}, {"items", &downward_files, 0});
OBJECT(projected_items, {"items", &keys_to_paths, 0}, {"name", &text, 0}, {"optional", &flag, 0});
OBJECT(token, {"audience", &text, 0}, {"expirationSeconds", &number, 0}, {"path", &text, 1});
static const struct ss_schema_field projection_fields[] = {
        {"clusterTrustBundle", &open_, 0}, {"configMap", &projected_items, 0},
        {"downwardAPI", &downward, 0},     {"podCertificate", &open_, 0},
        {"secret", &projected_items, 0},   {"serviceAccountToken", &token, 0}};
static const struct ss_schema projection = {.type = SS_SCHEMA_OBJECT,
                                            .n_fields = SS_ARRAY_LEN(projection_fields),
                                            .fields = projection_fields,
                                            .one_of = "clusterTrustBundle|configMap|downwardAPI|"
                                                      "podCertificate|secret|serviceAccountToken"};
static const struct ss_schema projections = ATOMIC_LIST(&projection);
OBJECT(projected, {"defaultMode", &file_mode, 0}, {"sources", &projections, 0});
OBJECT(empty_dir, {"medium", &text, 0}, {"sizeLimit", &quantity, 0});
OBJECT(claim, {"claimName", &text, 1}, {"readOnly", &flag, 0});
OBJECT(host_path, {"path", &text, 1}, {"type", &text, 0});
OBJECT(image_source, {"pullPolicy", &pull_policy, 0}, {"reference", &text, 0});
OBJECT(nfs, {"path", &text, 1}, {"readOnly", &flag, 0}, {"server", &text, 1});
OBJECT(volume, {"awsElasticBlockStore", &open_, 0}, {"azureDisk", &open_, 0},
       {"azureFile", &open_, 0}, {"cephfs", &open_, 0}, {"cinder", &open_, 0},
       {"configMap", &config_map_source, 0}, {"csi", &open_, 0}, {"downwardAPI", &downward, 0},
       {"emptyDir", &empty_dir, 0}, {"ephemeral", &open_, 0}, {"fc", &open_, 0},
       {"flexVolume", &open_, 0}, {"flocker", &open_, 0}, {"gcePersistentDisk", &open_, 0},
       {"gitRepo", &open_, 0}, {"glusterfs", &open_, 0}, {"hostPath", &host_path, 0},
       {"image", &image_source, 0}, {"iscsi", &open_, 0}, {"name", &label_name, 1},
       {"nfs", &nfs, 0}, {"persistentVolumeClaim", &claim, 0}, {"photonPersistentDisk", &open_, 0},
       {"portworxVolume", &open_, 0}, {"projected", &projected, 0}, {"quobyte", &open_, 0},
       {"rbd", &open_, 0}, {"scaleIO", &open_, 0}, {"secret", &secret_source, 0},
       {"storageos", &open_, 0}, {"vsphereVolume", &open_, 0});
static const struct ss_schema volumes = KEYED(&volume, by_name);

/* --- the spec ------------------------------------------------------------------------------------ */
WORDS(dns_policy, "ClusterFirstWithHostNet|ClusterFirst|Default|None");
WORDS(preemption, "Never|PreemptLowerPriority");
WORDS(os_name, "linux|windows");
OBJECT(dns_option, {"name", &text, 0}, {"value", &text, 0});
static const struct ss_schema dns_options = ATOMIC_LIST(&dns_option);
OBJECT(dns_config, {"nameservers", &text_list, 0}, {"options", &dns_options, 0},
       {"searches", &text_list, 0});
OBJECT(host_alias, {"hostnames", &text_list, 0}, {"ip", &ip, 1});
static const struct ss_schema host_aliases = KEYED(&host_alias, by_ip);
OBJECT(gate, {"conditionType", &text, 1});
static const struct ss_schema gates = ATOMIC_LIST(&gate);
OBJECT(os, {"name", &os_name, 1});
OBJECT(name_item, {"name", &text, 0});
static const struct ss_schema names = KEYED(&name_item, by_name);
static const struct ss_schema node_labels = {.type = SS_SCHEMA_MAP,
                                             .rel = SS_REL_ATOMIC,
                                             .elem = &label_value,
                                             .form = ss_is_qualified_name,
                                             .rule = ss_key_rule};

OBJECT_TABLE(spec, {"activeDeadlineSeconds", &deadline, 0}, {"affinity", &affinity, 0},
             {"automountServiceAccountToken", &flag, 0}, {"containers", &ss_schema_containers, 1},
             {"dnsConfig", &dns_config, 0}, {"dnsPolicy", &dns_policy, 0},
             {"enableServiceLinks", &flag, 0}, {"ephemeralContainers", &ss_schema_containers, 0},
             {"hostAliases", &host_aliases, 0}, {"hostIPC", &flag, 0}, {"hostNetwork", &flag, 0},
             {"hostPID", &flag, 0}, {"hostUsers", &flag, 0}, {"hostname", &host_name, 0},
             {"hostnameOverride", &text, 0}, {"imagePullSecrets", &names, 0},
             {"initContainers", &ss_schema_containers, 0}, {"nodeName", &text, 0},
             {"nodeSelector", &node_labels, 0}, {"os", &os, 0}, {"overhead", &quantities, 0},
             {"preemptionPolicy", &preemption, 0}, {"priority", &number, 0},
             {"priorityClassName", &text, 0}, {"readinessGates", &gates, 0},
             {"resourceClaims", &named, 0}, {"resources", &resources, 0},
             {"restartPolicy", &restart_policy, 0}, {"runtimeClassName", &text, 0},
             {"schedulerName", &text, 0}, {"schedulingGates", &names, 0},
             {"schedulingGroup", &open_, 0}, {"securityContext", &pod_context, 0},
             {"serviceAccount", &text, 0}, {"serviceAccountName", &text, 0},
             {"setHostnameAsFQDN", &flag, 0}, {"shareProcessNamespace", &flag, 0},
             {"subdomain", &host_name, 0}, {"terminationGracePeriodSeconds", &not_negative, 0},
             {"tolerations", &tolerations, 0}, {"topologySpreadConstraints", &spread, 0},
             {"volumes", &volumes, 0});
const struct ss_schema ss_schema_pod_spec = FIELDS(spec_fields);
