# provision.lua for someone who may work in a namespace but not change it: it works where the
# namespace was prepared, says what is missing where it was not, and what it could not see.
. "$(dirname "$0")/lib/scenario.sh"
need_node

kubectl create namespace "$NS" >/dev/null || exit 1
kubectl apply -f - >/dev/null <<YAML || exit 1
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: runner, namespace: $NS}
rules:
- {apiGroups: [agents.x-k8s.io], resources: [sandboxes], verbs: [get, list, watch, create, patch, delete]}
- {apiGroups: [""], resources: [secrets], verbs: [get, create, patch, delete]}
- {apiGroups: [""], resources: [pods, events], verbs: [get, list, watch]}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: runner, namespace: $NS}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: runner}
subjects: [{kind: User, name: plain, apiGroup: rbac.authorization.k8s.io}]
YAML

# provision CODE NAME
provision() {
  expect_exit "$1" env ANTHROPIC_API_KEY=k3y "$SANDSCRIPT" --context plain run "$SOURCE_DIR/scripts/provision.lua" \
    claude_local --image localhost/agent:1 --name "$2" --namespace "$NS"
}
version() { kubectl get "$@" -o 'jsonpath={.metadata.resourceVersion}'; }

kubectl create role reader -n "$NS" --verb=get --resource=namespaces,serviceaccounts >/dev/null
kubectl create rolebinding reader -n "$NS" --role=reader --user=plain >/dev/null
provision 4 first
expect_has "$ERR" "namespace/$NS is not as it must be \(metadata.labels.pod-security.kubernetes.io/audit: unset → restricted, .*enforce: unset → restricted" "what is missing"
expect_has "$ERR" 'this user may not change that.*plain.*cannot patch' "who may not do what"
expect_is "$(kubectl get sandbox,secret -n "$NS" -o name)" "" "what a refused run leaves"

for mode in enforce audit warn; do
  kubectl label namespace "$NS" "pod-security.kubernetes.io/$mode=restricted" >/dev/null
done
provision 4 first
expect_has "$ERR" "serviceaccount/agent is not there, and this user may not change that" "the missing account"

kubectl apply -n "$NS" -f - >/dev/null <<<'{"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "agent"}, "automountServiceAccountToken": false}'
before=$(version namespace "$NS")$(version serviceaccount agent -n "$NS")
provision 0 first
expect_has "$OUT" "^namespace/$NS unchanged" "a namespace as it must be"
expect_has "$OUT" "sandbox first is Ready in namespace $NS" "what the script says"
expect_is "$(version namespace "$NS")$(version serviceaccount agent -n "$NS")" "$before" "versions of what is shared"

# Who may not even look is told what is taken for granted.
kubectl delete rolebinding reader -n "$NS" >/dev/null
provision 0 second
expect_has "$ERR" "may not be read, and is taken to be as it must be .*object=namespace/$NS" "the namespace it did not see"
expect_has "$ERR" "may not be read, and is taken to be as it must be .*object=serviceaccount/agent" "the account it did not see"
expect_has "$OUT" "sandbox second is Ready in namespace $NS" "what the script says"
finish
