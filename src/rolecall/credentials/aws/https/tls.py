"""TLS over a connection that exists, on `_ssl` itself, trusting what the system trusts.

`ssl` and a default context cost 40 ms of a `cd`; this costs 5. `ssl` brings 13 ms of modules that serve
nothing here, and the default context parses every certificate of the system's file, where its directory
names them by hash, so that OpenSSL reads the one it needs. Whatever the directory does not settle is tried
again with all of it: the order makes it cheap, the trust is the same. Certificates and host names are checked
by OpenSSL, as in `ssl`: a context for clients is made with both checks on, and one without is refused.
"""

import _ssl
import os

from rolecall.credentials.aws.query.errors import AwsUnreachableError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from typing import Any, Protocol, TypeVar

    T = TypeVar("T")

    class Stream(Protocol):
        """What bytes go over: a connection, or TLS over one."""

        def recv(self, most: int) -> bytes:
            """Return what came, or nothing at the end."""

        def sendall(self, data: bytes) -> None:
            """Send all of `data`."""

        def close(self) -> None:
            """Close it."""


BUNDLES = ("AWS_CA_BUNDLE", "REQUESTS_CA_BUNDLE")
CERT_REQUIRED = 2
IGNORE_UNEXPECTED_EOF = 0x80  # Debian's Python sets it: then an answer cut short looks complete
UNKNOWN_ISSUER = (18, 19, 20, 21)  # OpenSSL's X509_V_ERR_*: no issuer that the store knows
BLOCK_BYTES = 65536


class UnknownIssuerError(AwsUnreachableError):
    """The store knows no issuer of the certificate; a larger store may."""


class Tls:
    """TLS over a stream, once the server's certificate has been checked for `host`."""

    def __init__(self, stream: "Stream", store: "Any", host: str) -> None:
        self.stream = stream
        self.incoming, self.outgoing = _ssl.MemoryBIO(), _ssl.MemoryBIO()
        self.tls = store._wrap_bio(  # noqa: SLF001 - see above
            self.incoming, self.outgoing, server_side=False, server_hostname=host
        )
        try:
            self._run(self.tls.do_handshake)
        except _ssl.SSLError as problem:
            raise _failed(problem) from problem

    def recv(self, most: int) -> bytes:
        """Return what came, or nothing after the server's goodbye. Raises AwsUnreachableError."""
        try:
            return self._run(lambda: bytes(self.tls.read(most)))
        except _ssl.SSLError as problem:
            raise AwsUnreachableError("connection-lost", _words(problem)) from problem

    def sendall(self, data: bytes) -> None:
        """Send all of `data`. Raises AwsUnreachableError."""
        try:
            while data:
                data = data[self._run(lambda rest=data: self.tls.write(rest)) :]  # type: ignore[misc] # a lambda's default
        except _ssl.SSLError as problem:
            raise AwsUnreachableError("connection-lost", _words(problem)) from problem

    def close(self) -> None:
        """Close the stream below; STS's answer has said how long it is, so no goodbye is awaited."""
        self.stream.close()

    def _run(self, step: "Callable[[], T]") -> "T":
        """Return what `step` returns, moving bytes between TLS and the stream until it can."""
        while True:
            try:
                done = step()
            except _ssl.SSLWantReadError:
                self._flush()
                received = self.stream.recv(BLOCK_BYTES)
                if received:
                    self.incoming.write(received)
                else:
                    self.incoming.write_eof()
            else:
                self._flush()
                return done

    def _flush(self) -> None:
        waiting = self.outgoing.read()
        if waiting:
            self.stream.sendall(waiting)


def stores(environ: "Mapping[str, str]") -> "Iterator[Any]":
    """Yield what to trust: the bundle that `environ` names, or the system's, the cheapest part of it first.

    Raises AwsUnreachableError for a bundle that cannot be read.
    """
    for name in BUNDLES:
        if environ.get(name):
            yield _loaded(*_file_or_folder(environ[name]), name)
            return
    file_variable, file, folder_variable, folder = _ssl.get_default_verify_paths()
    folder = environ.get(folder_variable) or folder
    if not environ.get(file_variable) and _is_hashed(folder):
        yield _loaded(None, folder, folder_variable)
    file = environ.get(file_variable) or file
    known_file, known_folder = _present(file), _present(folder)
    if not (known_file or known_folder):
        known_file = _packaged()
    yield _loaded(known_file, known_folder, file_variable)


def _loaded(file: str | None, folder: str | None, name: str) -> "Any":
    store = _ssl._SSLContext(_ssl.PROTOCOL_TLS_CLIENT)  # noqa: SLF001 - see above
    if not store.check_hostname or store.verify_mode != CERT_REQUIRED:
        raise AwsUnreachableError("tls-failed", "this Python's TLS does not check certificates")
    store.options &= ~IGNORE_UNEXPECTED_EOF
    try:
        if file or folder:
            store.load_verify_locations(file, folder)
    except OSError as problem:
        raise AwsUnreachableError("tls-failed", f"{name}: {problem.strerror or _words(problem)}") from problem
    return store


def _file_or_folder(path: str) -> tuple[str | None, str | None]:
    return (None, path) if os.path.isdir(path) else (path, None)


def _is_hashed(folder: str) -> bool:
    """Whether OpenSSL finds a certificate in `folder` by the hash of its subject."""
    try:
        return any(name.endswith(".0") for name in os.listdir(folder))
    except OSError:
        return False


def _present(path: str) -> str | None:
    return path if os.path.exists(path) else None


def _packaged() -> str | None:
    """Return the certificates that come with botocore: some Pythons on macOS know of none."""
    from importlib.util import find_spec

    found = find_spec("botocore")
    return _present(f"{found.origin.rpartition('/')[0]}/cacert.pem") if found and found.origin else None


def _failed(problem: "_ssl.SSLError") -> AwsUnreachableError:
    if getattr(problem, "verify_code", 0) in UNKNOWN_ISSUER:
        return UnknownIssuerError("tls-failed", _words(problem))
    words = _words(problem)
    is_cut = isinstance(problem, _ssl.SSLEOFError) or "eof" in words.lower()
    return AwsUnreachableError("connection-lost" if is_cut else "tls-failed", words)


def _words(problem: OSError) -> str:
    """Return what OpenSSL says, without its file names and numbers."""
    said = getattr(problem, "verify_message", "") or getattr(problem, "reason", "") or str(problem)
    return str(said).replace("_", " ").lower()
