# ./dev lint: everything that reads the source without running it. Sourced.

cmd_lint() {
  [ $# = 0 ] || usage_error "lint takes no arguments"
  packages_need test
  [ -f build/dev/build.ninja ] || step "configure dev" cmake --preset dev
  cmake build/dev >/dev/null || fail "configuring build/dev failed"
  # The scripts are looked at by the program's own check.
  step "build dev" cmake --build build/dev --target sandscript
  ctest --test-dir build/dev --output-on-failure -L '^lint$'
}
