"""Counts requests in an API server's audit log.

usage: audit.py LOG [FIELD=VALUE]...   prints one line "COUNT VERB RESOURCE" per kind of request

FIELD is agent (prefix of the user agent), namespace, resource, name, verb or user.
"""

import collections
import json
import sys


def fields(event):
    ref = event.get("objectRef", {})
    return {
        "agent": event.get("userAgent", ""),
        "user": event["user"].get("username", ""),
        "verb": event["verb"],
        "namespace": ref.get("namespace", ""),
        "resource": "/".join(filter(None, [ref.get("resource", ""), ref.get("subresource", "")])),
        "name": ref.get("name", ""),
    }


def matches(found, wanted):
    return all(found[key].startswith(value) if key == "agent" else found[key] == value
               for key, value in wanted.items())


def main(path, filters):
    wanted = dict(item.split("=", 1) for item in filters)
    requests = {}
    with open(path, encoding="utf-8") as log:
        for line in log:
            event = json.loads(line)
            # A watch is logged when it starts and when it ends, under one id.
            requests[event["auditID"]] = fields(event)
    counts = collections.Counter(
        (found["verb"], found["resource"] or "-") for found in requests.values() if matches(found, wanted))
    for (verb, resource), count in sorted(counts.items()):
        print(count, verb, resource)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
