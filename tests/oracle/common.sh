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

# go_module MODULE: the folder of a module that guard/ needs into $module, or skips.
go_module() {
  command -v go >/dev/null || skip "go is not installed (https://go.dev/dl, 1.26 or later)"
  module=$(cd "$here/../guard" && go mod download "$1" && go list -m -f '{{.Dir}}' "$1") ||
    skip "the Go module $1 cannot be downloaded"
}

# npm_package NAME VERSION SHA512: the folder of a package into $package, or skips.
npm_package() {
  package=$(python3 "$here/../npm.py" "$@") || skip "$1 $2 cannot be had from the npm registry"
}
