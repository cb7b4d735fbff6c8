# skip REASON: ends with 77, for ctest, or fails where nothing may be left out. Sourced.
skip() {
  if [ "${CI:-}" = true ] || [ "${SS_REQUIRE_CLUSTER:-}" = 1 ] || [ "${SS_REQUIRE_ORACLES:-}" = 1 ]; then
    echo "required, but cannot run: $*"
    exit 1
  fi
  echo "skip: $*"
  exit 77
}
