"""Scenarios about objects, on the API server that $KUBECONFIG names, in the namespace $NS."""

import os
import re
import unittest

from pty_driver import CTRL_C, ENTER
from scenario import Prompt, Scenario, plain

NS = os.environ.get("NS", "default")
KUBECONFIG = os.environ.get("KUBECONFIG", "")
APPLY = 'k8s.apply{apiVersion="v1", kind="ConfigMap", metadata={name="%s"}, data={color="blue"}}'


class OnCluster(Scenario):
    def session(self, *args, config="", **options):
        home = self.home()
        if config:
            home.configure(config)
        t = Prompt(("repl", "-n", NS, *args), columns=200, rows=40, home=home,
                   env={"KUBECONFIG": KUBECONFIG}, **options)
        self.addCleanup(t.close)
        t.expect_prompt()
        return t

    def context(self, t):
        return re.match(r"(.*)/", t.before_cursor()).group(1)

    def test_objects_are_made_listed_and_deleted(self):
        t = self.session()
        self.assertIn("color: blue", t.said(APPLY % "made"))
        self.assertRegex(t.said('k8s.list{kind="ConfigMap"}'), r"NAME +DATA +AGE\n(.*\n)*made +1 +\d+s")
        t.run('k8s.delete{kind="ConfigMap", name="made"}')
        self.assertIn("HTTP 404) (not_found)", t.said('k8s.get{kind="ConfigMap", name="made"}'))

    def test_live_names_complete(self):
        t = self.session()
        t.run(APPLY % "paint-shop")
        t.completes('k8s.get{kind="ConfigMap", name="pai', 'name="paint-shop"')

    def test_kinds_of_the_server_complete(self):
        t = self.session()
        t.completes('k8s.list{kind="ReplicaS', 'kind="ReplicaSet"')

    def test_a_watch_runs_above_the_line(self):
        t = self.session()
        other = self.session()
        t.run(":watch ConfigMap")
        t.type("half a li")
        other.run(APPLY % "watched")
        t.expect(re.compile(rf"ADDED +ConfigMap {NS} +watched"))
        t.until(lambda: t.before_cursor().endswith("> half a li"), "the line below it")

    def test_ctrl_c_in_a_watch(self):
        t = self.session()
        t.run(APPLY % "seen")
        t.type('for e in k8s.watch{kind="ConfigMap"} do print(e.type) end')
        t.send(ENTER)
        t.until(lambda: "ADDED" in plain(t.output()), "an event")
        t.send(CTRL_C)
        t.expect_prompt()
        self.assertEqual(t.said("1 + 1"), "2")

    def test_ctrl_c_in_a_wait(self):
        t = self.session()
        t.begin('k8s.wait({kind="Pod", name="never"}, {timeout=600})')
        t.send(CTRL_C)
        t.expect_prompt()
        self.assertIn("interrupted", plain(t.output()))
        self.assertEqual(t.said("1 + 1"), "2")

    def test_the_trace_has_no_credentials(self):
        t = self.session()
        t.run(":trace http on")
        self.assertRegex(t.said('k8s.list{kind="ConfigMap"}'),
                         rf"GET /api/v1/namespaces/{NS}/configmaps\S* -> 200, \d+ ms, \d+ bytes")
        self.assertNotRegex(t.everything(), "(?i)bearer|authorization")

    def test_a_protected_context_asks(self):
        name = self.context(self.session())
        t = self.session(config=f'return {{ protected = {{ "{name}" }} }}')
        t.type(APPLY % "guarded")
        t.send(ENTER)
        t.expect(f"apply 1 object (ConfigMap guarded) in the protected context {name}?")
        t.send("n" + ENTER)
        t.expect_prompt()
        self.assertIn("not found", t.said('k8s.get{kind="ConfigMap", name="guarded"}'))

    def test_read_only(self):
        t = self.session("--read-only")
        self.assertRegex(t.said(APPLY % "refused"), "error: .*read-only")
        self.assertIn("not found", t.said('k8s.get{kind="ConfigMap", name="refused"}'))

    def test_the_tutorial_leaves_the_cluster_alone(self):
        t = self.session()
        before = t.before_cursor()
        t.run("tutorial()")
        t.run("policy.list()")
        self.assertEqual(t.run('tutorial("stop")'), before)


if __name__ == "__main__":
    unittest.main()
