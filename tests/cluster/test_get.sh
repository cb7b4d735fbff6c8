# What `get` prints, beside kubectl on the same objects: byte for byte where it is a table or names.
. "$(dirname "$0")/lib/scenario.sh"
need_cluster
new_namespace

kubectl create -n "$NS" -f - >/dev/null <<'YAML' || exit 1
{apiVersion: v1, kind: ConfigMap, metadata: {name: one, labels: {b: "2", a: "1"}}, data: {a: "1"}}
---
{apiVersion: v1, kind: ConfigMap, metadata: {name: with-a-longer-name}, data: {a: "1", b: "x\ny"}}
---
{apiVersion: v1, kind: ResourceQuota, metadata: {name: q}, spec: {hard: {configmaps: 20, secrets: 5}}}
---
{apiVersion: v1, kind: Service, metadata: {name: web}, spec: {selector: {app: web}, ports: [{port: 80}]}}
---
{apiVersion: apps/v1, kind: Deployment, metadata: {name: web}, spec: {replicas: 0, selector: {matchLabels: {app: web}},
  template: {metadata: {labels: {app: web}}, spec: {containers: [{name: c, image: "x:1"}, {name: d, image: "y:2"}]}}}}
---
{apiVersion: rbac.authorization.k8s.io/v1, kind: Role, metadata: {name: r}, rules: []}
---
apiVersion: v1
kind: Pod
metadata: {name: p, labels: {app: x}}
spec: {schedulerName: nobody, serviceAccountName: agent, containers: [{name: c, image: "x:1"}]}
---
apiVersion: agents.x-k8s.io/v1beta1
kind: Sandbox
metadata: {name: s1}
spec: {operatingMode: Suspended, podTemplate: {spec: {containers: [{name: a, image: x}]}}}
YAML

# as_kubectl ARGUMENT...: the same output and exit code. An age may change between the two: then again.
as_kubectl() {
  local wanted code try
  for try in 1 2 3 4 5 6 7 8 9 10; do
    wanted=$(kubectl get "$@" 2>/dev/null)
    code=$?
    run "$SANDSCRIPT" get "$@"
    [ "$OUT" != "$wanted" ] || break
  done
  [ "$OUT" = "$wanted" ] || failed "get $* (try $try): kubectl prints" "$wanted" "and not" "$OUT" "$ERR"
  expect_is "$RC" "$code" "exit code of get $*"
}

for output in "" "-o wide" "--show-labels" "-o name"; do
  for what in pods pod/p "configmap one" deploy.v1.apps/web sandboxes sandbox.agents.x-k8s.io/s1 \
    "services,quota" "cm,role,sandbox" "cm/one role/r" "cm one with-a-longer-name" "cm -l a=1"; do
    # shellcheck disable=SC2086
    as_kubectl $what -n "$NS" $output
  done
done
as_kubectl crd
as_kubectl namespace "$NS"
as_kubectl roles,rolebindings -A -o wide
as_kubectl priorityclasses,apiservices -o wide --show-labels
as_kubectl cm -n "$NS" --field-selector metadata.name=one
as_kubectl cm nope one -n "$NS"

# Where nothing is found kubectl names no context.
as_kubectl cm -n "$NS" -l a=nothing
expect_has "$ERR" "^no cm found in namespace $NS \(context " "nothing found"
as_kubectl sandbox nope -n "$NS"
expect_has "$ERR" '^sandscript: get Sandbox .*/nope: .*not found.*\(context .*, HTTP 404\)$' "not found"

# as_value FORMAT ARGUMENT...: JSON is a line here, and YAML not folded at column 80: the value counts.
as_value() {
  run "$SANDSCRIPT" get "${@:2}" -o "$1"
  if [ "$1" = json ]; then
    cp "$WORK/out" "$WORK/value"
  else
    "$SANDSCRIPT" -e 'print(json.encode(assert(yaml.decode(fs.read(arg[1])))))' "$WORK/out" >"$WORK/value"
  fi
  kubectl get "${@:2}" -o json >"$WORK/wanted"
  # The version of a list is the server's; kubectl empties it.
  python3 - "$WORK/value" "$WORK/wanted" <<'PY' || failed "get ${*:2} -o $1 is another value than kubectl's"
import json, sys
a, b = (json.load(open(name)) for name in sys.argv[1:])
for one in (a, b):
    if one["kind"] == "List":
        one["metadata"].pop("resourceVersion", None)
sys.exit(a != b and f"{a}\n{b}")
PY
}
for format in json yaml; do
  for what in cm pod/p "sandbox s1" "cm one with-a-longer-name" "cm -l a=nothing"; do
    # shellcheck disable=SC2086
    as_value $format $what -n "$NS"
  done
done

# A watch prints the same columns, a row for each change.
"$SANDSCRIPT" get cm -n "$NS" -o wide --show-labels -w >"$WORK/watched" 2>"$WORK/watch.err" &
watch=$!
until grep -q '^with-a-longer-name' "$WORK/watched"; do kill -0 $watch || break; sleep 0.05; done
kubectl create configmap later -n "$NS" --from-literal=a=1 --from-literal=b=2 --from-literal=c=3 >/dev/null
kubectl label configmap later -n "$NS" seen=yes >/dev/null
until grep -q '^later .*seen=yes' "$WORK/watched"; do kill -0 $watch || break; sleep 0.05; done
kill $watch
wait $watch 2>/dev/null
expect_has "$(cat "$WORK/watched")" '^later +3 +[0-9]+s +<none>$' "the row of what was made"
expect_has "$(cat "$WORK/watched")" '^later +3 +[0-9]+s +seen=yes$' "the row of what was changed"
finish
