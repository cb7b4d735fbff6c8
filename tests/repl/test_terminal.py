"""The terminal in other hands: questions, editors, a shell that stops the session."""

import shlex
import stat
import unittest

from pty_driver import (BINARY, CTRL_C, CTRL_D, CTRL_Z, ENTER, ReplTest)

APPLY = "k8s.apply{apiVersion = 'v1', kind = 'Namespace', metadata = {name = 'demo'}}"


class Questions(ReplTest):
    def ask(self):
        home = self.home()
        home.configure('return { protected = { "embedded" } }')
        t = self.terminal(home=home, columns=100)
        t.expect_prompt()
        return t

    def test_yes(self):
        t = self.ask()
        t.type(APPLY)
        t.send(ENTER)
        t.expect("[y/N")
        t.type("y")
        t.enter()
        t.expect("name: demo")
        self.assertEqual(t.history(), [APPLY])  # the answer is no input

    def test_ctrl_c_is_no(self):
        t = self.ask()
        t.type(APPLY)
        t.send(ENTER)
        t.expect("[y/N")
        t.send(CTRL_C)
        t.expect("not done")
        t.expect_prompt()

    def test_what_was_typed_before_is_no_answer(self):
        t = self.ask()
        t.send(APPLY + ENTER + "y" + ENTER)
        t.expect("[y/N")
        t.until(lambda: t.before_cursor().endswith("] "), "a question without an answer")
        t.type("n")
        t.enter()
        t.expect("not done")

    def test_a_job_asks_in_the_middle_of_a_line(self):
        t = self.ask()
        t.run("job = task.spawn(function() task.sleep(0.3); r, e = " + APPLY + " end)")
        t.type("1 +")
        t.expect("[y/N")
        t.type("y")
        t.send(ENTER)
        t.until(lambda: t.before_cursor().endswith("> 1 +"), "the line again")
        t.type(" 2")
        t.enter()
        t.expect("\n3\n")
        t.run("task.join(job)")
        t.run("r.metadata.name")
        t.expect("\ndemo\n")


class Editors(ReplTest):
    def editor(self, text):
        """A home, and the path of an editor: a shell script."""
        home = self.home()
        path = home.path / "my editor"
        path.write_text("#!/bin/sh\n" + text)
        path.chmod(path.stat().st_mode | stat.S_IXUSR)
        return home, shlex.quote(str(path))

    def test_has_the_terminal_as_a_shell_has(self):
        home, editor = self.editor('stty -a > modes; printf "editing..."; read line; '
                                   'printf "%s" "$line" > "$2"\n')
        t = self.terminal(home=home, env={"EDITOR": editor + " --flag"})
        t.expect_prompt()
        t.begin(":edit")
        t.expect("editing...")
        t.type("6 * 7")
        t.send(ENTER)
        t.expect("\n42\n")
        t.expect_prompt()
        modes = (home.work / "modes").read_text().split()
        self.assertIn("icanon", modes)
        self.assertIn("echo", modes)
        t.run("1 + 1")
        t.expect("\n2\n")

    def test_output_waits_for_its_end(self):
        home, editor = self.editor('printf "editing..."; read line; echo left\n')
        t = self.terminal(home=home, env={"VISUAL": editor, "EDITOR": "false"})
        t.expect_prompt()
        t.run("job = task.spawn(function() task.sleep(0.1); print('meanwhile'); ready = true end)")
        t.begin(":edit x.lua")
        t.expect("editing...")
        t.send(CTRL_C)  # is for the editor, which ends
        t.expect("the editor ended with code 130")
        t.expect_prompt()
        t.run("task.join(job)")
        t.expect("\nmeanwhile\n")
        text = t.everything()
        self.assertLess(text.index("editing..."), text.rindex("meanwhile"))

    def test_one_that_is_not_there_is_named(self):
        t = self.terminal(env={"EDITOR": "no-such-editor -w"})
        t.expect_prompt()
        t.run(":edit x.lua")
        t.expect("cannot start no-such-editor")


class Shells(ReplTest):
    def test_stop_and_go_on(self):
        t = self.terminal(command=["/bin/bash", "--norc", "-i"], env={"PS1": "shell$ "})
        t.expect("shell$")
        t.send(f"{BINARY} repl{ENTER}")
        t.expect_prompt()
        t.type("6 *")
        t.send(CTRL_Z)
        t.expect("Stopped")
        t.until(lambda: t.before_cursor() == "shell$ ", "the shell")
        t.send("fg" + ENTER)
        t.until(lambda: t.before_cursor().endswith("> 6 *"), "the line again")
        t.type(" 7")
        t.enter()
        t.expect("\n42\n")
        t.send(CTRL_D)
        t.until(lambda: t.before_cursor() == "shell$ ", "the shell")

    def test_stop_while_an_input_runs(self):
        t = self.terminal(command=["/bin/bash", "--norc", "-i"], env={"PS1": "shell$ "})
        t.expect("shell$")
        t.send(f"{BINARY} repl{ENTER}")
        t.expect_prompt()
        t.begin("task.sleep(0.5); print('slept')")
        t.send(CTRL_Z)
        t.until(lambda: t.before_cursor() == "shell$ ", "the shell")
        t.send("fg" + ENTER)
        t.expect("slept")
        t.expect_prompt()
        t.send(CTRL_D)
        t.until(lambda: t.before_cursor() == "shell$ ", "the shell")


class Colours(ReplTest):
    def test_no_color(self):
        t = self.terminal(env={"NO_COLOR": "1"})
        t.expect_prompt()
        t.run("{a = 1}")
        self.assertNotIn("\x1b[3", t.raw.decode())

    def test_messages_of_a_session_whose_stderr_is_a_file(self):
        t = self.terminal(command=["/bin/sh", "-c", f"exec {shlex.quote(str(BINARY))} repl 2>err"])
        t.expect_prompt()
        t.run("error('broken')")
        t.run("1 + 1")
        self.assertNotIn("broken", t.screen().replace("error('broken')", ""))
        text = (t.home.work / "err").read_text()
        self.assertIn("broken", text)
        self.assertNotIn("\x1b", text)


class Files(ReplTest):
    def test_history_through_a_symlink_is_refused(self):
        home = self.home()
        precious = home.path / "precious"
        precious.write_text("precious\n")
        home.history.parent.mkdir()
        home.history.symlink_to(precious)
        t = self.terminal(home=home, columns=150)
        t.expect("is a symlink; this session's is not kept")
        t.expect_prompt()
        t.run("1 + 1")
        self.assertEqual(precious.read_text(), "precious\n")

    def test_two_sessions_keep_each_others_lines(self):
        home = self.home()
        a, b = self.terminal(home=home), self.terminal(home=home)
        for t in (a, b):
            t.expect_prompt()
        a.run("a = 1")
        b.run("b = 1")
        a.run("a = 2")
        for t in (b, a):
            t.send(CTRL_D)
            t.wait_exit()
        self.assertEqual(a.history(), ["a = 1", "b = 1", "a = 2"])

    def test_secrets_are_not_kept(self):
        t = self.terminal()
        t.expect_prompt()
        t.run("password = 'hunter2hunter2'")
        t.run("x = 1")
        self.assertEqual(t.history(), ["x = 1"])


if __name__ == "__main__":
    unittest.main()
