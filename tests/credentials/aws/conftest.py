"""Servers on loopback that say exactly what a test scripts, and a certificate authority of our own."""

import datetime as dt
import ipaddress
import socket
import ssl
import threading
from collections.abc import Iterator

import pytest

from support.scripted_server import Authority, Script, Scripted, Serve, saying


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


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """Make an authority with a certificate for 127.0.0.1 and one for another name."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

    folder = tmp_path_factory.mktemp("authority")
    now = dt.datetime.now(dt.UTC)

    def named(text: str) -> x509.Name:
        return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])

    def certificate(
        subject: str, key: ec.EllipticCurvePrivateKey, *more: x509.ExtensionType
    ) -> x509.Certificate:
        builder = x509.CertificateBuilder(named("rolecall tests"), named(subject), key.public_key())
        builder = builder.serial_number(x509.random_serial_number())
        builder = builder.not_valid_before(now - dt.timedelta(hours=1))
        builder = builder.not_valid_after(now + dt.timedelta(hours=1))
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
