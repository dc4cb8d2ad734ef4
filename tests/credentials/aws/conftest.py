"""Servers on loopback that say exactly what a test scripts, and a certificate authority of our own."""

import contextlib
import datetime
import ipaddress
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

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


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Start servers: each word is a script, or the bytes to answer a request with."""
    started: list[Scripted] = []

    def start(*words: Script | bytes, context: ssl.SSLContext | None = None) -> Scripted:
        scripts = [saying(word) if isinstance(word, bytes) else word for word in words]
        server = Scripted(scripts, socket.create_server(("127.0.0.1", 0)), context)
        started.append(server)
        threading.Thread(target=server.run, daemon=True).start()
        return server

    yield start
    for server in started:
        server.is_over.set()
        server.listening.close()


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


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """Make an authority with a certificate for 127.0.0.1 and one for another name."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

    folder = tmp_path_factory.mktemp("authority")
    now = datetime.datetime.now(datetime.UTC)

    def named(text: str) -> x509.Name:
        return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])

    def certificate(
        subject: str, key: ec.EllipticCurvePrivateKey, *more: x509.ExtensionType
    ) -> x509.Certificate:
        builder = x509.CertificateBuilder(named("rolecall tests"), named(subject), key.public_key())
        builder = builder.serial_number(x509.random_serial_number())
        builder = builder.not_valid_before(now - datetime.timedelta(hours=1))
        builder = builder.not_valid_after(now + datetime.timedelta(hours=1))
        for extension in more:
            builder = builder.add_extension(extension, critical=False)
        return builder.sign(root_key, hashes.SHA256())

    root_key = ec.generate_private_key(ec.SECP256R1())
    root = certificate("rolecall tests", root_key, x509.BasicConstraints(ca=True, path_length=None))
    pem = serialization.Encoding.PEM
    bundle = folder / "ca.pem"
    bundle.write_bytes(root.public_bytes(pem))
    loopback: list[x509.GeneralName] = [
        x509.IPAddress(ipaddress.ip_address("127.0.0.1")),
        x509.DNSName("localhost"),
    ]
    for name, known in (("here", loopback), ("elsewhere", [x509.DNSName("elsewhere.example")])):
        key = ec.generate_private_key(ec.SECP256R1())
        made = certificate(name, key, x509.SubjectAlternativeName(known))
        secret = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        (folder / f"{name}.pem").write_bytes(secret + made.public_bytes(pem))
    return Authority(bundle, folder)
