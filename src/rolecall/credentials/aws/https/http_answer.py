"""One HTTP/1.1 response, read from a stream: its status, its headers, and its whole body or a failure."""

from rolecall.credentials.aws.query.errors import AwsUnreachableError
from rolecall.system.python.frozen import dataclass, field

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from rolecall.credentials.aws.https.tls import Stream

HEAD_MOST_BYTES = 65536
BODY_MOST_BYTES = 1 << 20  # an STS answer has some 2 KiB
LINE_MOST_BYTES = 4096
BLOCK_BYTES = 65536
BODILESS = (204, 304)
HEXADECIMAL = frozenset(b"0123456789abcdefABCDEF")


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """A response; names of headers are in lower case."""

    status: int
    headers: "Mapping[str, str]" = field(repr=False)
    body: bytes = field(repr=False, default=b"")


class Reader:
    """What came over a stream, by lines and lengths. A stream that ends too early raises connection-lost."""

    def __init__(self, stream: "Stream") -> None:
        self.stream, self.waiting = stream, b""

    def line(self, most: int) -> bytes:
        """Return the next line without its end."""
        while b"\n" not in self.waiting:
            if len(self.waiting) > most:
                raise odd("a line is too long")
            self.waiting += self._more()
        line, _, self.waiting = self.waiting.partition(b"\n")
        if len(line) > most:
            raise odd("a line is too long")
        return line.removesuffix(b"\r")

    def exactly(self, size: int) -> bytes:
        """Return the next `size` bytes."""
        while len(self.waiting) < size:
            self.waiting += self._more()
        taken, self.waiting = self.waiting[:size], self.waiting[size:]
        return taken

    def rest(self) -> bytes:
        """Return everything up to the end of the stream."""
        while len(self.waiting) <= BODY_MOST_BYTES:
            received = self.stream.recv(BLOCK_BYTES)
            if not received:
                return self.waiting
            self.waiting += received
        raise odd("it is too long")

    def _more(self) -> bytes:
        received = self.stream.recv(BLOCK_BYTES)
        if not received:
            raise AwsUnreachableError("connection-lost", "the connection ended within the answer")
        return received


def read(stream: "Stream") -> HttpAnswer:
    """Return the response. Raises AwsUnreachableError: answer-wrong, connection-lost or timeout."""
    reader = Reader(stream)
    status, headers = head(reader)
    return HttpAnswer(status, headers, b"" if status in BODILESS else _body(reader, headers))


def head(reader: Reader) -> tuple[int, dict[str, str]]:
    """Return the status and the headers of the next response that is not a mere "continue" (1xx)."""
    room = HEAD_MOST_BYTES
    while True:
        first = reader.line(min(room, LINE_MOST_BYTES))
        status = _status(first)
        headers: dict[str, str] = {}
        room -= len(first)
        while line := reader.line(room):
            room -= len(line) + 1
            _add(headers, line)
        if not 100 <= status < 200:  # noqa: PLR2004 - informational
            return status, headers


def odd(words: str) -> AwsUnreachableError:
    """Return the failure of an answer that is none."""
    return AwsUnreachableError("answer-wrong", words)


def _status(line: bytes) -> int:
    version, _, rest = line.partition(b" ")
    digits = rest[:3]
    if not version.startswith(b"HTTP/1.") or not digits.isdigit() or rest[3:4].strip():
        raise odd("it is not an HTTP answer")
    return int(digits)


def _add(headers: dict[str, str], line: bytes) -> None:
    name, colon, value = line.decode("latin-1").partition(":")
    if not colon or not name or name != name.strip():
        raise odd("a header cannot be read")
    name, value = name.lower(), value.strip()
    if name == "content-length" and headers.get(name, value) != value:
        raise odd("it has two lengths")
    is_again = name in headers and name != "content-length"
    headers[name] = f"{headers[name]}, {value}" if is_again else value


def _body(reader: Reader, headers: "Mapping[str, str]") -> bytes:
    coding, length = headers.get("transfer-encoding", "").lower(), headers.get("content-length")
    if coding == "chunked":
        return _chunks(reader)
    if coding:
        raise odd("its transfer encoding is unknown")
    if length is None:
        return reader.rest()
    if not (length.isascii() and length.isdigit()):
        raise odd("its length is not a number")
    if len(length) > len(str(BODY_MOST_BYTES)) or int(length) > BODY_MOST_BYTES:
        raise odd("it is too long")
    return reader.exactly(int(length))


def _chunks(reader: Reader) -> bytes:
    body = b""
    while True:
        digits = reader.line(LINE_MOST_BYTES).partition(b";")[0].strip()
        if not digits or len(digits) > 8 or not HEXADECIMAL.issuperset(digits):  # noqa: PLR2004 - 32 bits
            raise odd("a chunk has no length")
        size = int(digits, 16)
        if len(body) + size > BODY_MOST_BYTES:
            raise odd("it is too long")
        if not size:
            break
        body += reader.exactly(size)
        if reader.line(LINE_MOST_BYTES):
            raise odd("a chunk has another length than it says")
    room = HEAD_MOST_BYTES
    while (line := reader.line(LINE_MOST_BYTES)) and room > 0:  # trailers say nothing that is used
        room -= len(line) + 1
    return body
