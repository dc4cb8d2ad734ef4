"""A socket until a moment: what is sent and received in time, and what is said of one that is not."""

import _socket
import socket
import struct
import time
from collections.abc import Iterator

import pytest

from rolecall.credentials.aws.https import url, wire
from rolecall.credentials.aws.https.wire import Wire
from rolecall.credentials.aws.query.errors import AwsUnreachableError
from support import free_port

Pair = tuple["_socket.socket", socket.socket]


@pytest.fixture
def pair() -> Iterator[Pair]:
    """Connect two sockets: ours as `_socket` has it, and the server's."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        own = _socket.socket(_socket.AF_INET, _socket.SOCK_STREAM)
        own.connect(listener.getsockname())
        other, _ = listener.accept()
    yield own, other
    own.close()
    other.close()


def soon() -> float:
    return time.monotonic() + 20


def code(problem: "pytest.ExceptionInfo[AwsUnreachableError]") -> tuple[str, str]:
    return problem.value.code, problem.value.kwargs["error"]


def test_wire_when_there_is_time_then_carries_what_is_said_and_ends_with_its_end(pair: Pair) -> None:
    """Both ways, whole."""
    own, other = pair
    made = Wire(own, soon())
    made.sendall(b"a" * 10_000)
    assert other.recv(10_000, socket.MSG_WAITALL) == b"a" * 10_000
    other.sendall(b"hello")
    other.shutdown(socket.SHUT_WR)
    assert (made.recv(3), made.recv(9), made.recv(9)) == (b"hel", b"lo", b"")
    made.close()
    assert own.fileno() == -1


@pytest.mark.parametrize("late", [0.0, 1.0])
def test_wire_when_the_moment_has_passed_then_nothing_is_sent_or_waited_for(pair: Pair, late: float) -> None:
    """Neither what came already is read: whoever asked has gone on."""
    own, other = pair
    other.sendall(b"hello")
    made = Wire(own, time.monotonic() - late)
    for act in (lambda: made.sendall(b"x"), lambda: made.recv(5)):
        with pytest.raises(AwsUnreachableError) as caught:
            act()
        assert code(caught) == ("timeout", "no answer in time")
    other.setblocking(False)
    with pytest.raises(BlockingIOError):
        other.recv(1)


def test_wire_when_the_other_end_is_silent_then_a_timeout(pair: Pair) -> None:
    """At the moment that was given."""
    with pytest.raises(AwsUnreachableError) as caught:
        Wire(pair[0], time.monotonic() + 0.05).recv(5)
    assert code(caught) == ("timeout", "no answer in time")


def test_wire_when_the_connection_is_cut_then_lost_in_the_systems_words(pair: Pair) -> None:
    """A reset, met while reading and while sending."""
    own, other = pair
    other.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    other.close()
    made = Wire(own, soon())
    with pytest.raises(AwsUnreachableError) as caught:
        made.recv(5)
    assert code(caught) == ("connection-lost", "Connection reset by peer")
    with pytest.raises(AwsUnreachableError) as caught:
        made.sendall(b"x")
    assert code(caught) == ("connection-lost", "Broken pipe")


@pytest.mark.parametrize(
    ("problem", "expected"),
    [
        (TimeoutError("x"), ("timeout", "no answer in time")),
        (ConnectionResetError("x"), ("connection-lost", "ConnectionResetError")),
        (OSError(5, "Input/output error"), ("connection-lost", "Input/output error")),
    ],
)
def test_lost_when_the_system_says_why_then_in_its_words(problem: OSError, expected: tuple[str, str]) -> None:
    """Else by the name of the error."""
    found = wire.lost(problem)
    assert (found.code, found.kwargs["error"]) == expected


def addresses(monkeypatch: pytest.MonkeyPatch, *ports: int) -> None:
    """Let every name have these ports of this machine as its addresses."""
    found = [(_socket.AF_INET, _socket.SOCK_STREAM, 6, "", ("127.0.0.1", port)) for port in ports]
    monkeypatch.setattr(_socket, "getaddrinfo", lambda *_: found)


@pytest.mark.parametrize(
    ("host", "expected"), [("127.0.0.1", "sandbox-down"), ("h.example", "connection-refused")]
)
def test_connect_when_refused_then_here_it_is_the_sandbox(
    monkeypatch: pytest.MonkeyPatch, host: str, expected: str
) -> None:
    """Elsewhere it is not."""
    addresses(monkeypatch, free_port())
    with pytest.raises(AwsUnreachableError) as caught:
        wire.connect(url.parse(f"http://{host}:80"), soon())
    assert code(caught) == (expected, "Connection refused")


def test_connect_when_the_first_address_refuses_then_the_next_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """As a name of several addresses has it; where none is left, that is said."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        addresses(monkeypatch, free_port(), listener.getsockname()[1])
        made = wire.connect(url.parse("http://h.example"), until := soon())
        assert (made.connected.getpeername(), made.until) == (listener.getsockname(), until)
        made.close()
    addresses(monkeypatch)
    with pytest.raises(AwsUnreachableError) as caught:
        wire.connect(url.parse("http://h.example"), soon())
    assert code(caught) == ("connection-refused", "no address")


def test_connect_when_there_is_no_time_then_a_timeout(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is tried."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        addresses(monkeypatch, listener.getsockname()[1])
        with pytest.raises(AwsUnreachableError) as caught:
            wire.connect(url.parse("http://h.example"), time.monotonic() - 1)
        assert code(caught) == ("timeout", "no answer in time")
        listener.settimeout(0)
        with pytest.raises(BlockingIOError):
            listener.accept()


def test_connect_when_the_name_has_no_address_then_said_in_the_resolvers_words(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Offline, for one."""

    def unresolved(*words: object) -> None:
        assert words[:2] == (b"h.example", 443)
        raise _socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(_socket, "getaddrinfo", unresolved)
    with pytest.raises(AwsUnreachableError) as caught:
        wire.connect(url.parse("https://h.example"), soon())
    assert code(caught) == ("dns-failed", "Name or service not known")


def test_left_when_the_moment_is_now_then_none() -> None:
    """A timeout of nothing would never end."""
    with pytest.raises(TimeoutError):
        wire.left(time.monotonic())
    assert 0 < wire.left(time.monotonic() + 5) <= 5
