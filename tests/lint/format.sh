#!/usr/bin/env bash
# C is as clang-format writes it, and luacheck has nothing to say about the Lua.
set -u
cd "$(dirname "$0")/../.." || exit 1
status=0

need() {
  command -v "$1" >/dev/null && return
  echo "$1 is not installed: apt-get install $2" >&2
  status=1
  return 1
}

# The first place of each file; the rest is what `clang-format -i` is for.
unformatted() {
  find src tests -name '*.[ch]' -not -path '*/.*' -print0 | sort -z |
    xargs -0 clang-format --dry-run 2>&1 |
    awk -F: '/ warning: / && !seen[$1]++ { print $1 ":" $2 ": not as clang-format -i writes it" }'
}

if need clang-format clang-format; then
  found=$(unformatted)
  [ -z "$found" ] || { echo "$found"; status=1; }
fi
if need luacheck lua-check; then
  find lua scripts tests -name '*.lua' -not -path '*/.*' -print0 | sort -z |
    xargs -0 luacheck --quiet --no-color --codes --formatter plain || status=1
fi
exit $status
