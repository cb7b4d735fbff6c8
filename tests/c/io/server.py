"""The HTTP(S) server of the transport's tests, with faults on demand.

Prints one line of JSON with its ports once it listens:
  plain, tls (certificate for 127.0.0.1 and api.test), other (certificate for another
  name), expired, stranger (another CA), old (TLS 1.1), mutual (wants a client certificate), silent
  (accepts and says nothing), proxy (CONNECT).
Certificates are made in DIR (argv[1]) by openssl. Ends when its standard input does.
"""

import gzip
import json
import os
import socket
import ssl
import struct
import subprocess
import sys
import threading
import time
import warnings

counts = {}
counts_lock = threading.Lock()
live = [0, 0]  # connections, most at once


def count(key):
    with counts_lock:
        counts[key] = counts.get(key, 0) + 1
        return counts[key]


class Gone(Exception):
    """The connection ends here, without a word."""


class Conn:
    def __init__(self, sock, port):
        self.sock, self.port, self.buf, self.requests = sock, port, b"", 0

    def fill(self):
        data = self.sock.recv(65536)
        if not data:
            raise Gone
        self.buf += data

    def request(self):
        while b"\r\n\r\n" not in self.buf:
            self.fill()
            if self.buf[0] == 0x16:  # a TLS ClientHello
                self.send(b"HTTP/1.0 400 Bad Request\r\n\r\n")
                raise Gone
        head, self.buf = self.buf.split(b"\r\n\r\n", 1)
        lines = head.decode("latin-1").split("\r\n")
        method, path, _ = lines[0].split(" ")
        if path == "/slam":
            self.reset()
        fields = [line.split(":", 1) for line in lines[1:]]
        headers = {k.lower(): v.strip() for k, v in fields}
        length = int(headers.get("content-length", "0"))
        while len(self.buf) < length:
            self.fill()
        body, self.buf = self.buf[:length], self.buf[length:]
        self.requests += 1
        return method, path, headers, body

    def send(self, data):
        self.sock.sendall(data)

    def reply(self, status, body=b"", headers=()):
        if isinstance(body, str):
            body = body.encode()
        lines = ["HTTP/1.1 %d X" % status, "Content-Length: %d" % len(body)]
        self.send(("\r\n".join(lines + list(headers)) + "\r\n\r\n").encode() + body)

    def chunk(self, data):
        self.send(b"%x\r\n%s\r\n" % (len(data), data))

    def begin_chunks(self, *headers):
        lines = ["HTTP/1.1 200 OK", "Transfer-Encoding: chunked", "Content-Type: application/json;stream=watch"]
        self.send(("\r\n".join(lines + list(headers)) + "\r\n\r\n").encode())

    def reset(self):
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        raise Gone


def do_echo(c, method, args, headers, body):
    answer = {"method": method, "headers": headers, "length": len(body), "body": body.decode("latin-1")}
    c.reply(200, json.dumps(answer), ["Content-Type: Application/JSON; charset=UTF-8", 'ETag: "abc"'])


def do_status(c, method, args, headers, body):
    c.reply(int(args[0]), "status " + args[0])


def do_big(c, method, args, headers, body):
    c.reply(200, b"x" * int(args[0]))


def do_gzip(c, method, args, headers, body):
    c.reply(200, gzip.compress(b"\0" * int(args[0])), ["Content-Encoding: gzip"])


def do_badgzip(c, method, args, headers, body):
    c.reply(200, b"no gzip at all", ["Content-Encoding: gzip"])


def do_warn(c, method, args, headers, body):
    c.reply(
        200,
        "{}",
        [
            'Warning: 299 - "one \\"quoted\\""',
            'warning: 299 - "two" "Sat, 25 Aug 2012 23:34:45 GMT", 299 - "three, with comma"',
            'Warning: 199 - "not for us", 299 - "one \\"quoted\\""',
            "Warning: 299 malformed",
        ]
        + ['Warning: 299 - "more %d"' % i for i in range(40)],
    )


def do_seen(c, method, args, headers, body):
    c.reply(200, headers.get(args[0], "-"))


def do_retry(c, method, args, headers, body):
    c.reply(429, "{}", ["Retry-After: " + args[0].replace("_", " ")])


def do_early(c, method, args, headers, body):
    c.send(b"HTTP/1.1 103 Early Hints\r\nETag: wrong\r\n\r\n")
    c.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: ETag\r\nETag: right\r\n\r\n")
    c.chunk(b"body")
    c.send(b"0\r\nETag: trailer\r\n\r\n")


def do_redirect(c, method, args, headers, body):
    c.reply(302, "elsewhere", ["Location: /echo"])


def do_reset(c, method, args, headers, body):
    c.send(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n" + b"x" * 500)
    c.reset()


def do_cut(c, method, args, headers, body):
    c.begin_chunks()
    c.chunk(b"half a")
    raise Gone


def do_drip(c, method, args, headers, body):
    c.begin_chunks()
    while True:
        c.chunk(b".")
        time.sleep(0.01)


def do_stall(c, method, args, headers, body):
    """A first piece, then nothing."""
    c.begin_chunks()
    c.chunk(b"first")
    c.fill()


def do_hang(c, method, args, headers, body):
    count("hang")
    c.fill()


def do_slow(c, method, args, headers, body):
    time.sleep(float(args[0]) / 1000)
    c.reply(200, "slow")


def do_headers(c, method, args, headers, body):
    c.reply(200, "{}", ["X-%d: %s" % (i, "y" * 1000) for i in range(int(args[0]))])


def do_longline(c, method, args, headers, body):
    """One header line of so many KB."""
    c.reply(200, "{}", ["X-Long: " + "y" * 1000 * int(args[0])])


def do_cuthead(c, method, args, headers, body):
    c.send(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Le")
    raise Gone


def do_stream(c, method, args, headers, body):
    n, size = int(args[0]), int(args[1])
    c.begin_chunks()
    for i in range(n):
        c.chunk((b"%08d" % i).ljust(size - 1, b".") + b"\n")
    c.send(b"0\r\n\r\n")


def do_stale(c, method, args, headers, body):
    """On a connection that served a request before: take this one and vanish."""
    n = count("stale-" + args[0])
    if c.requests > 1:
        raise Gone
    c.reply(200, str(n))


def do_count(c, method, args, headers, body):
    c.reply(200, str(counts.get(args[0], 0)))


def do_live(c, method, args, headers, body):
    c.reply(200, str(live[1]))


def do_peer(c, method, args, headers, body):
    cert = c.sock.getpeercert() if isinstance(c.sock, ssl.SSLSocket) else None
    names = [v for part in (cert or {}).get("subject", ()) for k, v in part if k == "commonName"]
    c.reply(200, names[0] if names else "")


def serve(sock, port):
    c = Conn(sock, port)
    with counts_lock:
        live[0] += 1
        live[1] = max(live)
    try:
        while True:
            method, path, headers, body = c.request()
            name, *args = path.split("?")[0].strip("/").split("/")
            globals()["do_" + name](c, method, args, headers, body)
    except (Gone, OSError, ssl.SSLError):
        pass
    finally:
        with counts_lock:
            live[0] -= 1
        sock.close()


def tunnel(sock, port):
    """An HTTP proxy that knows CONNECT; every name leads to 127.0.0.1."""
    c = Conn(sock, port)
    try:
        method, target, headers, _ = c.request()
        if "proxy-authorization" in headers or method != "CONNECT":
            c.reply(407, "<html>")
            raise Gone
        count("connect-" + target)
        peer = socket.create_connection(("127.0.0.1", int(target.rsplit(":", 1)[1])))
        c.send(b"HTTP/1.1 200 Connection established\r\nX-Proxy: 1\r\n\r\n")
        threading.Thread(target=pump, args=(peer, sock), daemon=True).start()
        pump(sock, peer)
    except (Gone, OSError):
        pass
    finally:
        sock.close()


def pump(a, b):
    try:
        while data := a.recv(65536):
            b.sendall(data)
        b.shutdown(socket.SHUT_WR)
    except OSError:
        pass


def silent(sock, port):
    count("silent")
    try:
        while sock.recv(65536):
            pass
    except OSError:
        pass
    sock.close()


def drain(tls):
    """Closing with unread data would be a reset, which overtakes the alert."""
    sock = socket.socket(fileno=tls.detach())
    try:
        sock.settimeout(5)
        sock.shutdown(socket.SHUT_WR)
        while sock.recv(65536):
            pass
    except OSError:
        pass
    sock.close()


def handshake(sock, context, port):
    try:
        sock.settimeout(20)
        tls = context.wrap_socket(sock, server_side=True, do_handshake_on_connect=False)
        tls.do_handshake()
        tls.settimeout(None)
    except OSError:
        drain(tls)
        return
    serve(tls, port)


def listen(target, context=None):
    server = socket.create_server(("127.0.0.1", 0), backlog=512)
    port = server.getsockname()[1]

    def accept():
        while True:
            sock, _ = server.accept()
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            args = (sock, context, port) if context else (sock, port)
            threading.Thread(target=handshake if context else target, args=args, daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    return port


def openssl(*args):
    subprocess.run(("openssl",) + args, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def make_ca(name):
    openssl("ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", name + ".key")
    openssl("req", "-x509", "-new", "-key", name + ".key", "-subj", "/CN=" + name, "-days", "2", "-out", name + ".crt")


def make_cert(name, ca, san, days="2"):
    openssl("ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", name + ".key")
    with open(name + ".ext", "w") as f:
        f.write("subjectAltName=" + san + "\n")
    openssl("req", "-new", "-key", name + ".key", "-subj", "/CN=" + name, "-out", name + ".csr")
    openssl("x509", "-req", "-in", name + ".csr", "-CA", ca + ".crt", "-CAkey", ca + ".key", "-CAcreateserial",
            "-days", days, "-extfile", name + ".ext", "-out", name + ".crt")


def context(name, client_ca=None):
    ctx = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ctx.load_cert_chain(name + ".crt", name + ".key")
    if client_ca:
        ctx.verify_mode = ssl.CERT_REQUIRED
        ctx.load_verify_locations(client_ca + ".crt")
    return ctx


def old_context(name):
    ctx = context(name)
    ctx.set_ciphers("DEFAULT@SECLEVEL=0")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        ctx.minimum_version = ssl.TLSVersion.TLSv1
        ctx.maximum_version = ssl.TLSVersion.TLSv1_1
    return ctx


def main():
    os.chdir(sys.argv[1])
    make_ca("ca")
    make_ca("foreign")
    make_cert("server", "ca", "IP:127.0.0.1,DNS:api.test")
    make_cert("other", "ca", "DNS:other.test")
    make_cert("expired", "ca", "IP:127.0.0.1", "-1")
    make_cert("stranger", "foreign", "IP:127.0.0.1")
    make_cert("alice", "ca", "DNS:alice")
    make_cert("mallory", "foreign", "DNS:mallory")
    ports = {
        "plain": listen(serve),
        "tls": listen(serve, context("server")),
        "other": listen(serve, context("other")),
        "expired": listen(serve, context("expired")),
        "stranger": listen(serve, context("stranger")),
        "old": listen(serve, old_context("server")),
        "mutual": listen(serve, context("server", "ca")),
        "silent": listen(silent),
        "proxy": listen(tunnel),
    }
    os.write(1, (json.dumps(ports) + "\n").encode())
    sys.stdin.read()


main()
