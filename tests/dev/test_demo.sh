#!/usr/bin/env bash
# test_demo.sh BINARY_DIR: `./dev demo` in a fresh clone of what git tracks here, with an empty
# build folder: builds, provisions until Ready, deletes, leaves nothing behind.
set -u
clone=$1/demo-clone out=$1/demo-clone.log status=0
trap 'rm -rf "$clone"' EXIT
rm -rf "$clone"
mkdir -p "$clone"
git ls-files -z | xargs -0 cp --parents -t "$clone" || exit 1

expect() { grep -qE -- "$1" "$out" || { echo "not in what the demo printed: $1" && status=1; }; }

started=$SECONDS
(cd "$clone" && ./dev demo) >"$out" 2>&1 </dev/null || { echo "./dev demo: exit code $?" && status=1; }
expect '^secret/demo-env created'
expect '^sandbox demo is Ready in namespace demo'
expect '^demo +True +DependenciesReady'
expect '^kind: Sandbox'
expect '^sandbox demo deleted'
expect '^no sandbox found in namespace demo'
# The line of the README that puts sandscript on PATH.
line=$(grep -m 1 '^./dev build && export PATH' README.md) || { echo "README has no such line" && status=1; }
(cd "$clone" && eval "$line" && cd / && sandscript build claude_local --set namespace=d --set sandboxName=s \
  --set envSecretName=e --set serviceAccountName=a) >>"$out" 2>&1 </dev/null ||
  { echo "$line: exit code $?" && status=1; }
for left in "$clone"/build/demo.*; do
  [ ! -e "$left" ] || { echo "left behind: $left" && status=1; }
done
[ $status = 0 ] || { tail -n 40 "$out" && exit 1; }
echo "a fresh clone took $((SECONDS - started)) s from ./dev demo to the end"
