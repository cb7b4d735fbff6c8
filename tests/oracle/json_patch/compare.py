"""compare.py SANDBOX_ORACLE FILE...: what each patch makes of its document, or that it makes nothing."""

import json
import pathlib
import sys

from suite import ask, same, settle

KNOWN = {}


def cases_of(file):
    """{name: case}; a case that its authors switched off is none."""
    cases = json.loads(pathlib.Path(file).read_text(encoding="utf-8"))
    stem = pathlib.Path(file).stem
    return {f"{stem} {i}: {case.get('comment') or case.get('error') or json.dumps(case['patch'])}": case
            for i, case in enumerate(cases) if "patch" in case and not case.get("disabled")}


def main():
    cases = {}
    for file in sys.argv[2:]:
        cases |= cases_of(file)
    answers = ask(sys.argv[1:2], [{"patch": [case["doc"], case["patch"]]} for case in cases.values()])
    found = {}
    for (name, case), answer in zip(cases.items(), answers):
        if "ok" not in answer:
            if "error" not in case:
                found[name] = "is refused: " + answer["error"]
        elif "error" in case:
            found[name] = f"makes {answer['ok']!r}, and must not"
        elif "expected" in case and not same(answer["ok"], case["expected"]):
            found[name] = f"makes {answer['ok']!r}, not {case['expected']!r}"
    settle(found, KNOWN, len(cases))


main()
