-- The smallest whole story: build a manifest, apply it, wait, delete.
--   sandscript scripts/hello.lua [IMAGE]
-- It leaves the namespace hello, with its service account and an empty Secret.
local image = arg[1] or "registry.example/agent:1"

assert(k8s.apply { apiVersion = "v1", kind = "Namespace", metadata = { name = "hello" } })
assert(k8s.apply { apiVersion = "v1", kind = "ServiceAccount", metadata = { name = "agent", namespace = "hello" } })
assert(k8s.apply { apiVersion = "v1", kind = "Secret", metadata = { name = "hello-env", namespace = "hello" } })

local manifest = sandbox.build {
  namespace = "hello",
  sandboxName = "hello",
  adapterType = "hello",
  image = image,
  envSecretName = "hello-env",
  serviceAccountName = "agent",
  labels = { app = "hello" },
}
local stored = assert(k8s.apply(manifest))
assert(k8s.wait(stored, { ready = "Ready", timeout = 60 }))
print("sandbox hello is Ready")

assert(k8s.delete(stored, { propagation = "Foreground", wait = true }))
print("and gone")
