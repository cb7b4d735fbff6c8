# What `build` prints is accepted by the real API server, and the pod that the
# real controller makes of it is admitted where "restricted" is enforced.
. "$(dirname "$0")/lib/scenario.sh"
need_cluster
new_namespace restricted

build() {
  "$SANDSCRIPT" build claude_local --set namespace="$NS" --set sandboxName="$1" \
    --set envSecretName=env --set serviceAccountName=agent --set image=localhost/agent:1 "${@:2}"
}

expect_exit 0 build s1 -o yaml
expect_has "$OUT" '^apiVersion: agents.x-k8s.io/v1beta1$' "default version"
cp "$WORK/out" "$WORK/s1.yaml"
expect_exit 0 kubectl apply --dry-run=server -f "$WORK/s1.yaml"
expect_has "$OUT" 'sandbox.agents.x-k8s.io/s1 created \(server dry run\)' "kubectl"
expect_is "$ERR" "" "warnings of the API server"

expect_exit 0 build s1 -o json
cp "$WORK/out" "$WORK/s1.json"
expect_exit 0 kubectl apply --dry-run=server -f "$WORK/s1.json"

# The namespace does refuse: otherwise the admission of ours would prove nothing.
expect_exit 1 kubectl run privileged -n "$NS" --image=x --privileged
expect_has "$ERR" 'violates PodSecurity "restricted' "a privileged pod"

kubectl create secret generic env -n "$NS" >/dev/null
expect_exit 0 kubectl apply -f "$WORK/s1.yaml"
expect_exit 0 kubectl wait -n "$NS" --for=create pod/s1 --timeout=30s
expect_is "$(kubectl get pod s1 -n "$NS" -o 'jsonpath={.spec.containers[0].securityContext.capabilities.drop[0]}')" \
  ALL "the pod's dropped capabilities"
finish
