"""What the third-party suites share: the pipe to sandbox_oracle, equality, and the list of differences."""

import json
import subprocess
import sys


def ask(program, requests):
    """The answers to requests, by sandbox_oracle or a judge that speaks as it does."""
    text = "".join(json.dumps(r) + "\n" for r in requests)
    done = subprocess.run(program, input=text, capture_output=True, text=True, encoding="utf-8", check=True)
    answers = [json.loads(line) for line in done.stdout.split("\n") if line]
    assert len(answers) == len(requests), f"{len(answers)} answers to {len(requests)} requests"
    return answers


def same(a, b):
    """Equal as JSON values: true is not 1, while 1.0 is."""
    if isinstance(a, bool) or isinstance(b, bool):
        return a is b
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(same(a[k], b[k]) for k in a)
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(map(same, a, b))
    return a == b


def settle(found, known, n_cases):
    """found: {case: what differs}. known: {case: why it may}, which has to be all of it and no more."""
    bad = [f"{case}: {found[case]}" for case in sorted(found.keys() - known.keys())]
    bad += [f"{case}: is listed as a difference, and is none" for case in sorted(known.keys() - found.keys())]
    for line in bad:
        print(line)
    print(f"{n_cases} cases, {len(found)} differences, all of them listed" if not bad else f"{len(bad)} of {n_cases} cases")
    sys.exit(bool(bad) or n_cases == 0)
