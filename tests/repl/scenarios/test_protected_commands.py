"""Commands and scripts ask on a terminal before they write in a protected context, as the prompt does."""

from pty_driver import CTRL_C, ENTER, Terminal
from scenario import Scenario, run

MAPS = "".join("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: %s}\n---\n" % name for name in ("a", "b"))
LOOP = """for i = 1, 3 do
  assert(k8s.apply { apiVersion = "v1", kind = "ConfigMap", metadata = { name = "m" .. i } })
end
print("done")
"""


class ProtectedCommands(Scenario):
    def setUp(self):
        super().setUp()
        self.place = self.home()
        self.place.configure('return { protected = { "embedded" } }')
        self.write("maps.yaml", MAPS)
        self.write("loop.lua", LOOP)

    def write(self, name, text):
        with open(f"{self.place.work}/{name}", "w") as f:
            f.write(text)

    def started(self, *args):
        t = Terminal(args, home=self.place, columns=160)
        self.addCleanup(t.close)
        return t

    def asked(self, *args):
        t = self.started(*args)
        t.expect_output("in the protected context embedded? [y/N")
        return t

    def answer(self, t, text):
        t.send(text)
        t.send(ENTER)

    def there(self):
        return run(self.place, "get", "configmaps", "-o", "name").stdout.split()

    def test_apply_asks_once_for_all_of_its_objects(self):
        t = self.asked("apply", "-f", "maps.yaml")
        self.assertIn("apply 2 objects (ConfigMap a, ConfigMap b) in the", t.output())
        self.answer(t, "y")
        self.assertEqual(t.wait_exit(), 0)
        self.assertNotIn("[y/N", t.output())  # since the answer
        self.assertEqual(self.there(), ["configmap/a", "configmap/b"])

    def test_delete_does_nothing_after_another_answer(self):
        run(self.place, "apply", "--yes", "-f", "maps.yaml")
        t = self.asked("delete", "configmap", "a", "b")
        self.answer(t, "")
        self.assertEqual(t.wait_exit(), 130)
        self.assertIn("delete: not done in the protected context embedded, as answered", t.output())
        self.assertEqual(self.there(), ["configmap/a", "configmap/b"])

    def test_ctrl_c_is_no(self):
        t = self.asked("apply", "-f", "maps.yaml")
        t.send(CTRL_C)
        self.assertEqual(t.wait_exit(), 130)
        self.assertEqual(self.there(), [])

    def test_a_script_asks_for_each_until_all_of_the_run(self):
        t = self.asked("run", "loop.lua")
        self.answer(t, "y")
        t.expect_output("(ConfigMap m2) in the protected context embedded? [y/N, a = all of this run]")
        self.answer(t, "a")
        self.assertEqual(t.wait_exit(), 0)
        self.assertNotIn("ConfigMap m3", t.output())
        self.assertEqual(len(self.there()), 3)

    def test_code_of_the_command_line_asks(self):
        t = self.asked("-e", 'k8s.create{apiVersion="v1", kind="ConfigMap", metadata={name="c"}}')
        self.answer(t, "n")
        self.assertEqual(t.wait_exit(), 130)
        self.assertEqual(self.there(), [])

    def test_yes_does_not_ask(self):
        t = self.started("--yes", "./loop.lua")
        self.assertEqual(t.wait_exit(), 0)
        self.assertNotIn("[y/N", t.output())
        self.assertEqual(len(self.there()), 3)
