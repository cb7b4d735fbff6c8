# The main job on the real node: provision.lua, then what runs inside the pod,
# and what the API server was asked meanwhile.
. "$(dirname "$0")/lib/scenario.sh"
need_node

expect_exit 0 env ANTHROPIC_API_KEY=k3y "$SANDSCRIPT" run "$SOURCE_DIR/scripts/provision.lua" claude_local \
  --image localhost/agent:1 --name agent-1 --namespace "$NS"
expect_has "$OUT" "sandbox agent-1 is Ready in namespace $NS" "what the script says"
expect_has "$OUT" 'egress .* not yet enforced' "the warning about egress"

expect_is "$(kubectl get sandbox agent-1 -n "$NS" --no-headers | awk '{ print $2 }')" True "kubectl get sandbox: READY"
inside() { kubectl exec -n "$NS" agent-1 -- "$@"; }
expect_is "$(inside id -u)" 1000 "user id in the pod"
expect_exit 1 inside touch /root-is-writable
expect_has "$ERR" 'Read-only file system' "writing to the root"
expect_exit 0 inside touch /workspace/x /home/paperclip/x /home/paperclip/.cache/x /tmp/x
expect_is "$(inside sh -c 'echo $ANTHROPIC_API_KEY')" k3y "the key from the Secret"
expect_is "$(inside sed -n 's/^CapEff:\t//p' /proc/1/status)" 0000000000000000 "capabilities"
expect_is "$(inside sed -n 's/^NoNewPrivs:\t//p' /proc/1/status)" 1 "no_new_privs"
expect_has "$(inside cat /proc/1/cmdline | tr '\0' ' ')" '^/usr/bin/tini -- /bin/sh -c sleep infinity' "process 1"
expect_is "$(kubectl get namespace "$NS" -o 'jsonpath={.metadata.labels.pod-security\.kubernetes\.io/enforce}')" \
  restricted "the namespace enforces"
expect_has "$(kubectl get sandbox agent-1 -n "$NS" -o yaml)" 'sandscript.dev/policy: [0-9a-f]{64}' "policy annotation"

expect_waited_by_watch agent-1

expect_exit 0 "$SANDSCRIPT" run "$SOURCE_DIR/scripts/release.lua" agent-1 --namespace "$NS"
expect_is "$(kubectl get sandbox,pod -n "$NS" -o name)" "" "what is left of it"
expect_exit 0 kubectl wait -n "$NS" --for=delete secret/agent-1-env --timeout=30s
finish
