# Debian packages. `PACKAGE` is wanted as such; `PACKAGE=PROGRAM` only when the
# program is not there by other means. Sourced.

PACKAGES_DEMO=(
  gcc libc6-dev cmake ninja-build pkg-config
  liblua5.4-dev lua-cjson libcurl4-openssl-dev libuv1-dev libjansson-dev libyaml-dev
  libsqlite3-dev libssl-dev libedit-dev
)
PACKAGES_TEST=(
  "${PACKAGES_DEMO[@]}"
  libcmocka-dev lua5.4 lua-busted lua-check clang-format
  containerd runc containernetworking-plugins busybox-static tini
  python3 python3-venv python3-pyte openssl ca-certificates git nodejs=node
)

# packages_missing SET: those of the set (demo, test) that are not installed.
packages_missing() {
  local -n set=PACKAGES_${1^^}
  local entry
  for entry in "${set[@]}"; do
    case $entry in
      *=*) command -v "${entry#*=}" >/dev/null || printf '%s\n' "${entry%%=*}" ;;
      *) [ "$(dpkg-query -W -f '${db:Status-Status}' "$entry" 2>/dev/null)" = installed ] ||
        printf '%s\n' "$entry" ;;
    esac
  done
}

# packages_need SET: installs what is missing, saying so first; without the
# right to, says what to run and ends.
packages_need() {
  local missing
  if ! command -v dpkg-query >/dev/null; then
    say "not a Debian system: expecting the equivalents of the packages in tests/dev/packages.sh"
    return
  fi
  mapfile -t missing < <(packages_missing "$1")
  [ ${#missing[@]} -gt 0 ] || return 0
  if [ "$(id -u)" != 0 ]; then
    fail "these Debian packages are missing; run
  sudo apt-get install --no-install-recommends ${missing[*]}"
  fi
  say "installing ${#missing[@]} Debian packages: ${missing[*]}"
  export DEBIAN_FRONTEND=noninteractive
  step "apt-get update" apt-get update -q
  step "apt-get install" apt-get install -y -q --no-install-recommends "${missing[@]}"
}
