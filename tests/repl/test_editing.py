"""Editing a line: pastes, modes, windows, hostile bytes, completion."""

import re
import unittest

from pty_driver import (CTRL_A, CTRL_C, CTRL_D, ENTER, ESCAPE, LEFT, PASTE, PASTE_END, TAB,
                        ReplTest, pasted)


class Pastes(ReplTest):
    def test_tabs_and_line_breaks_are_text(self):
        t = self.terminal()
        t.expect_prompt()
        t.send(pasted("if true then\n\tprint(6 * 7)\nend\n"))
        t.expect("print(6 * 7)\nend")
        self.assertNotIn("\n42", t.screen())  # nothing has run yet
        t.enter()
        t.expect("\n42\n")
        self.assertEqual(t.history(), ["if true then\\n\tprint(6 * 7)\\nend"])

    def test_a_mark_that_comes_in_pieces(self):
        t = self.terminal()
        t.expect_prompt()
        for piece in ("\x1b[2", "00~1 +", "\t1\x1b[20", "1~"):
            t.send(piece)
        t.expect("1 +   1")
        t.enter()
        t.expect("\n2\n")

    def test_ten_megabytes_are_refused(self):
        t = self.terminal()
        t.expect_prompt()
        t.send(PASTE + "x = 1 -- " + "y" * (10 << 20) + PASTE_END)
        t.expect("a paste of 10485769 bytes is left out")
        t.run("6 * 7")
        t.expect("\n42\n")

    def test_a_megabyte_is_taken(self):
        t = self.terminal()
        t.expect_prompt()
        t.send(pasted("text = [[" + "0123456789abcde\n" * (1000 << 10 >> 4) + "]]"))
        t.expect("]]")
        t.enter()
        t.run("#text")
        t.expect("\n1024000\n")

    def test_a_long_line_that_is_typed(self):
        t = self.terminal()
        t.expect_prompt()
        t.send("n = '" + "z" * 5000 + "'")
        t.enter()
        t.run("#n")
        t.expect("\n5000\n")


class Modes(ReplTest):
    def test_vi_of_editrc(self):
        home = self.home()
        (home.path / ".editrc").write_text("bind -v\n")
        t = self.terminal(home=home)
        t.expect_prompt()
        t.type("12 + 3")
        t.send(ESCAPE + "0x")
        t.until(lambda: "> 2 + 3" in t.screen(), "a line without its first character")
        t.enter()
        t.expect("\n5\n")
        t.send(pasted("1 +\t1"))
        t.expect("1 +   1")
        t.enter()
        t.expect("\n2\n")

    def test_emacs_keys(self):
        t = self.terminal()
        t.expect_prompt()
        t.type("+ 3")
        t.send(CTRL_A + "4 ")
        t.expect("> 4 + 3")
        t.enter()
        t.expect("\n7\n")
        t.run("1 + 1")
        t.send("\x12" + "+ 3" + ENTER)  # Ctrl-R finds it
        t.expect(re.compile(r"\n2\n\S+> 4 \+ 3\n7\n"))


class Windows(ReplTest):
    def test_unknown_size(self):
        t = self.terminal(columns=0, rows=0)
        t.expect_prompt()
        t.run("6 * 7")
        t.expect("\n42\n")

    def test_tiny(self):
        t = self.terminal(columns=3, rows=2)
        t.send("6*7" + ENTER)
        t.until(lambda: "42" in t.everything().replace("\n", ""), "42")
        t.send(CTRL_D)
        self.assertEqual(t.wait_exit(), 0)

    def test_resize_draws_the_line_again(self):
        t = self.terminal(columns=40)
        t.expect_prompt()
        t.type("'" + "abcdefghij" * 5 + "'")
        t.resize(100, 24)
        t.expect("> '" + "abcdefghij" * 5 + "'")
        t.resize(30, 24)
        t.expect("> 'abcdefghij"[:12])
        t.enter()
        t.resize(80, 24)
        t.run("#_")
        t.expect("\n50\n")


class Bytes(ReplTest):
    def test_invalid_utf8_becomes_a_sign_for_it(self):
        t = self.terminal()
        t.expect_prompt()
        t.send(b"s = 'a\xffb\xc3(\xe2\x82\xf0\x9f\x98'")
        t.until(lambda: t.before_cursor().endswith("'"), "the end of the line")
        t.enter()
        t.run("utf8.len(s)")
        self.assertRegex(t.screen(), r"utf8.len\(s\)\n\d+\n")

    def test_nul_and_controls(self):
        t = self.terminal()
        t.expect_prompt()
        t.send(b"\x00\x9b\xc2\x9b\x7f\x7f\x7f" + CTRL_C.encode())
        t.expect("^C\n")
        t.expect_prompt()
        t.run("1 + 1")
        t.expect("\n2\n")

    def test_wide_and_combining_characters(self):
        t = self.terminal(columns=30)
        t.expect_prompt()
        t.send("s = '" + "\u4e16\u754c" * 12 + "e\u0301'")
        t.send(LEFT * 3)
        t.enter()
        t.run("utf8.len(s)")
        t.expect("\n26\n")


class Output(ReplTest):
    def test_jobs_print_above_the_line(self):
        t = self.terminal(columns=60)
        t.expect_prompt()
        t.run("job = task.spawn(function() task.sleep(0.3); print('from the job') "
              "log.warn('from the log') end)")
        line = "'" + "abcdefghij" * 7
        t.type(line)
        t.send(LEFT * 5)
        t.expect("from the log")
        t.expect("from the job\nwarn from the log\nembedded/default> 'abcdefghij")
        t.send("'")
        t.expect("abcde'fghij")


class Completion(ReplTest):
    def test_tab_completes_and_lists(self):
        t = self.terminal()
        t.expect_prompt()
        t.type("sandbox.enc")
        t.send(TAB)
        t.expect("> sandbox.encode")
        t.send(CTRL_C)
        t.expect_prompt()
        t.type("k8s.wa")
        t.send(TAB)
        t.send(TAB)
        t.expect("\nwait ")


if __name__ == "__main__":
    unittest.main()
