"""A `sandscript run --watch` that builds without end (serve.lua), and what it says."""

import os
import queue
import shutil
import subprocess
import tempfile
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))


class Failed(Exception):
    """What was promised does not hold."""


def compile_pulse(folder):
    """The program that puts times in front of lines; a C compiler is there wherever this is built."""
    program = os.path.join(folder, "pulse")
    subprocess.run([shutil.which("cc") or "gcc", "-O2", "-o", program, os.path.join(HERE, "pulse.c")], check=True)
    return program


class Line:
    """One line of serve.lua; at_us is of CLOCK_MONOTONIC, as time.monotonic_ns()."""

    def __init__(self, text):
        at, self.key, *self.words = text.split(" ")
        self.at_us = int(at)
        self.text = text.split(" ", 1)[1]


class Serving:
    """The process. Lines come by next(); gaps of its loop are collected in .gaps."""

    def __init__(self, sandscript, policy, names, folder, gap_us=5000, nice=0,
                 script=os.path.join(HERE, "serve.lua")):
        self.stop_file = os.path.join(folder, "stop")
        self.log = os.path.join(folder, "stderr")
        self.gaps, self.beats, self.lines = [], 0, queue.Queue()
        command = [sandscript, "run", "--watch", "--policy", policy, script, self.stop_file, *names]
        env = {**os.environ, "XDG_STATE_HOME": os.path.join(folder, "state"), "XDG_CONFIG_HOME": folder}
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log,
                                            env=env, preexec_fn=lambda: os.nice(nice))
        self.pulse = subprocess.Popen([compile_pulse(folder), str(gap_us)], stdin=self.process.stdout,
                                      stdout=subprocess.PIPE, text=True)
        self.process.stdout.close()
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self):
        for text in self.pulse.stdout:
            line = Line(text.rstrip("\n"))
            if line.key == "gap":
                self.gaps.append((line.at_us, int(line.words[0])))
            elif line.key == "beats":
                self.beats = int(line.words[0])
            else:
                self.lines.put(line)
        self.lines.put(None)

    def next(self, timeout):
        """The next line, or None when there is none in time. Failed when the process has ended."""
        try:
            line = self.lines.get(timeout=max(timeout, 0)) if timeout > 0 else self.lines.get_nowait()
        except queue.Empty:
            return None
        if line is None:
            raise Failed(f"sandscript ended, exit code {self.process.wait()}:\n{self.stderr()[-3000:]}")
        return line

    def stderr(self):
        with open(self.log, encoding="utf-8", errors="replace") as log:
            return log.read()

    def private_bytes(self):
        with open(f"/proc/{self.process.pid}/smaps_rollup", encoding="ascii") as rollup:
            for line in rollup:
                if line.startswith("Private_Dirty:"):
                    return int(line.split()[1]) * 1024
        raise Failed("no Private_Dirty in smaps_rollup")

    def end(self):
        """Asks it to end; the exit code is then 0, and a sanitizer has nothing to say."""
        with open(self.stop_file, "w", encoding="ascii"):
            pass
        try:
            code = self.process.wait(60)
        except subprocess.TimeoutExpired as why:
            raise Failed("sandscript does not end") from why
        self.pulse.wait()
        self.reader.join()
        if code != 0:
            raise Failed(f"exit code {code}:\n{self.stderr()[-3000:]}")

    def kill(self):
        for process in (self.process, self.pulse):
            if process.poll() is None:
                process.kill()
            process.wait()


def run(main):
    """Calls main(folder) with a folder of its own; a promise that does not hold is exit code 1."""
    with tempfile.TemporaryDirectory(prefix="ss-reload-") as folder:
        try:
            main(folder)
        except Failed as why:
            print(f"FAILED: {why}", flush=True)
            return 1
    return 0


def now_us():
    return time.monotonic_ns() // 1000
