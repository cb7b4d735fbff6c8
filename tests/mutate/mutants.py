"""Small wrong edits of C and Lua, a line each: what a tired person might write."""

import dataclasses
import random
import re


@dataclasses.dataclass(frozen=True)
class Mutant:
    path: str  # below the root, with slashes
    line: int  # from 1
    before: str
    after: str
    rule: str

    def __str__(self):
        return f"{self.path}:{self.line}: {self.rule}: {self.before.strip()}  =>  {self.after.strip() or '(nothing)'}"


def swaps(*pairs):
    return [(re.compile(pattern), text) for pattern, text in pairs]


# A bound or a size that is one larger is nobody's fault: only small numbers are changed.
DIGIT = r"(?<=[ (])(\d)"
# In comparisons the spaces keep `->`, `<<` and `#include <…>` out.
C_SWAPS = swaps(
    (r" == ", " != "), (r" != ", " == "), (r" < ", " <= "), (r" <= ", " < "), (r" > ", " >= "), (r" >= ", " > "),
    (r" && ", " || "), (r" \|\| ", " && "), (r" \+ 1\b", ""), (r" - 1\b", ""), (r" \+ ", " - "), (r" \+= ", " -= "),
    (r"\breturn 0;", "return -1;"), (r"\breturn true;", "return false;"), (r"\breturn false;", "return true;"),
    (r"\breturn NULL;", "return (void *)1;"), (r" = true;", " = false;"), (r" = false;", " = true;"),
    (r"\bif \(!(?=[\w.>-]+\)$)", "if ("), (r"\bif \((.*)\)( \{)?$", r"if (!(\1))\2"),
    (r"\bbreak;", ";"), (r"\bcontinue;", ";"), (DIGIT + r"(?=[;,)])", lambda m: str(int(m[1]) + 1)), (r"\+\+;", "--;"),
)
C_STATEMENT = re.compile(r"^\t+(?!return\b|break\b|continue\b|goto\b|case\b|default\b|else\b|static\b|const\b|struct\b"
                         r"|enum\b|int\b|char\b|bool\b|size_t\b)[\w>.\[\]*-]+( = [^=].*|\(.*\));$")
LUA_SWAPS = swaps(
    (r" == ", " ~= "), (r" ~= ", " == "), (r" < ", " <= "), (r" <= ", " < "), (r" > ", " >= "), (r" >= ", " > "),
    (r" and ", " or "), (r" or ", " and "), (r" \+ 1\b", ""), (r" - 1\b", ""), (r" \+ ", " - "),
    (r"\btrue\b", "false"), (r"\bfalse\b", "true"), (r"\bnot ", ""), (r"\bif (?!not )(.*) then$", r"if not (\1) then"),
    (r"\bbreak$", ""), (DIGIT + r"(?=[,)\s]|$)", lambda m: str(int(m[1]) + 1)),
)
LUA_STATEMENT = re.compile(r"^ +(?! |return\b|local\b|end\b|else\b|function\b|for\b|if\b|while\b|until\b)"
                           r"[\w.\[\]:#+ \"-]+( = [^=].*|\(.*\))$")


def in_text(line, at):
    """Is the column within a string or a comment?"""
    before = re.sub(r"\\.", "__", line[:at])
    return before.count('"') % 2 == 1 or "/*" in before or "--" in before.replace("--;", "") or "//" in before


def of_line(path, number, line, rules, statement):
    for pattern, text in rules:
        for match in pattern.finditer(line):
            if in_text(line, match.start()) or ("alloc(" in line and "+" in match[0]):
                continue
            changed = line[: match.start()] + match.expand(text) + line[match.end():] if isinstance(text, str) else (
                line[: match.start()] + text(match) + line[match.end():])
            yield Mutant(path, number, line, changed, match[0].strip())
    if statement.match(line):
        yield Mutant(path, number, line, "", "left out")


def code_lines(text, is_c):
    """(number, line) of what can run: not comments, the preprocessor, or tables of text."""
    comment = False
    for number, line in enumerate(text.split("\n"), 1):
        bare = line.strip()
        if is_c:
            if comment or bare.startswith(("/*", "*", "#", "//")):
                comment = (comment or bare.startswith("/*")) and "*/" not in bare
                continue
            if not line.startswith("\t"):
                continue
        elif bare.startswith("--"):
            continue
        if bare:
            yield number, line


def all_of(path, text):
    is_c = path.endswith(".c")
    rules, statement = (C_SWAPS, C_STATEMENT) if is_c else (LUA_SWAPS, LUA_STATEMENT)
    for number, line in code_lines(text, is_c):
        yield from of_line(path, number, line, rules, statement)


def chosen(files, seed):
    """All mutants of {path: text} in the order of the seed; each line is changed once at most."""
    found = [mutant for path in sorted(files) for mutant in all_of(path, files[path])]
    random.Random(seed).shuffle(found)
    seen = set()
    for mutant in found:
        if (mutant.path, mutant.line) not in seen:
            seen.add((mutant.path, mutant.line))
            yield mutant
