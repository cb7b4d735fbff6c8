# What every scenario (tests/cluster/test_*.sh) starts with: the shared cluster,
# a namespace and a temporary folder of its own, and checks. Sourced.
# Gives: $SANDSCRIPT, $WORK, $NS; KUBECONFIG is set and kubectl is in PATH.
set -u -o pipefail

CLUSTER_DIR=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
SOURCE_DIR=$(cd "$CLUSTER_DIR/../.." && pwd)
. "$SOURCE_DIR/tests/skip.sh"
STATE=${SS_CLUSTER_STATE:-$SOURCE_DIR/build/cluster}/${SS_CLUSTER_NAME:-ctest}
: "${SANDSCRIPT:=$SOURCE_DIR/build/dev/sandscript}"

WORK=$(mktemp -d)
NS=t$$
FAILURES=0
# Neither the configuration, the clusters nor the caches of the person who runs this.
export XDG_CONFIG_HOME=$WORK XDG_STATE_HOME=$WORK KUBECACHEDIR=$WORK/discovery
export SANDSCRIPT_POLICY=$SOURCE_DIR/scripts
unset KUBECONFIG
trap scenario_end EXIT

scenario_end() {
  [ -z "${KUBECONFIG:-}" ] || kubectl delete namespace "$NS" --ignore-not-found --wait=false >/dev/null 2>&1
  rm -rf "$WORK"
}

need_cluster() {
  [ -f "$STATE/up" ] || skip "no control plane on this machine"
  . "$STATE/env"
}

need_node() {
  need_cluster
  [ ! -f "$STATE/no-node" ] || skip "no real node: $(cat "$STATE/no-node")"
}

# new_namespace [LEVEL]: $NS with a service account "agent", which enforces a Pod Security level when given one.
new_namespace() {
  kubectl create namespace "$NS" >/dev/null || exit 1
  [ -z "${1:-}" ] || kubectl label namespace "$NS" "pod-security.kubernetes.io/enforce=$1" >/dev/null
  # The guard refuses the default service account; the API server wants it all the same.
  kubectl create serviceaccount agent -n "$NS" >/dev/null || exit 1
  until kubectl get serviceaccount default -n "$NS" >/dev/null 2>&1; do sleep 0.1; done
}

failed() {
  FAILURES=$((FAILURES + 1))
  printf 'FAILED: %s\n' "$1"
  shift
  [ $# = 0 ] || printf '  %s\n' "$@"
}

# run COMMAND...: sets RC, OUT and ERR (also the files $WORK/out and $WORK/err).
run() {
  "$@" >"$WORK/out" 2>"$WORK/err" </dev/null
  RC=$?
  OUT=$(cat "$WORK/out")
  ERR=$(cat "$WORK/err")
}

# expect_exit CODE COMMAND...
expect_exit() {
  local want=$1
  shift
  run "$@"
  [ "$RC" = "$want" ] || failed "exit code $RC instead of $want: $*" "stdout: $OUT" "stderr: $ERR"
}

# expect_has TEXT PATTERN WHAT
expect_has() {
  grep -qE -- "$2" <<<"$1" || failed "$3: no match for /$2/ in" "$1"
}

# expect_is GOT WANT WHAT
expect_is() {
  [ "$1" = "$2" ] || failed "$3: '$1' instead of '$2'"
}

# expect_waited_by_watch NAME: one watch of the sandbox so far, and no more reads than
# one before the write and one look when the watch is silent at first (a wait that
# polls every two seconds, as others do, reads more).
expect_waited_by_watch() {
  local count=(python3 "$CLUSTER_DIR/audit.py" "$STATE/audit.log" agent=sandscript namespace="$NS"
    resource=sandboxes name="$1")
  expect_is "$("${count[@]}" verb=watch)" "1 watch sandboxes" "watches of $1"
  [[ $("${count[@]}" verb=get) =~ ^([12]\ get\ sandboxes)?$ ]] || failed "reads of $1" "$("${count[@]}")"
}

# expect_one_line: the last run's error is one line, besides progress ("waiting:
# ...", "reading ..."), which comes when something takes longer than a second.
expect_one_line() {
  local lines
  lines=$(grep -vcE '^(waiting|reading)[: ]' "$WORK/err")
  [ "$lines" = 1 ] && [[ $(tail -n 1 "$WORK/err") == 'sandscript: '* ]] ||
    failed "the error is not one line" "$ERR"
}

# The scenario's last line.
finish() {
  if [ $FAILURES != 0 ]; then
    echo "$FAILURES checks failed"
    exit 1
  fi
  echo ok
}
