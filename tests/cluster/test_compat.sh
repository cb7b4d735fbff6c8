# agent-sandbox 0.5.6's CRDs, which serve v1alpha1 and v1beta1: both versions of
# our manifest are accepted, and the client prefers v1beta1 on the wire.
. "$(dirname "$0")/lib/scenario.sh"
need_cluster
trap 'SS_CLUSTER_STATE=$WORK "$CLUSTER_DIR/cluster" down --name compat; scenario_end' EXIT
exports=$(SS_CLUSTER_STATE=$WORK "$CLUSTER_DIR/cluster" up --name compat --node none --crds 0.5.6) ||
  { echo "FAILED: the cluster did not start" && exit 1; }
eval "$exports"
new_namespace

for version in v1alpha1 v1beta1; do
  expect_exit 0 "$SANDSCRIPT" build claude_local --set namespace="$NS" --set sandboxName=s1 \
    --set envSecretName=env --set serviceAccountName=agent --set apiVersion=agents.x-k8s.io/$version
  cp "$WORK/out" "$WORK/$version.yaml"
  expect_exit 0 kubectl apply --dry-run=server -f "$WORK/$version.yaml"
  expect_has "$OUT" 's1 created' "$version"
done

expect_exit 0 "$SANDSCRIPT" apply -f "$WORK/v1alpha1.yaml" -o yaml
expect_has "$OUT" '^apiVersion: agents.x-k8s.io/v1beta1$' "version on the wire"
expect_exit 0 "$SANDSCRIPT" -e "
  local m = assert(yaml.decode(assert(fs.read('$WORK/v1alpha1.yaml'))))
  local stored = assert(k8s.apply(m, { exactVersion = true }))
  print(stored.apiVersion)"
expect_is "$OUT" agents.x-k8s.io/v1alpha1 "exactVersion"
finish
