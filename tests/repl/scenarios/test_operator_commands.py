"""Lines that begin with a colon or a question mark, jobs, and the tour."""

import os
import re
import unittest

from pty_driver import CTRL_D, ENTER
from scenario import Scenario, plain, run


class Commands(Scenario):
    def test_an_unknown_one_gets_a_suggestion(self):
        t = self.prompt()
        self.assertIn("there is no command :contxt: did you mean :context?", t.said(":contxt"))

    def test_beginnings_do(self):
        t = self.prompt()
        self.assertEqual(t.said(":names"), "default")
        self.assertIn(":time or :trace", t.said(":t"))

    def test_the_list(self):
        t = self.prompt()
        self.assertRegex(t.said(":help"), r"(?s):context.*:policy.*:save.*:quit")

    def test_time(self):
        t = self.prompt()
        t.run(":time on")
        self.assertRegex(t.said("task.sleep(0.01)"), r"\(\d+\.\d ms\)")

    def test_namespace(self):
        t = self.prompt()
        t.run('k8s.apply{apiVersion="v1", kind="Namespace", metadata={name="shop"}}')
        self.assertEqual(t.run(":namespace shop"), "embedded/shop> ")
        t.run('k8s.apply{apiVersion="v1", kind="ConfigMap", metadata={name="here"}}')
        self.assertEqual(t.said("_.metadata.namespace"), "shop")

    def test_contexts_are_switched(self):
        home = self.home()
        one, two = self.server(), self.server()
        config = self.kubeconfig(home, one=one.url, two=two.url)
        t = self.prompt(home=home, env={"KUBECONFIG": config})
        self.assertRegex(t.said(":context"), r"\* +one .*\n +two ")
        self.assertEqual(t.run(":context two"), "two/web> ")
        t.run('k8s.list{kind="Pod"}')
        self.assertEqual((one.asked, two.asked[0][0].split("?")[0]), ([], "/api/v1/namespaces/web/pods"))
        self.assertIn("did you mean 'one'", t.said(":context onee"))
        self.assertEqual(t.run(":context embedded"), "embedded/default> ")

    def test_the_trace_shows_no_token(self):
        home = self.home()
        server = self.server(tls=home.path)
        config = self.kubeconfig(home, traced=server.url)
        t = self.prompt(home=home, env={"KUBECONFIG": config})
        t.run(":trace http on")
        self.assertRegex(t.said('k8s.list{kind="Pod"}'), r"GET /api/v1/namespaces/web/pods\S* -> 200, \d+ ms, \d+ bytes")
        self.assertIn("Bearer s3cr3t-token-value", [token for _, token in server.asked])
        t.run(":trace http off")
        self.assertNotIn("GET", t.said('k8s.list{kind="Pod"}'))
        self.assertNotIn("s3cr3t", t.everything())

    def test_load(self):
        t = self.prompt()
        (t.home.work / "f.lua").write_text("function double(n)\n  return n * 2\nend\n")
        t.run(":load f.lua")
        self.assertEqual(t.said("double(21)"), "42")
        self.assertRegex(t.said("??double"), r"f\.lua:1\nfunction double\(n\)\n  return n \* 2\nend")

    def test_save_and_run(self):
        t = self.prompt()
        t.run('m = {apiVersion="v1", kind="ConfigMap", metadata={name="saved"}, data={color="red"}}')
        t.run("nonsense.x")
        t.run("k8s.apply(m)")
        t.run("print(_.metadata.name)")
        self.assertIn("run it with", t.said(":save session.lua"))
        t.run('k8s.delete(m)')
        t.send(CTRL_D)
        t.wait_exit()
        self.assertEqual(run(t.home, "run", "session.lua").stdout, "saved\n")
        run(t.home, "get", "configmap", "saved")

    def editor(self, home, script):
        path = home.path / "editor"
        path.write_text("#!/bin/sh\n" + script)
        path.chmod(0o755)
        return path

    def test_edit_the_last_input(self):
        home = self.home()
        editor = self.editor(home, 'sed -i "s/20/40/" "$1"\n')
        t = self.prompt(home=home, env={"EDITOR": editor})
        t.run("x = 20 + 2")
        t.run(":edit")
        self.assertEqual(t.said("x"), "42")
        self.assertEqual(os.listdir(home.path / "tmp"), [])

    def test_edit_an_adapter(self):
        home = self.home()
        folder = self.policy(home)
        editor = self.editor(home, 'sed -i "s/image = .*/image = \\"example.org\\/edited:v1\\",/" "$1"\n')
        t = self.prompt("--policy", str(folder), home=home, env={"EDITOR": editor})
        t.run(":edit claude_local")
        self.assertEqual(t.said('policy.get("claude_local").image'), "example.org/edited:v1")

    def test_an_editor_that_fails(self):
        home = self.home()
        t = self.prompt(home=home, env={"EDITOR": self.editor(home, "exit 7\n")})
        self.assertIn("7", t.said(":edit some.lua"))
        self.assertEqual(t.said("1 + 1"), "2")


class Help(Scenario):
    def test_of_a_function(self):
        self.assertRegex(self.prompt().said("?k8s.wait"), r"(?s)^k8s\.wait\(ref.*Example:")

    def test_of_a_topic(self):
        self.assertIn("Ctrl-C clears the line", self.prompt().said('help "keys"'))

    def test_the_source_of_what_was_typed(self):
        t = self.prompt()
        t.run("function f(a)")
        t.run("  return a * 2")
        t.run("end")
        self.assertEqual(t.said("??f"), "prompt#1:1\nfunction f(a)\n  return a * 2\nend")

    def test_the_source_of_the_engine(self):
        self.assertRegex(self.prompt().said("??task.map"), r"lua/ss/task\.lua:\d+\nfunction M\.map")

    def test_an_example_runs(self):
        self.assertIn("kind: Namespace", self.prompt().said(":example k8s.get"))


class Tour(Scenario):
    def test_from_the_first_step_to_the_last(self):
        t = self.prompt(rows=60)
        t.run("m = 'mine'")
        text = t.said("tutorial()")
        for step in range(8):
            line = [l for l in text.split("\n") if l.startswith("    ")][-1].strip()
            text = t.said(line)
        self.assertIn("That was the tour", text)
        self.assertEqual(t.run("1"), "embedded/default> ")
        self.assertEqual(t.said("m"), "mine")
        self.assertIn("not found", t.said('k8s.get{kind="Namespace", name="tutorial"}'))

    def test_it_is_left(self):
        t = self.prompt()
        t.run("tutorial()")
        self.assertEqual(t.expect_prompt(), "tutorial/tutorial> ")
        self.assertEqual(t.run('tutorial("stop")'), "embedded/default> ")


class Jobs(Scenario):
    def test_output_comes_above_the_line(self):
        t = self.prompt()
        t.run("task.spawn(function() while not fs.read('go') do task.sleep(0.01) end print('from ' .. 'the job') end)")
        t.type("x = 'typed meanwhile'")
        (t.home.work / "go").write_text("")
        t.expect("from the job")
        t.until(lambda: t.before_cursor() == "embedded/default> x = 'typed meanwhile'", "the line below it")
        t.send(ENTER)
        t.expect_prompt()
        self.assertEqual(t.said("x"), "typed meanwhile")

    def test_a_watch(self):
        home = self.home()
        t = self.prompt(home=home)
        t.run(":watch ConfigMap")
        t.type("half a li")
        self.config_maps(home, "new-one")
        t.expect(re.compile(r"ADDED +ConfigMap default +new-one"))
        t.until(lambda: t.before_cursor() == "embedded/default> half a li", "the line below it")

    def test_the_list(self):
        t = self.prompt()
        t.run(":watch pods")
        self.assertRegex(t.said(":jobs"), r"1 +running +\d+s +watch pods")
        t.run(":jobs stop 1")
        self.assertRegex(t.said("task.sleep(0.05) return 1") and t.said(":jobs"), r"1 +stopped")

    def test_one_that_fails(self):
        t = self.prompt()
        t.run("task.spawn(function() task.sleep(0.05) error('the job broke') end)")
        t.expect("failed: ")
        t.expect("the job broke")
        t.expect_prompt()

    def test_hundreds_of_lines(self):
        t = self.prompt()
        t.run("task.spawn(function() for i = 1, 300 do print('line ' .. i) task.sleep(0) end print('ALL') end)")
        t.type("y = 1")
        t.expect("ALL")
        t.until(lambda: t.before_cursor() == "embedded/default> y = 1", "the line below them")
        self.assertEqual(re.findall(r"^line (\d+)$", t.everything(), re.M), [str(i) for i in range(1, 301)])


if __name__ == "__main__":
    unittest.main()
