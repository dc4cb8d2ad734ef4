"""Which requests the endpoint serves, over real connections."""

import http.client
import json
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from rolecall.services.endpoint import reply
from rolecall.services.endpoint.server import Server, listen

TOKEN = "T" * 43
SECRET = "never/shown+to=anyone"


@pytest.fixture
def server() -> Iterator[Server]:
    """Start an endpoint whose credentials are a word."""
    over = threading.Event()
    answer = reply.Reply(200, {"SecretAccessKey": SECRET})
    with listen() as listening:
        started = Server(listening, TOKEN, lambda: answer, is_over=over.is_set)
        thread = threading.Thread(target=started.serve)
        thread.start()
        yield started
        over.set()
        thread.join()


def asked(server: Server, method: str = "GET", path: str = "/", **headers: str) -> tuple[int, Any, str]:
    """Send one request; return the status, the document, and the names of the answer's headers."""
    connection = http.client.HTTPConnection(*server.socket.getsockname()[:2])
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    connection.request(method, path, headers={"Authorization": TOKEN, **given})
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    return answer.status, json.loads(body) if body else None, " ".join(answer.headers).lower()


def test_request_when_it_holds_the_token_then_is_served_and_not_cached(server: Server) -> None:
    """What an SDK sends."""
    status, document, headers = asked(server)
    assert (status, document) == (200, {"SecretAccessKey": SECRET})
    assert "cache-control" in headers


@pytest.mark.parametrize(
    ("status", "request_"),
    [
        (401, {"Authorization": ""}),
        (401, {"Authorization": TOKEN[:-1]}),
        (401, {"Authorization": f"Bearer {TOKEN}"}),
        (401, {"Authorization": "é" * 43}),
        (403, {"Host": "evil.example"}),
        (403, {"Host": "127.0.0.1"}),
        (403, {"Host": "127.0.0.1:1"}),
        (403, {"Host": ""}),
        (403, {"Origin": "https://evil.example"}),
        (403, {"Origin": "null"}),
        (403, {"Sec_Fetch_Site": "cross-site"}),
        (403, {"Referer": "http://127.0.0.1/"}),
        (404, {"path": "/role/prod"}),
        (404, {"path": "/../"}),
        (404, {"path": "/?x"}),
        (405, {"method": "POST"}),
        (405, {"method": "PUT"}),
        (405, {"method": "TRACE"}),
        (405, {"method": "BREW"}),
    ],
)
def test_request_when_it_breaks_a_rule_then_is_refused_in_json_without_a_secret(
    server: Server, status: int, request_: dict[str, str]
) -> None:
    """Each refusal says which rule, and allows no other origin."""
    found, document, headers = asked(server, **request_)
    assert found == status
    assert set(document) == {"code", "message"}
    assert SECRET not in json.dumps(document)
    assert "access-control" not in headers


@pytest.mark.parametrize("method", ["OPTIONS", "HEAD"])
def test_request_when_a_browser_asks_first_then_no_origin_is_allowed(server: Server, method: str) -> None:
    """A preflight gets no permission, so that the browser sends nothing more."""
    status, _, headers = asked(server, method, Origin="https://evil.example")
    assert status == 403
    assert "access-control" not in headers


def test_request_when_it_is_no_http_then_is_refused_and_the_next_one_served(server: Server) -> None:
    """A broken client stops nobody else."""
    import socket

    with socket.create_connection(server.socket.getsockname(), timeout=30) as connection:
        connection.sendall(b"\x16\x03\x01 nonsense\r\n\r\n")
        with connection.makefile("rb") as answer:
            assert b"request-refused" in answer.read()
    assert asked(server)[0] == 200
