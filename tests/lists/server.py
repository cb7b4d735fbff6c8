#!/usr/bin/env python3
"""An API server with one long list of ConfigMaps, made as it is sent.

  server.py PORT_FILE OBJECTS BYTES   objects of BYTES each

It keeps to limit and continue; a watch gets nothing and stays open.
"""
import http.server
import json
import os
import sys
import urllib.parse

PORT_FILE, OBJECTS, BYTES = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])


LINE = "v" * 180
DATA = json.dumps({f"key-{n}": LINE for n in range(max(1, (BYTES - 300) // 195))})


def text_of(i):
    meta = {
        "name": f"config-{i:07}",
        "namespace": "default",
        "uid": f"00000000-0000-4000-8000-{i:012}",
        "resourceVersion": "7",
        "creationTimestamp": "2026-01-01T00:00:00Z",
        "labels": {"app": "x", "tier": str(i % 10)},
    }
    return f'{{"metadata":{json.dumps(meta)},"data":{DATA}}}'.encode()


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def chunk(self, data):
        self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))

    def do_GET(self):
        url = urllib.parse.urlparse(self.path)
        query = dict(urllib.parse.parse_qsl(url.query))
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        if "watch" in query:
            self.wfile.flush()
            self.rfile.read(1)
            return
        at = int(query.get("continue", 0))
        end = min(OBJECTS, at + int(query.get("limit", OBJECTS)))
        meta = {"resourceVersion": "7"}
        if end < OBJECTS:
            meta |= {"continue": str(end), "remainingItemCount": OBJECTS - end}
        head = {"kind": "ConfigMapList", "apiVersion": "v1", "metadata": meta}
        self.chunk((json.dumps(head)[:-1] + ',"items":[').encode())
        for i in range(at, end):
            self.chunk(text_of(i) + (b"," if i + 1 < end else b""))
        self.chunk(b"]}")
        self.chunk(b"")

    def log_message(self, *args):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
server.daemon_threads = True
with open(PORT_FILE + ".new", "w") as f:
    f.write(str(server.server_address[1]))
import os  # noqa: E402

os.rename(PORT_FILE + ".new", PORT_FILE)
server.serve_forever()
