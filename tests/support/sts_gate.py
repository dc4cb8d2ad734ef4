"""A gate before the real STS: counts AssumeRole calls, and fails in the ways that a network fails.

Runs in the test's process; passes everything on to moto while `mode` is "pass".
"""

import contextlib
import http.client
import re
import socket
import struct
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

SIGNER = re.compile(r"Credential=([^/]+)/")
EXPIRATION = re.compile(rb"<Expiration>[^<]*<")
GARBAGE = b"<html><body>Welcome to the airport. Please log in.</body></html>"


class Gate(ThreadingHTTPServer):
    """A loopback server whose `mode` a test sets: pass, hang, reset, garbage, or a status such as "500"."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, upstream: str) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.socket.settimeout(1)  # a client that is gone before its turn must not hold up the loop
        self.upstream = urlsplit(upstream).netloc
        self.mode = "pass"
        self.after = "pass"  # what follows a hang that was released
        self.failures_left = -1  # negative: `mode` holds until it is changed
        self.assumed = 0
        self.policies: list[str] = []  # the first managed policy of each AssumeRole, "" where there is none
        self.requests = 0
        self.tokens = 0
        self.signers: set[str] = set()
        self.rewrite = (b"", b"")
        self.lasting = 0  # seconds that each session lasts, whatever STS says: a test can wait for its end
        self.ends = 0  # when the last of those ends
        self.arrived = threading.Event()
        self.released = threading.Event()
        self.lock = threading.Lock()

    @property
    def url(self) -> str:
        """The address to use as AWS_ENDPOINT_URL."""
        return f"http://127.0.0.1:{self.server_address[1]}"

    def take_mode(self) -> str:
        """Return how to treat this request, counting down a limited number of failures."""
        with self.lock:
            if self.failures_left == 0:
                return "pass"
            self.failures_left -= 1
            return self.mode

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing of clients that went away: they were killed on purpose."""


class _Handler(BaseHTTPRequestHandler):
    server: Gate
    protocol_version = "HTTP/1.0"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        with self.server.lock:
            self.server.requests += 1
            self.server.assumed += b"Action=AssumeRole" in body
            if b"Action=AssumeRole" in body:
                fields = parse_qs(body.decode())
                self.server.policies.append(",".join(fields.get("PolicyArns.member.1.arn", [])))
            self.server.tokens += "X-Amz-Security-Token" in self.headers
            self.server.signers.update(SIGNER.findall(self.headers.get("Authorization", "")))
        self.server.arrived.set()
        mode = self.server.take_mode()
        if mode == "hang":
            self.server.released.wait(60)
            mode = self.server.after
        if mode == "reset":
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.connection.close()
        elif mode == "pass":
            self._forward(body)
        elif mode == "garbage":
            self._answer(200, GARBAGE, "text/html")
        else:
            self._answer(int(mode), b"", "text/xml")

    def _forward(self, body: bytes) -> None:
        with contextlib.closing(http.client.HTTPConnection(self.server.upstream, timeout=60)) as upstream:
            headers = {name: value for name, value in self.headers.items() if name.lower() != "connection"}
            upstream.request("POST", self.path, body, headers)
            answer = upstream.getresponse()
            text = answer.read().replace(*self.server.rewrite) if self.server.rewrite[0] else answer.read()
            if self.server.lasting:
                self.server.ends = int(time.time()) + self.server.lasting
                end = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(self.server.ends))
                text = EXPIRATION.sub(f"<Expiration>{end}<".encode(), text)
            self._answer(answer.status, text, answer.headers.get("Content-Type", "text/xml"))

    def _answer(self, status: int, body: bytes, kind: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *words: object) -> None:
        """Keep the test's output for the test."""


@contextlib.contextmanager
def gate_before(upstream: str) -> Iterator[Gate]:
    """Run a gate before `upstream` for the block."""
    gate = Gate(upstream)
    thread = threading.Thread(target=gate.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield gate
    finally:
        gate.released.set()
        gate.shutdown()
        gate.server_close()
