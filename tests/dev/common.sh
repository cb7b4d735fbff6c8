# Messages and steps of ./dev. Sourced; expects ROOT, the working directory.

LOGS=$ROOT/build/logs

say() { printf '==> %s\n' "$*"; }

fail() {
  printf './dev: %s\n' "$*" >&2
  exit 1
}

usage_error() {
  printf './dev: %s; see ./dev help\n' "$*" >&2
  exit 2
}

# step NAME COMMAND...: runs it with its output in a log. A failure shows the
# end of the log and where it is, and ends ./dev.
step() {
  local name=$1 started=$SECONDS
  shift
  mkdir -p "$LOGS" || fail "cannot write to $ROOT/build"
  printf '==> %s ... ' "$name"
  if "$@" >"$LOGS/${name// /-}.log" 2>&1 </dev/null; then
    printf '%d s\n' $((SECONDS - started))
    return
  fi
  printf 'failed: %s\n' "$*"
  tail -n 40 "$LOGS/${name// /-}.log"
  fail "$name failed; the whole log: $LOGS/${name// /-}.log"
}

# Prints the command as it would be typed, then runs it.
show() {
  printf '\n$ %s\n' "$*"
  "$@"
}

# The Go that builds the test cluster; without network and without Go: nothing.
go_into_path() {
  local folder
  folder=$(tests/cluster/cluster go-path) && export PATH=$folder:$PATH GOTOOLCHAIN=local
}
