-- The fields of kinds, for check: written by tests/oracle/kinds/generate.lua.
--   kinds VERSION KIND…           their types are called as they are, unless KIND=TYPE says otherwise
--   TYPE FIELD… FIELD:WHAT…       WHAT is i integer, b boolean, q quantity, p integer or text, * anything,
--                                 a type, [… a list of, {… a map of; nothing is text
return [[
kinds v1 ConfigMap LimitRange Namespace PersistentVolumeClaim Pod PodTemplate ReplicationController
  ResourceQuota Secret Service ServiceAccount
kinds apps/v1 DaemonSet Deployment ReplicaSet StatefulSet
kinds autoscaling/v2 HorizontalPodAutoscaler
kinds batch/v1 CronJob Job
kinds networking.k8s.io/v1 Ingress IngressClass NetworkPolicy
kinds node.k8s.io/v1 RuntimeClass
kinds policy/v1 PodDisruptionBudget
kinds rbac.authorization.k8s.io/v1 ClusterRole ClusterRoleBinding Role RoleBinding
kinds scheduling.k8s.io/v1 PriorityClass
kinds agents.x-k8s.io/v1alpha1 Sandbox=Sandbox/v1alpha1/
kinds agents.x-k8s.io/v1beta1 Sandbox=Sandbox/v1beta1/
kinds extensions.agents.x-k8s.io/v1alpha1 SandboxClaim=SandboxClaim/v1alpha1/
  SandboxTemplate=SandboxTemplate/v1alpha1/ SandboxWarmPool=SandboxWarmPool/v1alpha1/
kinds extensions.agents.x-k8s.io/v1beta1 SandboxClaim=SandboxClaim/v1beta1/
  SandboxTemplate=SandboxTemplate/v1beta1/ SandboxWarmPool=SandboxWarmPool/v1beta1/
Affinity nodeAffinity:NodeAffinity podAffinity:PodAffinity podAntiAffinity:PodAntiAffinity
AggregationRule clusterRoleSelectors:[LabelSelector
AppArmorProfile localhostProfile type
Capabilities add:[ drop:[
ClientIPConfig timeoutSeconds:i
ClusterRole aggregationRule:AggregationRule apiVersion kind metadata:ObjectMeta rules:[PolicyRule
ClusterRoleBinding apiVersion kind metadata:ObjectMeta roleRef:RoleRef subjects:[Subject
ClusterTrustBundleProjection labelSelector:LabelSelector name optional:b path signerName user:i
ConfigMap apiVersion binaryData:{ data:{ immutable:b kind metadata:ObjectMeta
ConfigMapEnvSource name optional:b
ConfigMapKeySelector key name optional:b
ConfigMapProjection items:[KeyToPath name optional:b
ConfigMapVolumeSource defaultMode:i defaultUser:i items:[KeyToPath name optional:b
Container args:[ command:[ env:[EnvVar envFrom:[EnvFromSource image imagePullPolicy
  lifecycle:Lifecycle livenessProbe:Probe name ports:[ContainerPort readinessProbe:Probe
  resizePolicy:[ContainerResizePolicy resources:ResourceRequirements restartPolicy
  restartPolicyRules:[ContainerRestartRule securityContext:SecurityContext startupProbe:Probe stdin:b
  stdinOnce:b terminationMessagePath terminationMessagePolicy tty:b volumeDevices:[VolumeDevice
  volumeMounts:[VolumeMount workingDir
ContainerPort containerPort:i hostIP hostPort:i name protocol
ContainerResizePolicy resourceName restartPolicy
ContainerResourceMetricSource container name target:MetricTarget
ContainerRestartRule action exitCodes:ContainerRestartRuleOnExitCodes
ContainerRestartRuleOnExitCodes operator values:[i
CronJob apiVersion kind metadata:ObjectMeta spec:CronJobSpec
CronJobSpec concurrencyPolicy failedJobsHistoryLimit:i jobTemplate:JobTemplateSpec schedule
  startingDeadlineSeconds:i successfulJobsHistoryLimit:i suspend:b timeZone
CrossVersionObjectReference apiVersion kind name
DaemonSet apiVersion kind metadata:ObjectMeta spec:DaemonSetSpec
DaemonSetSpec minReadySeconds:i revisionHistoryLimit:i selector:LabelSelector
  template:PodTemplateSpec updateStrategy:DaemonSetUpdateStrategy
DaemonSetUpdateStrategy rollingUpdate:RollingUpdateDaemonSet type
Deployment apiVersion kind metadata:ObjectMeta spec:DeploymentSpec
DeploymentSpec minReadySeconds:i paused:b progressDeadlineSeconds:i replicas:i revisionHistoryLimit:i
  selector:LabelSelector strategy:DeploymentStrategy template:PodTemplateSpec
DeploymentStrategy rollingUpdate:RollingUpdateDeployment type
DownwardAPIProjection items:[DownwardAPIVolumeFile
DownwardAPIVolumeFile fieldRef:ObjectFieldSelector mode:i path resourceFieldRef:ResourceFieldSelector
  user:i
DownwardAPIVolumeSource defaultMode:i defaultUser:i items:[DownwardAPIVolumeFile
EmptyDirVolumeSource medium mode:i sizeLimit:q
EnvFromSource configMapRef:ConfigMapEnvSource prefix secretRef:SecretEnvSource
EnvVar name value valueFrom:EnvVarSource
EnvVarSource configMapKeyRef:ConfigMapKeySelector fieldRef:ObjectFieldSelector
  fileKeyRef:FileKeySelector resourceFieldRef:ResourceFieldSelector secretKeyRef:SecretKeySelector
EphemeralContainer args:[ command:[ env:[EnvVar envFrom:[EnvFromSource image imagePullPolicy
  lifecycle:Lifecycle livenessProbe:Probe name ports:[ContainerPort readinessProbe:Probe
  resizePolicy:[ContainerResizePolicy resources:ResourceRequirements restartPolicy
  restartPolicyRules:[ContainerRestartRule securityContext:SecurityContext startupProbe:Probe stdin:b
  stdinOnce:b targetContainerName terminationMessagePath terminationMessagePolicy tty:b
  volumeDevices:[VolumeDevice volumeMounts:[VolumeMount workingDir
EphemeralVolumeSource volumeClaimTemplate:PersistentVolumeClaimTemplate
EvictionResponder name priority:i
ExecAction command:[
ExternalMetricSource metric:MetricIdentifier target:MetricTarget
FileKeySelector key optional:b path volumeName
GRPCAction mode port:i service
HPAScalingPolicy periodSeconds:i type value:i
HPAScalingRules policies:[HPAScalingPolicy selectPolicy stabilizationWindowSeconds:i tolerance:q
HTTPGetAction host httpHeaders:[HTTPHeader path port:p protocol scheme
HTTPHeader name value
HTTPIngressPath backend:IngressBackend path pathType
HTTPIngressRuleValue paths:[HTTPIngressPath
HorizontalPodAutoscaler apiVersion kind metadata:ObjectMeta spec:HorizontalPodAutoscalerSpec
HorizontalPodAutoscalerBehavior scaleDown:HPAScalingRules scaleUp:HPAScalingRules
HorizontalPodAutoscalerSpec behavior:HorizontalPodAutoscalerBehavior maxReplicas:i
  metrics:[MetricSpec minReplicas:i scaleTargetRef:CrossVersionObjectReference
HostAlias hostnames:[ ip
HostPathVolumeSource path type
IPBlock cidr except:[
ImageVolumeSource pullPolicy reference
Ingress apiVersion kind metadata:ObjectMeta spec:IngressSpec
IngressBackend resource:TypedLocalObjectReference service:IngressServiceBackend
IngressClass apiVersion kind metadata:ObjectMeta spec:IngressClassSpec
IngressClassParametersReference apiGroup kind name namespace scope
IngressClassSpec controller parameters:IngressClassParametersReference
IngressRule host http:HTTPIngressRuleValue
IngressServiceBackend name port:ServiceBackendPort
IngressSpec defaultBackend:IngressBackend ingressClassName rules:[IngressRule tls:[IngressTLS
IngressTLS hosts:[ secretName
Job apiVersion kind metadata:ObjectMeta spec:JobSpec
JobSchedulingConfiguration disruptionMode:WorkloadPodGroupDisruptionMode
  resourceClaims:[WorkloadPodGroupResourceClaim
  schedulingConstraints:WorkloadPodGroupSchedulingConstraints
  schedulingPolicy:WorkloadPodGroupSchedulingPolicy
JobSpec activeDeadlineSeconds:i backoffLimit:i backoffLimitPerIndex:i completionMode completions:i
  managedBy manualSelector:b maxFailedIndexes:i parallelism:i podFailurePolicy:PodFailurePolicy
  podReplacementPolicy scheduling:JobSchedulingConfiguration selector:LabelSelector
  successPolicy:SuccessPolicy suspend:b template:PodTemplateSpec ttlSecondsAfterFinished:i
JobTemplateSpec metadata:ObjectMeta spec:JobSpec
KeyToPath key mode:i path user:i
LabelSelector matchExpressions:[LabelSelectorRequirement matchLabels:{
LabelSelectorRequirement key operator values:[
Lifecycle postStart:LifecycleHandler preStop:LifecycleHandler stopSignal
LifecycleHandler exec:ExecAction httpGet:HTTPGetAction sleep:SleepAction tcpSocket:TCPSocketAction
LimitRange apiVersion kind metadata:ObjectMeta spec:LimitRangeSpec
LimitRangeItem default:{q defaultRequest:{q max:{q maxLimitRequestRatio:{q min:{q type
LimitRangeSpec limits:[LimitRangeItem
LocalObjectReference name
MetricIdentifier name selector:LabelSelector
MetricSpec containerResource:ContainerResourceMetricSource external:ExternalMetricSource
  object:ObjectMetricSource pods:PodsMetricSource resource:ResourceMetricSource type
MetricTarget averageUtilization:i averageValue:q type value:q
NFSVolumeSource path readOnly:b server
Namespace apiVersion kind metadata:ObjectMeta spec:NamespaceSpec
NamespaceSpec finalizers:[
NetworkPolicy apiVersion kind metadata:ObjectMeta spec:NetworkPolicySpec
NetworkPolicyEgressRule ports:[NetworkPolicyPort to:[NetworkPolicyPeer
NetworkPolicyIngressRule from:[NetworkPolicyPeer ports:[NetworkPolicyPort
NetworkPolicyPeer ipBlock:IPBlock namespaceSelector:LabelSelector podSelector:LabelSelector
NetworkPolicyPort endPort:i port:p protocol
NetworkPolicySpec egress:[NetworkPolicyEgressRule ingress:[NetworkPolicyIngressRule
  podSelector:LabelSelector policyTypes:[
NodeAffinity preferredDuringSchedulingIgnoredDuringExecution:[PreferredSchedulingTerm
  requiredDuringSchedulingIgnoredDuringExecution:NodeSelector
NodeSelector nodeSelectorTerms:[NodeSelectorTerm
NodeSelectorRequirement key operator values:[
NodeSelectorTerm matchExpressions:[NodeSelectorRequirement matchFields:[NodeSelectorRequirement
ObjectFieldSelector apiVersion fieldPath
ObjectMeta annotations:{ creationTimestamp deletionGracePeriodSeconds:i deletionTimestamp
  finalizers:[ generateName generation:i labels:{ managedFields:[* name namespace
  ownerReferences:[OwnerReference resourceVersion selfLink uid
ObjectMetricSource describedObject:CrossVersionObjectReference metric:MetricIdentifier
  target:MetricTarget
ObjectReference apiVersion fieldPath kind name namespace resourceVersion uid
Overhead podFixed:{q
OwnerReference apiVersion blockOwnerDeletion:b controller:b kind name uid
PersistentVolumeClaim apiVersion kind metadata:ObjectMeta spec:PersistentVolumeClaimSpec
PersistentVolumeClaimSpec accessModes:[ dataSource:TypedLocalObjectReference
  dataSourceRef:TypedObjectReference resources:VolumeResourceRequirements selector:LabelSelector
  storageClassName volumeAttributesClassName volumeMode volumeName
PersistentVolumeClaimTemplate metadata:ObjectMeta spec:PersistentVolumeClaimSpec
PersistentVolumeClaimVolumeSource claimName readOnly:b
Pod apiVersion kind metadata:ObjectMeta spec:PodSpec
PodAffinity preferredDuringSchedulingIgnoredDuringExecution:[WeightedPodAffinityTerm
  requiredDuringSchedulingIgnoredDuringExecution:[PodAffinityTerm
PodAffinityTerm labelSelector:LabelSelector matchLabelKeys:[ mismatchLabelKeys:[
  namespaceSelector:LabelSelector namespaces:[ topologyKey
PodAntiAffinity preferredDuringSchedulingIgnoredDuringExecution:[WeightedPodAffinityTerm
  requiredDuringSchedulingIgnoredDuringExecution:[PodAffinityTerm
PodCertificateProjection certificateChainPath credentialBundlePath keyPath keyType
  maxExpirationSeconds:i signerName user:i userAnnotations:{
PodDNSConfig nameservers:[ options:[PodDNSConfigOption searches:[
PodDNSConfigOption name value
PodDisruptionBudget apiVersion kind metadata:ObjectMeta spec:PodDisruptionBudgetSpec
PodDisruptionBudgetSpec maxUnavailable:p minAvailable:p selector:LabelSelector
  unhealthyPodEvictionPolicy
PodFailurePolicy rules:[PodFailurePolicyRule
PodFailurePolicyOnExitCodesRequirement containerName operator values:[i
PodFailurePolicyOnPodConditionsPattern status type
PodFailurePolicyRule action onExitCodes:PodFailurePolicyOnExitCodesRequirement
  onPodConditions:[PodFailurePolicyOnPodConditionsPattern
PodOS name
PodReadinessGate conditionType
PodResourceClaim name resourceClaimName resourceClaimTemplateName
PodSchedulingGate name
PodSchedulingGroup podGroupName
PodSecurityContext appArmorProfile:AppArmorProfile fsGroup:i fsGroupChangePolicy runAsGroup:i
  runAsNonRoot:b runAsUser:i seLinuxChangePolicy seLinuxOptions:SELinuxOptions
  seccompProfile:SeccompProfile supplementalGroups:[i supplementalGroupsPolicy sysctls:[Sysctl
  windowsOptions:WindowsSecurityContextOptions
PodSpec activeDeadlineSeconds:i affinity:Affinity automountServiceAccountToken:b
  containers:[Container dnsConfig:PodDNSConfig dnsPolicy enableServiceLinks:b
  ephemeralContainers:[EphemeralContainer evictionResponders:[EvictionResponder
  hostAliases:[HostAlias hostIPC:b hostNetwork:b hostPID:b hostUsers:b hostname hostnameOverride
  imagePullSecrets:[LocalObjectReference initContainers:[Container nodeName nodeSelector:{ os:PodOS
  overhead:{q preemptionPolicy priority:i priorityClassName readinessGates:[PodReadinessGate
  resourceClaims:[PodResourceClaim resources:ResourceRequirements restartPolicy runtimeClassName
  schedulerName schedulingGates:[PodSchedulingGate schedulingGroup:PodSchedulingGroup
  securityContext:PodSecurityContext serviceAccount serviceAccountName setHostnameAsFQDN:b
  shareProcessNamespace:b subdomain terminationGracePeriodSeconds:i tolerations:[Toleration
  topologySpreadConstraints:[TopologySpreadConstraint volumes:[Volume
PodTemplate apiVersion kind metadata:ObjectMeta template:PodTemplateSpec
PodTemplateSpec metadata:ObjectMeta spec:PodSpec
PodsMetricSource metric:MetricIdentifier target:MetricTarget
PolicyRule apiGroups:[ nonResourceURLs:[ resourceNames:[ resources:[ verbs:[
PreferredSchedulingTerm preference:NodeSelectorTerm weight:i
PriorityClass apiVersion description globalDefault:b kind metadata:ObjectMeta preemptionPolicy
  value:i
Probe exec:ExecAction failureThreshold:i grpc:GRPCAction httpGet:HTTPGetAction initialDelaySeconds:i
  periodSeconds:i successThreshold:i tcpSocket:TCPSocketAction terminationGracePeriodSeconds:i
  timeoutSeconds:i
ProjectedVolumeSource defaultMode:i defaultUser:i sources:[VolumeProjection
ReplicaSet apiVersion kind metadata:ObjectMeta spec:ReplicaSetSpec
ReplicaSetSpec minReadySeconds:i replicas:i selector:LabelSelector template:PodTemplateSpec
ReplicationController apiVersion kind metadata:ObjectMeta spec:ReplicationControllerSpec
ReplicationControllerSpec minReadySeconds:i replicas:i selector:{ template:PodTemplateSpec
ResourceClaim name request
ResourceFieldSelector containerName divisor:q resource
ResourceMetricSource name target:MetricTarget
ResourceQuota apiVersion kind metadata:ObjectMeta spec:ResourceQuotaSpec
ResourceQuotaSpec hard:{q scopeSelector:ScopeSelector scopes:[
ResourceRequirements claims:[ResourceClaim limits:{q requests:{q
Role apiVersion kind metadata:ObjectMeta rules:[PolicyRule
RoleBinding apiVersion kind metadata:ObjectMeta roleRef:RoleRef subjects:[Subject
RoleRef apiGroup kind name
RollingUpdateDaemonSet maxSurge:p maxUnavailable:p
RollingUpdateDeployment maxSurge:p maxUnavailable:p
RollingUpdateStatefulSetStrategy maxUnavailable:p partition:i
RuntimeClass apiVersion handler kind metadata:ObjectMeta overhead:Overhead scheduling:Scheduling
SELinuxOptions level role type user
Sandbox/v1alpha1 podTemplate:Sandbox/v1alpha1.podTemplate replicas:i service:b shutdownPolicy
  shutdownTime volumeClaimTemplates:[Sandbox/v1alpha1.volumeClaimTemplates
Sandbox/v1alpha1.podTemplate metadata:Sandbox/v1alpha1.podTemplate.metadata spec:PodSpec
Sandbox/v1alpha1.podTemplate.metadata annotations:{ labels:{
Sandbox/v1alpha1.volumeClaimTemplates metadata:Sandbox/v1alpha1.volumeClaimTemplates.metadata
  spec:PersistentVolumeClaimSpec
Sandbox/v1alpha1.volumeClaimTemplates.metadata annotations:{ labels:{ name
Sandbox/v1alpha1/ apiVersion kind metadata:ObjectMeta spec:Sandbox/v1alpha1
Sandbox/v1beta1 operatingMode podTemplate:Sandbox/v1alpha1.podTemplate service:b shutdownPolicy
  shutdownTime volumeClaimTemplates:[Sandbox/v1alpha1.volumeClaimTemplates
Sandbox/v1beta1/ apiVersion kind metadata:ObjectMeta spec:Sandbox/v1beta1
SandboxClaim/v1alpha1 additionalPodMetadata:Sandbox/v1alpha1.podTemplate.metadata
  env:[SandboxClaim/v1alpha1.env lifecycle:SandboxClaim/v1alpha1.lifecycle
  sandboxTemplateRef:LocalObjectReference warmpool
SandboxClaim/v1alpha1.env containerName name value
SandboxClaim/v1alpha1.lifecycle shutdownPolicy shutdownTime ttlSecondsAfterFinished:i
SandboxClaim/v1alpha1/ apiVersion kind metadata:ObjectMeta spec:SandboxClaim/v1alpha1
SandboxClaim/v1beta1 additionalPodMetadata:Sandbox/v1alpha1.podTemplate.metadata
  env:[SandboxClaim/v1alpha1.env lifecycle:SandboxClaim/v1alpha1.lifecycle
  volumeClaimTemplates:[Sandbox/v1alpha1.volumeClaimTemplates warmPoolRef:LocalObjectReference
SandboxClaim/v1beta1/ apiVersion kind metadata:ObjectMeta spec:SandboxClaim/v1beta1
SandboxTemplate/v1alpha1 envVarsInjectionPolicy networkPolicy:SandboxTemplate/v1alpha1.networkPolicy
  networkPolicyManagement podTemplate:Sandbox/v1alpha1.podTemplate service:b
  volumeClaimTemplates:[Sandbox/v1alpha1.volumeClaimTemplates
SandboxTemplate/v1alpha1.networkPolicy egress:[SandboxTemplate/v1alpha1.networkPolicy.egress
  ingress:[SandboxTemplate/v1alpha1.networkPolicy.ingress
SandboxTemplate/v1alpha1.networkPolicy.egress
  ports:[SandboxTemplate/v1alpha1.networkPolicy.egress.ports to:[NetworkPolicyPeer
SandboxTemplate/v1alpha1.networkPolicy.egress.ports endPort:i port:q protocol
SandboxTemplate/v1alpha1.networkPolicy.ingress from:[NetworkPolicyPeer
  ports:[SandboxTemplate/v1alpha1.networkPolicy.egress.ports
SandboxTemplate/v1alpha1/ apiVersion kind metadata:ObjectMeta spec:SandboxTemplate/v1alpha1
SandboxTemplate/v1beta1 envVarsInjectionPolicy networkPolicy:SandboxTemplate/v1alpha1.networkPolicy
  networkPolicyManagement podTemplate:Sandbox/v1alpha1.podTemplate service:b
  volumeClaimTemplates:[Sandbox/v1alpha1.volumeClaimTemplates volumeClaimTemplatesPolicy
SandboxTemplate/v1beta1/ apiVersion kind metadata:ObjectMeta spec:SandboxTemplate/v1beta1
SandboxWarmPool/v1alpha1 replicas:i sandboxTemplateRef:LocalObjectReference
  updateStrategy:SandboxWarmPool/v1alpha1.updateStrategy
SandboxWarmPool/v1alpha1.updateStrategy type
SandboxWarmPool/v1alpha1/ apiVersion kind metadata:ObjectMeta spec:SandboxWarmPool/v1alpha1
SandboxWarmPool/v1beta1/ apiVersion kind metadata:ObjectMeta spec:SandboxWarmPool/v1alpha1
Scheduling nodeSelector:{ tolerations:[Toleration
ScopeSelector matchExpressions:[ScopedResourceSelectorRequirement
ScopedResourceSelectorRequirement operator scopeName values:[
SeccompProfile localhostProfile type
Secret apiVersion data:{ immutable:b kind metadata:ObjectMeta stringData:{ type
SecretEnvSource name optional:b
SecretKeySelector key name optional:b
SecretProjection items:[KeyToPath name optional:b
SecretVolumeSource defaultMode:i defaultUser:i items:[KeyToPath optional:b secretName
SecurityContext allowPrivilegeEscalation:b appArmorProfile:AppArmorProfile capabilities:Capabilities
  privileged:b procMount readOnlyRootFilesystem:b runAsGroup:i runAsNonRoot:b runAsUser:i
  seLinuxOptions:SELinuxOptions seccompProfile:SeccompProfile
  windowsOptions:WindowsSecurityContextOptions
Service apiVersion kind metadata:ObjectMeta spec:ServiceSpec
ServiceAccount apiVersion automountServiceAccountToken:b imagePullSecrets:[LocalObjectReference kind
  metadata:ObjectMeta secrets:[ObjectReference
ServiceAccountTokenProjection audience expirationSeconds:i path user:i
ServiceBackendPort name number:i
ServicePort appProtocol name nodePort:i port:i protocol targetPort:p
ServiceSpec allocateLoadBalancerNodePorts:b clusterIP clusterIPs:[ externalIPs:[ externalName
  externalTrafficPolicy healthCheckNodePort:i internalTrafficPolicy ipFamilies:[ ipFamilyPolicy
  loadBalancerClass loadBalancerIP loadBalancerSourceRanges:[ ports:[ServicePort
  publishNotReadyAddresses:b selector:{ sessionAffinity sessionAffinityConfig:SessionAffinityConfig
  trafficDistribution type
SessionAffinityConfig clientIP:ClientIPConfig
SleepAction seconds:i
StatefulSet apiVersion kind metadata:ObjectMeta spec:StatefulSetSpec
StatefulSetOrdinals start:i
StatefulSetPersistentVolumeClaimRetentionPolicy whenDeleted whenScaled
StatefulSetSpec minReadySeconds:i ordinals:StatefulSetOrdinals
  persistentVolumeClaimRetentionPolicy:StatefulSetPersistentVolumeClaimRetentionPolicy
  podManagementPolicy replicas:i revisionHistoryLimit:i selector:LabelSelector serviceName
  template:PodTemplateSpec updateStrategy:StatefulSetUpdateStrategy
  volumeClaimTemplates:[PersistentVolumeClaim
StatefulSetUpdateStrategy rollingUpdate:RollingUpdateStatefulSetStrategy type
Subject apiGroup kind name namespace
SuccessPolicy rules:[SuccessPolicyRule
SuccessPolicyRule succeededCount:i succeededIndexes
Sysctl name value
TCPSocketAction host port:p
Toleration effect key operator tolerationSeconds:i value
TopologyConstraint key
TopologySpreadConstraint labelSelector:LabelSelector matchLabelKeys:[ maxSkew:i minDomains:i
  nodeAffinityPolicy nodeTaintsPolicy topologyKey whenUnsatisfiable
TypedLocalObjectReference apiGroup kind name
TypedObjectReference apiGroup kind name namespace
Volume awsElasticBlockStore:* azureDisk:* azureFile:* cephfs:* cinder:*
  configMap:ConfigMapVolumeSource csi:* downwardAPI:DownwardAPIVolumeSource
  emptyDir:EmptyDirVolumeSource ephemeral:EphemeralVolumeSource fc:* flexVolume:* flocker:*
  gcePersistentDisk:* gitRepo:* glusterfs:* hostPath:HostPathVolumeSource image:ImageVolumeSource
  iscsi:* name nfs:NFSVolumeSource persistentVolumeClaim:PersistentVolumeClaimVolumeSource
  photonPersistentDisk:* portworxVolume:* projected:ProjectedVolumeSource quobyte:* rbd:* scaleIO:*
  secret:SecretVolumeSource storageos:* vsphereVolume:*
VolumeDevice devicePath name
VolumeMount bindMountOptions:[ mountPath mountPropagation name readOnly:b recursiveReadOnly subPath
  subPathExpr
VolumeProjection clusterTrustBundle:ClusterTrustBundleProjection configMap:ConfigMapProjection
  downwardAPI:DownwardAPIProjection podCertificate:PodCertificateProjection secret:SecretProjection
  serviceAccountToken:ServiceAccountTokenProjection
VolumeResourceRequirements limits:{q requests:{q
WeightedPodAffinityTerm podAffinityTerm:PodAffinityTerm weight:i
WindowsSecurityContextOptions gmsaCredentialSpec gmsaCredentialSpecName hostProcess:b runAsUserName
WorkloadPodGroupDisruptionMode all:* single:*
WorkloadPodGroupGangSchedulingPolicy minCount:i
WorkloadPodGroupResourceClaim name resourceClaimName resourceClaimTemplateName
WorkloadPodGroupSchedulingConstraints topology:[TopologyConstraint
WorkloadPodGroupSchedulingPolicy basic:* gang:WorkloadPodGroupGangSchedulingPolicy
]]
