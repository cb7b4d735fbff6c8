"""What does not come back from C, and how the session ends then."""

import signal
import unittest

from pty_driver import CTRL_C, Terminal
from scenario import Scenario, plain

STUCK = "print(1 + 1, 'ready') table.move({}, 1, 1 << 60, 2)"
SAID = "what runs does not stop by itself: Ctrl-C again ends the session"


class Endings(Scenario):
    def stuck(self, *args):
        t = self.prompt(*args)
        t.begin(STUCK)
        t.expect_output("2\tready")
        return t

    def ended(self, t, code):
        self.assertEqual(t.wait_exit(), code)
        self.assertEqual(t.modes(), t.modes_before)

    def test_ctrl_c_says_so_and_the_second_ends_it(self):
        t = self.stuck()
        t.send(CTRL_C)
        t.until(lambda: SAID in plain(t.output()), "what Ctrl-C could not do")
        t.send(CTRL_C)
        self.ended(t, 130)

    def test_sigterm(self):
        t = self.stuck()
        t.signal(signal.SIGTERM)
        self.ended(t, 143)

    def test_the_time_of_an_input(self):
        t = self.prompt("--timeout", "1")
        t.begin("table.move({}, 1, 1 << 60, 2)")
        self.ended(t, 5)

    def test_an_input_in_time_leaves_nothing_armed(self):
        t = self.prompt("--timeout", "2")
        self.assertEqual(t.said("1 + 1"), "2")
        t.run("task.sleep(100)")
        self.assertEqual(t.said("1 + 1"), "2")

    def test_what_is_owed_to_the_cluster_is_said(self):
        home = self.home()
        server = self.server(hang=["configmaps"])
        config = self.kubeconfig(home, slow=server.url)
        write = 'k8s.create{apiVersion="v1", kind="ConfigMap", metadata={name="m", namespace="n"}}'
        for more, code in (("", 5), (" table.move({}, 1, 1 << 60, 2)", 5)):
            job = f"task.spawn(function() {write} end) task.sleep(2)"
            t = Terminal(("--timeout", "3", "-e", job + (more or " task.sleep(9)")), home=home,
                         env={"KUBECONFIG": config}, columns=160)
            self.addCleanup(t.close)
            self.assertEqual(t.wait_exit(), code)
            self.assertIn("not known whether it was carried out: create ConfigMap n/m",
                          plain(t.output()))


if __name__ == "__main__":
    unittest.main()
