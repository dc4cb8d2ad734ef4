"""One HTTP/1.1 response out of a stream: what it may be, where it ends, and what is none."""

import pytest

from rolecall.credentials.aws.https import http_answer
from rolecall.credentials.aws.https.http_answer import HttpAnswer
from rolecall.credentials.aws.query.errors import AwsUnreachableError

MIB = 1 << 20
OK = b"HTTP/1.1 200 OK\r\n"


class Given:
    """A stream that gives what it holds, `most` bytes at a time, and then ends."""

    def __init__(self, content: bytes, most: int = 1 << 30) -> None:
        self.content, self.most = content, most

    def recv(self, most: int) -> bytes:
        """Return the next bytes."""
        size = min(most, self.most)
        taken, self.content = self.content[:size], self.content[size:]
        return taken

    def sendall(self, data: bytes) -> None:
        """Nothing is sent here."""

    def close(self) -> None:
        """Nothing to close."""


def read(content: bytes, most: int = 1 << 30) -> HttpAnswer:
    return http_answer.read(Given(content, most))


def failure(content: bytes) -> tuple[str, str]:
    """Return the code and the words of why it is no answer."""
    with pytest.raises(AwsUnreachableError) as caught:
        read(content)
    return caught.value.code, caught.value.kwargs["error"]


WRONG = "answer-wrong"
CUT = ("connection-lost", "the connection ended within the answer")


@pytest.mark.parametrize("most", [1, 7, 1 << 30])
@pytest.mark.parametrize(
    ("content", "status", "body"),
    [
        (OK + b"Content-Length: 3\r\n\r\nabcdef", 200, b"abc"),
        (OK + b"Content-Length: 0\r\n\r\n", 200, b""),
        (OK + b"\r\nabc", 200, b"abc"),
        (b"HTTP/1.0 403\nX: y\n\nabc", 403, b"abc"),
        (b"HTTP/1.1 204 No\r\n\r\nabc", 204, b""),
        (b"HTTP/1.1 304 No\r\n\r\nabc", 304, b""),
        (b"HTTP/1.1 100 Continue\r\nA: b\r\n\r\n" + OK + b"\r\nabc", 200, b"abc"),
        (b"HTTP/1.1 199 x\r\n\r\n" + OK + b"\r\n", 200, b""),
        (
            OK + b"Transfer-Encoding: CHUNKED\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\nT: u\r\n\r\n",
            200,
            b"abcde",
        ),
        (OK + b"Transfer-Encoding: chunked\r\n\r\n0000000a \r\n0123456789\r\n0\r\n\r\n", 200, b"0123456789"),
    ],
)
def test_answer_when_it_comes_in_parts_then_its_status_and_its_whole_body(
    content: bytes, status: int, body: bytes, most: int
) -> None:
    """By its length, by chunks, or up to the end."""
    found = read(content, most)
    assert (found.status, found.body) == (status, body)


def test_headers_when_read_then_lower_case_and_joined_where_they_come_again() -> None:
    """The body's length may be said twice, where it is the same."""
    found = read(OK + b"X-A:  b \r\nx-a: c\r\nContent-Length: 1\r\ncontent-length: 1\r\n\r\nz")
    assert found.headers == {"x-a": "b, c", "content-length": "1"}


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"HTTP/2 200 OK\r\n\r\n", "it is not an HTTP answer"),
        (b"HTTP/1.1 2x0 OK\r\n\r\n", "it is not an HTTP answer"),
        (b"HTTP/1.1 2000 OK\r\n\r\n", "it is not an HTTP answer"),
        (b"HTTP/1.1\r\n\r\n", "it is not an HTTP answer"),
        (OK + b"no colon\r\n\r\n", "a header cannot be read"),
        (OK + b": x\r\n\r\n", "a header cannot be read"),
        (OK + b"A : x\r\n\r\n", "a header cannot be read"),
        (OK + b" folded: x\r\n\r\n", "a header cannot be read"),
        (OK + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\n", "it has two lengths"),
        (OK + b"Transfer-Encoding: gzip\r\n\r\n", "its transfer encoding is unknown"),
        (OK + b"Content-Length: +1\r\n\r\nz", "its length is not a number"),
        (OK + b"Content-Length: \xb2\r\n\r\nz", "its length is not a number"),
        (OK + b"Content-Length: 1048577\r\n\r\n", "it is too long"),
        (OK + b"Content-Length: 00000001\r\n\r\nz", "it is too long"),
        (OK + b"\r\n" + b"z" * (MIB + 1), "it is too long"),
        (OK + b"Transfer-Encoding: chunked\r\n\r\n\r\n", "a chunk has no length"),
        (OK + b"Transfer-Encoding: chunked\r\n\r\n000000001\r\nz\r\n", "a chunk has no length"),
        (OK + b"Transfer-Encoding: chunked\r\n\r\n-1\r\n", "a chunk has no length"),
        (OK + b"Transfer-Encoding: chunked\r\n\r\n100001\r\n", "it is too long"),
        (
            OK + b"Transfer-Encoding: chunked\r\n\r\n1\r\nabc\r\n",
            "a chunk has another length than it says",
        ),
    ],
)
def test_answer_when_it_cannot_be_read_then_why(content: bytes, why: str) -> None:
    """None of its content is in the words."""
    assert failure(content) == (WRONG, why)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"HTTP/1.1 200",
        OK,
        OK + b"A: b\r\n",
        OK + b"Content-Length: 3\r\n\r\nab",
        OK + b"Transfer-Encoding: chunked\r\n\r\n3\r\nab",
        OK + b"Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n",
    ],
)
def test_answer_when_the_stream_ends_within_it_then_the_connection_was_lost(content: bytes) -> None:
    """Half of an answer is none."""
    assert failure(content) == CUT


def test_line_when_as_long_as_may_be_then_read_and_a_byte_more_is_refused() -> None:
    """The first one 4096 bytes, all that is said of it 65536, the body a MiB."""
    start = b"HTTP/1.1 200 "
    most = start + b"x" * (4096 - len(start) - 1) + b"\r"
    assert read(most + b"\n\r\nabc").body == b"abc"
    assert failure(b"x" + most + b"\n\r\n") == (WRONG, "a line is too long")
    assert failure(b"x" * 4097) == (WRONG, "a line is too long")
    assert read(OK + b"Content-Length: 1048576\r\n\r\n" + b"z" * MIB).body == b"z" * MIB
    assert len(read(OK + b"\r\n" + b"z" * MIB).body) == MIB
    room = 65536 - len(OK.rstrip(b"\n"))
    assert read(OK + b"a:" + b"b" * (room - 2) + b"\n" + b"\nabc").body == b"abc"
    assert failure(OK + b"a:" + b"b" * (room - 1) + b"\n" + b"\nabc") == (WRONG, "a line is too long")
