# ./dev setup [demo|test]. Sourced.

cmd_setup() {
  local set=${1:-test}
  [[ $set =~ ^(demo|test)$ ]] || usage_error "setup: demo or test, not '$set'"
  packages_need "$set"
  say "the packages for '$set' are installed"
}
