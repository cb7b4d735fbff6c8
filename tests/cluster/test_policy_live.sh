# A policy that changes under live sandboxes: what `policy diff --live` says takes effect live
# does so in the controller's pod, and what needs a new pod does not reach the one that is there.
. "$(dirname "$0")/lib/scenario.sh"
need_cluster
new_namespace restricted

mkdir -p "$WORK/policy/adapters"
export SANDSCRIPT_POLICY=$WORK/policy
cat >"$WORK/policy/adapters/one.lua" <<'LUA'
return adapter {
  name = "one",
  image = "localhost/agent:1",
  labels = { team = "agents" },
}
LUA
cat >"$WORK/up.lua" <<'LUA'
for i = 1, 3 do
  local manifest = assert(policy.build("one", {
    namespace = arg[1], sandboxName = "s" .. i, envSecretName = "none", serviceAccountName = "agent",
    image = i == 3 and "localhost/agent:pinned" or nil,
  }))
  assert(k8s.apply(manifest))
end
LUA
pod() { kubectl get pod "$1" -n "$NS" -o "jsonpath=$2"; }
live() { run "$SANDSCRIPT" policy diff --live -n "$NS" "$@"; }

expect_exit 0 "$SANDSCRIPT" run "$WORK/up.lua" "$NS"
for name in s1 s2 s3; do
  expect_exit 0 kubectl wait -n "$NS" --for=create "pod/$name" --timeout=60s
done

# Defaults of the server and what the controller writes are no difference.
live
expect_is "$RC $OUT" "0 0 of 3 sandboxes change, 0 need a new pod" "the same policy"

sed -i 's/agent:1/agent:2/; s/team = "agents"/team = "ops"/; s/labels/shutdownTime = "2040-01-01T00:00:00Z", labels/' \
  "$WORK/policy/adapters/one.lua"
live
expect_is "$RC" 1 "exit code when something differs"
expect_has "$OUT" '^s1 +metadata.labels.team +agents +ops +live$' "a label"
expect_has "$OUT" '^s1 +spec.podTemplate.metadata.labels.team +agents +ops +live$' "a label of the pod"
expect_has "$OUT" '^s1 +spec.shutdownTime +- +2040-01-01T00:00:00Z +live$' "the shutdown"
expect_has "$OUT" '^s1 +spec.podTemplate.spec.containers\[0\].image +localhost/agent:1 +localhost/agent:2 +new pod$' "the image"
expect_is "$(grep -c '^s3 .* new pod$' <<<"$OUT")" 0 "a request that names its own image"
expect_has "$OUT" '^3 of 3 sandboxes change, 2 need a new pod$' "the radius"
live one -o json
expect_is "$(python3 -c 'import json, sys; d = json.load(sys.stdin); print(d["total"], d["changed"], d["newPod"], d["failed"])' <<<"$OUT")" \
  "3 3 2 0" "the radius as JSON"
expect_is "$(pod s1 '{.metadata.labels.team}')" agents "a diff changes nothing"

# And so it happens.
uid=$(pod s1 '{.metadata.uid}')
expect_exit 0 "$SANDSCRIPT" run "$WORK/up.lua" "$NS"
expect_exit 0 kubectl wait -n "$NS" --for=jsonpath='{.metadata.labels.team}'=ops pod/s1 --timeout=60s
expect_is "$(pod s1 '{.metadata.uid} {.spec.containers[0].image}')" "$uid localhost/agent:1" "the pod that was there"
live
expect_is "$RC $OUT" "0 0 of 3 sandboxes change, 0 need a new pod" "after applying it"
kubectl delete pod s1 -n "$NS" --wait=true --grace-period=0 --force >/dev/null 2>&1
expect_exit 0 kubectl wait -n "$NS" --for=jsonpath='{.spec.containers[0].image}'=localhost/agent:2 pod/s1 --timeout=60s
finish
