"""What values print as, on terminals of all sorts."""

import time
import unittest

from pty_driver import ENTER, WAIT_SECONDS
from scenario import Scenario, plain, run


class Values(Scenario):
    def test_lists_of_objects_are_tables(self):
        t = self.prompt()
        self.assertRegex(t.said('k8s.list{kind="Namespace"}'), r"NAME +STATUS +AGE\ndefault +Active +\d")

    def test_objects_are_yaml(self):
        t = self.prompt()
        self.assertIn("kind: Namespace", t.said('k8s.get{kind="Namespace", name="default"}'))

    def test_formats(self):
        t = self.prompt()
        t.run(":out json")
        self.assertEqual(t.said("{a = 1}"), '{\n  "a": 1\n}')
        t.run(":out lua")
        self.assertEqual(t.said("{a = {1, 2}}"), "{\n  a = {\n    1,\n    2,\n  },\n}")
        t.run(":out yaml")
        self.assertEqual(t.said("{a = {1, 2}}"), "a:\n- 1\n- 2")

    def test_the_last_values(self):
        t = self.prompt()
        t.run("40")
        t.run("2")
        self.assertEqual(t.said("_ + _1"), "42")
        self.assertIn("HTTP 404) (not_found)", t.said('k8s.get{kind="Pod", name="none"}'))
        self.assertEqual(t.said("_err.code"), "not_found")

    def test_long_ones_are_cut(self):
        t = self.prompt()
        t.run("t = {} for i = 1, 60 do t[i] = i end")
        self.assertIn("10 items more", t.said("t"))
        self.assertIn("- 60", t.said(":all"))

    def test_evil_metatables_do_not_run(self):
        t = self.prompt()
        t.run("e = setmetatable({own = 1}, {__index = error, __tostring = error, __pairs = error, __len = error})")
        self.assertEqual(t.said("e"), "own: 1")
        t.run(":out lua")
        self.assertIn("own = 1", t.said("e"))

    def test_a_loop_in_a_table_ends(self):
        t = self.prompt()
        t.run("t = {} t.t = t")
        self.assertEqual(t.said("t"), "t: <the table it is in>")

    def test_a_cluster_cannot_move_the_cursor(self):
        t = self.prompt()
        t.run('k8s.apply{apiVersion="v1", kind="ConfigMap", metadata={name="a"}, data={x="\\27[2J\\27]0;title\\7"}}')
        t.run('k8s.get{kind="ConfigMap", name="a"}')
        self.assertNotIn("\x1b[2J", t.output())
        self.assertNotIn("\x1b]0;", t.output())

    def test_secrets_are_masked(self):
        t = self.prompt()
        t.run(' s = k8s.apply{apiVersion="v1", kind="Secret", metadata={name="a"}, stringData={password="hunter2"}}')
        text = t.said('k8s.get{kind="Secret", name="a"}')
        self.assertIn("masked", text)
        self.assertNotIn("aHVudGVyMg", text)

    def test_errors_have_a_traceback_of_the_input(self):
        t = self.prompt()
        t.run("function f() error('deep') end")
        t.run("function g() f() end")
        self.assertRegex(t.said("g() return 1"), r"error: prompt#1:1: deep\n.*prompt#1:1.*\n.*prompt#2:1")


class Terminals(Scenario):
    def test_resize_while_typing(self):
        t = self.prompt(columns=100, rows=30)
        t.type("1 + 1 -- " + "x" * 30)
        t.resize(30, 20)
        t.resize(100, 30)
        t.send(ENTER)
        t.expect_prompt()
        self.assertIn("2", plain(t.output()))

    def test_resize_while_an_input_runs(self):
        t = self.prompt(columns=100)
        t.type("task.sleep(0.2) return 6 * 7")
        t.send(ENTER)
        t.resize(50, 20)
        t.expect("42")
        t.expect_prompt()

    def test_size_of_zero(self):
        t = self.prompt(columns=0, rows=0)
        t.send("6 * 7" + ENTER)
        t.until(lambda: "42" in plain(t.output()), "42")

    def test_a_dumb_terminal(self):
        t = self.prompt(env={"TERM": "dumb"})
        t.send("6 * 7" + ENTER)
        t.expect("42")
        t.expect_prompt()
        self.assertNotIn("\x1b", t.raw.decode())

    def test_an_unknown_terminal(self):
        t = self.prompt(env={"TERM": "no-such-terminal"})
        t.send("6 * 7" + ENTER)
        t.expect("42")

    def test_no_colour(self):
        t = self.prompt(env={"NO_COLOR": "1"})
        t.run("{a = 1}")
        self.assertNotRegex(t.raw.decode(), r"\x1b\[[0-9;]*[1-9][0-9;]*m")

    def test_bytes_that_are_no_utf8(self):
        t = self.prompt()
        t.send(b"#'\xff\xfe\xc3'")
        t.enter()
        self.assertEqual(t.said("1 + 1"), "2")

    def test_wide_letters(self):
        t = self.prompt()
        self.assertEqual(t.said("'日本語 é'"), '"日本語 é"')


class Unread(Scenario):
    def test_a_terminal_that_is_not_read_does_not_keep_jobs(self):
        t = self.prompt()
        t.type('task.spawn(function() task.sleep(0.01) fs.write("ticked", "") end) '
               'for i = 1, 4000 do print(i, ("x"):rep(100)) end')
        t.send(ENTER)
        deadline = time.monotonic() + WAIT_SECONDS
        while not (t.home.work / "ticked").exists():
            self.assertLess(time.monotonic(), deadline, "the job waits for the terminal")
            time.sleep(0)
        t.expect_prompt()
        self.assertIn("4000\t", plain(t.output()))
        self.assertEqual(t.said("1 + 1"), "2")


class Pipes(Scenario):
    def test_lines_run_without_a_prompt(self):
        done = run(self.home(), "repl", stdin="x = 20\nx + 22\n")
        self.assertEqual(done.stdout, "42\n")

    def test_the_first_error_ends_it(self):
        done = run(self.home(), "repl", stdin="nothing.x\nprint('no')\n", code=1)
        self.assertEqual(done.stdout, "")
        self.assertIn("attempt to index a nil value", done.stderr)

    def test_blocks_run(self):
        done = run(self.home(), "repl", stdin="for i = 1, 2 do\nprint(i)\nend\n")
        self.assertEqual(done.stdout, "1\n2\n")

    def test_what_is_open_at_the_end_is_an_error(self):
        done = run(self.home(), "repl", stdin="for i = 1, 2 do\n", code=1)
        self.assertIn("<eof>", done.stderr)

    def test_nothing_is_written_to_the_history(self):
        home = self.home()
        run(home, "repl", stdin="x = 1\n")
        self.assertFalse(home.history.exists())


if __name__ == "__main__":
    unittest.main()
