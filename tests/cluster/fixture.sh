#!/usr/bin/env bash
# fixture.sh up|down: the control plane that all tests of one build folder share.
set -u
cd "$(dirname "${BASH_SOURCE[0]}")" || exit 1

case $1 in
  up)
    # What an interrupted run left behind.
    ./cluster down --name ctest 2>/dev/null
    ./cluster up --name ctest && exit 0
    [ "${SS_REQUIRE_CLUSTER:-}" != 1 ] || exit 1
    echo "skip: no control plane on this machine"
    exit 77
    ;;
  down) ./cluster down --name ctest ;;
esac
