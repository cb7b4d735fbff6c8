"""The prompt, under a pseudo-terminal: how long until it is there, and until Tab answers."""

import contextlib
import os
import pty
import select
import statistics
import subprocess
import tempfile
import time

from report import Failed, below, run

START_COUNT = 20
OBJECTS = 10000
TAB_COUNT = 30
WAIT_SECONDS = 60
LINE = b'k8s.get { kind = "ConfigMap", name = "only-'
FILL = """
local numbers = {}
for i = 1, tonumber(arg[1]) do
  numbers[i] = i
end
task.map(numbers, function(i)
  local name = i == 1 and "only-one" or ("object-%05d"):format(i)
  assert(k8s.create { apiVersion = "v1", kind = "ConfigMap", metadata = { name = name, namespace = "default" } })
end)
"""


class Terminal:
    """`sandscript repl` with a home of its own."""

    def __init__(self, program, home, cluster):
        master, slave = pty.openpty()
        env = {"PATH": os.environ["PATH"], "HOME": home, "XDG_CONFIG_HOME": home, "XDG_STATE_HOME": home,
               "TERM": "xterm", "LANG": "C.UTF-8"}
        self.fd, self.output = master, b""
        self.started = time.perf_counter()
        self.process = subprocess.Popen([program, "repl", "--cluster", f"embedded:{cluster}"], stdin=slave,
                                        stdout=slave, stderr=slave, env=env, start_new_session=True)
        os.close(slave)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        os.close(self.fd)

    def wait_for(self, text, since, seconds=WAIT_SECONDS):
        """Milliseconds from `since` until the text came; what came before it is forgotten."""
        deadline = time.monotonic() + seconds
        while text not in self.output:
            ready, _, _ = select.select([self.fd], [], [], max(deadline - time.monotonic(), 0))
            more = b""
            if ready:
                with contextlib.suppress(OSError):
                    more = os.read(self.fd, 65536)
            if not more:
                raise Failed(f"the prompt did not show {text!r}: {self.output[-300:]!r}")
            self.output += more
        took = (time.perf_counter() - since) * 1000
        self.output = self.output.split(text, 1)[1]
        return took

    def clear(self):
        """An empty line again (Ctrl-U), its drawing waited for and forgotten."""
        os.write(self.fd, b"\x15")
        while select.select([self.fd], [], [], 0.05)[0]:
            os.read(self.fd, 65536)
        self.output = b""

    def send(self, text):
        sent = time.perf_counter()
        os.write(self.fd, text)
        return sent


def need_repl(args):
    try:
        run([args.sandscript, "help", "repl"])
    except Failed as why:
        raise Failed("this sandscript has no repl") from why


def warm_up(terminal):
    """The names are fetched at the first Tab, in the background."""
    terminal.send(LINE)
    for _ in range(WAIT_SECONDS):
        with contextlib.suppress(Failed):
            terminal.wait_for(b"only-one", terminal.send(b"\t"), seconds=1)
            break
    terminal.clear()


def bench_repl_start(args):
    """From the start of the process to the prompt on the screen."""
    need_repl(args)
    with tempfile.TemporaryDirectory() as home:
        took = []
        for _ in range(START_COUNT):
            with Terminal(args.sandscript, home, os.path.join(home, "cluster.db")) as t:
                took.append(t.wait_for(b"> ", t.started))
    return [below("repl start to prompt", statistics.median(took), "ms", 30)]


def bench_repl_completion(args):
    """Tab behind the beginning of the one name among 10,000 that has it."""
    need_repl(args)
    with tempfile.TemporaryDirectory() as home:
        cluster, script = os.path.join(home, "cluster.db"), os.path.join(home, "fill.lua")
        with open(script, "w", encoding="utf-8") as out:
            out.write(FILL)
        run([args.sandscript, "run", "--cluster", f"embedded:{cluster}", script, str(OBJECTS)])
        took = []
        with Terminal(args.sandscript, home, cluster) as t:
            t.wait_for(b"> ", t.started)
            warm_up(t)
            for _ in range(TAB_COUNT):
                t.send(LINE)
                t.wait_for(b"only-", time.perf_counter())
                took.append(t.wait_for(b"one", t.send(b"\t")))
                t.clear()
    return [below("repl completion, 10,000 names", statistics.median(took), "ms", 50)]
