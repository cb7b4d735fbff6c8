# The conformance suite, which also runs on the embedded cluster, on the real one.
. "$(dirname "$0")/lib/scenario.sh"
need_node
[ -d "$SOURCE_DIR/tests/lua/conformance" ] || { echo "FAILED: no suite" && exit 1; }

SS_CONFORMANCE_KUBECONFIG=$KUBECONFIG "$SANDSCRIPT" test "$SOURCE_DIR/tests/lua/conformance" ||
  failed "the suite failed on the real API server"
finish
