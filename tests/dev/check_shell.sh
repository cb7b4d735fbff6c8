#!/usr/bin/env bash
# Every shell script parses, has no tabs, and sources only files that exist.
set -u
status=0
for file in dev .ci/run tests/cluster/cluster tests/*/*.sh tests/*/*/*.sh; do
  [ -f "$file" ] || continue
  bash -n "$file" || status=1
  if grep -n "$(printf '\t')" "$file" /dev/null; then
    echo "$file: tab; shell scripts are indented with two spaces" && status=1
  fi
done
exit $status
