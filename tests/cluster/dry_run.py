"""Asks a real API server's admission and the guard about the same pods.

usage: dry_run.py NAMESPACE SANDBOX_ORACLE COUNT < pods.jsonl

Each input line is {"pod": Pod, ...}; COUNT of them must be judged. The pods are posted with dryRun=All to the
namespace, which enforces "restricted", and put to the guard through the program
tests/oracle/sandbox_oracle.c. Prints the differences and a summary; exits 1 when
a verdict differs. Two differences are meant, both stricter: the guard gives no
relief for hostUsers: false, and refuses os: windows. KUBECONFIG names the server.
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


class Invalid(Exception):
    """The API server's validation, which comes before admission, refuses the pod."""


def admission(server, namespace, pod):
    """None when Pod Security allows the pod, else its message; or Invalid."""
    status, answer = server.post(f"/api/v1/namespaces/{namespace}/pods?dryRun=All", pod)
    if status == 201:
        return None
    message = answer.get("message", "")
    if status == 403 and "violates PodSecurity" in message:
        return message
    if status == 422:
        return Invalid(message)
    raise RuntimeError(f"{status} {message}")


def guard(program, pods):
    """None or the guard's message, for each pod."""
    lines = "".join(json.dumps({"check": pod}) + "\n" for pod in pods)
    answers = subprocess.run([program], input=lines, text=True, check=True, stdout=subprocess.PIPE).stdout
    return [None if "ok" in answer else answer["message"] for answer in map(json.loads, answers.splitlines())]


def stricter_on_purpose(pod):
    return pod["spec"].get("hostUsers") is False or pod["spec"].get("os", {}).get("name") == "windows"


def judge_all(namespace, pods):
    """(pod, admission's verdict) for the valid ones."""
    server = Server()
    with concurrent.futures.ThreadPoolExecutor(WORKERS) as pool:
        verdicts = list(pool.map(lambda pod: admission(server, namespace, pod), pods))
    invalid = [verdict for verdict in verdicts if isinstance(verdict, Invalid)]
    if invalid:
        print(f"left out, invalid: {len(invalid)}, such as {invalid[0]}")
    return [(pod, verdict) for pod, verdict in zip(pods, verdicts) if not isinstance(verdict, Invalid)]


def main(namespace, program, count):
    pods = [json.loads(line)["pod"] for line in sys.stdin]
    judged = judge_all(namespace, pods)[:count]
    ours = guard(program, [pod for pod, _ in judged])
    if len(judged) < count or len(ours) < count:
        sys.exit(f"only {len(judged)} pods judged by admission and {len(ours)} by the guard, not {count}")
    different = [(pod, a, g) for (pod, a), g in zip(judged, ours)
                 if (a is None) != (g is None) and not (a is None and stricter_on_purpose(pod))]
    for pod, a, g in different[:SHOWN]:
        print(f"admission: {a or 'allowed'}\nguard:     {g or 'allowed'}\n  {json.dumps(pod)}")
    allowed = sum(verdict is None for _, verdict in judged)
    print(f"{count} pods: admission allows {allowed}, refuses {count - allowed}; "
          f"{len(different)} differ from the guard")
    # A sample of one kind only would prove nothing.
    return 1 if different or allowed in (0, count) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2], int(sys.argv[3])))
