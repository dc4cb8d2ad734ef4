"""The endpoint's server: one role of one project, on loopback, until the process it works for ends.

It gets each session from the broker as everybody does, so that it renews with everybody's lock and cache.
Must not log, or hand out a role that it was not started for.
"""

import contextlib
import json
import os
import socket
import sys
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from rolecall.errors import RolecallError
from rolecall.services.endpoint import reply, rules
from rolecall.services.endpoint.reply import Reply
from rolecall.system.person import terminal

HOST = "127.0.0.1"
REQUEST_SECONDS = 10
POLL_SECONDS = 0.5
WORDS = "ROOT ROLE PID FD"


class Server(ThreadingHTTPServer):
    """A server over a socket that listens already; `answer` gives the credentials."""

    daemon_threads = True

    def __init__(
        self,
        listening: socket.socket,
        token: str,
        answer: Callable[[], Reply],
        *,
        is_over: Callable[[], bool],
    ) -> None:
        super().__init__(listening.getsockname(), Handler, bind_and_activate=False)
        self.socket.close()
        self.socket = listening
        listening.settimeout(POLL_SECONDS)  # a client that is gone before its turn must not hold up the loop
        self.token, self.answer, self.is_over = token, answer, is_over
        port = listening.getsockname()[1]
        self.hosts = (f"{HOST}:{port}", f"localhost:{port}")

    def serve(self) -> None:
        """Serve until the process it works for has ended."""
        self.timeout = POLL_SECONDS
        while not self.is_over():
            self.handle_request()

    def handle_error(self, *_words: Any) -> None:
        """Say nothing where a client goes away in the middle."""


class Handler(BaseHTTPRequestHandler):
    """One connection; each of its requests is looked at by the rules first."""

    server: Server
    timeout = REQUEST_SECONDS
    protocol_version = "HTTP/1.1"
    server_version, sys_version = "rolecall", ""

    def __getattr__(self, name: str) -> Any:
        """Serve every method the same way: the rules refuse all but one."""
        if name.startswith("do_"):
            return self._serve
        raise AttributeError(name)

    def _serve(self) -> None:
        found = rules.refusal(
            self.command, self.path, self.headers, hosts=self.server.hosts, token=self.server.token
        )
        self._send(found or self.server.answer())

    def send_error(self, code: int, message: str | None = None, _explain: str | None = None) -> None:
        """Answer what is no HTTP at all in JSON too."""
        self._send(reply.refused(code, "request-refused", message or "this is not an HTTP request"))

    def _send(self, answer: Reply) -> None:
        body = json.dumps(answer.document).encode()
        self.close_connection = True  # a refused body would else be read as the next request
        self.send_response(answer.status)
        usual = {"Content-Type": "application/json", "Cache-Control": "no-store", "Connection": "close"}
        for name, value in {**usual, "Content-Length": str(len(body)), **answer.headers}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, *_words: Any) -> None:
        """Keep no log: a request holds the token."""


def listen() -> socket.socket:
    """Return a socket that listens on a free port of loopback."""
    return socket.create_server((HOST, 0))


def credentials(root: Path, role: str) -> Reply:
    """Return the answer for `role` in the project at `root`, as it is declared at this moment."""
    from rolecall.credentials import renewal
    from rolecall.credentials.model import SessionRequest
    from rolecall.project import config, roles

    try:
        project = config.load(root)
        chain = roles.resolve(project.roles, role)
        return reply.credentials(renewal.obtain(project, SessionRequest(chain, by_program=True)))
    except RolecallError as met:
        return reply.problem(met)
    except Exception as met:  # noqa: BLE001 - the last line of defence writes the log
        from rolecall.system import bug_report

        bug_report.write(met)
        return reply.refused(reply.BUG, "bug", "rolecall met a bug; its log is in the state folder")


def gone(pid: int) -> Callable[[], bool]:
    """Return a function that tells whether the process that has `pid` at this moment has ended since."""
    started = terminal.started_at(pid)
    return lambda: started is None or terminal.started_at(pid) != started


def main(words: list[str]) -> int:
    """Serve over the descriptor that was handed over; the token is all of stdin."""
    root, role, pid, descriptor = words
    token = sys.stdin.read().strip()
    is_over = gone(int(pid))
    with contextlib.closing(socket.socket(fileno=int(descriptor))) as listening:
        Server(listening, token, lambda: credentials(Path(root), role), is_over=is_over).serve()
    return 0


if __name__ == "__main__":
    os.chdir("/")  # keeps no folder busy
    sys.exit(main(sys.argv[1:]))
