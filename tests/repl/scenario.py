"""What the scenarios of an operator at the prompt share: places to work in, and servers to talk to.

    class Lists(Scenario):
        def test_list(self):
            t = self.prompt()                      # `sandscript repl` on a cluster of its own
            self.assertIn("default", t.said('k8s.list{kind="Namespace"}'))
"""

import http.server
import json
import re
import shutil
import ssl
import subprocess
import threading

import pty_driver
from pty_driver import BINARY, ENTER, SOURCE, TAB, ReplTest, Terminal

ESCAPES = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]|\x1b[()][0-9A-Z]|\x1b[=>]|\r|\x07")


def plain(text):
    """Without what moves the cursor or colours."""
    return ESCAPES.sub("", text)


class Prompt(Terminal):
    """A terminal wide enough that lines do not wrap."""

    def said(self, line):
        """Type a line and Enter; what was written until the next prompt, that one excepted."""
        self.run(line)
        lines = plain(self.output()).split("\n")
        return "\n".join(lines[1:-1])

    def setup(self, code):
        """Lua that must succeed, in the same home and with the same cluster, without the prompt."""
        run(self.home, "-e", code)

    def tab(self):
        self.send(TAB)

    def completes(self, typed, line):
        """Tab after what was typed leaves the line; pressed again while lists are fetched."""
        self.type(typed)
        for _ in range(100):
            self.send(TAB)
            self.until(lambda: self.before_cursor().endswith(line) or "\n" in self.output()
                       or "\a" in self.output(), "what Tab does")
            self.until(self.stands_behind_a_prompt, "the line again")
            if self.before_cursor().endswith(line):
                return
            if not self.before_cursor().endswith(typed):
                break
            self._read(0.05)  # until the list is there, or old enough to be fetched again
        self.fail(f"{typed!r} did not become {line!r}")

    def stands_behind_a_prompt(self):
        return "> " in self.before_cursor()


def run(home, *args, stdin=None, env=None, code=0):
    """Run the program without a terminal; its output."""
    done = subprocess.run([str(BINARY), *args], cwd=home.work, env=home.environment(env or {}),
                          input=stdin, stdin=None if stdin is not None else subprocess.DEVNULL,
                          capture_output=True, text=True, timeout=pty_driver.WAIT_SECONDS)
    if code is not None and done.returncode != code:
        raise AssertionError(f"{args} ended with {done.returncode}, not {code}:\n{done.stdout}{done.stderr}")
    return done


CONFIG_MAP = 'assert(k8s.apply{{apiVersion="v1", kind="ConfigMap", metadata={{name="{}"}}, data={{color="blue"}}}})'


class Scenario(ReplTest):
    def prompt(self, *args, home=None, columns=160, rows=40, expect=True, **options):
        """`sandscript repl` with args, at its first prompt."""
        if home is None:
            home = self.home()
        t = Prompt(("repl", *args), columns=columns, rows=rows, home=home, **options)
        self.addCleanup(t.close)
        if expect:
            t.expect_prompt()
        return t

    def policy(self, home):
        """A policy folder of its own."""
        folder = home.path / "policy"
        shutil.copytree(SOURCE / "scripts", folder)
        return folder

    def config_maps(self, home, *names):
        run(home, "-e", "\n".join(CONFIG_MAP.format(name) for name in names))

    def server(self, hang=(), tls=None):
        """An API server that answers lists with nothing; paths that hold one of `hang` it never
        answers. tls: the folder of its certificate."""
        server = Server(hang, tls)
        self.addCleanup(server.close)
        return server

    def kubeconfig(self, home, **contexts):
        """name=URL …; the first is the current one. Returns its path."""
        names = list(contexts)
        document = {
            "apiVersion": "v1", "kind": "Config", "current-context": names[0],
            "clusters": [{"name": n, "cluster": {"server": contexts[n], **authority(contexts[n], home)}}
                         for n in names],
            "users": [{"name": "operator", "user": {"token": "s3cr3t-token-value"}}],
            "contexts": [{"name": n, "context": {"cluster": n, "user": "operator", "namespace": "web"}}
                         for n in names],
        }
        path = home.path / "kubeconfig"
        path.write_text(json.dumps(document), encoding="utf-8")
        path.chmod(0o600)
        return path


def certificate(folder):
    """A key and a certificate of its own for 127.0.0.1, in one file."""
    path = folder / "server.pem"
    done = subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
         "-keyout", "key.pem", "-out", "cert.pem", "-days", "2", "-subj", "/CN=127.0.0.1",
         "-addext", "subjectAltName=IP:127.0.0.1"], cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        raise AssertionError(done.stderr)
    path.write_text((folder / "key.pem").read_text() + (folder / "cert.pem").read_text())
    return path


def authority(url, home):
    """What a cluster of the kubeconfig says of who signed its certificate."""
    return {"certificate-authority": str(home.path / "cert.pem")} if url.startswith("https:") else {}


class Server:
    def __init__(self, hang, tls):
        self.asked = []
        self.release = threading.Event()
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                outer.asked.append((self.path, self.headers.get("Authorization")))
                if any(part in self.path for part in hang):
                    outer.release.wait(120)
                    self.close_connection = True
                    return
                body = json.dumps({"kind": "PodList", "apiVersion": "v1", "items": [],
                                   "metadata": {"resourceVersion": "1"}}).encode()
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            do_POST = do_GET

            def log_message(self, *args):
                pass

        self.http = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.http.daemon_threads = True
        if tls:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate(tls))
            self.http.socket = context.wrap_socket(self.http.socket, server_side=True)
        self.url = f"{'https' if tls else 'http'}://127.0.0.1:{self.http.server_address[1]}"
        threading.Thread(target=self.http.serve_forever, daemon=True).start()

    def close(self):
        self.release.set()
        self.http.shutdown()
        self.http.server_close()


__all__ = ["CONFIG_MAP", "ENTER", "Scenario", "plain", "run"]
