# ./dev bench [-o text|json] [--only REGEX]: a report, so it exits 0 whatever the
# figures. What cannot be made here is said, and the rest measured. Sourced.

cmd_bench() {
  local output=text only=''
  while [ $# -gt 0 ]; do
    case $1 in
      -o) output=${2:-} ;;
      --only) only=${2:-} ;;
      *) usage_error "bench takes -o text or -o json, and --only REGEX" ;;
    esac
    [ $# -ge 2 ] || usage_error "$1 needs a value"
    shift 2
  done
  [[ $output =~ ^(text|json)$ ]] || usage_error "bench: -o is text or json, not '$output'"
  packages_need test
  {
    build_preset release
    bench_programs
    ! bench_needs_cluster "$only" || bench_cluster_up
  } >&2
  python3 -B tests/bench/bench.py --output "$output" --only "$only" --sandscript build/release/sandscript \
    --programs build/bench || fail "bench.py failed"
}

# bench_step NAME COMMAND...: a step whose failure leaves the others standing.
bench_step() {
  (step "$@") || say "without it some benches are left out"
}

bench_programs() {
  mkdir -p build/bench
  step "bench measure" cc -O2 -Wall -o build/bench/measure tests/bench/measure.c
  bench_step "bench apply_curl" sh -c 'cc -O2 -Wall -o build/bench/apply_curl tests/bench/apply_curl.c $(pkg-config --cflags --libs libcurl)'
  bench_step "bench builder" sh -c 'cc -O2 -Wall -Isrc -o build/bench/builder tests/bench/builder/*.c \
    -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc,--wrap=strdup \
    build/release/src/sandbox/libss_sandbox.a build/release/src/base/libss_base.a \
    $(pkg-config --cflags --libs jansson yaml-0.1 libcrypto)'
  go_into_path || say "without Go client-go and OPA are left out"
  bench_step "bench client-go" env -C tests/bench/client-go CGO_ENABLED=0 go build -trimpath -o "$ROOT/build/bench/client-go" .
  bench_step "bench opa" env -C tests/bench/opa CGO_ENABLED=0 go build -trimpath -o "$ROOT/build/bench/opa" github.com/open-policy-agent/opa
}

bench_needs_cluster() {
  [ -z "$1" ] || grep -qE -- "$1" <<<$'apply\nwait'
}

# 0.5.6's CRDs come without a controller: nothing but the client and the server works.
bench_cluster_up() {
  trap 'tests/cluster/cluster down --name bench' EXIT
  unset KUBECONFIG
  tests/cluster/cluster up --name bench --node none --crds 0.5.6 >/dev/null || return
  . build/cluster/bench/env
  kubectl get namespace bench >/dev/null 2>&1 || kubectl create namespace bench >/dev/null || unset KUBECONFIG
}
