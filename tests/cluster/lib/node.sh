# One node: containerd and a kubelet (pods really run), or kwok (pods only seem
# to). Sourced. RUN is a short folder, because socket paths end at 108 bytes.

# Prints why this machine cannot run a real node; prints nothing if it can.
node_real_obstacle() {
  local tool
  if [ "$(id -u)" != 0 ]; then
    echo "not root"
    return
  fi
  for tool in containerd ctr runc busybox tini-static; do
    command -v $tool >/dev/null || { echo "$tool is not installed (./dev setup test)" && return; }
  done
  [ -x /usr/lib/cni/ptp ] || echo "containernetworking-plugins is not installed (./dev setup test)"
}

# The node is called "localhost": the API server then reaches the kubelet on
# loopback (a loopback address as node IP is refused), without touching
# /etc/hosts.
NODE_REAL=localhost

node_real_start() {
  SNAPSHOTTER=overlayfs
  [ "$(stat -f -c %T "$STATE")" != overlayfs ] || SNAPSHOTTER=native
  CGROUP=sandscript-$PORT_KUBELET
  SUBNET=$(free_subnet)
  printf "%s\n" "$CGROUP" >"$STATE/cgroup"
  cgroup_make
  fill containerd.toml
  fill kubelet.yaml
  mkdir -p "$STATE/cni"
  fill cni.conflist && mv "$STATE/cni.conflist" "$STATE/cni/10-pods.conflist"
  run_start containerd containerd --config "$STATE/containerd.toml"
  python3 "$HERE/image.py" "$STATE" || die "making the images failed"
  wait_until 30 containerd "containerd answers" ctr --address "$RUN/containerd.sock" version
  local image
  for image in agent pause; do
    ctr --address "$RUN/containerd.sock" -n k8s.io images import "$STATE/$image.tar" >/dev/null ||
      die "importing $image.tar failed"
  done
}

kubelet_start() {
  run_start kubelet "$(program kubelet)" --kubeconfig "$STATE/component.kubeconfig" \
    --config "$STATE/kubelet.yaml" --root-dir "$RUN/kubelet" --cert-dir "$STATE/kubelet-certs" \
    --hostname-override "$NODE_REAL" --node-labels type=real
}

node_is_ready() {
  local state
  state=$(kube get node "$1" \
    -o 'jsonpath={.status.conditions[?(@.type=="Ready")].status}{.spec.taints[*].key}')
  [ "$state" = True ]
}

# A pod network that no route of this machine and no other cluster uses: each
# /24 is a routing table entry of its own as soon as one pod runs, so the port
# number serves to tell clusters apart before that.
free_subnet() {
  local third=$((PORT_KUBELET % 250 + 1))
  while grep -qi "$(printf '\t..%02XF40A\t' "$third")" /proc/net/route; do
    third=$((third % 250 + 1))
  done
  printf '10.244.%d.0/24\n' "$third"
}

# A cgroup of its own: kubelets that share one kill each other's pods as
# leftovers.
cgroup_make() {
  local dir file
  for dir in $(cgroup_parents); do
    mkdir -p "$dir/$CGROUP"
    for file in cpuset.cpus cpuset.mems; do
      [ ! -f "$dir/cgroup.clone_children" ] || [ ! -f "$dir/$file" ] ||
        cat "$dir/$file" >"$dir/$CGROUP/$file"
    done
  done
}

# One folder with cgroup v2, one per controller with v1.
cgroup_parents() { awk '$3 == "cgroup" || $3 == "cgroup2" { print $2 }' /proc/mounts; }

cgroup_remove() {
  local dir
  for dir in $(cgroup_parents); do
    [ ! -d "$dir/$1" ] || find "$dir/$1" -depth -type d -exec rmdir {} + 2>/dev/null
  done
}

# What libcni remembers of the pods of one network, in a folder of the system.
cni_results_remove() {
  local file pod
  for file in /var/lib/cni/results/"$1"-*-eth0; do
    pod=${file##*/"$1"-}
    rm -f "$file" "/var/lib/cni/results/cni-loopback-${pod%-eth0}-lo"
  done
}

# Stops the node and leaves nothing of it: no shims, mounts, cgroups, links.
node_real_stop() {
  local mount
  run_stop kubelet
  run_pid containerd >/dev/null && containers_remove
  run_stop containerd
  shims_kill
  for mount in $(awk -v run="$RUN/" -v state="$STATE/containerd/" \
    'index($2, run) == 1 || index($2, state) == 1 { print $2 }' /proc/mounts | sort -r); do
    umount "$mount" 2>/dev/null || umount -l "$mount"
  done
  if [ -s "$STATE/cgroup" ]; then
    cgroup_remove "$(cat "$STATE/cgroup")"
    cni_results_remove "$(cat "$STATE/cgroup")"
  fi
  find /var/log/containers -maxdepth 1 -lname "$STATE/*" -delete 2>/dev/null
  rm -rf "$STATE/containerd" "$STATE/pod-logs" "$STATE/kubelet-certs" "$STATE"/*.tar
}

containers_remove() {
  local ctr=(timeout 10 ctr --address "$RUN/containerd.sock" -n k8s.io) tasks
  tasks=$("${ctr[@]}" tasks list -q 2>/dev/null) || return
  [ -z "$tasks" ] || "${ctr[@]}" tasks delete --force $tasks >/dev/null 2>&1
}

# Whatever containerd itself could not end: shims carry its address.
shims_kill() {
  local pid
  for pid in $(grep -lzF "$RUN/containerd.sock" /proc/[0-9]*/cmdline 2>/dev/null | cut -d / -f 3); do
    if grep -qzF containerd-shim "/proc/$pid/cmdline" 2>/dev/null; then
      kill -KILL "$pid" 2>/dev/null
    fi
  done
}

node_kwok_start() {
  fill kwok.yaml
  cat "$SHARE/kwok-stages.yaml" >>"$STATE/kwok.yaml"
  # HOME: kwok reads ~/.kwok before what it is given.
  HOME=$RUN run_start kwok "$(program kwok)" --kubeconfig "$STATE/component.kubeconfig" \
    --config "$STATE/kwok.yaml" --manage-nodes-with-label-selector type=kwok \
    --node-ip 127.0.0.1 --node-port "$PORT_KUBELET" --server-address "127.0.0.1:$PORT_KUBELET"
  kube create -f "$HERE/config/kwok-node.yaml" >/dev/null || die "creating the fake node failed"
}
