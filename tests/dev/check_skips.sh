#!/usr/bin/env bash
# check_skips.sh BINARY_DIR: where CI=true, or what a suite needs is required, a suite that lacks
# it fails; elsewhere it says why it is skipped.
set -u
. "$(dirname "$0")/../skip.sh" || exit 1
binaries=$1 path=$(mktemp -d) status=0
trap 'rm -rf "$path"' EXIT
ln -s "$(command -v rm)" "$path/rm" # the tests clean up by it

# expect CODE PATTERN COMMAND...: the command without the programs that the tests want in PATH.
expect() {
  local want=$1 pattern=$2 output code
  shift 2
  output=$(env PATH="$path" "$@" 2>&1)
  code=$?
  case $want in
    fails) [ $code != 0 ] && [ $code != 77 ] ;;
    *) [ $code = "$want" ] ;;
  esac && grep -q -- "$pattern" <<<"$output" && return
  printf '%s: exit code %s, wanted %s and "%s":\n%s\n' "$*" $code "$want" "$pattern" "$output"
  status=1
}

# both CODE TEST [NAME=VALUE]: CODE is what the test ends with where it may be left out.
both() {
  expect "$1" '^skip: ' /usr/bin/env -u CI -u SS_REQUIRE_ORACLES ${3:-} "$binaries/tests/$2"
  expect fails '^required, but cannot run: ' /usr/bin/env CI=true ${3:-} "$binaries/tests/$2"
  expect fails '^required, but cannot run: ' /usr/bin/env -u CI SS_REQUIRE_ORACLES=1 ${3:-} "$binaries/tests/$2"
}

both 0 test_kube_config
both 0 test_bind_module SS_BINARY_DIR=$path
both 77 test_io_curl

shell() { expect "$1" "$2" /usr/bin/env -u CI -u SS_REQUIRE_CLUSTER -u SS_REQUIRE_ORACLES ${3:-} /bin/bash -c ". tests/skip.sh; skip for lack of it"; }
shell 77 '^skip: for lack of it$'
shell 1 '^required, but cannot run: for lack of it$' CI=true
shell 1 '^required, but cannot run: for lack of it$' SS_REQUIRE_CLUSTER=1
shell 1 '^required, but cannot run: for lack of it$' SS_REQUIRE_ORACLES=1
exit $status
