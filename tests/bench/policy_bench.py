"""Policy: beside OPA, the open policy agent, with equal policies (policy/*.in, *.rego)."""

import contextlib
import json
import os
import random
import socket
import statistics
import subprocess
import sys
import tempfile
import time

from report import ROUNDS, Failed, below, compared, median_ratio, need, row, run

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "reload"))
from serving import Failed as ServingFailed  # noqa: E402
from serving import Serving, now_us  # noqa: E402

BUILD_COUNT = 20000
LOAD_COUNT = 1000
NAMES = [f"a{i}" for i in range(10)]
EDITS = 150  # per round: the 99th percentile is of three rounds
REQUEST = {"namespace": "demo", "sandboxName": "s1", "envSecretName": "env", "serviceAccountName": "agent",
           "labels": {"run": "1"}}


def template(name):
    with open(os.path.join(HERE, "policy", name), encoding="utf-8") as text:
        return text.read()


def adapter(language, name, number):
    text = template(f"adapter.{language}.in")
    return text.replace("@NAME@", name).replace("@ID@", f"{number:06}").encode()


def write_adapters(folder, language, names):
    """Returns the function that tells an adapter's path."""
    os.makedirs(folder, exist_ok=True)

    def path(name):
        return os.path.join(folder, f"{name}.{language}")

    for name in names:
        with open(path(name), "wb") as out:
            out.write(adapter(language, name, 1))
    return path


def write_rego(folder):
    path = write_adapters(folder, "rego", NAMES)
    for name in ("sandbox.rego", "guard.rego"):
        with open(os.path.join(folder, name), "w", encoding="utf-8") as out:
            out.write(template(name))
    return path


def write_lua(folder, names):
    return write_adapters(os.path.join(folder, "adapters"), "lua", names)


# --- one build ------------------------------------------------------------------------


def check_equal(args, lua, rego, request):
    """The two policies are one: their manifests agree, and OPA's is not undefined."""
    ours = json.loads(run([args.sandscript, "build", "a0", "--policy", lua, "-f", request, "-o", "json"])[0])
    theirs = json.loads(run([args.opa, "eval", "-d", rego, "-i", request, "--format", "raw",
                             "data.adapters.a0.manifest"])[0])
    if ours != theirs:
        raise Failed("the manifests of sandscript and OPA differ")


def opa_bench(args, rego, request, rule):
    """Microseconds per evaluation, allocations."""
    done = json.loads(run([args.opa, "bench", "-d", rego, "-i", request, "--format", "json", "--benchmem",
                           f"data.adapters.a0.{rule}"])[0])
    return done["T"] / done["N"] / 1000, done["MemAllocs"] / done["N"]


def bench_policy_build(args):
    """Adapter and request to a checked manifest, through Lua, against `opa bench`."""
    need(args.opa)
    with tempfile.TemporaryDirectory() as folder:
        lua, rego, request = (os.path.join(folder, part) for part in ("lua", "rego", "request.json"))
        write_lua(lua, NAMES)
        write_rego(rego)
        with open(request, "w", encoding="utf-8") as out:
            json.dump(REQUEST, out)
        check_equal(args, lua, rego, request)
        ours, theirs, bare, allocations = [], [], [], 0
        for _ in range(ROUNDS):
            ours.append(float(run([args.sandscript, "run", "--policy", lua, os.path.join(HERE, "policy", "build.lua"),
                                   str(BUILD_COUNT), request])[0]))
            microseconds, allocations = opa_bench(args, rego, request, "manifest")
            theirs.append(microseconds)
            bare.append(opa_bench(args, rego, request, "unchecked")[0])
    return [row("policy.build", "sandscript", statistics.median(ours), "us/manifest"),
            row("policy.build", "opa", statistics.median(theirs), "us/manifest", allocations=round(allocations)),
            row("policy.build", "opa unchecked", statistics.median(bare), "us/manifest"),
            compared("policy.build", median_ratio(ours, theirs), "opa", 1 / 5)]


# --- many adapters ----------------------------------------------------------------------


def bench_policy_load(args):
    """A folder of 1,000 adapters: time to load it, memory that each takes."""
    check = "assert(#policy.list() == tonumber(arg[1]), 'adapters are missing')"
    with tempfile.TemporaryDirectory() as folder:
        script = os.path.join(folder, "check.lua")
        with open(script, "w", encoding="utf-8") as out:
            out.write(check)
        cost = {}
        for count in (1, LOAD_COUNT):
            policy = os.path.join(folder, str(count))
            write_lua(policy, [f"a{i}" for i in range(count)])
            runs = [run([args.sandscript, "run", "--policy", policy, script, str(count)]) for _ in range(ROUNDS)]
            cost[count] = [statistics.median(r[i] for r in runs) for i in (1, 3)]
    each = (cost[LOAD_COUNT][1] - cost[1][1]) * 1024 / (LOAD_COUNT - 1)
    return [below("load 1,000 adapters", cost[LOAD_COUNT][0] - cost[1][0], "s", 1),
            below("memory per adapter", each, "KB", 64)]


# --- reload -----------------------------------------------------------------------------


def edit(path, language, name, number):
    """In place, as an editor without frills; returns the moment before close(2)."""
    fd = os.open(path, os.O_WRONLY | os.O_TRUNC)
    os.write(fd, adapter(language, name, number))
    closing = now_us()
    os.close(fd)
    return closing


def edits(path, language, wait_for):
    """Milliseconds until each edit is in force."""
    took = []
    for number in range(2, EDITS + 2):
        name = random.choice(NAMES)
        closed = edit(path(name), language, name, number)
        took.append((wait_for(name, f"{number:06}") - closed) / 1000)
        time.sleep(random.uniform(0.005, 0.02))
    return took


def reload_sandscript(args, folder, edit_all=edits):
    """Times of edits, and pauses of the builds meanwhile; both in milliseconds."""
    path = write_lua(os.path.join(folder, "policy"), NAMES)
    serving = Serving(args.sandscript, os.path.join(folder, "policy"), NAMES, folder,
                      script=os.path.join(HERE, "policy", "serve.lua"))

    def wait_for(name, number):
        while line := serving.next(10):
            if line.key == name and line.words == [number]:
                return line.at_us
        raise Failed(f"{name} {number} is not in force after 10 s")

    try:
        wait_for(NAMES[-1], "000001")
        took = edit_all(path, "lua", wait_for)
        serving.end()
        return took, [length / 1000 for _, length in serving.gaps]
    except ServingFailed as why:
        raise Failed(str(why)) from why
    finally:
        serving.kill()


def no_edits(_path, _language, _wait_for):
    """As long as edits take, without one: what the machine does to a loop by itself."""
    for _ in range(EDITS):
        time.sleep(random.uniform(0.005, 0.02))
    return []


class Opa:
    """`opa run --server --watch`, asked over one connection for the image of an adapter."""

    def __init__(self, program, folder):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        with open(os.path.join(folder, "opa.log"), "wb") as log:
            self.process = subprocess.Popen([program, "run", "--server", "--watch", "--log-level", "error",
                                             "--addr", f"127.0.0.1:{self.port}", os.path.join(folder, "policy")],
                                            stdout=log, stderr=log, stdin=subprocess.DEVNULL)
        self.socket = None

    def connect(self):
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            with contextlib.suppress(OSError):
                self.socket = socket.create_connection(("127.0.0.1", self.port), timeout=10)
                self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                return
            time.sleep(0.05)
        raise Failed("opa does not listen")

    def image(self, name):
        self.socket.sendall(f"GET /v1/data/adapters/{name}/image HTTP/1.1\r\nHost: opa\r\n\r\n".encode())
        answer = b""
        while not answer.endswith(b"}\n") and not answer.endswith(b"}"):
            answer += self.socket.recv(4096)
        return answer

    def wait_for(self, name, number):
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            if number.encode() in self.image(name):
                return now_us()
        raise Failed(f"opa: {name} {number} is not in force after 10 s")


def reload_opa(args, folder):
    path = write_rego(os.path.join(folder, "policy"))
    opa = Opa(args.opa, folder)
    try:
        opa.connect()
        opa.wait_for(NAMES[-1], "000001")
        return edits(path, "rego", opa.wait_for)
    finally:
        opa.process.kill()
        opa.process.wait()


def quantile(values, q):
    return sorted(values)[int(len(values) * q)]


def bench_policy_reload(args):
    """From close(2) of a valid edit to the first build, or answer, that shows it; ten adapters."""
    need(args.opa)
    ours, theirs, pauses, quiet = [], [], [], []
    for _ in range(ROUNDS):
        with tempfile.TemporaryDirectory() as folder:
            took, gaps = reload_sandscript(args, folder)
            ours += took
            pauses.append(max(gaps, default=0))
        with tempfile.TemporaryDirectory() as folder:
            quiet.append(max(reload_sandscript(args, folder, no_edits)[1], default=0))
        with tempfile.TemporaryDirectory() as folder:
            theirs += reload_opa(args, folder)
    lines = []
    for name, q, goal in (("reload, median", 0.5, 5), ("reload, p99", 0.99, 12)):
        mine, peer = quantile(ours, q), quantile(theirs, q)
        lines += [row(name, "sandscript", mine, "ms"), row(name, "opa", peer, "ms"),
                  below(name, mine, "ms", goal), compared(name, mine / peer, "opa", 1.0)]
    # Pauses of a round below 5 ms are not told, so 0 is "none"; the median round stands for all.
    return lines + [row("longest pause, no edits", "sandscript", statistics.median(quiet), "ms"),
                    below("reload, longest pause", statistics.median(pauses), "ms", 5)]
