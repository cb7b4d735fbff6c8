# A wait that cannot succeed ends at once with the pod's own reason; one that may
# still succeed ends at its timeout, and says the reason too. Either way the
# script leaves nothing behind.
. "$(dirname "$0")/lib/scenario.sh"
need_node
new_namespace

provision() {
  "$SANDSCRIPT" run "$SOURCE_DIR/scripts/provision.lua" claude_local --namespace "$NS" "$@"
}
error_line() { grep '^sandscript: ' <<<"$ERR"; }

started=$SECONDS
expect_exit 1 provision --name hopeless --image localhost/Not-An-Image:1 --timeout 50
expect_has "$(error_line)" "Sandbox $NS/hopeless.*InvalidImageName" "the cause"
[ $((SECONDS - started)) -lt 20 ] || failed "it waited for the timeout instead of failing at once"

# A registry that does not answer may come back.
expect_exit 5 provision --name slow --image localhost/no-such:1 --timeout 6
expect_has "$(error_line)" "Sandbox $NS/slow.*(ErrImagePull|ImagePullBackOff)" "the cause"
expect_waited_by_watch slow

kubectl wait -n "$NS" --for=delete sandbox/hopeless sandbox/slow --timeout=20s >/dev/null 2>&1
expect_is "$(kubectl get sandbox,secret -n "$NS" -o name)" "" "what the failed runs left behind"
finish
