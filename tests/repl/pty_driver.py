"""Drive the real program under a pseudo-terminal, and look at the screen it draws.

    class Lines(ReplTest):
        def test_sum(self):
            t = self.terminal()             # `sandscript repl` in a home of its own
            t.expect_prompt()
            t.run("1 + 1")                  # types it, Enter, waits for the next prompt
            self.assertIn("2", t.screen())
            t.send(CTRL_D)
            self.assertEqual(t.wait_exit(), 0)

Nothing sleeps: each wait ends when what it waits for is on the screen, or fails after
WAIT_SECONDS and shows the screen. Terminals are closed, their processes killed and their
homes removed when the test ends.
"""

import fcntl
import os
import pathlib
import re
import select
import shutil
import signal
import struct
import subprocess
import tempfile
import termios
import time
import unittest

import pyte

SOURCE = pathlib.Path(os.environ.get("SS_SOURCE_DIR", pathlib.Path(__file__).parents[2]))
BINARY = pathlib.Path(os.environ.get("SS_BINARY_DIR", SOURCE / "build/dev")) / "sandscript"
WAIT_SECONDS = int(os.environ.get("SS_WAIT_SECONDS", 60))  # a sanitizer build on a busy machine

CTRL_A, CTRL_C, CTRL_D, CTRL_E, CTRL_R, CTRL_U, CTRL_Z = "\x01\x03\x04\x05\x12\x15\x1a"
TAB, ENTER, ESCAPE, BACKSPACE = "\t", "\r", "\x1b", "\x7f"
UP, DOWN, RIGHT, LEFT = "\x1b[A", "\x1b[B", "\x1b[C", "\x1b[D"
PASTE, PASTE_END = "\x1b[200~", "\x1b[201~"

# "embedded/default> ", "prod/web (read-only)> ", and of a further line of a block "...1> ".
PROMPT = re.compile(r"^(\s*\.\.\.\d+> |[^\s>]+( \(read-only\))?> |no cluster> )$")


def pasted(text):
    """What a terminal sends when text is pasted."""
    return PASTE + text.replace("\n", "\r") + PASTE_END


class Home:
    """A folder with all that the program may read or write of its user."""

    def __init__(self):
        self.path = pathlib.Path(tempfile.mkdtemp(prefix="ss-repl-"))
        for name in ("config/sandscript", "state", "tmp", "work"):
            (self.path / name).mkdir(parents=True)

    @property
    def work(self):
        """Where the program is started."""
        return self.path / "work"

    @property
    def history(self):
        return self.path / "state/sandscript/history"

    def configure(self, lua_text):
        (self.path / "config/sandscript/config.lua").write_text(lua_text, encoding="utf-8")

    def environment(self, extra):
        env = {k: v for k, v in os.environ.items()
               if k in ("PATH", "ASAN_OPTIONS", "UBSAN_OPTIONS", "LSAN_OPTIONS")}
        env.update(HOME=str(self.path), XDG_CONFIG_HOME=str(self.path / "config"),
                   XDG_STATE_HOME=str(self.path / "state"), TMPDIR=str(self.path / "tmp"),
                   LANG="C.UTF-8", TERM="xterm-256color")
        for name, value in extra.items():
            if value is None:
                env.pop(name, None)
            else:
                env[name] = str(value)
        return env

    def remove(self):
        shutil.rmtree(self.path, ignore_errors=True)


class Terminal:
    """The program, and the screen it writes to."""

    def __init__(self, args=("repl",), columns=80, rows=24, home=None, env=None, command=None):
        """command: the whole command line, in place of the program and args.
        env: variables to add; None removes one."""
        self.owns_home = home is None
        self.home = home or Home()
        self.raw = b""      # all that was written
        self.mark = 0       # in raw, where the last send was
        self.columns, self.rows = columns, rows
        self.view = pyte.HistoryScreen(columns or 80, rows or 24, history=5000, ratio=1)
        self.stream = pyte.ByteStream(self.view)
        self.master, self.slave = os.openpty()
        self._set_size(columns, rows)
        self.modes_before = termios.tcgetattr(self.slave)
        self.child = subprocess.Popen(
            command or [str(BINARY), *args], stdin=self.slave, stdout=self.slave,
            stderr=self.slave, cwd=self.home.work, env=self.home.environment(env or {}),
            start_new_session=True, preexec_fn=self._as_from_a_shell)

    @staticmethod
    def _as_from_a_shell():
        """In the child: with the terminal, and with the signals that a suite in the background ignores."""
        fcntl.ioctl(0, termios.TIOCSCTTY, 0)
        for signum in (signal.SIGINT, signal.SIGQUIT):
            signal.signal(signum, signal.SIG_DFL)

    # --- what is sent ---------------------------------------------------------------------

    def send(self, data):
        """Write all of it, reading what comes meanwhile (a pty holds 4 KiB each way)."""
        data = data.encode("utf-8") if isinstance(data, str) else data
        self.mark = len(self.raw)
        deadline = time.monotonic() + WAIT_SECONDS
        os.set_blocking(self.master, False)
        try:
            while data:
                if time.monotonic() > deadline:
                    self.fail("the program does not read what is sent")
                self._read(0)
                _, writable, _ = select.select([], [self.master], [], 0.05)
                if writable:
                    try:
                        data = data[os.write(self.master, data[:4096]):]
                    except BlockingIOError:
                        pass
        finally:
            os.set_blocking(self.master, True)

    def type(self, line):
        """Send it and wait until it stands before the cursor (its last 40 characters)."""
        self.send(line)
        self.until(lambda: self.wrapped_line().endswith(line[-40:]), f"{line!r} before the cursor")

    def run(self, line):
        """Type a line and Enter, and wait for the prompt after it, which is returned."""
        if line:
            self.type(line)
        return self.enter()

    def begin(self, line):
        """Type a line and Enter, and wait until it runs: from then on Ctrl-C is for it."""
        self.type(line)
        self.send(ENTER)
        self.expect_output("\x1b[?2004l")

    def enter(self):
        """Enter, and wait for the prompt after it, which is returned."""
        self.send(ENTER)
        self.until(lambda: b"\n" in self.raw[self.mark:] and PROMPT.match(self.before_cursor()),
                   "a new prompt")
        return self.before_cursor()

    def resize(self, columns, rows):
        self.columns, self.rows = columns, rows
        self.view.resize(rows, columns)
        self._set_size(columns, rows)

    def signal(self, number):
        self.child.send_signal(number)

    def hang_up(self):
        """The window is closed."""
        os.close(self.slave)
        os.close(self.master)
        self.master = self.slave = None

    def _set_size(self, columns, rows):
        fcntl.ioctl(self.slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    # --- what is seen ---------------------------------------------------------------------

    def lines(self):
        """The lines of the screen, without the blanks at their ends."""
        return [line.rstrip() for line in self.view.display]

    def screen(self):
        """What is on the screen, as one text."""
        return "\n".join(self.lines()).rstrip("\n")

    def everything(self):
        """What has scrolled away, and the screen."""
        gone = ["".join(row[x].data for x in range(self.view.columns)).rstrip()
                for row in self.view.history.top]
        return "\n".join(gone + self.lines()).rstrip("\n")

    def history(self):
        """The lines of the history file."""
        path = self.home.history
        return path.read_text(encoding="utf-8").splitlines() if path.exists() else []

    def cursor(self):
        return self.view.cursor.x, self.view.cursor.y

    def before_cursor(self):
        """The text of the cursor's line, up to the cursor."""
        row = self.view.buffer[self.view.cursor.y]
        # Cell by cell: a wide character takes two, the second of which is empty.
        return "".join(row[x].data for x in range(self.view.cursor.x))

    def wrapped_line(self):
        """The text before the cursor, with the three rows above it as parts of the same line."""
        y = self.view.cursor.y
        above = "".join(self.view.buffer[row][x].data for row in range(max(0, y - 3), y)
                        for x in range(self.view.columns))
        return above + self.before_cursor()

    def output(self):
        """What was written since the last send, escape sequences and all."""
        return self.raw[self.mark:].decode("utf-8", "replace")

    def modes(self):
        """The modes of the terminal now: equal to modes_before when they were put back."""
        return termios.tcgetattr(self.slave)

    # --- waiting --------------------------------------------------------------------------

    def expect(self, what, timeout=WAIT_SECONDS):
        """Wait until the screen shows what: a text, or a compiled pattern (its match is returned)."""
        found = []

        def check():
            text = self.screen()
            match = what.search(text) if hasattr(what, "search") else what in text
            found[:] = [match]
            return match

        self.until(check, repr(getattr(what, "pattern", what)), timeout)
        return found[0]

    def expect_output(self, what, timeout=WAIT_SECONDS):
        """Wait until what (a text) was written since the last send."""
        self.until(lambda: what in self.output(), repr(what), timeout)

    def expect_prompt(self, timeout=WAIT_SECONDS):
        """Wait until the cursor stands behind a prompt; returns it."""
        self.until(lambda: PROMPT.match(self.before_cursor()), "a prompt", timeout)
        return self.before_cursor()

    def until(self, check, what, timeout=WAIT_SECONDS):
        """Read until check() is true."""
        deadline = time.monotonic() + timeout
        self._read(0)
        while not check():
            left = deadline - time.monotonic()
            if left <= 0:
                self.fail(f"waited {timeout} s for {what}")
            if not self._read(min(left, 0.2)) and self.child.poll() is not None:
                self._read(0)
                if check():
                    return
                self.fail(f"ended with {self.child.returncode} before {what}")

    def wait_exit(self, timeout=WAIT_SECONDS):
        """Wait for the end of the program; its exit code, or minus the signal that ended it."""
        deadline = time.monotonic() + timeout
        while self.child.poll() is None:
            if time.monotonic() > deadline:
                self.fail(f"has not ended after {timeout} s")
            if self.master is None:
                try:
                    self.child.wait(0.05)
                except subprocess.TimeoutExpired:
                    pass
            else:
                self._read(0.05)
        if self.master is not None:
            self._read(0)
        return self.child.returncode

    def _read(self, timeout):
        """Take what is there, waiting for it for so long; returns whether there was something."""
        some = False
        while self.master is not None:
            readable, _, _ = select.select([self.master], [], [], timeout)
            if not readable:
                break
            try:
                data = os.read(self.master, 65536)
            except (OSError, BlockingIOError):
                break
            if not data:
                break
            self.raw += data
            self.stream.feed(data)
            some, timeout = True, 0
        return some

    # --- the end --------------------------------------------------------------------------

    def fail(self, message):
        shown = "\n".join(f"  |{line}" for line in self.everything().split("\n")[-60:])
        raise AssertionError(f"{message}; the screen (cursor at {self.cursor()}):\n{shown}")

    def close(self):
        if self.child.poll() is None:
            try:
                os.killpg(self.child.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
            self.child.kill()
        self.child.wait()
        for fd in (self.master, self.slave):
            if fd is not None:
                os.close(fd)
        if self.owns_home:
            self.home.remove()


class ReplTest(unittest.TestCase):
    """A test with terminals that are closed when it ends."""

    maxDiff = None

    def home(self):
        """A home for several terminals."""
        home = Home()
        self.addCleanup(home.remove)
        return home

    def terminal(self, *args, **options):
        """A Terminal; args are the program's (default: repl)."""
        terminal = Terminal(args or ("repl",), **options)
        self.addCleanup(terminal.close)
        return terminal
