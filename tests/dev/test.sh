# ./dev test [--fast] [--only REGEX]. Sourced.

CTEST_LOG=$LOGS/ctest.log

cmd_test() {
  local only='' fast=
  while [ $# -gt 0 ]; do
    case $1 in
      --fast) fast=1 ;;
      --only)
        [ $# -ge 2 ] || usage_error "--only needs a regular expression"
        only=$2
        shift
        ;;
      *) usage_error "test: unknown option '$1'" ;;
    esac
    shift
  done
  packages_need test
  build_preset release
  build_preset dev
  test_explain "$fast"
  test_run "$fast" "$only"
}

# What runs where on this machine, before it runs.
test_explain() {
  local obstacle programs
  say "C tests and specs: $ROOT/build/dev, with ASan and UBSan; demo and Lua module: build/release"
  if [ -n "$1" ]; then
    say "--fast: no real cluster, nothing slow"
    return
  fi
  go_into_path
  if ! programs=$(tests/cluster/cluster build); then
    ! nothing_may_be_left_out || fail "the cluster tests are required, and cannot be built"
    say "the cluster tests will be skipped: no control plane"
    return
  fi
  # kubectl is an oracle of tests without a cluster, too.
  export PATH=$programs:$PATH
  obstacle=$(tests/cluster/cluster obstacle)
  say "control plane: etcd, kube-apiserver and controllers on loopback"
  say "real node: ${obstacle:+skipped, }${obstacle:-containerd and a kubelet}"
}

test_run() {
  local arguments=(--test-dir build/dev --output-on-failure --no-tests=error -j "$(nproc)") rc before
  [ -z "$1" ] || arguments+=(-LE 'cluster|oracle|slow')
  [ -z "$2" ] || arguments+=(-R "$2")
  mkdir -p "$LOGS"
  trap 'SS_CLUSTER_STATE=$ROOT/build/dev/cluster tests/cluster/cluster down --name ctest 2>/dev/null' EXIT
  trap 'exit 130' INT TERM
  before=$(temporary_files)
  ctest "${arguments[@]}" </dev/null 2>&1 | tee "$CTEST_LOG"
  rc=${PIPESTATUS[0]}
  if [ "$rc" = 0 ] && nothing_may_be_left_out; then
    test_nothing_left_out && test_nothing_left_behind "$before" || rc=1
  fi
  test_summary "$rc"
  return "$rc"
}

nothing_may_be_left_out() {
  [ "${CI:-}" = true ] || [ "${SS_REQUIRE_CLUSTER:-}" = 1 ] || [ "${SS_REQUIRE_ORACLES:-}" = 1 ]
}

# The tests fail themselves where they may not skip; this is for one that forgot.
test_nothing_left_out() {
  ! grep -E '\*\*\*Skipped|\*\*\*Not Run|^\[  SKIPPED \]' "$CTEST_LOG" build/dev/Testing/Temporary/LastTest.log |
    sed 's/^[^:]*:/skipped, which fails here: /'
}

temporary_files() { find /tmp -maxdepth 1 -regex '.*/\(ss-\|lua_\|sandscript\).*' | sort; }

# Elsewhere other runs may be at work in the same folder.
test_nothing_left_behind() {
  ! comm -13 <(cat <<<"$1") <(temporary_files) | sed 's/^/left behind, which fails here: /' | grep .
}

# ctest says that tests were skipped, but not why.
test_summary() {
  local reasons
  reasons=$(sed -n 's/^skip: //p' build/dev/Testing/Temporary/LastTest.log | sort | uniq -c |
    sed 's/^ *\([0-9]*\) /  \1 skipped: /')
  [ -z "$reasons" ] || printf '\n%s\n' "$reasons"
  [ "$1" = 0 ] || printf '\nlogs: %s, build/dev/Testing/Temporary/LastTest.log\n' "$CTEST_LOG"
  printf '\n'
  grep -E '^[0-9]+% tests passed' "$CTEST_LOG"
}
