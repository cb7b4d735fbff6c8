"""Ctrl-C and Ctrl-D, wherever the session is."""

import unittest

from pty_driver import CTRL_C, CTRL_D, ENTER
from scenario import Scenario, plain


class Interrupts(Scenario):
    def interrupted(self, t, line, ready=None, says="interrupted"):
        """Start what does not end, and stop it by one Ctrl-C."""
        t.begin(line)
        if ready:
            t.until(ready, "the input to run")
        t.send(CTRL_C)
        t.expect_prompt()
        self.assertIn(says, plain(t.output()))
        self.assertEqual(t.said("1 + 1"), "2")

    def test_in_a_loop(self):
        self.interrupted(self.prompt(), "n = 0 while true do n = n + 1 end")

    def test_what_was_done_stays(self):
        t = self.prompt()
        self.interrupted(t, "n = 7 while true do end")
        self.assertEqual(t.said("n"), "7")

    def test_in_a_sleep(self):
        self.interrupted(self.prompt(), "task.sleep(600)")

    def test_in_an_http_wait(self):
        home = self.home()
        server = self.server(hang=["pods"])
        config = self.kubeconfig(home, slow=server.url)
        t = self.prompt(home=home, env={"KUBECONFIG": config})
        self.interrupted(t, 'k8s.list{kind="Pod"}', lambda: t._read(0.05) or server.asked)

    def test_in_a_watch(self):
        t = self.prompt()
        self.interrupted(t, 'for e in k8s.watch{kind="Namespace"} do print(e.type) end',
                         lambda: "ADDED" in plain(t.output()), says="")  # the loop ends

    def test_in_a_wait(self):
        self.interrupted(self.prompt(), 'k8s.wait({kind="Pod", name="never"}, {timeout=600})')

    def test_in_tasks(self):
        self.interrupted(self.prompt(), "task.map({1, 2, 3}, function() task.sleep(600) end)")

    def test_in_what_catches_errors(self):
        t = self.prompt()
        t.begin("pcall(function() while true do pcall(error) end end)")
        t.send(CTRL_C)
        t.expect_prompt()
        self.assertEqual(t.said("1 + 1"), "2")

    def test_twice_ends_what_catches_it(self):
        t = self.prompt()
        t.begin("while true do pcall(function() while true do end end) end")
        t.send(CTRL_C)
        t.send(CTRL_C)
        t.expect_prompt()
        self.assertEqual(t.said("1 + 1"), "2")

    def test_at_an_empty_prompt(self):
        t = self.prompt()
        t.send(CTRL_C)
        t.until(lambda: "embedded/default> " in plain(t.output()), "a prompt")
        self.assertEqual(t.said("1 + 1"), "2")

    def test_clears_the_line(self):
        t = self.prompt()
        t.type("x = 'never run'")
        t.send(CTRL_C)
        t.until(lambda: plain(t.output()).endswith("embedded/default> "), "a prompt")
        self.assertEqual(t.said("x"), "nil")

    def test_in_the_middle_of_a_block(self):
        t = self.prompt()
        t.run("for i = 1, 2 do")
        t.send(CTRL_C)
        t.until(lambda: plain(t.output()).endswith("embedded/default> "), "a prompt")
        self.assertEqual(t.said("1 + 1"), "2")

    def test_at_once_after_enter(self):
        t = self.prompt()
        for _ in range(5):
            t.type("while true do end")
            t.send(ENTER)
            t.expect_output("\n")
            t.send(CTRL_C)
            t.expect_prompt()
        self.assertEqual(t.said("1 + 1"), "2")

    def test_jobs_go_on(self):
        t = self.prompt()
        t.run("job = task.spawn(task.sleep, 600)")
        self.interrupted(t, "task.sleep(600)")
        self.assertIn("running", t.said(":jobs"))


class Leaving(Scenario):
    def test_ctrl_d_leaves(self):
        t = self.prompt()
        t.send(CTRL_D)
        self.assertEqual(t.wait_exit(), 0)

    def test_ctrl_d_in_a_line_does_not(self):
        t = self.prompt()
        t.type("1 + 1")
        t.send(CTRL_D)
        t.send(ENTER)
        t.expect_prompt()
        self.assertIn("2", plain(t.output()))

    def test_jobs_are_mentioned_once(self):
        t = self.prompt()
        t.run("task.spawn(task.sleep, 600)")
        t.send(CTRL_D)
        t.expect("1 job is running (:jobs); once more ends it")
        t.expect_prompt()
        t.send(CTRL_D)
        self.assertEqual(t.wait_exit(), 0)

    def test_quit_has_a_code(self):
        t = self.prompt()
        t.type(":quit 3")
        t.send(ENTER)
        self.assertEqual(t.wait_exit(), 3)

    def test_os_exit_has_a_code(self):
        t = self.prompt()
        t.type("os.exit(4)")
        t.send(ENTER)
        self.assertEqual(t.wait_exit(), 4)

    def test_the_terminal_is_as_before(self):
        t = self.prompt()
        t.run("1 + 1")
        t.send(CTRL_D)
        t.wait_exit()
        self.assertEqual(t.modes(), t.modes_before)


if __name__ == "__main__":
    unittest.main()
