"""Tab, on a live cluster."""

import re
import unittest

from pty_driver import CTRL_U, TAB
from scenario import Scenario, plain


class Completion(Scenario):
    def test_a_function(self):
        self.prompt().completes("k8s.app", "k8s.apply")

    def test_option_keys(self):
        self.prompt().completes("k8s.list{lab", "k8s.list{labelSelector = ")

    def test_the_name_of_a_live_object(self):
        home = self.home()
        self.config_maps(home, "paint-shop", "settings")
        t = self.prompt(home=home)
        t.completes('k8s.get{kind="ConfigMap", name="pai', 'name="paint-shop"')

    def test_names_that_are_new(self):
        home = self.home()
        t = self.prompt(home=home)
        t.run('k8s.list{kind="ConfigMap"}')
        t.type('k8s.get{kind="ConfigMap", name="fre')
        t.send(TAB)
        self.config_maps(home, "fresh")
        t.send(CTRL_U)
        t.completes('k8s.get{kind="ConfigMap", name="fre', 'name="fresh"')

    def test_kinds(self):
        self.prompt().completes('k8s.get{kind="ServiceA', 'kind="ServiceAccount"')

    def test_namespaces(self):
        t = self.prompt()
        t.run('k8s.apply{apiVersion="v1", kind="Namespace", metadata={name="workshop"}}')
        t.completes(":namespace work", ":namespace workshop")

    def test_contexts(self):
        home = self.home()
        config = self.kubeconfig(home, staging="http://127.0.0.1:1", production="http://127.0.0.1:1")
        t = self.prompt(home=home, env={"KUBECONFIG": config})
        t.completes(":context prod", ":context production")

    def test_adapters(self):
        self.prompt().completes('policy.build("claude_', 'policy.build("claude_local"')

    def test_files(self):
        t = self.prompt()
        (t.home.work / "provision.lua").write_text("x = 1")
        t.completes(":load prov", ":load provision.lua")

    def test_commands(self):
        self.prompt().completes(":names", ":namespace ")

    def test_many_are_listed(self):
        t = self.prompt()
        t.type("task.")
        t.send(TAB)
        for name in ("cancel", "join", "map", "sleep", "spawn", "timeout"):
            t.expect(name)
        self.assertTrue(t.before_cursor().endswith("task."))

    def test_a_list_fits_the_window(self):
        t = self.prompt(columns=40)
        t.type("k8s.delete({}, {")
        t.send(TAB)
        t.expect("gracePeriodSeconds = ")
        t.expect("wait = ")
        shown = [line for line in t.lines() if " = " in line]
        self.assertEqual(len(shown), 8)
        self.assertTrue(any(line.endswith("…") for line in shown), shown)
        self.assertIn("wait = ", shown[-1])

    def test_notes_stand_in_a_column(self):
        t = self.prompt(columns=100)
        t.type("k8s.delete({}, {")
        t.send(TAB)
        t.expect("gracePeriodSeconds = ")
        t.expect("wait = ")
        words = [re.match(r"\w+ = ( +)(?=\S)", line) for line in t.lines() if re.match(r"\w+ = ", line)]
        self.assertEqual(len(words), 8)
        self.assertEqual(len({word.end() for word in words}), 1, t.screen())
        self.assertEqual(min(len(word[1]) for word in words), 2, t.screen())

    def test_words_stand_in_columns(self):
        t = self.prompt(columns=60)
        t.type("string.")
        t.send(TAB)
        t.expect("upper")
        rows = [line for line in t.lines() if re.match(r"[a-z]+  +[a-z]+", line)]
        self.assertGreater(len(rows), 1, t.screen())
        starts = [[m.start() for m in re.finditer(r"\S+", row)] for row in rows]
        for row in starts:
            self.assertEqual(row, starts[0][:len(row)], t.screen())

    def test_nothing_evil_runs(self):
        t = self.prompt()
        t.run("evil = setmetatable({own = 1}, {__index = function() print('IT RAN') end, "
              "__pairs = error, __len = error, __eq = error, __tostring = error})")
        t.completes("evil.o", "evil.own")
        t.type(".x.y")
        t.send(TAB)
        t.send(CTRL_U)
        self.assertEqual(t.said("1 + 1"), "2")
        self.assertNotIn("IT RAN", t.everything().replace("print('IT RAN')", ""))

    def test_a_cluster_that_does_not_answer(self):
        home = self.home()
        server = self.server(hang=["/"])
        config = self.kubeconfig(home, slow=server.url)
        t = self.prompt(home=home, env={"KUBECONFIG": config})
        t.type('k8s.get{kind="Pod", name="x')
        t.send(TAB)
        t.expect("asking for the names of Pod")
        t.send(CTRL_U)
        self.assertEqual(t.said("1 + 1"), "2")

    def test_globals_with_the_names_of_the_library(self):
        t = self.prompt()
        t.run('table, string, type, next, pairs = 1, 2, 3, 4, 5')
        t.completes("k8s.app", "k8s.apply")
        t.send(CTRL_U)
        self.assertIn("claude_local", t.said("policy.list()"))
        self.assertIn("Server-side apply", t.said("?k8s.apply"))


if __name__ == "__main__":
    unittest.main()
