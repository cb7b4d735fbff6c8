"""./dev bench: sandscript beside its peers, on this machine, in one run.

usage: bench.py --output text|json --sandscript FILE --programs FOLDER [--only REGEX]

FOLDER holds builder, apply_curl, client-go, opa and measure, made by tests/dev/bench.sh.
--only: those benches whose name matches: builder, start, repl_start, repl_completion,
policy_build, policy_load, policy_reload, apply, wait.

KUBECONFIG names the API server for `apply` and `wait`. What cannot run here is
left out and said. Absolute times differ between machines: the ratios count, and
the figure each is compared with comes from the project's goals.
"""

import argparse
import json
import os
import re
import shutil
import statistics
import sys
import tempfile

import report
from policy_bench import bench_policy_build, bench_policy_load, bench_policy_reload
from repl_bench import bench_repl_completion, bench_repl_start
from report import ROUNDS, Failed, below, compared, median_ratio, need, row, run, text_line

HERE = os.path.dirname(os.path.abspath(__file__))
APPLY_COUNT, APPLY_WIDTH = 1000, 50
START_COUNT = 20
WAIT_COUNT = 200
NAMESPACE, NAME = "bench", "name-of-it"


def bench_builder(args):
    """Input to JSON text: the C builder against the TypeScript one's equivalent in Node."""
    node = shutil.which("node")
    if not node:
        raise Failed("node is not installed (./dev setup test)")
    need(args.builder)
    ours, theirs = [], []
    for _ in range(ROUNDS):
        ours.append(json.loads(run([args.builder])[0])["ns"])
        theirs.append(json.loads(run([node, os.path.join(HERE, "builder", "node.mjs")])[0])["ns"])
    mine, peer = statistics.median(ours), statistics.median(theirs)
    return [row("builder", "sandscript", mine / 1000, "us/manifest"),
            row("builder", "node", peer / 1000, "us/manifest"),
            compared("builder", median_ratio(ours, theirs), "node", 1 / 3)]


def bench_start(args):
    """Start and memory of a run that does nothing."""
    commands = {"sandscript": [args.sandscript, "-e", ""]}
    for name, command in {"kubectl": ["kubectl", "version", "--client"], "node": ["node", "-e", ""]}.items():
        if shutil.which(command[0]):
            commands[name] = command
    runs = {name: [] for name in commands}
    for _ in range(START_COUNT):
        for name, command in commands.items():
            runs[name].append(run(command)[1:])
    lines = []
    for name, measured in runs.items():
        wall = statistics.median(m[0] for m in measured) * 1000
        memory = statistics.median(m[2] for m in measured)
        lines += [row("start", name, wall, "ms"), row("start memory", name, memory, "MB")]
        if name == "sandscript":
            mine = (wall, memory)
    return lines + [below("start", mine[0], "ms", 12), below("start memory", mine[1], "MB", 10)]


def cluster_access():
    if "KUBECONFIG" not in os.environ:
        raise Failed("there is no API server to measure on (KUBECONFIG)")
    view = json.loads(run(["kubectl", "config", "view", "--raw", "--minify", "-o", "json"])[0])
    cluster, user = view["clusters"][0]["cluster"], view["users"][0]["user"]
    return {"BENCH_CA": cluster["certificate-authority"], "BENCH_TOKEN": user["token"],
            "BENCH_URL": f"{cluster['server']}/apis/agents.x-k8s.io/v1beta1/namespaces/{NAMESPACE}/sandboxes"}


def write_manifest(args, folder):
    """A Sandbox as JSON text, in a file and as a string; its name is NAME."""
    fields = {"namespace": NAMESPACE, "sandboxName": NAME, "envSecretName": "env",
              "serviceAccountName": "agent", "image": "localhost/agent:1"}
    sets = [part for key, value in fields.items() for part in ("--set", f"{key}={value}")]
    manifest = json.loads(run([args.sandscript, "build", "claude_local", "-o", "json", *sets])[0])
    text = json.dumps(manifest, separators=(",", ":"))
    path = os.path.join(folder, "manifest.json")
    with open(path, "w", encoding="utf-8") as out:
        out.write(text)
    return path, text


def bench_apply(args):
    """Server-side apply of new Sandboxes, 50 in flight, on one API server."""
    need(args.client_go)
    need(args.curl)
    access = cluster_access()
    with tempfile.TemporaryDirectory() as folder:
        path, text = write_manifest(args, folder)
        head, tail = text.split(NAME, 1)
        count, width = str(APPLY_COUNT), str(APPLY_WIDTH)
        programs = {
            "sandscript": lambda p: [args.sandscript, "run", os.path.join(HERE, "apply.lua"), path, p, count, width],
            "client-go": lambda p: [args.client_go, "apply", path, p, count, width],
            "libcurl": lambda p: [args.curl, head, tail, p, count, width],
        }
        env = {**os.environ, **access}
        runs = {name: [] for name in programs}
        for turn in range(ROUNDS):
            for name, command in programs.items():
                runs[name].append(run(command(f"{name}-{turn}"), env)[1:])
                clear_namespace()
    return report_apply(runs)


def clear_namespace():
    """Every program finds the same empty collection."""
    run(["kubectl", "delete", "--raw",
         f"/apis/agents.x-k8s.io/v1beta1/namespaces/{NAMESPACE}/sandboxes"])


def report_apply(runs):
    rate, cpu, memory, lines = {}, {}, {}, []
    for name, measured in runs.items():
        rate[name] = [APPLY_COUNT / wall for wall, _, _ in measured]
        cpu[name] = [seconds / APPLY_COUNT * 1e6 for _, seconds, _ in measured]
        memory[name] = statistics.median(peak for _, _, peak in measured)
        lines += [row("apply", name, statistics.median(rate[name]), "objects/s"),
                  row("apply CPU", name, statistics.median(cpu[name]), "us/object"),
                  row("apply memory", name, memory[name], "MB")]
    return lines + [
        compared("apply", median_ratio(rate["sandscript"], rate["client-go"]), "client-go", 1.0, at_most=False),
        compared("apply CPU", median_ratio(cpu["sandscript"], cpu["libcurl"]), "libcurl", 1.3),
        compared("apply CPU", median_ratio(cpu["sandscript"], cpu["client-go"]), "client-go", 1.0),
        below("apply memory", memory["sandscript"], "MB", 16),
    ]


def bench_wait(args):
    """How much later than a client-go watch sees the condition a wait returns."""
    need(args.client_go)
    cluster_access()
    with tempfile.TemporaryDirectory() as folder:
        path, _ = write_manifest(args, folder)
        output = run([args.client_go, "wait", path, "wait", str(WAIT_COUNT), args.sandscript,
                      os.path.join(HERE, "wait.lua")])[0]
        clear_namespace()
    lags = sorted(json.loads(output))
    p99 = lags[int(len(lags) * 0.99) - 1]
    return [row("wait after client-go", "sandscript", statistics.median(lags), "ms", quantile="p50"),
            below("wait after client-go, p99", p99, "ms", 5)]


BENCHES = (bench_builder, bench_start, bench_repl_start, bench_repl_completion, bench_policy_build,
           bench_policy_load, bench_policy_reload, bench_apply, bench_wait)


def main():
    parser = argparse.ArgumentParser()
    for name in ("output", "sandscript", "programs"):
        parser.add_argument("--" + name, required=True)
    parser.add_argument("--only", default="")
    args = parser.parse_args()
    args.builder, args.curl, args.client_go, args.opa, report.MEASURE = (
        os.path.join(args.programs, name) for name in ("builder", "apply_curl", "client-go", "opa", "measure"))
    lines = []
    for bench in BENCHES:
        if not re.search(args.only, bench.__name__[6:]):
            continue
        try:
            measured = bench(args)
        except (Failed, OSError) as why:
            print(f"left out: {bench.__name__[6:]}: {why}", file=sys.stderr)
            continue
        lines += measured
        if args.output == "text":
            print("\n".join(map(text_line, measured)), end="\n\n", flush=True)
    if args.output == "json":
        json.dump(lines, sys.stdout, indent=1)
        print()


if __name__ == "__main__":
    main()
