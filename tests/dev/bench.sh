# ./dev bench [-o text|json]: a report, so it exits 0 whatever the figures. Sourced.

cmd_bench() {
  local output=text
  if [ "${1:-}" = -o ]; then
    output=${2:-}
    shift $(($# < 2 ? 1 : 2))
  fi
  [ $# = 0 ] && [[ $output =~ ^(text|json)$ ]] || usage_error "bench takes only -o text or -o json"
  packages_need test
  {
    build_preset release
    bench_programs
    bench_cluster_up
  } >&2
  python3 tests/bench/bench.py --output "$output" --sandscript build/release/sandscript --programs build/bench
  return 0
}

bench_programs() {
  mkdir -p build/bench
  step "bench measure" cc -O2 -Wall -o build/bench/measure tests/bench/measure.c
  step "bench apply_curl" sh -c 'cc -O2 -Wall -o build/bench/apply_curl tests/bench/apply_curl.c $(pkg-config --cflags --libs libcurl)'
  step "bench builder" sh -c 'cc -O2 -Wall -Isrc -o build/bench/builder tests/bench/builder/*.c \
    -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc,--wrap=strdup \
    build/release/src/sandbox/libss_sandbox.a build/release/src/base/libss_base.a \
    $(pkg-config --cflags --libs jansson yaml-0.1 libcrypto)'
  go_into_path
  step "bench client-go" env -C tests/bench/client-go CGO_ENABLED=0 go build -trimpath -o "$ROOT/build/bench/client-go" .
}

# 0.5.6's CRDs come without a controller: nothing but the client and the server works.
bench_cluster_up() {
  trap 'tests/cluster/cluster down --name bench' EXIT
  tests/cluster/cluster up --name bench --node none --crds 0.5.6 >/dev/null ||
    fail "the control plane did not start"
  . build/cluster/bench/env
  kubectl create namespace bench >/dev/null || fail "creating the namespace failed"
}
