"""Whether STS can be reached and the clocks agree, against a real server on loopback."""

from collections.abc import Mapping
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest

from rolecall.workstation.doctor import network
from rolecall.workstation.doctor.network import Reply
from rolecall.workstation.doctor.symptom import Level
from rolecall.workstation.steps.step import Context
from support.symptoms import by_id

NOW = 1_800_000_000.0


@pytest.mark.parametrize(
    ("seconds", "level"),
    [(0, Level.OK), (30, Level.OK), (-90, Level.NOTE), (400, Level.PROBLEM), (-86400, Level.PROBLEM)],
)
def test_look_when_clocks_differ_then_the_level_grows_with_the_difference(
    shop: Path, seconds: int, level: Level
) -> None:
    """SigV4 refuses from five minutes on; a minute is worth knowing."""
    reply = Reply(date=formatdate(NOW - seconds, usegmt=True))
    found = by_id(network.look(Context(shop), ask=lambda _url, _environ: reply, clock=lambda: NOW))
    assert found["clock-skew"].level is level


def test_look_when_a_server_answers_then_it_was_asked_unsigned(shop: Path) -> None:
    """The Date of a server on loopback is read; no credential is sent to it."""
    seen: list[dict[str, str]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            seen.append(dict(self.headers))
            self.send_response(302)
            self.send_header("Location", "http://192.0.2.1/")
            self.end_headers()

        def log_message(self, *_: object) -> None: ...

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        (shop / ".env").write_text(
            f"AWS_ENDPOINT_URL=http://127.0.0.1:{server.server_port}\nAWS_SECRET_ACCESS_KEY=x\n"
        )
        found = by_id(network.look(Context(shop)))
        server.shutdown()
    assert found["sts-reachable"].level is Level.OK
    assert found["clock-skew"].level is Level.OK
    assert len(seen) == 1
    assert "Authorization" not in seen[0]


def test_look_when_the_sandbox_is_down_then_names_the_command_that_starts_it(shop: Path) -> None:
    """After a reboot: the command that starts it."""
    (shop / ".env").write_text("AWS_ENDPOINT_URL=http://127.0.0.1:9\n")
    found = by_id(network.look(Context(shop)))["sts-reachable"]
    assert (found.level, found.fix) == (Level.PROBLEM, "invoke sandbox")


@pytest.mark.parametrize(
    ("name", "value", "url"),
    [
        ("AWS_ENDPOINT_URL", "http://127.0.0.1:9", "http://127.0.0.1:9"),
        ("AWS_ENDPOINT_URL_STS", "http://127.0.0.1:9", "http://127.0.0.1:9"),
        ("AWS_USE_FIPS_ENDPOINT", "true", "https://sts-fips.eu-west-1.amazonaws.com"),
    ],
)
def test_look_when_the_environment_says_where_sts_is_then_that_one_is_asked(
    shop: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: str, url: str
) -> None:
    """A session would come from there, too."""
    monkeypatch.setenv(name, value)
    asked: list[str] = []

    def ask(url: str, _environ: Mapping[str, str]) -> Reply:
        asked.append(url)
        return Reply()

    list(network.look(Context(shop), ask=ask))
    assert asked == [url]


def test_look_when_the_endpoint_is_no_address_then_says_so(
    shop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And asks nobody."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", "nowhere")
    (found,) = network.look(Context(shop))
    assert (found.id, found.level) == ("config", Level.PROBLEM)


def test_look_when_no_region_can_have_that_name_then_says_so(shop: Path) -> None:
    """Its endpoint would be a name on the internet that is anybody's."""
    path = shop / ".env"
    path.write_text(path.read_text().replace("AWS_REGION=eu-west-1", "AWS_REGION=eu-west-1.example.org/"))
    (found,) = network.look(Context(shop))
    assert (found.id, found.level) == ("config", Level.PROBLEM)


def test_look_when_a_certificate_is_not_trusted_then_names_the_bundle_variable(shop: Path) -> None:
    """A proxy that opens TLS needs AWS_CA_BUNDLE."""
    reply = Reply(problem="certificate verify failed", is_certificate=True)
    found = by_id(network.look(Context(shop), ask=lambda _url, _environ: reply))["sts-reachable"]
    assert "AWS_CA_BUNDLE" in found.fix


def test_look_when_a_proxy_catches_loopback_then_is_a_problem(
    shop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SDKs would look for the sandbox at the proxy."""
    (shop / ".env").write_text("AWS_ENDPOINT_URL=http://127.0.0.1:9\n")
    monkeypatch.delenv("no_proxy")
    monkeypatch.delenv("NO_PROXY")
    found = by_id(network.look(Context(shop), ask=lambda _url, _environ: Reply()))["proxy-loopback"]
    assert found.level is Level.PROBLEM
    assert "NO_PROXY" in found.fix


def test_look_when_the_roles_file_is_broken_then_names_it(shop: Path) -> None:
    """The file, the line and the key come from the one who reads it."""
    (shop / "envrc.d/roles.toml").write_text("[roles.dev]\nrole_arn = 1\n")
    found = by_id(network.look(Context(shop)))["config"]
    assert "roles.toml" in found.detail
