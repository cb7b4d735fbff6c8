# Ctrl-C during a wait: exit code 130, at once, and nothing crashes.
. "$(dirname "$0")/lib/scenario.sh"
need_cluster
new_namespace

# interrupted COMMAND...: starts it, waits until the server has its watch, sends
# SIGINT. In the background a shell starts programs with SIGINT ignored, hence
# Python.
interrupted() {
  python3 - "$CLUSTER_DIR/audit.py" "$STATE/audit.log" "$NS" "$@" <<'PY'
import signal, subprocess, sys, time
audit, log, namespace, command = sys.argv[1], sys.argv[2], sys.argv[3], sys.argv[4:]
signal.signal(signal.SIGINT, signal.SIG_DFL)
process = subprocess.Popen(command)
deadline = time.time() + 20
while time.time() < deadline and process.poll() is None:
    count = subprocess.check_output(
        [sys.executable, audit, log, "agent=sandscript", "namespace=" + namespace, "verb=watch"], text=True)
    if count:
        break
    time.sleep(0.1)
sent = time.time()
process.send_signal(signal.SIGINT)
try:
    code = process.wait(5)
except subprocess.TimeoutExpired:
    process.kill()
    sys.exit("still running 5 s after SIGINT")
print("after %.1f s" % (time.time() - sent), file=sys.stderr)
sys.exit(code if code >= 0 else 128 - code)
PY
}

expect_exit 130 interrupted "$SANDSCRIPT" wait sandbox never -n "$NS" --timeout 60
expect_is "$OUT" "" "stdout"
grep -q 'Sanitizer\|runtime error' <<<"$ERR" && failed "a sanitizer report" "$ERR"

NS2=$NS NS=$NS-script
new_namespace
expect_exit 130 interrupted "$SANDSCRIPT" -e \
  "print(k8s.wait({ kind = 'Sandbox', name = 'never', namespace = '$NS' }, { timeout = 60 }))"
kubectl delete namespace "$NS2" --wait=false >/dev/null
finish
