"""The session that README shows, typed as it stands there."""

import re
import unittest

from pty_driver import SOURCE
from scenario import Scenario

PROMPT = re.compile(r"^(embedded/default> | +\.\.\.\d+> )(.*)$")


def steps():
    """[(prompt, input, [lines of output])] of README's session; '…' stands for any lines."""
    text = (SOURCE / "README.md").read_text(encoding="utf-8")
    session = re.search(r"^## At the prompt$.*?^```console\n(.*?)^```$", text, re.M | re.S).group(1)
    found = []
    for line in session.splitlines():
        match = PROMPT.match(line)
        if match:
            found.append((match.group(1), match.group(2), []))
        else:
            found[-1][2].append(line)
    return found


def pattern(lines):
    """Columns may be wider, ages differ, '…' is anything."""
    words = []
    for line in lines:
        if line == "…":
            words.append(r"(.|\n)+")
            continue
        cells = [r"\d+s" if re.fullmatch(r"\d+s", cell) else re.escape(cell) for cell in re.split(r" {2,}", line)]
        words.append(r" {2,}".join(cells))
    return re.compile(r"\n".join(words))


class Readme(Scenario):
    def test_the_session(self):
        t = self.prompt(columns=140)
        found = steps()
        self.assertGreaterEqual(len(found), 10)
        for prompt, line, output in found:
            self.assertEqual(t.before_cursor(), prompt)
            said = t.said(line)
            if output:
                self.assertRegex(said, pattern(output))
            else:
                self.assertEqual(said, "")


if __name__ == "__main__":
    unittest.main()
