"""Lines, blocks, pastes and the history, as an operator types them."""

import os
import unittest

from pty_driver import CTRL_A, CTRL_C, CTRL_D, CTRL_R, ENTER, UP, pasted
from scenario import Scenario, plain


class Blocks(Scenario):
    def test_a_block_goes_on_until_it_is_complete(self):
        t = self.prompt()
        self.assertRegex(t.run("for i = 1, 3 do"), r"^ *\.\.\.1> $")
        t.run("  print(i * 11)")
        self.assertEqual(t.said("end"), "11\n22\n33")

    def test_depth_is_shown(self):
        t = self.prompt()
        self.assertRegex(t.run("x = { a = function()"), r"\.\.\.2> $")
        self.assertRegex(t.run("end"), r"\.\.\.1> $")
        self.assertEqual(t.run("}"), "embedded/default> ")

    def test_long_strings_are_blocks_too(self):
        t = self.prompt()
        t.run("s = [[one")
        t.run("two]]")
        self.assertEqual(t.said("#s"), "7")

    def test_a_local_stays(self):
        t = self.prompt()
        self.assertEqual(t.said("local x = 1"), "")
        self.assertEqual(t.said("x + 1"), "2")


class Histories(Scenario):
    def test_a_block_is_one_item(self):
        t = self.prompt()
        t.run("for i = 1, 2 do")
        t.run("  print(i)")
        t.run("end")
        t.run("1 + 1")
        t.send(UP + UP)
        t.expect_output("end")
        t.send(ENTER)
        t.until(lambda: plain(t.output()).count("embedded/default> ") > 0, "a prompt")
        self.assertIn("1\n2\n", plain(t.output()))

    def test_blocks_come_back_in_the_next_session(self):
        home = self.home()
        t = self.prompt(home=home)
        t.run("if true then")
        t.run("  print('kept')")
        t.run("end")
        t.send(CTRL_D)
        self.assertEqual(t.wait_exit(), 0)
        t = self.prompt(home=home)
        t.send(UP)
        t.expect_output("end")
        self.assertIn("kept", t.enter() and plain(t.output()))

    def test_only_the_owner_reads_it(self):
        t = self.prompt()
        t.run("1 + 1")
        self.assertEqual(t.home.history.stat().st_mode & 0o777, 0o600)

    def test_what_begins_with_a_space_is_not_kept(self):
        t = self.prompt()
        t.run(" hidden = 1")
        t.run("shown = 1")
        text = t.home.history.read_text()
        self.assertNotIn("hidden", text)
        self.assertIn("shown", text)

    def test_secrets_are_not_kept(self):
        t = self.prompt()
        t.run('token = "abc123"')
        t.run('k8s.apply({kind="Secret", apiVersion="v1", metadata={name="s"}, stringData={a="b"}})')
        t.run('shown = 1')
        self.assertNotRegex(t.home.history.read_text(), "abc123|stringData")
        t.send(UP)
        t.expect_output("shown = 1")

    def test_a_search_finds_it(self):
        t = self.prompt()
        t.run("print('app' .. 'le')")
        t.run("pear = 22")
        t.send(CTRL_R)
        t.send("app")
        t.send(ENTER)
        t.until(lambda: "\napple\n" in plain(t.output()), "what the item prints")
        t.expect_prompt()

    def test_a_link_in_its_place_is_not_followed(self):
        home = self.home()
        victim = home.path / "victim"
        victim.write_text("mine\n")
        home.history.parent.mkdir(parents=True)
        os.symlink(victim, home.history)
        t = self.prompt(home=home)
        t.run("1 + 1")
        t.send(CTRL_D)
        t.wait_exit()
        self.assertEqual(victim.read_text(), "mine\n")


class Pastes(Scenario):
    def test_tabs_are_text(self):
        t = self.prompt()
        t.send(pasted("return #'a\tb\tk8s.\t'"))
        t.expect_output("k8s.")
        t.send(ENTER)
        t.expect_prompt()
        self.assertIn("\n9\n", plain(t.output()))

    def test_lines_wait_for_enter_and_run_as_one(self):
        t = self.prompt()
        t.send(pasted("a = 1\nb = 2\nprint(a + b)\n"))
        t.expect_output("print(a + b)")
        self.assertNotIn("\n3\n", plain(t.output()))
        t.send(ENTER)
        t.until(lambda: "\n3\n" in plain(t.output()), "the sum")
        t.expect_prompt()
        self.assertEqual(t.said("b"), "2")

    def test_thousands_of_lines_run(self):
        t = self.prompt()
        t.send(pasted("\n".join(f"x{i} = {i}" for i in range(2000))))
        t.expect_output("x1999 = 1999")
        t.send(ENTER)
        t.until(lambda: plain(t.output()).endswith("embedded/default> "), "a prompt")
        self.assertEqual(t.said("x1234"), "1234")

    def test_ten_megabytes_do_no_harm(self):
        t = self.prompt()
        t.type("x = 5")
        t.send(pasted("y = 1 -- " + "z" * (10 << 20)))
        t.expect_output("left out")
        t.until(lambda: t.before_cursor() == "embedded/default> x = 5", "the line as it was")
        t.enter()
        self.assertEqual(t.said("x"), "5")
        self.assertEqual(t.said("y"), "nil")


class Keys(Scenario):
    def test_the_line_is_edited(self):
        t = self.prompt()
        t.type("1 + 1")
        t.send(CTRL_A)
        t.send("4")
        t.send(ENTER)
        t.until(lambda: "\n42\n" in "\n" + plain(t.output()) or "42" in plain(t.output()), "42")
        t.expect_prompt()

    def test_vi_mode(self):
        home = self.home()
        (home.path / ".editrc").write_text("sandscript:bind -v\n")
        t = self.prompt(home=home)
        t.type("1 + 7")
        t.send("\x1b")
        t.send("0x")        # delete the first character
        t.send("i")
        t.send("3")
        t.send(ENTER)
        t.until(lambda: "10" in plain(t.output()), "10")
        t.expect_prompt()


if __name__ == "__main__":
    unittest.main()
