"""One POST over HTTP/1.1, directly or through a proxy, with TLS for https, until a deadline.

A raw exchange: `http.client` would load `email` and `socket`, 30 ms of a `cd`, for one
request and one answer. It does not try again, follow redirects, or judge what came back.
"""

from rolecall.credentials.aws.https import http_answer, proxy, wire
from rolecall.credentials.aws.query.errors import AwsUnreachableError
from rolecall.system.python.frozen import dataclass, field

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from rolecall.credentials.aws.https.http_answer import HttpAnswer
    from rolecall.credentials.aws.https.tls import Stream
    from rolecall.credentials.aws.https.url import Url

PROXY_AUTHENTICATION = 407


@dataclass(frozen=True, slots=True)
class Request:
    """What is posted where. Its headers and its body may hold secrets: it shows neither."""

    url: "Url"
    headers: "Mapping[str, str]" = field(repr=False)
    body: bytes = field(repr=False)


def post(asked: Request, *, environ: "Mapping[str, str]", until: float) -> "HttpAnswer":
    """Return the answer to `asked`; `until` is a moment of the monotonic clock.

    `environ` names proxies and certificates. Raises AwsUnreachableError, and ValueError for a header that
    cannot be sent.
    """
    url = asked.url
    through = proxy.of(url, environ)
    try:
        stream = _stream(url, through, environ, until)
        try:
            stream.sendall(_bytes(asked, through))
            answer = http_answer.read(stream)
        finally:
            stream.close()
        if through and answer.status == PROXY_AUTHENTICATION:
            raise _denied(answer.status)
    except AwsUnreachableError as problem:
        raise problem.at(url.text, through.text if through else "") from problem.__cause__
    return answer


def _stream(url: "Url", through: "Url | None", environ: "Mapping[str, str]", until: float) -> "Stream":
    if url.scheme == "http":
        return _to_proxy(through, environ, until) if through else wire.connect(url, until)
    if through is None:
        return _secured(lambda: wire.connect(url, until), url, environ)
    return _secured(lambda: _tunnel(url, through, environ, until), url, environ)


def _secured(connect: "Callable[[], Stream]", url: "Url", environ: "Mapping[str, str]") -> "Stream":
    """Return TLS over a new connection; another connection where a larger store may know the issuer."""
    from rolecall.credentials.aws.https import tls

    unknown = AwsUnreachableError("tls-failed", "there are no CA certificates on this machine")
    for store in tls.stores(environ):
        stream = connect()
        try:
            return tls.Tls(stream, store, url.host)
        except tls.UnknownIssuerError as problem:
            stream.close()
            unknown = problem
        except AwsUnreachableError:
            stream.close()
            raise
    raise unknown


def _to_proxy(through: "Url", environ: "Mapping[str, str]", until: float) -> "Stream":
    """Return a connection to the proxy itself. Raises AwsUnreachableError: proxy-failed."""
    try:
        if through.scheme == "http":
            return wire.connect(through, until)
        return _secured(lambda: wire.connect(through, until), through, environ)
    except AwsUnreachableError as problem:
        raise AwsUnreachableError("proxy-failed", problem.kwargs["error"]) from problem


def _tunnel(url: "Url", through: "Url", environ: "Mapping[str, str]", until: float) -> "Stream":
    """Return a connection to the host of `url` that the proxy has made."""
    stream = _to_proxy(through, environ, until)
    place = url.host_and_port
    headers = {"host": place, **proxy.authorization(through)}
    try:
        stream.sendall(_head(f"CONNECT {place}", headers))
        status, _ = http_answer.head(http_answer.Reader(stream))
    except AwsUnreachableError as problem:
        stream.close()
        raise AwsUnreachableError("proxy-failed", problem.kwargs["error"]) from problem
    if not 200 <= status < 300:  # noqa: PLR2004 - success
        stream.close()
        raise _denied(status)
    return stream


def _denied(status: int) -> AwsUnreachableError:
    words = "it wants a user and a password" if status == PROXY_AUTHENTICATION else "it makes no connection"
    return AwsUnreachableError("proxy-failed", f"{words} (HTTP {status})")


def _bytes(asked: Request, through: "Url | None") -> bytes:
    url, length = asked.url, str(len(asked.body))
    own = {"host": url.authority, **asked.headers, "content-length": length, "connection": "close"}
    place = url.path or "/"
    if through and url.scheme == "http":
        own |= proxy.authorization(through)
        place = f"http://{url.authority}{place}"
    return _head(f"POST {place}", own) + asked.body


def _head(first: str, headers: "Mapping[str, str]") -> bytes:
    """Return the head of a request. Raises ValueError where a header is not plain text on one line."""
    lines = [f"{name}: {value}" for name, value in headers.items()]
    if not all(line.isascii() and line.isprintable() for line in lines):
        raise ValueError("a header has a character that cannot be sent")
    return "\r\n".join([f"{first} HTTP/1.1", *lines, "", ""]).encode("ascii")
