# What sandscript checks on every build: the syntax of the request, and on the manifest the Pod
# Security Standard "restricted" and the rules for agents. A set of messages, empty when all holds.
package guard

import data.sandbox

known_fields := {
	"namespace", "sandboxName", "adapterType", "image", "envSecretName", "serviceAccountName",
	"labels", "resources", "runtimeClassName", "imagePullSecrets",
}

invalid_request(request) := {message |
	some message in array.concat(
		[sprintf("unknown field %q", [field]) | some field, _ in request; not field in known_fields],
		array.concat(
			[sprintf("%s: %q is no name", [field, request[field]]) |
				some field in ["namespace", "sandboxName", "envSecretName", "serviceAccountName"]
				not regex.match(`^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$`, request[field])
			],
			[sprintf("labels: %q is no label", [key]) |
				some key, value in object.get(request, "labels", {})
				not label(key, value)
			],
		),
	)
}

label(key, value) if {
	regex.match(`^([a-z0-9.-]{1,253}/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$`, key)
	regex.match(`^([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$`, value)
}

violations(manifest) := pod_violations(manifest.spec.podTemplate.spec) | container_violations(manifest.spec.podTemplate.spec)

pod_violations(spec) := {message |
	some message in array.concat(
		[sprintf("%s is set", [field]) |
			some field in ["hostNetwork", "hostPID", "hostIPC"]
			object.get(spec, field, false)
		],
		array.concat(
			[sprintf("volume %s is a %s", [volume.name, kind]) |
				some volume in spec.volumes
				some kind, _ in volume
				not kind in {
					"name", "configMap", "csi", "downwardAPI", "emptyDir", "ephemeral",
					"persistentVolumeClaim", "projected", "secret",
				}
			],
			array.concat(
				[sprintf("seccompProfile %s", [spec.securityContext.seccompProfile.type]) |
					not spec.securityContext.seccompProfile.type in {"RuntimeDefault", "Localhost"}
				],
				["the pod can reach the Kubernetes API" | object.get(spec, "automountServiceAccountToken", true)],
			),
		),
	)
}

container_violations(spec) := {sprintf("container %s: %s", [container.name, message]) |
	some field in ["containers", "initContainers", "ephemeralContainers"]
	some container in object.get(spec, field, [])
	context := object.get(container, "securityContext", {})
	some message in array.concat(
		[text | some text, holds in security(context); not holds],
		[text | some text, holds in limits(container.resources); not holds],
	)
}

security(context) := {
	"privilege escalation": object.get(context, "allowPrivilegeEscalation", true) == false,
	"privileged": object.get(context, "privileged", false) == false,
	"runs as root": object.get(context, "runAsNonRoot", false) == true,
	"user 0": object.get(context, "runAsUser", 1) != 0,
	"writable root": object.get(context, "readOnlyRootFilesystem", false) == true,
	"procMount": object.get(context, "procMount", "Default") == "Default",
	"capabilities are kept": "ALL" in object.get(context, ["capabilities", "drop"], []),
	"capabilities are added": object.get(context, ["capabilities", "add"], []) == [],
}

limits(resources) := {
	"cpu over its limit": units.parse(resources.requests.cpu) <= units.parse(resources.limits.cpu),
	"memory over its limit": units.parse_bytes(resources.requests.memory) <= units.parse_bytes(resources.limits.memory),
}

# The manifest, undefined when anything is wrong.
checked(adapter, request) := manifest if {
	count(invalid_request(request)) == 0
	manifest := sandbox.manifest(adapter, request)
	count(violations(manifest)) == 0
}
