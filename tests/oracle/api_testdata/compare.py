"""compare.py SANDBOX_ORACLE FOLDER: NAME.yaml is the value of NAME.json, and both are written as they were read."""

import json
import pathlib
import sys

from suite import ask, same, settle

KNOWN = {}


def difference(is_, wanted):
    for number, (a, b) in enumerate(zip(is_.split("\n"), wanted.split("\n")), 1):
        if a != b:
            return f"line {number} is {a!r}, not {b!r}"
    return "is shorter or longer"


def main():
    folder = pathlib.Path(sys.argv[2])
    names = sorted(file.stem for file in folder.glob("*.json"))
    jsons = [(folder / f"{name}.json").read_text(encoding="utf-8") for name in names]
    yamls = [(folder / f"{name}.yaml").read_text(encoding="utf-8") for name in names]
    found = {}
    read = ask(sys.argv[1:2], [{"yaml": text} for text in yamls])
    for name, a_json, documents in zip(names, jsons, read):
        if not same(documents.get("ok"), [json.loads(a_json)]):
            found[name] = f"its YAML is not what its JSON is: {documents}"
    for kind, texts in (("json", jsons), ("yaml", yamls)):
        for name, text, back in zip(names, texts, ask(sys.argv[1:2], [{f"{kind}_again": text} for text in texts])):
            if back.get("ok", "").rstrip("\n") != text.rstrip("\n"):
                found[f"{name}.{kind}"] = difference(back.get("ok", ""), text)
    settle(found, KNOWN, len(names))


main()
