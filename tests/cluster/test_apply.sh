# apply, diff and delete, with kubectl as the witness of what they did.
. "$(dirname "$0")/lib/scenario.sh"
need_cluster
new_namespace

cat >"$WORK/config.yaml" <<YAML
apiVersion: v1
kind: ConfigMap
metadata: {name: c, namespace: $NS, labels: {app: x}}
data: {a: "1", b: "2"}
YAML
manager_of() {
  kubectl get configmap c -n "$NS" --show-managed-fields -o json | python3 -c '
import json, sys
for entry in json.load(sys.stdin)["metadata"]["managedFields"]:
    keys = sorted(k[2:] for k in entry["fieldsV1"].get("f:data", {}) if k != ".")
    print(entry["manager"], entry["operation"], ",".join(keys))'
}

expect_exit 1 "$SANDSCRIPT" diff -f "$WORK/config.yaml"
expect_exit 0 "$SANDSCRIPT" apply --dry-run -f "$WORK/config.yaml"
expect_exit 1 kubectl get configmap c -n "$NS"
expect_exit 0 "$SANDSCRIPT" apply -f "$WORK/config.yaml"
expect_has "$OUT" "^configmap/c in namespace $NS created \(context admin, https://127.0.0.1:[0-9]+\)$" "created"
expect_is "$(manager_of)" "sandscript Apply a,b" "owner of the fields"
expect_exit 0 "$SANDSCRIPT" apply -f "$WORK/config.yaml"
expect_has "$OUT" ' unchanged ' "a second apply"
expect_exit 0 "$SANDSCRIPT" diff -f "$WORK/config.yaml"
expect_is "$OUT" "" "diff when nothing differs"

sed -i 's/b: "2"/b: "3"/' "$WORK/config.yaml"
expect_exit 1 "$SANDSCRIPT" diff -f "$WORK/config.yaml"
expect_has "$OUT" '^-.*b: .?2' "diff: the old value"
expect_has "$OUT" '^\+.*b: .?3' "diff: the new value"
expect_exit 0 "$SANDSCRIPT" apply -f "$WORK/config.yaml"
expect_has "$OUT" ' configured ' "a change"

# A field that somebody else owns: refused with his name, taken over on demand.
kubectl patch configmap c -n "$NS" --type merge -p '{"data":{"a":"theirs"}}' --field-manager=somebody >/dev/null
expect_exit 1 "$SANDSCRIPT" apply -f "$WORK/config.yaml"
expect_has "$ERR" 'data\.a' "conflict: the field"
expect_has "$ERR" 'somebody' "conflict: the owner"
expect_is "$(kubectl get configmap c -n "$NS" -o 'jsonpath={.data.a}')" theirs "after the refused apply"
expect_exit 0 "$SANDSCRIPT" apply --force-conflicts -f "$WORK/config.yaml"
expect_is "$(kubectl get configmap c -n "$NS" -o 'jsonpath={.data.a}')" 1 "after --force-conflicts"

# A field no longer given is removed, as only we owned it.
sed -i 's/, b: "3"//' "$WORK/config.yaml"
expect_exit 0 "$SANDSCRIPT" apply -f "$WORK/config.yaml"
expect_is "$(kubectl get configmap c -n "$NS" -o 'jsonpath={.data}')" '{"a":"1"}' "after removing a field"

expect_exit 0 "$SANDSCRIPT" delete --wait -f "$WORK/config.yaml"
expect_has "$OUT" ' deleted ' "delete"
expect_exit 1 kubectl get configmap c -n "$NS"
expect_exit 0 "$SANDSCRIPT" delete -f "$WORK/config.yaml"
expect_has "$OUT" 'was not there' "a second delete"

# A folder: the namespace comes before what lives in it, whatever the file names say.
mkdir "$WORK/folder"
cat >"$WORK/folder/1-inside.yaml" <<YAML
apiVersion: v1
kind: ConfigMap
metadata: {name: inside, namespace: $NS-2}
YAML
cat >"$WORK/folder/2-namespace.yaml" <<YAML
apiVersion: v1
kind: Namespace
metadata: {name: $NS-2}
YAML
expect_exit 0 "$SANDSCRIPT" apply -f "$WORK/folder"
expect_exit 0 kubectl get configmap inside -n "$NS-2"
expect_exit 0 "$SANDSCRIPT" delete -f "$WORK/folder"
finish
