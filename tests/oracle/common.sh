# Sourced by the run scripts: skip NAME TEXT, and build_go NAME, which builds the
# program of guard/ into $program or skips. Exit 77 = skipped.

skip() {
  echo "oracle.$1: $2"
  [ "${SS_REQUIRE_ORACLES:-0}" = 1 ] && exit 1
  exit 77
}

build_go() {
  command -v go >/dev/null || skip "$1" "go is not installed (https://go.dev/dl, 1.26 or later)"
  cd "$here/../guard"
  go mod download >/dev/null 2>&1 || skip "$1" "the Go modules cannot be downloaded"
  program=${SS_BINARY_DIR:-${TMPDIR:-/tmp}}/oracle_$1
  go build -o "$program" .
}
