"""A copy of the tree with a build of its own, its tests, and which of them reach a line."""

import json
import os
import pathlib
import shlex
import shutil
import signal
import subprocess
import time

LABELS = {"c", "lua", "repl", "scripts"}
ROOT = pathlib.Path(__file__).resolve().parents[2]


def call(command, timeout=None, **options):
    """(exit code or None when it did not end in time, output); nothing it started is left."""
    child = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
                             start_new_session=True, **options)
    try:
        output, _ = child.communicate(timeout=timeout)
        return child.returncode, output
    except subprocess.TimeoutExpired:
        os.killpg(child.pid, signal.SIGKILL)
        child.communicate()
        return None, b""


class Test:
    def __init__(self, entry):
        properties = {p["name"]: p["value"] for p in entry.get("properties", [])}
        self.name = entry["name"]
        self.command = entry["command"]
        self.labels = set(properties.get("LABELS", []))
        self.folder = properties.get("WORKING_DIRECTORY")
        self.skip_code = properties.get("SKIP_RETURN_CODE")
        self.environment = dict(os.environ)
        for name in ("KUBECONFIG", "SANDSCRIPT_POLICY", "KUBERNETES_SERVICE_HOST"):
            self.environment.pop(name, None)
        self.environment.update(pair.split("=", 1) for pair in properties.get("ENVIRONMENT", []))
        self.seconds = 60.0

    def target(self):
        """What must be built for it."""
        own = pathlib.Path(self.command[0]).name
        if own == "test_bind_module":
            return [own, "sandscript_module"]
        return [own] if self.name.startswith("c.") else ["sandscript"]

    def run(self):
        started = time.monotonic()
        code, output = call(self.command, timeout=max(20.0, 8 * self.seconds), cwd=self.folder, env=self.environment)
        return code, output, time.monotonic() - started


class Suite:
    def __init__(self, folder, *options):
        self.source, self.build = folder / "src", folder / "build"
        self.options = options
        self.tests = {}
        self.objects, self.plain = {}, {}

    def copy(self):
        """What git tracks; files that did not change keep their times, and so their objects."""
        names = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True).stdout
        for name in filter(None, names.decode().split("\0")):
            here, there = ROOT / name, self.source / name
            if not there.exists() or there.read_bytes() != here.read_bytes():
                there.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(here, there)
                os.utime(there)

    def configure(self):
        for command in (["cmake", "-G", "Ninja", "-S", self.source, "-B", self.build,
                         "-DCMAKE_EXPORT_COMPILE_COMMANDS=ON", *self.options], self.ninja()):
            code, output = call(command)
            if code:
                raise SystemExit(f"{command} failed:\n{output.decode(errors='replace')[-4000:]}")
        listing = subprocess.run(["ctest", "--show-only=json-v1"], cwd=self.build, check=True, capture_output=True)
        for entry in json.loads(listing.stdout)["tests"]:
            if "command" in entry and (test := Test(entry)).labels & LABELS:
                self.tests[test.name] = test

    def ninja(self, *targets):
        return ["ninja", "-C", self.build, "-j", "2", *targets]

    def is_same_program(self, path):
        """Does the compiler make of a C file what it made of it before the change?"""
        if not self.objects:
            for entry in json.loads((self.build / "compile_commands.json").read_text()):
                self.objects[entry["file"]] = entry
        entry = self.objects.get(str(self.source / path))
        if not entry:
            return False
        if path not in self.plain:
            self.plain[path] = self.plain_code(entry, ROOT / path)
        return self.plain_code(entry, self.source / path) == self.plain[path]

    @staticmethod
    def plain_code(entry, source):
        """Optimised, without what says where in the source something is; None when it does not compile."""
        words = [w for w in shlex.split(entry["command"]) if not w.startswith("-fsanitize") and w != "ccache"]
        words = words[: words.index("-o")] + ["-O2", "-g0", "-S", "-x", "c", "-o", "-", "-"]
        code = subprocess.run(words, cwd=entry["directory"], input=source.read_bytes(), capture_output=True)
        return code.stdout if code.returncode == 0 else os.urandom(8)

    def passes(self, names, say):
        """The tests of names that pass as things are, with their times."""
        good = []
        for name in names:
            code, output, seconds = self.tests[name].run()
            self.tests[name].seconds = seconds
            if code == 0:
                good.append(name)
            else:
                say(f"left out, since it does not pass unchanged: {name} ({code})")
        return good

    # --- coverage ---------------------------------------------------------------------------
    def lines_of_run(self):
        """{"path:line"} that ran since the last call."""
        data = list(self.build.rglob("*.gcda"))
        lines = set()
        for start in range(0, len(data), 50):
            some = data[start:start + 50]
            answer = subprocess.run(["gcov", "--json-format", "--stdout", *some], cwd=self.build, capture_output=True)
            for text in answer.stdout.split(b"\n"):
                if text.strip():
                    lines |= self.lines_of(json.loads(text))
        for file in data:
            file.unlink()
        return lines

    def lines_of(self, report):
        lines = set()
        for file in report["files"]:
            path = os.path.relpath(os.path.join(report["current_working_directory"], file["file"]), self.source)
            if path.startswith("src/"):
                lines |= {f"{path}:{line['line_number']}" for line in file["lines"] if line["count"]}
        return lines

    def coverage(self, say):
        """{"path:line": [test, ...]}, the quickest first."""
        reached = {}
        self.lines_of_run()
        for name, test in sorted(self.tests.items()):
            test.run()
            lines = self.lines_of_run()
            say(f"{name}: {len(lines)} lines")
            for line in lines:
                reached.setdefault(line, []).append(name)
        return reached
