"""A TCP connection that keeps a deadline, over `_socket`: `socket` costs 8 ms, and gives nothing needed here.

Name resolution may outlast the deadline: callers run in a thread that can be left behind.
"""

import _socket
import time

from rolecall.credentials.aws.query.errors import AwsUnreachableError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from rolecall.credentials.aws.https.url import Url


class Wire:
    """A connected socket, until a moment of the monotonic clock."""

    def __init__(self, connected: "_socket.socket", until: float) -> None:
        self.connected, self.until = connected, until

    def recv(self, most: int) -> bytes:
        """Return what came, or nothing at the end. Raises AwsUnreachableError: timeout or connection-lost."""
        try:
            self.connected.settimeout(left(self.until))
            return self.connected.recv(most)
        except OSError as problem:
            raise lost(problem) from problem

    def sendall(self, data: bytes) -> None:
        """Send all of `data`. Raises AwsUnreachableError: timeout or connection-lost."""
        try:
            self.connected.settimeout(left(self.until))
            self.connected.sendall(data)
        except OSError as problem:
            raise lost(problem) from problem

    def close(self) -> None:
        """Close the socket."""
        self.connected.close()


def connect(url: "Url", until: float) -> Wire:
    """Return a connection to the first address of the host that accepts one.

    An address that does not answer has its share of the time only. Raises AwsUnreachableError.
    """
    addresses = _addresses(url)
    problem: OSError = OSError("no address")
    for tried, (family, kind, protocol, _, address) in enumerate(addresses):
        connected = _socket.socket(family, kind, protocol)
        try:
            connected.settimeout(left(until) / (len(addresses) - tried))
            connected.connect(address)
        except OSError as met:
            connected.close()
            problem = met
        else:
            return Wire(connected, until)
    if isinstance(problem, (TimeoutError, ConnectionResetError)):  # a reset: it had been made, and was cut
        raise lost(problem) from problem
    code = "sandbox-down" if url.is_loopback else "connection-refused"
    raise AwsUnreachableError(code, problem.strerror or str(problem)) from problem


def lost(problem: OSError) -> AwsUnreachableError:
    """Return the failure of a connection that had been made."""
    if isinstance(problem, TimeoutError):
        return AwsUnreachableError("timeout", "no answer in time")
    return AwsUnreachableError("connection-lost", problem.strerror or type(problem).__name__)


def left(until: float) -> float:
    """Return the seconds until `until`. Raises TimeoutError where none are left."""
    seconds = until - time.monotonic()
    if seconds <= 0:
        raise TimeoutError
    return seconds


def _addresses(url: "Url") -> "list[tuple[int, int, int, str, tuple[object, ...]]]":
    try:
        # As bytes: for a str, Python imports a codec, `re` and `unicodedata` first.
        return _socket.getaddrinfo(url.host.encode(), url.port, 0, _socket.SOCK_STREAM)  # type: ignore[return-value] # typeshed: IPv6 addresses too
    except _socket.gaierror as problem:
        raise AwsUnreachableError("dns-failed", problem.strerror or str(problem)) from problem
