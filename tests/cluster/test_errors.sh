# Deliberate mistakes against a real API server: one clear line that names the
# culprit, and the right exit code.
. "$(dirname "$0")/lib/scenario.sh"
need_cluster
new_namespace

# config_with SED_EXPRESSION: a kubeconfig with one mistake in it.
config_with() { sed "$1" "$KUBECONFIG" >"$WORK/kubeconfig"; }

# refuses CODE PATTERN [ARGUMENT...]: `get configmap` with the spoilt kubeconfig.
refuses() {
  expect_exit "$1" "$SANDSCRIPT" get configmap -n "$NS" --kubeconfig "$WORK/kubeconfig" "${@:3}"
  expect_one_line
  expect_has "$ERR" "$2" "message"
}

closed=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
config_with "s|https://127.0.0.1:[0-9]*|https://127.0.0.1:$closed|"
refuses 4 "127.0.0.1:$closed"
config_with "s|https://127.0.0.1:|https://no-such-host.invalid:|"
refuses 4 'no-such-host.invalid'
config_with 's/token: .*}}/token: wrong}}/'
refuses 4 '[Uu]nauthorized'
grep -q 'token: wrong\|Bearer' <<<"$ERR" && failed "the token is in the message" "$ERR"

openssl req -x509 -newkey rsa:2048 -nodes -subj /CN=other -days 1 -keyout "$WORK/other.key" -out "$WORK/other.crt" 2>/dev/null
config_with "s|certificate-authority: [^}]*|certificate-authority: $WORK/other.crt|"
refuses 4 '[Cc]ertificate'
config_with "s|certificate-authority: [^}]*|certificate-authority: $WORK/none.crt|"
refuses 4 "$WORK/none.crt"
config_with ''
refuses 4 "nowhere.*admin|nowhere.*(does not exist|not found|no context)" --context nowhere
printf 'apiVersion: v1\nkind: Config\nclusters: [{{\n' >"$WORK/kubeconfig"
refuses 4 "$WORK/kubeconfig:? ?(line )?3"
rm "$WORK/kubeconfig"
refuses 4 "$WORK/kubeconfig"

# KUBECONFIG that does not load never falls back to the embedded cluster.
expect_exit 4 env KUBECONFIG="$WORK/none" "$SANDSCRIPT" get configmap
expect_one_line

# Known, but without rights.
expect_exit 4 "$SANDSCRIPT" get secret -n "$NS" --context plain
expect_one_line
expect_has "$ERR" '[Ff]orbidden.*plain|plain.*cannot list' "who may not do what"

expect_exit 1 "$SANDSCRIPT" get configmap missing -n "$NS"
expect_one_line
expect_has "$ERR" 'missing.*not found' "a missing object"
expect_exit 1 "$SANDSCRIPT" get sandbocks -n "$NS"
expect_one_line
expect_has "$ERR" 'sandbocks' "an unknown kind"

# The API server's own verdict, with its field paths.
printf 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: "Not_Valid", namespace: %s}\n' "$NS" >"$WORK/bad.yaml"
expect_exit 1 "$SANDSCRIPT" apply -f "$WORK/bad.yaml"
expect_has "$ERR" 'metadata\.name' "an invalid name"

# The guard speaks before the server does.
printf 'apiVersion: v1\nkind: Pod\nmetadata: {name: p, namespace: %s}\nspec: {containers: [{name: c, image: i, securityContext: {privileged: true}}]}\n' \
  "$NS" >"$WORK/pod.yaml"
expect_exit 3 "$SANDSCRIPT" apply -f "$WORK/pod.yaml"
expect_has "$ERR" 'spec\.containers\[0\]\.securityContext\.privileged' "the guard's path"
expect_is "$(kubectl get pod -n "$NS" -o name)" "" "nothing was sent"

started=$SECONDS
expect_exit 5 "$SANDSCRIPT" wait sandbox never -n "$NS" --timeout 1
expect_one_line
expect_has "$ERR" 'never' "what was waited for"
[ $((SECONDS - started)) -le 4 ] || failed "--timeout 1 took $((SECONDS - started)) s"

# A server that accepts and never answers.
python3 -c '
import socket, sys, time
s = socket.socket(); s.bind(("127.0.0.1", 0)); s.listen(); print(s.getsockname()[1], flush=True)
time.sleep(30)' >"$WORK/port" &
silent=$!
until [ -s "$WORK/port" ]; do sleep 0.05; done
config_with "s|https://127.0.0.1:[0-9]*|https://127.0.0.1:$(cat "$WORK/port")|"
refuses 5 "127.0.0.1:$(cat "$WORK/port")|tim(e|ed) ?out" --timeout 1
kill $silent
finish
