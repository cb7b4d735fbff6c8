"""The prompt: lines run, blocks are one, Ctrl-C and Ctrl-D."""

import signal
import subprocess

from pty_driver import (BINARY, CTRL_C, CTRL_D, ENTER, UP, ReplTest)


class Lines(ReplTest):
    def test_runs_lines_and_leaves(self):
        t = self.terminal()
        self.assertEqual(t.expect_prompt(), "embedded/default> ")
        t.run("x = 'h\u00e9llo \u4e16\u754c'")
        t.run("x")
        t.expect('"h\u00e9llo \u4e16\u754c"')
        t.send(CTRL_D)
        self.assertEqual(t.wait_exit(), 0)
        self.assertEqual(t.modes(), t.modes_before)

    def test_plain_sandscript_on_a_terminal_is_the_prompt(self):
        t = self.terminal("--cluster", "embedded", "-n", "demo")
        self.assertEqual(t.expect_prompt(), "embedded/demo> ")

    def test_os_exit_leaves_with_its_code(self):
        t = self.terminal()
        t.expect_prompt()
        t.run("job = task.spawn(task.sleep, 100)")
        t.send("os.exit(3)" + ENTER)
        self.assertEqual(t.wait_exit(), 3)
        self.assertEqual(t.modes(), t.modes_before)

    def test_a_block_is_one_item_and_recalled_as_one(self):
        t = self.terminal()
        t.expect_prompt()
        t.run("if true then")
        self.assertEqual(t.before_cursor(), "            ...1> ")
        t.run("print(6 * 7)")
        t.run("end")
        t.expect("42")
        t.send(UP)
        t.expect("if true then\nprint(6 * 7)\nend")
        self.assertEqual(t.history(), ["if true then\\nprint(6 * 7)\\nend"])

    def test_what_begins_with_a_space_is_not_kept(self):
        t = self.terminal()
        t.expect_prompt()
        t.run("a = 1")
        t.run(" b = 2")
        t.run("a + b")
        t.expect("3")
        self.assertEqual(t.history(), ["a = 1", "a + b"])
        self.assertEqual(t.home.history.stat().st_mode & 0o777, 0o600)

    def test_next_session_recalls_this_one(self):
        home = self.home()
        first = self.terminal(home=home)
        first.expect_prompt()
        first.run("y = 1")
        first.send(CTRL_D)
        first.wait_exit()
        second = self.terminal(home=home)
        second.expect_prompt()
        second.send(UP)
        second.expect("> y = 1")


class Interrupts(ReplTest):
    def test_clears_the_line(self):
        t = self.terminal()
        t.expect_prompt()
        t.type("error('not this'")
        t.send(CTRL_C)
        t.expect("^C")
        t.expect_prompt()
        t.run("1 + 1")
        self.assertIn("\n2\n", t.screen())

    def test_gives_a_block_up(self):
        t = self.terminal()
        t.expect_prompt()
        t.run("for i = 1, 3 do")
        t.send(CTRL_C)
        t.until(lambda: t.before_cursor() == "embedded/default> ", "the first prompt")
        t.run("1 + 1")
        self.assertIn("\n2\n", t.screen())

    def test_breaks_a_busy_loop(self):
        t = self.terminal()
        t.expect_prompt()
        t.begin("while true do end")
        t.send(CTRL_C)
        t.expect("interrupted")
        t.expect_prompt()
        t.run("1 + 1")
        t.expect("\n2\n")

    def test_ends_a_wait(self):
        t = self.terminal()
        t.expect_prompt()
        t.begin("k8s.wait({kind = 'Pod', name = 'x'}, {timeout = 1000})")
        t.send(CTRL_C)
        t.expect("interrupted")
        t.expect_prompt()
        t.run("_err.code")
        t.expect("\ncanceled\n")

    def test_leaves_background_jobs_alone(self):
        t = self.terminal()
        t.expect_prompt()
        t.run("ticks = 0; task.spawn(function() while true do ticks = ticks + 1; "
              "task.sleep(0.01) end end)")
        t.begin("task.sleep(1000)")
        t.send(CTRL_C)
        t.expect("interrupted")
        t.expect_prompt()
        t.run("before = ticks; task.sleep(0.1)")
        t.run("ticks > before")
        t.expect("true")

    def test_term_signal_puts_the_terminal_back(self):
        t = self.terminal()
        t.expect_prompt()
        t.signal(signal.SIGTERM)
        self.assertEqual(t.wait_exit(), 128 + signal.SIGTERM)
        self.assertEqual(t.modes(), t.modes_before)

    def test_term_signal_ends_a_busy_loop(self):
        t = self.terminal()
        t.expect_prompt()
        t.begin("while true do end")
        t.signal(signal.SIGTERM)
        self.assertEqual(t.wait_exit(), 128 + signal.SIGTERM)
        self.assertEqual(t.modes(), t.modes_before)

    def test_a_closed_window_ends_the_session(self):
        t = self.terminal()
        t.expect_prompt()
        t.run("kept = true")
        t.hang_up()
        t.wait_exit()
        self.assertEqual(t.history(), ["kept = true"])


class WithoutTerminal(ReplTest):
    def run_lines(self, text, *args):
        home = self.home()
        return subprocess.run([str(BINARY), "repl", *args], input=text, text=True,
                              capture_output=True, cwd=home.work, env=home.environment({}))

    def test_runs_lines_without_prompt_or_colour(self):
        r = self.run_lines("x = 20\nfor i = 1, 2 do\n  x = x + 11\nend\nx\n")
        self.assertEqual((r.returncode, r.stdout, r.stderr), (0, "42\n", ""))

    def test_first_error_ends_it(self):
        r = self.run_lines("print(1)\nerror('broken')\nprint(2)\n")
        self.assertEqual((r.returncode, r.stdout), (1, "1\n"))
        self.assertIn("broken", r.stderr)

    def test_an_input_that_is_cut_is_an_error(self):
        r = self.run_lines("for i = 1, 2 do\n")
        self.assertEqual((r.returncode, r.stdout), (1, ""))
        self.assertIn("'end' expected", r.stderr)

    def test_waits_for_jobs(self):
        r = self.run_lines("do task.spawn(function() task.sleep(0.05); print('done') end) end\n")
        self.assertEqual((r.returncode, r.stdout, r.stderr), (0, "done\n", ""))

    def test_quit_has_a_code(self):
        self.assertEqual(self.run_lines(":quit 7\nprint(1)\n").returncode, 7)
        self.assertEqual(self.run_lines("os.exit(3)\nprint(1)\n").returncode, 3)


class Plain(ReplTest):
    def test_dumb_terminal_reads_lines(self):
        for term in ("dumb", None):
            with self.subTest(term=term):
                t = self.terminal(env={"TERM": term})
                t.expect_prompt()
                t.send("6 * 7" + ENTER)
                t.expect("\n42\n")
                t.expect_prompt()
                self.assertNotIn("\x1b", t.raw.decode())
                t.send(CTRL_C)
                t.expect("^C")
                t.send(CTRL_D)
                self.assertEqual(t.wait_exit(), 0)

    def test_unknown_terminal_is_named(self):
        t = self.terminal(env={"TERM": "no-such-terminal"})
        t.expect("terminal type 'no-such-terminal' is not known here")
        t.expect_prompt()
        t.send("6 * 7" + ENTER)
        t.expect("42")
