"""A server on loopback that says exactly what a test scripts, byte by byte, with TLS where wanted."""

import contextlib
import socket
import ssl
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

Script = Callable[[socket.socket, "Scripted"], None]


@dataclass
class Scripted:
    """A server that meets each connection with its next script, and the last one ever after."""

    scripts: list[Script]
    listening: socket.socket
    context: ssl.SSLContext | None = None
    seen: list[bytes] = field(default_factory=list)
    is_over: threading.Event = field(default_factory=threading.Event)

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self.listening.getsockname()[1])

    @property
    def url(self) -> str:
        """The address of it, for AWS_ENDPOINT_URL."""
        return f"{'https' if self.context else 'http'}://127.0.0.1:{self.port}"

    def run(self) -> None:
        """Meet connections until the listening socket is closed."""
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self.listening.accept()
                threading.Thread(target=self.meet, args=(connection,), daemon=True).start()

    def meet(self, connection: socket.socket) -> None:
        """Play the next script on `connection`."""
        script = self.scripts.pop(0) if len(self.scripts) > 1 else self.scripts[0]
        with contextlib.suppress(OSError), connection:
            if self.context is None:
                script(connection, self)
                return
            with self.context.wrap_socket(connection, server_side=True) as secured:
                script(secured, self)


Serve = Callable[..., Scripted]


def saying(data: bytes) -> Script:
    """Return the script that reads one request and answers `data`."""

    def script(connection: socket.socket, server: Scripted) -> None:
        server.seen.append(request(connection))
        connection.sendall(data)

    return script


def request(connection: socket.socket) -> bytes:
    """Return one whole request."""
    data = b""
    while b"\r\n\r\n" not in data and (more := connection.recv(65536)):
        data += more
    head, _, body = data.partition(b"\r\n\r\n")
    length = next(
        (int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")), 0
    )
    while len(body) < length and (more := connection.recv(65536)):
        body += more
    return head + b"\r\n\r\n" + body


@dataclass(frozen=True, slots=True)
class Authority:
    """A certificate authority, and servers with a certificate of it."""

    bundle: Path
    folder: Path

    def server(self, name: str) -> ssl.SSLContext:
        """Return what a server needs to prove that it is `name`."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.folder / f"{name}.pem")
        return context
