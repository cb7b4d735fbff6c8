#!/usr/bin/env bash
# fixture.sh up|down: the control plane that all tests of one build folder share.
set -u
cd "$(dirname "${BASH_SOURCE[0]}")" || exit 1
. ../skip.sh

up() {
  # What an interrupted run left behind.
  ./cluster down --name ctest 2>/dev/null
  ./cluster up --name ctest && exit 0
  [ "${CI:-}" != true ] && [ "${SS_REQUIRE_CLUSTER:-}" != 1 ] || exit 1
  # Inside some containers a kubelet cannot run, but all the rest can.
  if ./cluster up --name ctest --node none; then
    echo "containerd or the kubelet did not start" >"$SS_CLUSTER_STATE/ctest/no-node"
    exit 0
  fi
  skip "no control plane on this machine"
}

case $1 in
  up) up ;;
  down) ./cluster down --name ctest ;;
esac
