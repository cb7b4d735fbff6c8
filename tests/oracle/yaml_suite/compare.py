"""compare.py SANDBOX_ORACLE JUDGE <CASES: what kubectl reads is read, with the same value, and nothing else."""

import json
import sys

from suite import ask, same, settle

REASONS = {
    "kubectl cuts a text at its '---' lines before it reads YAML, and takes nothing but the line's end behind them":
        "27NA 2G84/2 2G84/3 35KP 4Q9F 6FWR 6JQW 753E 82AN 93WF 96L6 9MQT B3HG EXG3 FTA2 K54U KSS4 L383 T26H T5N4",
    "kubectl drops what stands behind a document's end without a word; here it is an error":
        "3HFZ 4H7K 7Z25 BS4K KS4U M7A3",
    "kubectl drops a tag that it does not know, and with it what the author meant by it; here it is an error":
        "6WLZ 7FWL 9HCY 9WXW CUP7 M5C3 U99R Z67P",
    "valid YAML that go-yaml cannot read: escapes, tabs, flow mappings over lines, directives":
        "3UYS 4MUZ 6CA3 6ZKB 9DXL DK95/7 JR7V MUS6 MUS6/1 MUS6/2 MUS6/3 MUS6/4 Q5MG RTP8 U3C3 WZ62",
    "no YAML to libyaml, while go-yaml takes it: an escaped ' and an URL without a value in a flow mapping":
        "4ABK HRE5",
    "JSON has no form for bytes that are no text: kubectl sends them with U+FFFD in their place":
        "565N",
}
KNOWN = {case: reason for reason, cases in REASONS.items() for case in cases.split()}


def texts():
    return {file["id"] + ("/" + str(i) if i else ""): case["yaml"]
            for file in json.load(sys.stdin) for i, case in enumerate(file["cases"])}


def without_nulls(documents):
    return [document for document in documents if document is not None]


def main():
    cases = texts()
    questions = [{"yaml": text} for text in cases.values()]
    answers, wanted = ask(sys.argv[1:2], questions), ask([sys.argv[2], "-manifests"], questions)
    found = {}
    for name, answer, want in zip(cases, answers, wanted):
        if "ok" not in answer:
            if "ok" in want:
                found[name] = f"is refused: {answer['error']}; kubectl reads {want['ok']!r}"
        elif "ok" not in want:
            found[name] = f"is read as {answer['ok']!r}; kubectl: {want['error']}"
        elif not same(without_nulls(answer["ok"]), want["ok"]):
            found[name] = f"is {answer['ok']!r}; kubectl reads {want['ok']!r}"
    settle(found, KNOWN, len(cases))


main()
