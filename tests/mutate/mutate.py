"""mutate.py [--seed N] [--count N] [--only REGEX] [--at-least PERCENT] [--work DIR] [--named]

Changes one line of src/ or lua/ss at a time, as a tired person might, and runs the tests that
reach it: the suite should notice. Prints each change that no test noticed, and the share that was,
by room. What the compiler makes the same program of is no change.
--named plants the faults of named.py instead, each of which the tests beside it must notice.
The first run builds two copies of the tree and asks which test reaches which line (about
15 minutes on two cores; --named needs one of them); later ones reuse both while the sources stay
as they are. A change takes some 15 seconds, and one that survives as long as all tests that reach it.
"""

import argparse
import collections
import hashlib
import json
import pathlib
import re
import subprocess
import sys

import mutants
from named import NAMED
from suite import ROOT, Suite, call


def say(text):
    print(text, file=sys.stderr, flush=True)


def parse():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--named", action="store_true",
                        help="only the faults of named.py, each of which must be noticed")
    parser.add_argument("--only", type=re.compile, default=re.compile(""), help="paths in which to change lines")
    parser.add_argument("--at-least", type=float, default=85.0, help="percent of changes that tests must notice")
    parser.add_argument("--work", type=pathlib.Path, default=ROOT / "build" / "mutate")
    return parser.parse_args()


def sources():
    names = subprocess.run(["git", "ls-files", "src/*.c", "lua/ss/*.lua"], cwd=ROOT, check=True, capture_output=True)
    return {name: (ROOT / name).read_text(encoding="utf-8") for name in names.stdout.decode().split()}


def reached_lines(work, files):
    """Kept beside the sources they were taken from."""
    key = hashlib.sha256(json.dumps(files, sort_keys=True).encode()).hexdigest()
    kept = work / "coverage.json"
    if kept.exists():
        old = json.loads(kept.read_text())
        if old["key"] == key:
            return old["reached"]
    suite = Suite(work / "coverage", "-DCMAKE_BUILD_TYPE=Debug", "-DSS_COVERAGE=ON")
    suite.copy()
    suite.configure()
    reached = suite.coverage(say)
    kept.write_text(json.dumps({"key": key, "reached": reached}))
    return reached


class Run:
    def __init__(self, options):
        self.options = options
        self.files = sources()
        options.work.mkdir(parents=True, exist_ok=True)
        self.reached = {} if options.named else reached_lines(options.work, self.files)
        self.suite = Suite(options.work / "run", "-DCMAKE_BUILD_TYPE=Debug", "-DCMAKE_C_FLAGS_DEBUG=-O1",
                           "-DSS_SANITIZE=ON")
        self.suite.copy()
        self.suite.configure()
        wanted = re.compile("|".join(fault.tests for fault in NAMED) if options.named else "")
        self.good = set(self.suite.passes(sorted(filter(wanted.match, self.suite.tests)), say))

    def tests_for(self, mutant):
        """Those that reach the line, the quickest first; of Lua, those that name the file come before."""
        if mutant.path.endswith(".lua"):
            words = set(re.split(r"[/_.]", mutant.path))
            names = [n for n in self.good if not n.startswith("c.") or n.startswith("c.bind")]
            near = {n: -len(words & set(re.split(r"[/_.]", n))) for n in names}
        else:
            names = [n for n in self.reached.get(f"{mutant.path}:{mutant.line}", []) if n in self.good]
            near = dict.fromkeys(names, 0)
        return sorted(names, key=lambda n: (near[n], self.suite.tests[n].seconds))

    def try_one(self, mutant):
        lines = self.files[mutant.path].split("\n")
        lines[mutant.line - 1] = mutant.after
        return self.try_text(mutant.path, "\n".join(lines), self.tests_for(mutant))

    def try_text(self, path, text, tests):
        """The test that noticed, "" when none did, None when it is no program or the same one."""
        place = self.suite.source / path
        place.write_text(text, encoding="utf-8")
        try:
            return None if self.suite.is_same_program(path) else self.first_that_fails(tests)
        finally:
            place.write_text(self.files[path], encoding="utf-8")

    def try_named(self, fault):
        text = self.files[fault.path]
        if text.count(fault.before) != 1:
            return None
        tests = [name for name in self.good if re.match(fault.tests, name)]
        return self.try_text(fault.path, text.replace(fault.before, fault.after),
                             sorted(tests, key=lambda name: self.suite.tests[name].seconds))

    def all_named(self):
        """The faults that no test noticed, or that could not be planted."""
        left = []
        for fault in NAMED:
            if not self.options.only.search(fault.path):
                continue
            killer = self.try_named(fault)
            say(f"{'NOT PLANTED' if killer is None else killer or 'SURVIVED'}  {fault}")
            if not killer:
                left.append(fault)
        return left

    def first_that_fails(self, names):
        built = set()
        for name in names:
            test = self.suite.tests[name]
            if not set(test.target()) <= built:
                if call(self.suite.ninja(*test.target()))[0]:
                    return None
                built |= set(test.target())
            code, _, _ = test.run()
            if code is None or code not in (0, test.skip_code):  # None: it did not end
                return name
        return ""

    def all(self):
        noticed, total, left = collections.Counter(), collections.Counter(), []
        for mutant in mutants.chosen(self.files, self.options.seed):
            if sum(total.values()) >= self.options.count:
                break
            if not self.options.only.search(mutant.path):
                continue
            killer = self.try_one(mutant)
            if killer is None:
                continue
            room = "/".join(mutant.path.split("/")[:2])
            total[room] += 1
            noticed[room] += bool(killer)
            if not killer:
                left.append(mutant)
            say(f"{sum(noticed.values())}/{sum(total.values())} {killer or 'SURVIVED'}  {mutant}")
        return noticed, total, left


def main():
    options = parse()
    if options.named:
        left = Run(options).all_named()
        for fault in left:
            print(fault)
        sys.exit(bool(left))
    noticed, total, left = Run(options).all()
    for mutant in sorted(left, key=lambda m: (m.path, m.line)):
        print(mutant)
    for room in sorted(total):
        print(f"{room:12} {noticed[room]:4} of {total[room]:4} noticed")
    count = sum(total.values())
    percent = 100.0 * sum(noticed.values()) / max(1, count)
    print(f"seed {options.seed}: {sum(noticed.values())} of {count} noticed: {percent:.1f} %")
    sys.exit(percent < options.at_least)


if __name__ == "__main__":
    main()
