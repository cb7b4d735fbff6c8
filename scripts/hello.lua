-- The smallest whole story: build a manifest, apply it, wait, delete.
--   sandscript scripts/hello.lua [IMAGE]
-- It leaves the namespace hello, with its service account and an empty Secret.
local image = arg[1] or "registry.example/agent:1"

for _, object in ipairs {
  { apiVersion = "v1", kind = "Namespace", metadata = { name = "hello" } },
  { apiVersion = "v1", kind = "ServiceAccount", metadata = { name = "agent", namespace = "hello" } },
  { apiVersion = "v1", kind = "Secret", metadata = { name = "hello-env", namespace = "hello" } },
} do
  if not k8s.get(object) then
    assert(k8s.apply(object))
    print(("%s %s created"):format(object.kind, object.metadata.name))
  end
end

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
