"""Asks a real API server's admission about many pods, by dry-run.

usage: dry_run.py NAMESPACE < pods.jsonl

Each input line is {"pod": Pod, "allowed": bool, ...}: a pod and whether
sandscript's guard lets it pass under the Pod Security rules alone. The pods are
posted with dryRun=All to the namespace, which enforces "restricted". Prints the
differences and a summary; exits 1 when the verdicts differ. A pod that the
server refuses for another reason than Pod Security was made badly: an error.
KUBECONFIG names the server.
"""

import concurrent.futures
import http.client
import json
import ssl
import subprocess
import sys
import threading
import urllib.parse

WORKERS = 8
SHOWN = 10


class Server:
    """One kept-alive connection per thread."""

    def __init__(self):
        view = json.loads(subprocess.check_output(
            ["kubectl", "config", "view", "--raw", "--minify", "-o", "json"]))
        cluster = view["clusters"][0]["cluster"]
        self.address = urllib.parse.urlsplit(cluster["server"]).netloc
        self.tls = ssl.create_default_context(cafile=cluster["certificate-authority"])
        self.headers = {"Content-Type": "application/json",
                        "Authorization": "Bearer " + view["users"][0]["user"]["token"]}
        self.local = threading.local()

    def post(self, path, body):
        if not hasattr(self.local, "connection"):
            self.local.connection = http.client.HTTPSConnection(self.address, context=self.tls, timeout=30)
        self.local.connection.request("POST", path, json.dumps(body), self.headers)
        response = self.local.connection.getresponse()
        return response.status, json.loads(response.read())


def verdict(server, namespace, case):
    """(allowed by Pod Security, message); raises when the server minds something else."""
    status, answer = server.post(f"/api/v1/namespaces/{namespace}/pods?dryRun=All", case["pod"])
    if status == 201:
        return True, ""
    message = answer.get("message", "")
    if status == 403 and "violates PodSecurity" in message:
        return False, message
    raise ValueError(f"{status} {message}")


def main(namespace):
    cases = [json.loads(line) for line in sys.stdin]
    server, different, refused = Server(), [], 0
    with concurrent.futures.ThreadPoolExecutor(WORKERS) as pool:
        results = pool.map(lambda case: verdict(server, namespace, case), cases)
        for case, (allowed, message) in zip(cases, results):
            refused += not allowed
            if allowed != case["allowed"]:
                different.append((case, allowed, message))
    for case, allowed, message in different[:SHOWN]:
        print(f"admission {'allows' if allowed else 'refuses'}, the guard does not agree: {message}")
        print("  " + json.dumps(case["pod"]["spec"]))
    print(f"{len(cases)} pods: admission allows {len(cases) - refused}, refuses {refused}; "
          f"{len(different)} differ from the guard")
    # A sample of one kind only would prove nothing.
    return 1 if different or not cases or refused in (0, len(cases)) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
