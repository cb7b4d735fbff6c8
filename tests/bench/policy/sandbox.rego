# The manifest of an agent sandbox, as sandscript's builder makes it: the fields of the adapter,
# those of the request, and everything that never differs.
package sandbox

manifest(adapter, request) := {
	"apiVersion": "agents.x-k8s.io/v1beta1",
	"kind": "Sandbox",
	"metadata": {
		"name": request.sandboxName,
		"namespace": request.namespace,
		"labels": labels(adapter, request),
	},
	"spec": {"podTemplate": {
		"metadata": {"labels": object.union(labels(adapter, request), {"paperclip.io/role": "agent"})},
		"spec": pod_spec(adapter, request),
	}},
}

labels(adapter, request) := object.union(
	object.union(object.get(request, "labels", {}), adapter.labels),
	adapter.late_labels,
)

pod_spec(adapter, request) := {
	"serviceAccountName": request.serviceAccountName,
	"automountServiceAccountToken": false,
	"restartPolicy": "Always",
	"securityContext": {
		"runAsNonRoot": true,
		"runAsUser": 1000,
		"runAsGroup": 1000,
		"fsGroup": 1000,
		"fsGroupChangePolicy": "OnRootMismatch",
		"seccompProfile": {"type": "RuntimeDefault"},
	},
	"containers": [container(adapter, request)],
	"volumes": [
		{"name": "workspace", "emptyDir": {"sizeLimit": "8Gi"}},
		{"name": "home", "emptyDir": {"sizeLimit": "1Gi"}},
		{"name": "cache", "emptyDir": {"sizeLimit": "1Gi"}},
		{"name": "tmp", "emptyDir": {"sizeLimit": "2Gi"}},
	],
}

container(adapter, request) := {
	"name": "agent",
	"image": adapter.image,
	"imagePullPolicy": "IfNotPresent",
	"command": ["/usr/bin/tini", "--", "/bin/sh", "-c", "sleep infinity"],
	"envFrom": [{"secretRef": {"name": request.envSecretName}}],
	"securityContext": {
		"runAsNonRoot": true,
		"runAsUser": 1000,
		"runAsGroup": 1000,
		"readOnlyRootFilesystem": true,
		"allowPrivilegeEscalation": false,
		"capabilities": {"drop": ["ALL"]},
	},
	"resources": adapter.resources,
	"volumeMounts": [
		{"name": "workspace", "mountPath": "/workspace"},
		{"name": "home", "mountPath": "/home/paperclip"},
		{"name": "cache", "mountPath": "/home/paperclip/.cache"},
		{"name": "tmp", "mountPath": "/tmp"},
	],
}
