-- An operator's own request may set what the adapter declares; labels are added.
return {
  namespace = "demo",
  sandboxName = "s2",
  envSecretName = "s2-env",
  serviceAccountName = "agent",
  image = "registry.example/claude:2",
  labels = { ["example.com/run"] = "42" },
  resources = {
    requests = { cpu = "500m", memory = "1Gi" },
    limits = { cpu = "4", memory = "8Gi" },
  },
  runtimeClassName = "gvisor",
  volumes = { workspace = "20Gi" },
}
