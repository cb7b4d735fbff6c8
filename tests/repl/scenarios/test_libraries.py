"""The prompt where libedit cannot be loaded: lines are read without editing, which is said."""

from pty_driver import ENTER
from scenario import Scenario


class Libraries(Scenario):
    def test_without_libedit(self):
        home = self.home()
        broken = home.path / "broken"
        broken.mkdir()
        (broken / "libedit.so.2").write_bytes(b"")
        t = self.prompt(home=home, env={"LD_LIBRARY_PATH": str(broken)})
        t.expect("lines are read without editing")
        t.expect("libedit2")
        t.send("40 + 2")
        t.send(ENTER)
        t.expect("42")
        t.send("\x04")
        self.assertEqual(t.wait_exit(), 0)
