"""Valid builder inputs from a seed."""

import random

LOWER = "abcdefghijklmnopqrstuvwxyz0123456789"
ALNUM = LOWER + "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
TEXT = ALNUM + " \t\n\"\\/{}[]:,'#&*!|>%@`-_.=~?$()+<>;^" + "äß€日本\u2028\U0001f600\x01\x7f"
SUFFIXES = ["", "m", "k", "M", "G", "Ki", "Mi", "Gi", "Ti", "e3", "E2"]
IMAGES = ["busybox", "ghcr.io/acme/agent:v1", "registry.local:5000/a/b@sha256:" + "0" * 64]


class Generator:
    def __init__(self, seed):
        self.random = random.Random(seed)

    def word(self, inner, edge, longest):
        size = self.random.randint(1, longest)
        middle = "".join(self.random.choice(inner) for _ in range(max(0, size - 2)))
        ends = self.random.choice(edge), self.random.choice(edge)
        return ends[0] if size == 1 else ends[0] + middle + ends[1]

    def dns_label(self, longest=63):
        return self.word(LOWER + "-", LOWER, longest)

    def subdomain(self):
        return ".".join(self.dns_label(20) for _ in range(self.random.randint(1, 4)))

    def label_key(self):
        name = self.word(ALNUM + "-_.", ALNUM, 63)
        return f"{self.subdomain()}/{name}" if self.random.random() < 0.5 else name

    def label_value(self):
        return "" if self.random.random() < 0.1 else self.word(ALNUM + "-_.", ALNUM, 63)

    def text(self):
        return "".join(self.random.choice(TEXT) for _ in range(self.random.randint(0, 40)))

    def plain(self):
        return self.word(ALNUM + "-_./: ", ALNUM, 30)

    def quantity(self):
        number = str(self.random.randint(0, 5000))
        if self.random.random() < 0.2:
            number += "." + str(self.random.randint(0, 999))
        return number + self.random.choice(SUFFIXES)

    def mapping(self, key, value, most=6):
        size = most * 20 if self.random.random() < 0.01 else self.random.randint(0, most)
        result = {key(): value() for _ in range(size)}
        if result and self.random.random() < 0.05:
            result[key()] = None
        return result

    def env_name(self):
        return "_" + self.word(ALNUM + "_.-", ALNUM, 20)

    def time(self):
        r = self.random.randint
        zone = self.random.choice(["Z", "+01:00", "-11:30"])
        fraction = self.random.choice(["", ".5", ".123456789"])
        return (f"{r(2024, 2100)}-{r(1, 12):02}-{r(1, 28):02}T"
                f"{r(0, 23):02}:{r(0, 59):02}:{r(0, 59):02}{fraction}{zone}")

    def labels(self):
        labels = self.mapping(self.label_key, self.label_value)
        if self.random.random() < 0.15:
            labels["paperclip.io/role"] = self.label_value()
        return labels

    def amounts(self):
        keys = self.random.sample(["cpu", "memory"], self.random.randint(0, 2))
        return {key: self.quantity() for key in keys}

    def resources(self):
        keys = self.random.sample(["requests", "limits"], self.random.randint(0, 2))
        return {key: None if self.random.random() < 0.1 else self.amounts() for key in keys}

    def toleration(self):
        entry = {}
        exists = self.random.random() < 0.5
        if not exists or self.random.random() < 0.7:
            entry["key"] = self.label_key()
        if exists or self.random.random() < 0.5:
            entry["operator"] = "Exists" if exists else "Equal"
        if not exists and self.random.random() < 0.7:
            entry["value"] = self.label_value()
        if self.random.random() < 0.7:
            entry["effect"] = self.random.choice(["NoSchedule", "PreferNoSchedule", "NoExecute"])
        if entry.get("effect") == "NoExecute" and self.random.random() < 0.5:
            entry["tolerationSeconds"] = self.random.randint(-1, 2**40)
        return self.shuffled(entry)

    def shuffled(self, mapping):
        keys = list(mapping)
        self.random.shuffle(keys)
        return {key: mapping[key] for key in keys}

    def optional(self):
        some = self.random.random
        count = self.random.randint
        versions = ["agents.x-k8s.io/v1alpha1", "agents.x-k8s.io/v1beta1"]
        return {
            "labels": self.labels,
            "resources": self.resources,
            "runtimeClassName": lambda: "" if some() < 0.2 else self.subdomain(),
            "imagePullSecrets": lambda: [self.subdomain() for _ in range(count(0, 3))],
            "apiVersion": lambda: self.random.choice(versions),
            "annotations": lambda: self.mapping(self.label_key, self.text),
            "env": lambda: self.mapping(self.env_name, self.text),
            "home": lambda: "/" + self.plain(),
            "volumes": lambda: {
                name: self.quantity()
                for name in self.random.sample(["workspace", "home", "cache", "tmp"], count(0, 4))
            },
            "nodeSelector": lambda: self.mapping(self.label_key, self.label_value, 3),
            "tolerations": lambda: [self.toleration() for _ in range(count(0, 3))],
            "nodeName": self.subdomain,
            "shutdownTime": self.time,
            "shutdownPolicy": lambda: self.random.choice(["Retain", "Delete"]),
            "activeDeadlineSeconds": lambda: count(1, 2**31 - 1),
            "hostUsers": lambda: some() < 0.5,
            "enableServiceLinks": lambda: some() < 0.5,
            "ephemeralStorage": self.quantity,
        }

    def input(self):
        fields = {
            "namespace": self.dns_label(),
            "sandboxName": self.dns_label(),
            "adapterType": self.plain(),
            "image": self.random.choice(IMAGES),
            "envSecretName": self.subdomain(),
            "serviceAccountName": self.subdomain(),
        }
        density = self.random.choice([0.1, 0.4, 0.8])
        for name, make in self.optional().items():
            if self.random.random() < density:
                fields[name] = None if self.random.random() < 0.05 else make()
        return self.shuffled(fields)
