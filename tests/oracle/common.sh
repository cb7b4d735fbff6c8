# Sourced by the run scripts: skip TEXT, and build_go NAME, which builds the
# program of guard/ into $program or skips.

. "$(dirname "$0")/../../skip.sh"

build_go() {
  command -v go >/dev/null || skip "go is not installed (https://go.dev/dl, 1.26 or later)"
  cd "$here/../guard"
  go mod download >/dev/null 2>&1 || skip "the Go modules cannot be downloaded"
  program=${SS_BINARY_DIR:-${TMPDIR:-/tmp}}/oracle_$1
  go build -o "$program" .
}
