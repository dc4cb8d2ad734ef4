"""An AWS on loopback that says what a test tells it to: STS, Identity Center, a CI's tokens.

It stands in only for what moto cannot answer: error codes, broken answers, logins.
"""

import json
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

XMLNS = "https://sts.amazonaws.com/doc/2011-06-15/"
KEY_ID = "ASIAFAKEFAKEFAKE0001"


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer: a status, headers and a body, after a pause."""

    status: int = 200
    body: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    pause_seconds: float = 0.0
    is_cut: bool = False


@dataclass(frozen=True, slots=True)
class Request:
    """One question: the operation, and what was asked."""

    operation: str
    asked: dict[str, str]
    headers: dict[str, str] = field(repr=False)


class FakeAws(ThreadingHTTPServer):
    """Answers each operation with the replies queued for it, then as AWS would; it serves as a context."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.socket.settimeout(1)  # a client that is gone before its turn must not hold up the loop
        self.queued: dict[str, list[Reply]] = {}
        self.seen: list[Request] = []
        self.lock = threading.Lock()
        self.user_arn = "arn:aws:iam::111122223333:user/team/ann"
        self.company: dict[str, tuple[str, tuple[str, ...]]] = {}  # account id: its name, its permission sets
        self.most_in_page = 100
        self.wait_before_answering = threading.Event()

    def __enter__(self) -> Self:
        """Serve, from a thread of its own."""
        self.thread = threading.Thread(target=self.serve_forever, args=(0.01,), daemon=True)
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """End, and let go of whoever waits for an answer."""
        self.wait_before_answering.set()
        self.shutdown()
        self.thread.join()
        self.server_close()

    @property
    def url(self) -> str:
        """The address for AWS_ENDPOINT_URL."""
        return f"http://127.0.0.1:{self.server_address[1]}"

    def queue(self, operation: str, *replies: Reply) -> None:
        """Answer the next calls of `operation` with `replies`."""
        self.queued.setdefault(operation, []).extend(replies)

    def asked(self, operation: str) -> list[dict[str, str]]:
        """Return what each call of `operation` asked."""
        return [one.asked for one in self.seen if one.operation == operation]

    def take(self, request: Request) -> Reply:
        """Return the reply to `request`, and remember it."""
        with self.lock:
            self.seen.append(request)
            waiting = self.queued.get(request.operation) or self.queued.get("*") or []
            if waiting:
                return waiting.pop(0)
        return _usual(self, request)


def refusal(code: str, message: str = "no", *, status: int = 400, **headers: str) -> Reply:
    """Return STS's error document."""
    body = (
        f'<ErrorResponse xmlns="{XMLNS}"><Error><Type>Sender</Type><Code>{code}</Code>'
        f"<Message>{message}</Message></Error><RequestId>r-1</RequestId></ErrorResponse>"
    )
    return Reply(status, body, {"Content-Type": "text/xml", **headers})


def granted(arn: str) -> Reply:
    """Return STS's answer to whoever takes the role `arn`."""
    return _assumed("AssumeRole", {"RoleArn": arn, "RoleSessionName": "ann@shop"})


def json_refusal(code: str, message: str = "no", *, status: int = 400) -> Reply:
    """Return the portal's and OIDC's error document."""
    body = json.dumps({"error": code, "error_description": message, "message": message})
    return Reply(status, body, {"Content-Type": "application/json", "x-amzn-ErrorType": code})


def json_reply(document: Any) -> Reply:
    """Return a JSON answer."""
    return Reply(200, json.dumps(document), {"Content-Type": "application/json"})


def page(status: int = 200) -> Reply:
    """Return what a captive portal answers."""
    return Reply(status, "<!DOCTYPE html><html><body>Welcome</body></html>", {"Content-Type": "text/html"})


def _usual(server: FakeAws, request: Request) -> Reply:
    asked, operation = request.asked, request.operation
    if operation in ("AssumeRole", "AssumeRoleWithWebIdentity"):
        return _assumed(operation, asked)
    if operation == "GetSessionToken":
        return _xml(operation, _keys(int(asked.get("DurationSeconds", "43200"))))
    if operation == "GetCallerIdentity":
        return _xml(operation, _caller(server, request))
    if operation.startswith(("GET /assignment/", "GET /federation/")):
        return _portal(server, operation, asked)
    if operation in FIXED:
        return json_reply(FIXED[operation])
    return Reply(404, "nothing here")


FIXED: Mapping[str, Mapping[str, Any]] = {
    "POST /client/register": {
        "clientId": "client-1",
        "clientSecret": "client-secret-1",
        "clientSecretExpiresAt": 4102444800,
    },
    "POST /device_authorization": {
        "deviceCode": "device-1",
        "userCode": "ABCD-EFGH",
        "verificationUri": "https://device.example/",
        "verificationUriComplete": "https://device.example/?user_code=ABCD-EFGH",
        "expiresIn": 600,
        "interval": 1,
    },
    "POST /token": {"accessToken": "access-1", "expiresIn": 28800, "refreshToken": "refresh-2"},
}


def _assumed(operation: str, asked: Mapping[str, str]) -> Reply:
    account, _, role = asked["RoleArn"].split(":", 4)[4].partition(":role/")
    partition = asked["RoleArn"].split(":")[1]
    name = f"{role.rpartition('/')[2]}/{asked['RoleSessionName']}"
    user = (
        f"<AssumedRoleUser><Arn>arn:{partition}:sts::{account}:assumed-role/{name}</Arn>"
        f"<AssumedRoleId>AROAFAKE:{asked['RoleSessionName']}</AssumedRoleId></AssumedRoleUser>"
    )
    return _xml(operation, _keys(int(asked.get("DurationSeconds", "3600"))) + user)


def _keys(seconds: int) -> str:
    expiration = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + seconds))
    return (
        f"<Credentials><AccessKeyId>{KEY_ID}</AccessKeyId><SecretAccessKey>secret/of+role=</SecretAccessKey>"
        f"<SessionToken>token/of+session=</SessionToken><Expiration>{expiration}</Expiration></Credentials>"
    )


def _caller(server: FakeAws, request: Request) -> str:
    key_id = request.headers.get("authorization", "").partition("Credential=")[2].partition("/")[0]
    arn = server.user_arn
    if key_id.startswith("ASIAPORTAL"):
        account, role = key_id.removeprefix("ASIAPORTAL").split("-")
        arn = f"arn:aws:sts::{account}:assumed-role/AWSReservedSSO_{role}_0123456789abcdef/ann"
    account = arn.split(":")[4]
    return f"<Arn>{arn}</Arn><UserId>AIDAFAKE:ann</UserId><Account>{account}</Account>"


def _portal_keys(asked: Mapping[str, str]) -> dict[str, Any]:
    return {
        "accessKeyId": f"ASIAPORTAL{asked['account_id']}-{asked['role_name']}",
        "secretAccessKey": "secret/of+portal=",
        "sessionToken": "token/of+portal=",
        "expiration": (int(time.time()) + 3600) * 1000,
    }


def _portal(server: FakeAws, operation: str, asked: Mapping[str, str]) -> Reply:
    if operation == "GET /federation/credentials":
        return json_reply({"roleCredentials": _portal_keys(asked)})
    if operation.endswith("/accounts"):
        return _page(server, asked, "accountList", [_account(*one) for one in server.company.items()])
    account = asked["account_id"]
    names = server.company.get(account, ("", ()))[1]
    return _page(server, asked, "roleList", [{"accountId": account, "roleName": name} for name in names])


def _account(account_id: str, facts: tuple[str, tuple[str, ...]]) -> dict[str, Any]:
    return {"accountId": account_id, "accountName": facts[0], "emailAddress": "aws@example.com"}


def _page(server: FakeAws, asked: Mapping[str, str], key: str, every: list[dict[str, Any]]) -> Reply:
    """Return one page, and the word that asks for the next one."""
    begin = int(asked.get("next_token", "0"))
    end = begin + min(server.most_in_page, int(asked.get("max_result", "20")))
    return json_reply({key: every[begin:end], **({"nextToken": str(end)} if end < len(every) else {})})


def _xml(operation: str, inner: str) -> Reply:
    result = f"<{operation}Result>{inner}</{operation}Result>"
    body = f'<{operation}Response xmlns="{XMLNS}">{result}</{operation}Response>'
    return Reply(200, body, {"Content-Type": "text/xml"})


class _Handler(BaseHTTPRequestHandler):
    server: FakeAws
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self._answer("")

    def do_PUT(self) -> None:
        self._answer("")

    def do_POST(self) -> None:
        self._answer(self.rfile.read(int(self.headers.get("Content-Length", "0"))).decode())

    def _answer(self, body: str) -> None:
        url = urlsplit(self.path)
        asked = {name: found[0] for name, found in parse_qs(url.query).items()}
        if body.startswith("{"):
            asked |= {
                name: value if isinstance(value, str) else json.dumps(value)
                for name, value in json.loads(body).items()
            }
        else:
            asked |= {name: found[0] for name, found in parse_qs(body).items()}
        operation = asked.get("Action") or f"{self.command} {url.path}"
        headers = {name.lower(): value for name, value in self.headers.items()}
        self._send(self.server.take(Request(operation, asked, headers)))

    def _send(self, reply: Reply) -> None:
        if reply.pause_seconds:
            self.server.wait_before_answering.wait(reply.pause_seconds)
        content = reply.body.encode()
        self.send_response_only(reply.status)
        if not any(name.lower() == "date" for name in reply.headers):
            self.send_header("Date", formatdate(usegmt=True))
        for name, value in reply.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content) + (100 if reply.is_cut else 0)))
        self.end_headers()
        self.wfile.write(content)
        if reply.is_cut:
            self.close_connection = True

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - http.server's name
        """Say nothing."""
