"""The manifest of design.md section 1, built a second time from its text alone.

Independent of src/sandbox: no table, no order and no default is shared. Keys
stand in the order in which the contract names them; free maps are sorted.
"""

import json

MOUNTS = (
    ("workspace", "/workspace", "8Gi"),
    ("home", "/home/paperclip", "1Gi"),
    ("cache", "/home/paperclip/.cache", "1Gi"),
    ("tmp", "/tmp", "2Gi"),
)


def by_bytes(mapping):
    """A copy with keys in byte order; members that are null are absent."""
    present = {key: value for key, value in mapping.items() if value is not None}
    return {key: present[key] for key in sorted(present, key=lambda k: k.encode())}


def amounts(given, default, storage):
    result = dict(default) if given is None else dict(by_bytes(given))
    if storage is not None:
        result["ephemeral-storage"] = storage
    return by_bytes(result)


def environment(fields):
    entries = []
    if "home" in fields:
        entries.append({"name": "HOME", "value": fields["home"]})
    for name, value in by_bytes(fields.get("env", {})).items():
        entries.append({"name": name, "value": value})
    return entries


def container(fields):
    resources = fields.get("resources", {})
    storage = fields.get("ephemeralStorage")
    agent = {
        "name": "agent",
        "image": fields["image"],
        "imagePullPolicy": "IfNotPresent",
        "command": ["/usr/bin/tini", "--", "/bin/sh", "-c", "sleep infinity"],
        "envFrom": [{"secretRef": {"name": fields["envSecretName"]}}],
    }
    env = environment(fields)
    if env:
        agent["env"] = env
    agent["securityContext"] = {
        "runAsNonRoot": True,
        "runAsUser": 1000,
        "runAsGroup": 1000,
        "readOnlyRootFilesystem": True,
        "allowPrivilegeEscalation": False,
        "capabilities": {"drop": ["ALL"]},
    }
    agent["resources"] = {
        "requests": amounts(resources.get("requests"), {"cpu": "250m", "memory": "512Mi"}, storage),
        "limits": amounts(resources.get("limits"), {"cpu": "2", "memory": "4Gi"}, storage),
    }
    agent["volumeMounts"] = [{"name": name, "mountPath": path} for name, path, _ in MOUNTS]
    return agent


def toleration(entry):
    order = ("key", "operator", "value", "effect", "tolerationSeconds")
    return {name: entry[name] for name in order if entry.get(name) is not None}


def pod_spec(fields):
    spec = {
        "serviceAccountName": fields["serviceAccountName"],
        "automountServiceAccountToken": False,
        "restartPolicy": "Always",
    }
    if fields.get("runtimeClassName"):
        spec["runtimeClassName"] = fields["runtimeClassName"]
    if fields.get("imagePullSecrets"):
        spec["imagePullSecrets"] = [{"name": name} for name in fields["imagePullSecrets"]]
    spec["securityContext"] = {
        "runAsNonRoot": True,
        "runAsUser": 1000,
        "runAsGroup": 1000,
        "fsGroup": 1000,
        "fsGroupChangePolicy": "OnRootMismatch",
        "seccompProfile": {"type": "RuntimeDefault"},
    }
    spec["containers"] = [container(fields)]
    sizes = fields.get("volumes", {})
    spec["volumes"] = [
        {"name": name, "emptyDir": {"sizeLimit": sizes.get(name) or size}}
        for name, _, size in MOUNTS
    ]
    if by_bytes(fields.get("nodeSelector", {})):
        spec["nodeSelector"] = by_bytes(fields["nodeSelector"])
    if fields.get("tolerations"):
        spec["tolerations"] = [toleration(entry) for entry in fields["tolerations"]]
    for name in ("nodeName", "activeDeadlineSeconds", "hostUsers", "enableServiceLinks"):
        if name in fields:
            spec[name] = fields[name]
    return spec


def build(given):
    """The manifest for a valid input, as nested dicts in the contract's key order."""
    fields = {name: value for name, value in given.items() if value is not None}
    resources = fields.get("resources", {})
    fields["resources"] = {k: v for k, v in resources.items() if v is not None}
    labels = by_bytes(fields.get("labels", {}))
    metadata = {
        "name": fields["sandboxName"],
        "namespace": fields["namespace"],
        "labels": labels,
    }
    annotations = by_bytes(fields.get("annotations", {}))
    if annotations:
        metadata["annotations"] = annotations
    spec = {
        "podTemplate": {
            "metadata": {"labels": by_bytes({**labels, "paperclip.io/role": "agent"})},
            "spec": pod_spec(fields),
        }
    }
    for name in ("shutdownTime", "shutdownPolicy"):
        if name in fields:
            spec[name] = fields[name]
    return {
        "apiVersion": fields.get("apiVersion", "agents.x-k8s.io/v1alpha1"),
        "kind": "Sandbox",
        "metadata": metadata,
        "spec": spec,
    }


def encode(value):
    """One line, no spaces, only what JSON must escape escaped."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)
