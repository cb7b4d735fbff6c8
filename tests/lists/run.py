#!/usr/bin/env python3
"""A list of any size costs the memory of a page.

  run.py BINARY PEAK_MB [MEGABYTES]   lists of so much (default 64) as get, watch and page by page

The API server is tests/lists/server.py. The peak is what the kernel saw of the whole process.
"""
import os
import subprocess
import sys
import tempfile
import time

BINARY, PEAK_MB = sys.argv[1], int(sys.argv[2])
MEGABYTES = int(sys.argv[3]) if len(sys.argv) > 3 else 64
OBJECT_BYTES = 40000
OBJECTS = MEGABYTES * 1000000 // OBJECT_BYTES
HERE = os.path.dirname(os.path.abspath(__file__))

# The script is away while the watch fills its queue.
WATCH = """
local n = 0
local watch = assert(k8s.watch{kind = "ConfigMap"})
task.sleep(0.5)
for _ in watch do
  n = n + 1
  if n == OBJECTS then break end
end
print(n)
""".replace("OBJECTS", str(OBJECTS))
PAGES = """
local token, n = "", 0
repeat
  local items, metadata = assert(k8s.list{kind = "ConfigMap", continue = token})
  n, token = n + #items, metadata.continue
until not token
print(n)
"""
FULL = "local _, err = k8s.list{kind = 'ConfigMap', maxBytes = 8000000} print(err.code, err.message)"
# Each with what the last line of its output begins with.
RUNS = [
    (["get", "configmaps"], f"config-{OBJECTS - 1:07} "),
    (["get", "configmaps", "-o", "json"], '{"apiVersion":"v1",'),
    (["get", "configmaps", "-o", "name"], f"configmap/config-{OBJECTS - 1:07}"),
    (["-e", WATCH], str(OBJECTS)),
    (["-e", PAGES], str(OBJECTS)),
    (["-e", FULL], "limit\tthe list is over 8000000 bytes (maxBytes)"),
]


def run(folder, args):
    """The process' peak in MB, its exit code, and the end of what it printed."""
    env = dict(os.environ, ASAN_OPTIONS="quarantine_size_mb=1:detect_leaks=0")
    out_path = os.path.join(folder, "out")
    command = [BINARY, "--kubeconfig", os.path.join(folder, "kc")] + args
    with open(out_path, "wb") as out:
        child = subprocess.Popen(command, stdout=out, stderr=subprocess.PIPE, env=env)
        error = child.stderr.read()
        _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    with open(out_path, "rb") as f:
        f.seek(max(0, os.path.getsize(out_path) - 100000))
        lines = f.read().decode().rstrip("\n").split("\n")
    return usage.ru_maxrss // 1024, child.returncode, lines[-1], error.decode()


def kubeconfig(folder):
    port_file = os.path.join(folder, "port")
    while not os.path.exists(port_file):
        time.sleep(0.02)
    with open(port_file) as f, open(os.path.join(folder, "kc"), "w") as kc:
        kc.write(
            f"""apiVersion: v1
kind: Config
clusters: [{{name: c, cluster: {{server: "http://127.0.0.1:{f.read()}"}}}}]
contexts: [{{name: x, context: {{cluster: c}}}}]
current-context: x
"""
        )


def check(folder):
    bad = 0
    for args, wanted in RUNS:
        peak, code, last, error = run(folder, args)
        good = code == 0 and last.startswith(wanted) and peak < PEAK_MB
        bad += not good
        print(f"{'ok' if good else 'FAILED'}: {args[:4]}: exit {code}, peak {peak} MB (limit {PEAK_MB})")
        if not good:
            print(f"  last line {last[:200]!r}, wanted {wanted!r}; {error[:400]}")
    return bad


def main():
    with tempfile.TemporaryDirectory() as folder:
        server = subprocess.Popen(
            [sys.executable, os.path.join(HERE, "server.py"), os.path.join(folder, "port"), str(OBJECTS), str(OBJECT_BYTES)],
            stderr=subprocess.DEVNULL,
        )
        try:
            kubeconfig(folder)
            return 1 if check(folder) else 0
        finally:
            server.terminate()
            server.wait()


sys.exit(main())
