# 1,000 generated pods: the real admission, asked by dry-run, and the guard agree.
. "$(dirname "$0")/lib/scenario.sh"
need_cluster
new_namespace restricted
kubectl label namespace "$NS" pod-security.kubernetes.io/enforce-version=v1.37 >/dev/null

go_path=$("$CLUSTER_DIR/cluster" go-path) || skip "no Go"
(cd "$SOURCE_DIR/tests/oracle/guard" && "$go_path/go" run . -emit 1050) >"$WORK/pods.jsonl" ||
  failed "generating the pods failed"
python3 "$CLUSTER_DIR/dry_run.py" "$NS" "$SS_BINARY_DIR/tests/sandbox_oracle" 1000 <"$WORK/pods.jsonl" ||
  failed "the verdicts differ"
finish
