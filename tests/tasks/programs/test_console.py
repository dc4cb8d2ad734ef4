"""The task `console`, against a sign-in service on loopback."""

import json
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from support import Sts, write_env
from support.invoked import invoke

ODD = [
    (403, b"denied", "refused these credentials"),
    (200, b"<html>", "without a sign-in token"),
    (200, b"[]", "without a sign-in token"),
    (302, b"", "refused these credentials"),
]


class SignIn(ThreadingHTTPServer):
    """A sign-in service that answers as it is told, and remembers what it was asked."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.asked: list[dict[str, str]] = []
        self.answer: tuple[int, bytes] = (200, json.dumps({"SigninToken": "T/o+k=n"}).encode())

    @property
    def url(self) -> str:
        """The address of it."""
        return f"http://127.0.0.1:{self.server_port}/federation"


class Handler(BaseHTTPRequestHandler):
    """One question."""

    server: SignIn

    def do_GET(self) -> None:
        """Answer, and remember."""
        words = parse_qs(urlsplit(self.path).query)
        self.server.asked.append({name: values[0] for name, values in words.items()})
        code, body = self.server.answer
        self.send_response(code)
        if code == 302:
            self.send_header("Location", self.server.url + "?elsewhere=1")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_words: object) -> None:
        """Say nothing."""


@pytest.fixture
def sign_in() -> Iterator[SignIn]:
    """Start a sign-in service."""
    with SignIn() as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def shop(project: Path, sts: Sts, sign_in: SignIn) -> Path:
    """Give the project its tasks, a chained role, and the sign-in service."""
    (project / "tasks.py").write_text("from rolecall.tasks import namespace\n")
    with (project / "envrc.d/roles.toml").open("a") as file:
        file.write('[roles.far]\nrole_arn = "arn:aws:iam::444455556666:role/far"\nsource = "dev"\n')
    write_env(project, sts.env_file(AWS_ENDPOINT_URL_SIGNIN=sign_in.url))
    return project


def console(root: Path, *words: str, **environ: str) -> "subprocess.CompletedProcess[str]":
    """Run the task without a terminal."""
    return invoke(root, "console", *words, **environ)


def test_console_when_printed_then_the_address_signs_in_to_the_services_page(
    shop: Path, sign_in: SignIn
) -> None:
    """The sign-in service gets the session once; the address holds its token and no key."""
    done = console(shop, "--service", "s3", "--region", "eu-west-3", "--duration", "4h", "--print")
    assert done.returncode == 0, done.stderr
    (asked,) = sign_in.asked
    session = json.loads(asked["Session"])
    assert (asked["Action"], asked["SessionDuration"]) == ("getSigninToken", "14400")
    query = parse_qs(urlsplit(done.stdout.strip()).query)
    assert query["SigninToken"] == ["T/o+k=n"]
    assert query["Destination"] == ["https://console.aws.amazon.com/s3/home?region=eu-west-3"]
    assert session["sessionId"].startswith("ASIA")
    for secret in (session["sessionKey"], session["sessionToken"]):
        assert secret not in done.stdout + done.stderr
    assert "T/o" not in done.stderr


def test_console_when_opened_then_the_browser_gets_the_address_and_the_terminal_does_not(
    shop: Path, tmp_path: Path
) -> None:
    """Whoever has the address is signed in."""
    browser = tmp_path / "browser"
    browser.write_text(f'#!/bin/sh\nprintf %s "$1" >"{tmp_path}/opened"\n')
    browser.chmod(0o755)
    done = console(shop, BROWSER=f"{browser} %s")
    assert done.returncode == 0, done.stderr
    assert "SigninToken=" in (tmp_path / "opened").read_text()
    assert "SigninToken" not in done.stdout + done.stderr
    assert "dev · 111122223333 · eu-west-1: the console opens in your browser" in done.stderr


@pytest.mark.parametrize(("code", "body", "says"), ODD)
def test_console_when_the_sign_in_service_answers_oddly_then_one_line_and_no_secret(
    shop: Path, sign_in: SignIn, code: int, body: bytes, says: str
) -> None:
    """No redirect is followed: it would carry the credentials elsewhere."""
    sign_in.answer = (code, body)
    done = console(shop, "--print")
    assert (done.returncode, done.stdout) == (1, "")
    assert says in done.stderr
    assert len(sign_in.asked) == 1
    session = json.loads(sign_in.asked[0]["Session"])
    assert session["sessionToken"] not in done.stderr


def test_console_when_the_sign_in_service_is_away_then_says_which_host(shop: Path, sts: Sts) -> None:
    """The address with the credentials is not in the message."""
    write_env(shop, sts.env_file(AWS_ENDPOINT_URL_SIGNIN="http://127.0.0.1:9/federation"))
    done = console(shop, "--print")
    assert done.returncode == 1
    assert "cannot reach the AWS sign-in service at 127.0.0.1" in done.stderr
    assert "Session" not in done.stderr


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--role", "far", "--duration", "4h"), "assumed by another role"),
        (("--duration", "99h"), "--duration 99h"),
        (("--region", "Europe"), "--region Europe"),
        (("--service", "a b"), "not the name of an AWS service"),
    ],
)
def test_console_when_a_flag_means_nothing_then_refused_before_anything_is_asked(
    shop: Path, sign_in: SignIn, words: tuple[str, ...], says: str
) -> None:
    """AWS would answer such a question with a page of HTML."""
    done = console(shop, *words, "--print")
    assert done.returncode == 2, done.stderr
    assert says in done.stderr
    assert sign_in.asked == []


def test_console_when_aws_is_the_sandbox_then_says_that_it_has_none(shop: Path, sts: Sts) -> None:
    """The sandbox's session must not be sent to the real AWS."""
    write_env(shop, sts.env_file())
    done = console(shop, "--print")
    assert done.returncode == 1
    assert f"requests go to {sts.url} (AWS_ENDPOINT_URL), which has no console" in done.stderr
