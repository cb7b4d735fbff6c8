"""Policies that are edited while the prompt is open, and contexts that are protected."""

import re
import unittest

from pty_driver import CTRL_C, ENTER
from scenario import CONFIG_MAP, Scenario, plain, run

NAMESPACE = """
apiVersion: v1
kind: ServiceAccount
metadata: {name: agent}
---
apiVersion: v1
kind: Secret
metadata: {name: env}
"""
BUILD = ('policy.build("claude_local", {namespace="default", sandboxName="s1", envSecretName="env", '
         'serviceAccountName="agent"})')
APPLY = CONFIG_MAP.format("painted")[7:-1]


class Policies(Scenario):
    def session(self):
        home = self.home()
        folder = self.policy(home)
        t = self.prompt("--policy", str(folder), home=home, columns=200)
        return t, folder / "adapters/claude_local.lua"

    def test_the_list(self):
        t, _ = self.session()
        self.assertRegex(t.said(":policy"), r"(?s)NAME.*claude_local.*generation \d+, \d+ adapters")

    def test_what_an_edit_changes_for_live_sandboxes(self):
        t, adapter = self.session()
        (t.home.work / "base.yaml").write_text(NAMESPACE)
        run(t.home, "apply", "-f", "base.yaml")
        t.run("m = " + BUILD)
        t.run("k8s.apply(m)")
        t.run('k8s.wait{kind="Sandbox", name="s1"}')
        self.assertIn("0 of 1 sandbox change", t.said(":policy live"))
        adapter.write_text(re.sub(r'image = "[^"]*"', 'image = "example.org/next:v2"', adapter.read_text()))
        t.run(":policy reload")
        t.expect("generation 2 serves")  # said above the command when the folder's watch was first
        self.assertRegex(t.said(":policy live"),
                         r"(?s)s1 +spec\.podTemplate\.spec\.containers.*example\.org/next:v2 +new pod\n1 of 1 sandbox changes")

    def test_an_edit_is_said_above_the_line(self):
        t, adapter = self.session()
        t.run("policy.list()")
        t.type("half a li")
        adapter.write_text(re.sub(r'image = "[^"]*"', 'image = "example.org/next:v2"', adapter.read_text()))
        t.expect("generation 2 serves: claude_local changed")
        t.until(lambda: t.before_cursor() == "embedded/default> half a li", "the line below it")

    def test_how_many_live_sandboxes_an_edit_reaches(self):
        t, adapter = self.session()
        (t.home.work / "base.yaml").write_text(NAMESPACE)
        run(t.home, "apply", "-f", "base.yaml")
        t.run("m = " + BUILD)
        t.run("k8s.apply(m)")
        t.type("half a li")
        adapter.write_text(re.sub(r'image = "[^"]*"', 'image = "example.org/next:v2"', adapter.read_text()))
        t.expect("1 of 1 sandbox in namespace default would change, 1 by a new pod (:policy live)")
        t.until(lambda: t.before_cursor() == "embedded/default> half a li", "the line below it")

    def test_a_broken_one_too_and_the_last_good_one_serves(self):
        t, adapter = self.session()
        before = t.said('policy.get("claude_local").image')
        t.type("x = 1")
        adapter.write_text("return adapter { name = ")
        t.expect(re.compile(r"claude_local\.lua:\d+: .*near <eof>"))
        t.until(lambda: t.before_cursor() == "embedded/default> x = 1", "the line below it")
        t.send(ENTER)
        t.expect_prompt()
        self.assertEqual(t.said('policy.get("claude_local").image'), before)

    def test_history_diff_and_rollback(self):
        t, adapter = self.session()
        before = t.said('policy.get("claude_local").image')
        adapter.write_text(re.sub(r'image = "[^"]*"', 'image = "example.org/next:v2"', adapter.read_text()))
        t.run(":policy reload")
        self.assertRegex(t.said(":policy history"), r"(?s)GENERATION .*\n2 .*claude_local.*\n1 ")
        self.assertIn('+  image = "example.org/next:v2"', t.said(":policy diff 1 2"))
        self.assertIn("generation 3 serves, with the content of 1", t.said(":policy rollback 1"))
        self.assertIn("generation 4 serves: claude_local changed", t.said(":policy reload"))
        self.assertIn("generation 4 serves: nothing changed", t.said(":policy reload"))
        t.run(":policy rollback 1")
        self.assertEqual(t.said('policy.get("claude_local").image'), before)

    def test_a_broken_edit_while_typing(self):
        t, adapter = self.session()
        before = t.said('policy.get("claude_local").image')
        t.type("x = 1")
        adapter.write_text("return adapter { name = ")
        t.send(ENTER)
        t.expect_prompt()
        self.assertRegex(t.said(":policy reload"), r"claude_local\.lua:\d+: ")
        t.expect("held at the last good version")  # said once it has stood, above whatever line is there then
        t.expect_prompt()
        self.assertEqual(t.said('policy.get("claude_local").image'), before)

    def test_no_such_subcommand(self):
        t, _ = self.session()
        self.assertIn("did you mean 'rollback'", t.said(":policy rolback"))


class Protected(Scenario):
    def session(self, *args, **options):
        home = self.home()
        home.configure('return { protected = { "embedded" } }')
        return self.prompt(*args, home=home, **options)

    def ask(self, t, line, answer):
        t.type(line)
        t.send(ENTER)
        t.expect_output("? [y/N, a = all of this input] ")
        shown = plain(t.output())
        t.send(answer + ENTER)
        t.expect_prompt()
        return shown

    def exists(self, t):
        return run(t.home, "get", "configmap", "painted", code=None).returncode == 0

    def test_the_prompt_is_red(self):
        t = self.session()
        self.assertRegex(t.raw.decode(), r"\x1b\[(1;)?31m[^\x1b]*embedded/default")

    def test_a_write_asks_with_object_and_count(self):
        t = self.session()
        shown = self.ask(t, APPLY, "n")
        self.assertIn("apply 1 object (ConfigMap painted) in the protected context embedded?", shown)
        self.assertIn("not done", plain(t.output()))
        self.assertFalse(self.exists(t))
        self.ask(t, APPLY, "y")
        self.assertTrue(self.exists(t))

    def test_tasks_ask_once_for_all(self):
        t = self.session()
        self.ask(t, 'task.map({"a", "b", "c"}, function(n) assert(k8s.apply{apiVersion="v1", kind="ConfigMap", '
                    'metadata={name=n}}) end)', "a")
        self.assertIn("c ", t.said('k8s.list{kind="ConfigMap"}'))

    def test_ctrl_c_is_no(self):
        t = self.session()
        t.type(APPLY)
        t.send(ENTER)
        t.expect("[y/N")
        t.send(CTRL_C)
        t.expect_prompt()
        self.assertFalse(self.exists(t))

    def test_a_job_asks_and_the_line_stays(self):
        t = self.session()
        t.run("task.spawn(function() while not fs.read('go') do task.sleep(0.01) end " + APPLY + " end)")
        t.type("y = 5")
        (t.home.work / "go").write_text("")
        t.expect("? [y/N]")
        t.send("y" + ENTER)
        t.until(lambda: t.before_cursor() == "embedded/default> y = 5", "the line again")
        t.send(ENTER)
        t.expect_prompt()
        self.assertEqual(t.said("y"), "5")
        self.assertTrue(self.exists(t))

    def test_reads_and_dry_runs_do_not(self):
        t = self.session()
        self.assertIn("default", t.said('k8s.list{kind="Namespace"}'))
        self.assertIn("painted", t.said(APPLY.replace("k8s.apply{", "k8s.apply({")[:] + ", {dryRun=true})"))

    def test_without_a_terminal_it_is_refused(self):
        home = self.home()
        home.configure('return { protected = { "embedded" } }')
        done = run(home, "repl", stdin=APPLY + "\n", code=4)
        self.assertIn("protected context embedded is not written to without a terminal", done.stderr)

    def test_read_only(self):
        t = self.prompt("--read-only")
        self.assertEqual(t.expect_prompt(), "embedded/default (read-only)> ")
        self.assertRegex(t.said(APPLY), r"error: .*read-only")
        self.assertFalse(self.exists(t))
        self.assertIn("without --read-only", t.said("tutorial()"))


if __name__ == "__main__":
    unittest.main()
