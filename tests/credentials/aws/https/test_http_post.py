"""One POST against real sockets: answers of every shape, deadlines, TLS, and proxies."""

import base64
import errno
import os
import socket
import ssl
import threading
import time
from collections.abc import Mapping
from pathlib import Path

import pytest

from rolecall.credentials.aws.https import http_post, url, wire
from rolecall.credentials.aws.https.http_answer import HttpAnswer
from rolecall.credentials.aws.https.http_post import Request
from rolecall.credentials.aws.query.errors import AwsUnreachableError
from support import free_port
from support.scripted_server import Authority, Scripted, Serve, request

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"


def post(place: str, environ: Mapping[str, str] = {}, *, seconds: float = 5, **more: str) -> HttpAnswer:
    until = time.monotonic() + seconds
    asked = Request(url.parse(place), {"x-own": "1"}, b"a=1")
    return http_post.post(asked, environ={**environ, **more}, until=until)


def failure(
    place: str,
    environ: Mapping[str, str] = {},
    *,
    seconds: float = 5,
    **more: str,
) -> AwsUnreachableError:
    with pytest.raises(AwsUnreachableError) as caught:
        post(place, {**environ, **more}, seconds=seconds)
    return caught.value


def test_post_when_sent_then_is_one_plain_request(serve: Serve) -> None:
    """The request line, host, length and body are those of HTTP/1.1; the connection is not kept."""
    server = serve(OK)
    assert post(f"{server.url}/sts/").body == b"hello"
    head, _, body = server.seen[0].partition(b"\r\n\r\n")
    assert head.split(b"\r\n") == [
        b"POST /sts/ HTTP/1.1",
        b"host: 127.0.0.1:%d" % server.port,
        b"x-own: 1",
        b"content-length: 3",
        b"connection: close",
    ]
    assert body == b"a=1"


@pytest.mark.parametrize(
    ("raw", "status", "body"),
    [
        (OK, 200, b"hello"),
        (b"HTTP/1.0 403 No\r\n\r\nto the end", 403, b"to the end"),
        (b"HTTP/1.1 200\r\ncontent-LENGTH:  5 \r\n\r\nhello and more", 200, b"hello"),
        (b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early\r\nA: b\r\n\r\n" + OK, 200, b"hello"),
        (b"HTTP/1.1 200 OK\nContent-Length: 5\n\nhello", 200, b"hello"),
        (b"HTTP/1.1 204 None\r\n\r\n", 204, b""),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", 200, b""),
        (
            b"HTTP/1.1 200\r\ntransfer-encoding: Chunked\r\n\r\n5;x\r\nhello\r\nA\r\n, world, a\r\n0\r\n\r\n",
            200,
            b"hello, world, a",
        ),
    ],
)
def test_answer_when_well_formed_then_is_read(serve: Serve, raw: bytes, status: int, body: bytes) -> None:
    """By length, in chunks, to the end; "continue" and its like are passed over."""
    answer = post(serve(raw).url)
    assert (answer.status, answer.body) == (status, body)


def test_headers_when_repeated_or_in_capitals_then_are_one_in_lower_case(serve: Serve) -> None:
    """As botocore gives them."""
    answer = post(
        serve(b"HTTP/1.1 200 OK\r\nDate: today\r\nX-A: 1\r\nx-a: 2\r\nContent-Length: 0\r\n\r\n").url
    )
    assert answer.headers == {"date": "today", "x-a": "1, 2", "content-length": "0"}


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"", "connection-lost"),
        (b"HTTP/1.1 200", "connection-lost"),
        (b"HTTP/1.1 200 OK\r\nContent-Le", "connection-lost"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nhello", "connection-lost"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel", "connection-lost"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n", "connection-lost"),
        (b"SSH-2.0-OpenSSH_9.2\r\n\r\n", "answer-wrong"),
        (b"HTTP/2 200 OK\r\n\r\n", "answer-wrong"),
        (b"HTTP/1.1 2x0 OK\r\n\r\n", "answer-wrong"),
        (b"HTTP/1.1 2000 OK\r\n\r\n", "answer-wrong"),
        (b"HTTP/1.1 200 OK\r\nno colon\r\n\r\n", "answer-wrong"),
        (b"HTTP/1.1 200 OK\r\nA: b\r\n folded\r\n\r\n", "answer-wrong"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", "answer-wrong"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab", "answer-wrong"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 9999999999999\r\n\r\n", "answer-wrong"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n", "answer-wrong"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-5\r\nhello", "answer-wrong"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nFFFFFFFF\r\nhello", "answer-wrong"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhello\r\n0\r\n\r\n", "answer-wrong"),
        (b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 20_000 + b"\r\n", "answer-wrong"),
        (b"HTTP/1.1 200 OK\r\nA: " + b"b" * 100_000 + b"\r\n\r\n", "answer-wrong"),
        (b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * (1 << 21), "answer-wrong"),
        (b"x" * 200_000, "answer-wrong"),
    ],
)
def test_answer_when_broken_then_is_lost_or_wrong(serve: Serve, raw: bytes, code: str) -> None:
    """What ends too early was cut; what is no HTTP, or too much of it, is no answer."""
    server = serve(raw)
    problem = failure(server.url)
    assert problem.code == code
    assert problem.kwargs["endpoint_url"] == server.url


def drip(connection: socket.socket, server: Scripted) -> None:
    """Send a header, a byte at a time, for as long as anyone listens."""
    for letter in b"HTTP/1.1 200 OK\r\nA: " + b"b" * 60_000:
        connection.sendall(bytes([letter]))
        if server.is_over.wait(0.01):
            return


def test_deadline_when_bytes_drip_then_holds_for_the_whole_exchange(serve: Serve) -> None:
    """Each byte in time does not make the answer in time."""
    begun = time.monotonic()
    assert failure(serve(drip).url, seconds=0.4).code == "timeout"
    assert 0.3 < time.monotonic() - begun < 3


def test_deadline_when_server_is_silent_then_holds(serve: Serve) -> None:
    """Accepting a connection is no answer."""
    begun = time.monotonic()
    server = serve(lambda _connection, server: server.is_over.wait(10))
    assert failure(server.url, seconds=0.3).code == "timeout"
    assert time.monotonic() - begun < 3


def test_deadline_when_passed_already_then_nothing_is_sent(serve: Serve) -> None:
    """No time, no request."""
    server = serve(OK)
    assert failure(server.url, seconds=0).code == "timeout"
    assert server.seen == []


def test_connection_when_nothing_listens_on_loopback_then_sandbox_is_down() -> None:
    """A refusal on this machine is the sandbox's."""
    assert failure(f"http://127.0.0.1:{free_port()}").code == "sandbox-down"


def test_connection_when_name_is_unknown_then_dns_failed() -> None:
    """`.invalid` is nobody's, by RFC 2606."""
    assert failure("http://sts.invalid").code == "dns-failed"


def test_connection_when_first_address_refuses_then_next_is_tried(serve: Serve) -> None:
    """`localhost` is ::1 and 127.0.0.1 on most machines; the server listens on one of them."""
    assert post(f"http://localhost:{serve(OK).port}").body == b"hello"


def test_connection_when_reset_then_is_lost(serve: Serve) -> None:
    """A reset is no refusal: it had been made."""

    def reset(connection: socket.socket, _server: Scripted) -> None:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        connection.close()

    assert failure(serve(reset).url).code == "connection-lost"


def test_connection_when_reset_before_connect_returns_then_is_lost(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a busy machine the reset is there before connect(2) looks; the server is not down for that."""

    class Busy(socket.SocketType):
        def connect(self, _address: object) -> None:
            raise ConnectionResetError(errno.ECONNRESET, os.strerror(errno.ECONNRESET))

    monkeypatch.setattr(f"{wire.__name__}._socket.socket", Busy)
    assert failure(serve(OK).url).code == "connection-lost"


def test_header_when_it_would_be_two_then_is_not_sent(serve: Serve) -> None:
    """A token with a line break in it must not become a header of its own."""
    server = serve(OK)
    asked = Request(url.parse(server.url), {"x": "a\r\nevil: 1"}, b"")
    with pytest.raises(ValueError, match="cannot be sent"):
        http_post.post(asked, environ={}, until=time.monotonic() + 5)
    assert b"evil" not in b"".join(server.seen)  # a connection without a word may have been seen


@pytest.mark.parametrize("name", ["AWS_CA_BUNDLE", "REQUESTS_CA_BUNDLE", "SSL_CERT_FILE"])
@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_tls_when_authority_is_trusted_then_answers(
    serve: Serve, authority: Authority, name: str, host: str
) -> None:
    """By a bundle of AWS's variable, of requests', or of OpenSSL's own; by address and by name."""
    server = serve(OK, context=authority.server("here"))
    answer = post(f"https://{host}:{server.port}/", {name: str(authority.bundle)})
    assert answer.body == b"hello"


def test_tls_when_answer_is_large_then_is_whole(serve: Serve, authority: Authority) -> None:
    """Many TLS records, both ways."""
    body = bytes(range(256)) * 2000
    server = serve(
        b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body),
        context=authority.server("here"),
    )
    until = time.monotonic() + 5
    environ = {"AWS_CA_BUNDLE": str(authority.bundle)}
    answer = http_post.post(Request(url.parse(server.url), {}, body), environ=environ, until=until)
    assert answer.body == body
    assert server.seen[0].endswith(body)


def test_tls_when_folder_names_certificates_by_hash_then_trusts_them(
    serve: Serve, authority: Authority, tmp_path: Path
) -> None:
    """The system's own way, which costs least: OpenSSL reads the one file it needs."""
    import subprocess

    words = ["openssl", "x509", "-hash", "-noout", "-in", str(authority.bundle)]
    name = subprocess.run(words, capture_output=True, text=True, check=True).stdout.strip()
    (tmp_path / f"{name}.0").write_bytes(authority.bundle.read_bytes())
    server = serve(OK, context=authority.server("here"))
    assert post(server.url, SSL_CERT_DIR=str(tmp_path)).body == b"hello"
    assert post(server.url, AWS_CA_BUNDLE=str(tmp_path)).body == b"hello"


def test_tls_when_hashed_folder_does_not_know_the_issuer_then_the_whole_store_is_asked(
    serve: Serve, authority: Authority, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The folder is the cheap part of what is trusted, not all of it."""
    import _ssl

    (tmp_path / "00000000.0").write_bytes(authority.bundle.read_bytes())
    paths = ("SSL_CERT_FILE", str(authority.bundle), "SSL_CERT_DIR", str(tmp_path))
    monkeypatch.setattr(_ssl, "get_default_verify_paths", lambda: paths)
    server = serve(OK, context=authority.server("here"))
    assert post(server.url).body == b"hello"


@pytest.mark.parametrize(
    ("name", "is_trusted", "says"),
    [("here", 0, "issuer"), ("elsewhere", 1, "ip address mismatch"), ("elsewhere", 0, "issuer")],
)
def test_tls_when_certificate_is_not_right_then_nothing_is_sent(
    serve: Serve, authority: Authority, name: str, is_trusted: int, says: str
) -> None:
    """An unknown authority, or another host's certificate: the request with its token stays here."""
    server = serve(OK, context=authority.server(name))
    problem = failure(server.url, {"AWS_CA_BUNDLE": str(authority.bundle)} if is_trusted else {})
    assert problem.code == "tls-failed"
    assert says in problem.kwargs["error"]
    assert server.seen == []


def test_tls_when_host_name_is_anothers_then_fails(serve: Serve, authority: Authority) -> None:
    """By name too."""
    server = serve(OK, context=authority.server("elsewhere"))
    problem = failure(f"https://localhost:{server.port}", AWS_CA_BUNDLE=str(authority.bundle))
    assert (problem.code, server.seen) == ("tls-failed", [])
    assert "hostname mismatch" in problem.kwargs["error"]


def test_tls_when_bundle_is_missing_or_no_certificates_then_names_the_variable(
    serve: Serve, authority: Authority, tmp_path: Path
) -> None:
    """The person put it there; nothing else is trusted instead."""
    (tmp_path / "empty.pem").write_text("nothing")
    for path in (tmp_path / "missing.pem", tmp_path / "empty.pem"):
        problem = failure(serve(OK, context=authority.server("here")).url, AWS_CA_BUNDLE=str(path))
        assert problem.code == "tls-failed"
        assert "AWS_CA_BUNDLE" in problem.kwargs["error"]


def test_tls_when_server_speaks_plain_http_then_failed(serve: Serve) -> None:
    """The endpoint says https, the server does not."""
    server = serve(lambda connection, server: (connection.sendall(OK), server.is_over.wait(10)))
    assert failure(f"https://127.0.0.1:{server.port}").code == "tls-failed"


def test_tls_when_cut_in_the_handshake_then_connection_is_lost(serve: Serve) -> None:
    """Not the certificate's fault."""
    server = serve(lambda connection, _server: connection.recv(10))
    assert failure(f"https://127.0.0.1:{server.port}").code == "connection-lost"


def test_tls_when_cut_without_goodbye_then_answer_to_the_end_is_lost(
    serve: Serve, authority: Authority
) -> None:
    """Anyone on the way can end a TCP connection: without a length, only the goodbye proves the end."""

    def cut(connection: socket.socket, server: Scripted) -> None:
        server.seen.append(request(connection))
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\nhalf an ans")
        connection.shutdown(socket.SHUT_RDWR)

    server = serve(cut, context=authority.server("here"))
    assert failure(server.url, AWS_CA_BUNDLE=str(authority.bundle)).code == "connection-lost"


def test_tls_when_server_says_goodbye_then_answer_to_the_end_is_whole(
    serve: Serve, authority: Authority
) -> None:
    """The goodbye of TLS is the end."""

    def end(connection: socket.socket, server: Scripted) -> None:
        server.seen.append(request(connection))
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\nwhole")
        assert isinstance(connection, ssl.SSLSocket)
        connection.unwrap()

    server = serve(end, context=authority.server("here"))
    assert post(server.url, AWS_CA_BUNDLE=str(authority.bundle)).body == b"whole"


def test_tls_when_handshake_stalls_then_deadline_holds(serve: Serve) -> None:
    """Silence below TLS is silence."""
    begun = time.monotonic()
    server = serve(lambda _connection, server: server.is_over.wait(10))
    assert failure(f"https://127.0.0.1:{server.port}", seconds=0.3).code == "timeout"
    assert time.monotonic() - begun < 3


def relay(connection: socket.socket, server: Scripted) -> None:
    """Be a proxy that makes every CONNECT it is asked for."""
    asked = request(connection)
    server.seen.append(asked)
    host, _, port = asked.split()[1].decode().rpartition(":")
    with socket.create_connection((host, int(port))) as target:
        connection.sendall(b"HTTP/1.1 200 Connection established\r\nVia: here\r\n\r\n")
        back = threading.Thread(target=copy, args=(target, connection))
        back.start()
        copy(connection, target)
        back.join()


def copy(source: socket.socket, sink: socket.socket) -> None:
    try:
        while data := source.recv(65536):
            sink.sendall(data)
        sink.shutdown(socket.SHUT_WR)
    except OSError:
        return


@pytest.mark.parametrize("userinfo", ["", "ann:p%40ss%3Aword@"])
def test_proxy_when_address_is_https_then_tunnels(serve: Serve, authority: Authority, userinfo: str) -> None:
    """CONNECT with the user of the proxy's address; TLS is with AWS, through it."""
    server, proxy = serve(OK, context=authority.server("here")), serve(relay)
    named = f"http://{userinfo}127.0.0.1:{proxy.port}"
    assert post(server.url, HTTPS_PROXY=named, AWS_CA_BUNDLE=str(authority.bundle)).body == b"hello"
    lines = proxy.seen[0].split(b"\r\n")
    assert lines[:2] == [b"CONNECT 127.0.0.1:%d HTTP/1.1" % server.port, b"host: 127.0.0.1:%d" % server.port]
    sent = [line for line in lines if line.startswith(b"proxy-authorization: Basic ")]
    assert [base64.b64decode(line.split()[-1]) for line in sent] == ([b"ann:p@ss:word"] if userinfo else [])
    assert b"proxy-authorization" not in server.seen[0]


def test_proxy_when_it_speaks_tls_itself_then_tunnels_within(serve: Serve, authority: Authority) -> None:
    """TLS with AWS runs inside TLS with the proxy."""
    server = serve(OK, context=authority.server("here"))
    proxy = serve(relay, context=authority.server("here"))
    bundle = str(authority.bundle)
    assert post(server.url, https_proxy=proxy.url, AWS_CA_BUNDLE=bundle).body == b"hello"


def test_proxy_when_address_is_http_then_is_asked_for_all_of_it(serve: Serve) -> None:
    """The whole address stands in the request line."""
    proxy = serve(OK)
    answer = post("http://sts.invalid/x", http_proxy=f"ann:secret@127.0.0.1:{proxy.port}")
    assert answer.body == b"hello"
    assert proxy.seen[0].startswith(b"POST http://sts.invalid/x HTTP/1.1\r\nhost: sts.invalid\r\n")
    assert b"proxy-authorization: Basic YW5uOnNlY3JldA==\r\n" in proxy.seen[0]


@pytest.mark.parametrize(
    ("reply", "says"),
    [
        (b"HTTP/1.1 407 Who?\r\nContent-Length: 0\r\n\r\n", "password"),
        (b"HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n", "403"),
        (b"", "ended"),
        (b"nonsense\r\n\r\n", "not an HTTP"),
    ],
)
def test_proxy_when_it_refuses_then_says_which_proxy_without_the_password(
    serve: Serve, reply: bytes, says: str
) -> None:
    """Every failure of the proxy's is the proxy's, with its address."""
    proxy = serve(reply)
    problem = failure("https://sts.invalid", HTTPS_PROXY=f"http://ann:hunter2@127.0.0.1:{proxy.port}")
    assert problem.code == "proxy-failed"
    assert says in problem.kwargs["error"]
    assert problem.kwargs["proxy_url"] == proxy.url
    assert "hunter2" not in f"{problem!r} {problem.kwargs}"


@pytest.mark.parametrize(
    "named", ["http://127.0.0.1:{port}", "socks5://ann:hunter2@127.0.0.1:1080", "http://ann:hunter2@pro xy"]
)
def test_proxy_when_it_cannot_be_used_then_failed(named: str) -> None:
    """Nothing listens, or the address is none we can speak to."""
    problem = failure("https://sts.invalid", HTTPS_PROXY=named.format(port=free_port()))
    assert problem.code == "proxy-failed"
    assert problem.kwargs["endpoint_url"] == "https://sts.invalid"
    assert "hunter2" not in f"{problem!r} {problem.kwargs}"


def test_proxy_when_plain_request_meets_407_then_failed(serve: Serve) -> None:
    """The proxy's own status is not AWS's."""
    proxy = serve(b"HTTP/1.1 407 Who?\r\nContent-Length: 0\r\n\r\n")
    assert failure("http://sts.invalid", HTTP_PROXY=proxy.url).code == "proxy-failed"


def test_proxy_when_no_proxy_names_the_host_then_is_passed_by(serve: Serve) -> None:
    """The request goes straight to the server."""
    server = serve(OK)
    nowhere = f"http://127.0.0.1:{free_port()}"
    assert post(server.url, HTTP_PROXY=nowhere, NO_PROXY="example.com, 127.0.0.1").body == b"hello"
