# A v1alpha1 manifest of sandbox.build on a cluster that serves only v1beta1:
# applied, awaited, read and deleted; exactVersion turns the mapping off.
. "$(dirname "$0")/lib/scenario.sh"
need_node
new_namespace restricted
kubectl create secret generic env -n "$NS" >/dev/null

cat >"$WORK/story.lua" <<'LUA'
local manifest = sandbox.build {
  namespace = arg[1], sandboxName = "old", adapterType = "claude_local", image = "localhost/agent:1",
  envSecretName = "env", serviceAccountName = "agent", labels = { app = "old" },
}
assert(manifest.apiVersion == "agents.x-k8s.io/v1alpha1")
local none, err = k8s.apply(manifest, { exactVersion = true })
assert(none == nil and err.code == "not_found", tostring(err))
print("exact: " .. err.code)

local stored = assert(k8s.apply(manifest))
print("stored as " .. stored.apiVersion)
local ready = assert(k8s.wait(manifest, { timeout = 60 }))
for _, condition in ipairs(ready.status.conditions) do
  if condition.type == "Ready" then print("Ready " .. condition.status) end
end
assert(assert(k8s.get(manifest)).metadata.uid == stored.metadata.uid)
assert(k8s.delete(manifest, { propagation = "Foreground", wait = true, timeout = 60 }))
none, err = k8s.get(manifest)
print("gone: " .. err.code)
LUA
expect_exit 0 "$SANDSCRIPT" run "$WORK/story.lua" "$NS"
expect_is "$OUT" "exact: not_found
stored as agents.x-k8s.io/v1beta1
Ready True
gone: not_found" "the story"
expect_is "$(kubectl get sandbox,pod -n "$NS" -o name)" "" "what is left"
finish
