# A wait that cannot succeed ends at once, with the pod's own reason.
. "$(dirname "$0")/lib/scenario.sh"
need_node
new_namespace

provision() {
  "$SANDSCRIPT" run "$SOURCE_DIR/scripts/provision.lua" claude_local --name "$1" --namespace "$NS" "${@:2}"
}

started=$SECONDS
expect_exit 1 provision bad-image --image localhost/no-such:1 --timeout 50
expect_has "$ERR" 'ErrImage|ImagePull|ErrImageNeverPull|InvalidImageName' "the cause"
expect_has "$ERR" 'bad-image' "the object"
[ $((SECONDS - started)) -lt 40 ] || failed "it waited for the timeout instead of failing at once"
expect_is "$(kubectl get sandbox,secret -n "$NS" -o name)" "" "what the failed run left behind"
finish
