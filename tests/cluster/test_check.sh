# check of manifests against a server that the command line names: its kinds, custom ones as well.
. "$(dirname "$0")/lib/scenario.sh"
need_cluster

# checks CODE PATTERN: check of what is in $WORK/m.yaml, with the server asked.
checks() {
  expect_exit "$1" "$SANDSCRIPT" check "$WORK/m.yaml" --kubeconfig "$KUBECONFIG"
  expect_has "$OUT" "$2" "finding"
}

# Kinds that are known without a server are not claimed to lack what this one has.
cat >"$WORK/m.yaml" <<'TEXT'
apiVersion: v1
kind: Node
metadata: {name: n}
spec:
  podCDR: 10.0.0.0/24
---
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: x}
spec:
  gruop: x
---
apiVersion: agents.x-k8s.io/v1beta1
kind: Sandbox
metadata: {name: x}
spec:
  shutdownPolcy: Delete
TEXT
checks 1 "m.yaml:5: spec.podCDR: unknown field 'podCDR': did you mean 'podCIDR'"
expect_has "$OUT" "m.yaml:10: spec.gruop: unknown field 'gruop': did you mean 'group'" "finding"
expect_has "$OUT" "m.yaml:16: spec.shutdownPolcy: unknown field .*did you mean 'shutdownPolicy'" "finding"

# Without a server nothing is claimed of kinds that are not known here.
expect_exit 1 "$SANDSCRIPT" check "$WORK/m.yaml"
grep -q 'podCDR\|gruop' <<<"$OUT" && failed "a kind that is not known was looked at" "$OUT"

# What a server stores is what it serves.
"$SANDSCRIPT" get nodes,namespaces,configmaps,roles,clusterroles,crds,apiservices -A -o yaml >"$WORK/m.yaml" ||
  failed "get"
expect_exit 0 "$SANDSCRIPT" check "$WORK/m.yaml" --kubeconfig "$KUBECONFIG"

# A server that does not answer is the command's error, not a finding.
sed 's|https://127.0.0.1:[0-9]*|https://127.0.0.1:1|' "$KUBECONFIG" >"$WORK/kubeconfig"
expect_exit 4 "$SANDSCRIPT" check "$WORK/m.yaml" --kubeconfig "$WORK/kubeconfig"
expect_one_line
