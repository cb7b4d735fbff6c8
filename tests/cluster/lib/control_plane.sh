# etcd, the API server, the controllers and agent-sandbox's own. Sourced.

kube() {
  "$(program kubectl)" --kubeconfig "$STATE/component.kubeconfig" --cache-dir "$RUN/discovery" \
    --request-timeout=5s "$@"
}

# Discovery names a new kind a moment after its CRD is established; a client
# that asks before that concludes that there is no such kind.
kube_knows() {
  rm -rf "$RUN/discovery"
  kube get "$1" --all-namespaces
}

random_token() { head -c 16 /dev/urandom | od -An -tx1 | tr -d ' \n'; }

# kubeconfig_write FILE TOKEN PLAIN_TOKEN: context "admin" may do everything,
# "plain" is known to the server and may do nothing.
kubeconfig_write() {
  (
    umask 077
    cat >"$1" <<YAML
apiVersion: v1
kind: Config
current-context: admin
clusters:
- name: $NAME
  cluster: {server: "https://127.0.0.1:$PORT_API", certificate-authority: $STATE/certs/apiserver.crt}
users:
- {name: admin, user: {token: $2}}
- {name: plain, user: {token: $3}}
contexts:
- {name: admin, context: {cluster: $NAME, user: admin}}
- {name: plain, context: {cluster: $NAME, user: plain}}
YAML
  )
}

credentials_write() {
  local admin plain component
  admin=$(random_token) plain=$(random_token) component=$(random_token)
  openssl genrsa -out "$STATE/sa.key" 2048 2>/dev/null
  openssl rsa -in "$STATE/sa.key" -pubout -out "$STATE/sa.pub" 2>/dev/null
  # The cluster's own parts have a user of their own, so that the audit log
  # (config/audit-policy.yaml) holds what tests and people did, and only that.
  (
    umask 077
    printf '%s,%s\n' "$admin" 'admin,admin,system:masters' "$plain" 'plain,plain' \
      "$component" 'component,component,system:masters' >"$STATE/tokens.csv"
  )
  kubeconfig_write "$STATE/kubeconfig" "$admin" "$plain"
  kubeconfig_write "$STATE/component.kubeconfig" "$component" "$plain"
}

api_start() {
  run_start etcd "$(program etcd)" --data-dir "$STATE/etcd" --unsafe-no-fsync --log-level warn \
    --listen-client-urls "http://127.0.0.1:$PORT_ETCD" \
    --advertise-client-urls "http://127.0.0.1:$PORT_ETCD" \
    --listen-peer-urls "http://127.0.0.1:$PORT_PEER" \
    --initial-advertise-peer-urls "http://127.0.0.1:$PORT_PEER" \
    --initial-cluster "default=http://127.0.0.1:$PORT_PEER"
  run_start apiserver "$(program kube-apiserver)" --etcd-servers "http://127.0.0.1:$PORT_ETCD" \
    --secure-port "$PORT_API" --bind-address 127.0.0.1 --cert-dir "$STATE/certs" \
    --service-account-issuer https://kubernetes.default.svc \
    --service-account-key-file "$STATE/sa.pub" \
    --service-account-signing-key-file "$STATE/sa.key" \
    --service-cluster-ip-range 10.0.0.0/24 --authorization-mode RBAC \
    --token-auth-file "$STATE/tokens.csv" --allow-privileged=true \
    --kubelet-preferred-address-types Hostname,InternalIP \
    --audit-policy-file "$HERE/config/audit-policy.yaml" \
    --audit-log-path "$STATE/audit.log" --audit-log-maxsize 1024
}

api_wait() {
  wait_until 60 etcd "etcd answers" http_ok "$PORT_ETCD" /health
  wait_until 90 apiserver "the API server is ready" kube get --raw /readyz
}

# The agent-sandbox API. Before the controllers: the garbage collector, which does
# all of a Sandbox's deletion, looks for new kinds at its start and then only every
# 30 seconds.
sandbox_api_create() {
  local kind
  kube create --validate=false -f "$SHARE/crds/$CRDS" >/dev/null || die "creating the CRDs failed"
  for kind in sandboxes sandboxclaims sandboxtemplates sandboxwarmpools; do
    wait_until 30 apiserver "$kind are served" kube_knows "$kind"
  done
}

controllers_start() {
  run_start controller-manager "$(program kube-controller-manager)" \
    --kubeconfig "$STATE/component.kubeconfig" --leader-elect=false \
    --service-account-private-key-file "$STATE/sa.key" \
    --root-ca-file "$STATE/certs/apiserver.crt" \
    --bind-address 127.0.0.1 --secure-port "$PORT_KCM" \
    --kube-api-qps 500 --kube-api-burst 1000
  run_start scheduler "$(program kube-scheduler)" --kubeconfig "$STATE/component.kubeconfig" \
    --leader-elect=false --bind-address 127.0.0.1 --secure-port "$PORT_SCHED"
  if [ "$CRDS" != 1.0.3 ]; then
    say "agent-sandbox $CRDS: its CRDs only, no controller"
    return
  fi
  run_start agent-sandbox "$(program agent-sandbox-controller)" -extensions -leader-elect=false \
    -kubeconfig "$STATE/component.kubeconfig" -metrics-bind-address 127.0.0.1:0 \
    -health-probe-bind-address "127.0.0.1:$PORT_HEALTH"
}

controllers_wait() {
  # Without the default service account the API server refuses pods.
  wait_until 30 controller-manager "namespace default has its service account" \
    kube get serviceaccount default -n default
  [ "$CRDS" != 1.0.3 ] ||
    wait_until 30 agent-sandbox "the agent-sandbox controller is ready" http_ok "$PORT_HEALTH" /readyz
}
