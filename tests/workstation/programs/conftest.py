"""Fixtures of the programs: a machine of fakes, a tool, and files served on loopback."""

import http.server
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from rolecall.workstation.programs import catalogue
from rolecall.workstation.programs.tool import Tool
from support import fake_workstation as fakes


@pytest.fixture
def machine(tmp_path: Path, home: Path) -> fakes.Machine:
    """Make a machine with nothing on PATH."""
    return fakes.machine(tmp_path / "bin", home)


@pytest.fixture
def tool() -> Tool:
    """Return direnv without any download."""
    return replace(catalogue.DIRENV, pins={})


@pytest.fixture
def served() -> Iterator[tuple[str, dict[str, bytes]]]:
    """Serve files on loopback; return the base URL and the files by path."""
    files: dict[str, bytes] = {}

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            content = files.get(self.path)
            if content is None:
                self.send_error(404)
                return
            self.send_response(200)
            self.send_header("Content-Length", str(len(content) + (9 if self.path.startswith("/cut") else 0)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}", files
        server.shutdown()
        thread.join()
