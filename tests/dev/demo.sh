# ./dev demo: the main job, without any cluster. Sourced.

cmd_demo() {
  [ $# = 0 ] || usage_error "demo takes no arguments"
  packages_need demo
  build_preset release
  demo_isolate
  local cluster=embedded:$DEMO/cluster.db
  trap 'rm -rf "$DEMO"' EXIT
  set -e
  show build/sandscript run --cluster "$cluster" scripts/provision.lua claude_local --name demo --namespace demo
  show build/sandscript get sandbox -n demo --cluster "$cluster"
  show build/sandscript get sandbox demo -n demo -o yaml --cluster "$cluster"
  show build/sandscript run --cluster "$cluster" scripts/release.lua demo --namespace demo
  show build/sandscript get sandbox -n demo --cluster "$cluster"
  set +e
  printf '\n'
  say "that was the embedded cluster; with a kubeconfig the same commands work on a real one"
}

# A demo has its own cluster file and sees nothing of the user's configuration.
demo_isolate() {
  mkdir -p build
  DEMO=$(mktemp -d build/demo.XXXXXX)
  export XDG_CONFIG_HOME=$ROOT/$DEMO XDG_STATE_HOME=$ROOT/$DEMO
  unset KUBECONFIG SANDSCRIPT_POLICY
}
