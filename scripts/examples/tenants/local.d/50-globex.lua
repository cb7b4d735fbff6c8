-- Globex runs one adapter, larger and under gVisor, from its own registry.
return overlay {
  adapter = "claude_local",
  tenant = "globex",
  image = "registry.globex.example/claude:1.4-hardened",
  runtimeClassName = "gvisor",
  resources = {
    requests = { cpu = "2", memory = "4Gi" },
    limits = { cpu = "8", memory = "16Gi" },
  },
  labels = { ["example.com/site"] = "globex" },
}
