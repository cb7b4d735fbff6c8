"""The first line of a session."""

import unittest

from scenario import Scenario, run


class Start(Scenario):
    def test_says_what_it_is_where_it_works_and_the_ways_out(self):
        t = self.prompt()
        line = t.lines()[0].rstrip()
        self.assertRegex(line, r"^sandscript \d+\.\d+\.\d+, context embedded: help says more, exit or Ctrl-D ends$")

    def test_fits_80_columns_however_long_the_context_is(self):
        home = self.home()
        config = self.kubeconfig(home, **{"c" * 90: self.server().url})
        t = self.prompt("--kubeconfig", config, home=home, columns=200)
        self.assertLessEqual(len(t.lines()[0].rstrip()), 80)
        self.assertIn("…: help says more, exit or Ctrl-D ends", t.lines()[0])

    def test_is_not_there_for_a_pipe(self):
        done = run(self.home(), "repl", stdin="1 + 1\n")
        self.assertEqual(done.stdout, "2\n")
        self.assertNotIn("help says more", done.stderr)


if __name__ == "__main__":
    unittest.main()
