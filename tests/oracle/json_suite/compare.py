"""compare.py SANDBOX_ORACLE <CASES: y_* has to be read, n_* must not; what is read is Python's value of it."""

import json
import re
import sys

from suite import ask, same, settle

DUPLICATE = "a member that is there twice is an error: which of the two was meant, nobody knows"
KNOWN = {
    "i_structure_UTF-8_BOM_empty_object": "the mark is passed over, as RFC 8259 allows: Windows editors write it",
    "object_same_key_different_values": DUPLICATE,
    "object_same_key_same_value": DUPLICATE,
    "object_same_key_unclear_values": DUPLICATE,
    "y_object_duplicated_key": DUPLICATE,
    "y_object_duplicated_key_and_value": DUPLICATE,
}


def go_text(value):
    """Half a surrogate pair is U+FFFD to Go, and so to every API server."""
    if isinstance(value, str):
        return re.sub("[\ud800-\udfff]", "\ufffd", value)
    if isinstance(value, list):
        return [go_text(one) for one in value]
    if isinstance(value, dict):
        return {go_text(key): go_text(one) for key, one in value.items()}
    return value


def expected(text):
    try:
        return go_text(json.loads(text))
    except (ValueError, RecursionError):
        return None


def main():
    cases = json.load(sys.stdin)
    answers = ask(sys.argv[1:2], [{"json": case["input"]} for case in cases])
    found = {}
    for case, answer in zip(cases, answers):
        name = case["name"].removesuffix(".json")
        value = expected(case["input"])
        if "ok" not in answer:
            if not name.startswith(("n_", "i_")):
                found[name] = "is refused: " + answer["error"]
        elif name.startswith("n_"):
            found[name] = "is read"
        elif not same(answer["ok"], value):
            found[name] = f"is {answer['ok']!r}, not {value!r}"
    settle(found, KNOWN, len(cases))


main()
