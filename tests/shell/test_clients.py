"""Each real client by each delivery: who it is, how many processes it starts, and how often STS is asked.

The session is warm on disk, in its soft window, or has ended while the client ran. GRID is the table of
docs/consumers.md.
"""

import os
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from rolecall.workstation.profiles import step
from rolecall.workstation.steps.journal import Journal
from rolecall.workstation.steps.step import Answers, Context
from support import ROLES_TOML
from support.clients import CLIENTS, GRID, LOG, Asked, Client, found
from support.sts_gate import Gate
from support.terminals import Rendered, await_condition

SHORT_SECONDS = 10
ARN = "arn:aws:sts::111122223333:assumed-role/dev/"


@dataclass
class Place:
    """A project whose role is delivered in one of the ways, and what was counted since the last look."""

    made: Rendered
    delivery: str
    gate: Gate
    log: Path
    endpoint: "subprocess.Popen[str] | None" = None
    seen: tuple[int, int] = (0, 0)

    def environ(self) -> dict[str, str]:
        """Return the environment that a `cd`, or `exec --serve`, gives a program."""
        exports = self.made.cd().exports
        kept = {name: value for name, value in os.environ.items() if name not in exports}
        loaded = kept | {name: value for name, value in exports.items() if value is not None}
        return self._served() if self.delivery == "endpoint" else loaded

    def counted(self) -> tuple[int, int]:
        """Return the processes and the calls since the last time."""
        lines = len(self.log.read_text().splitlines()) if self.log.exists() else 0
        now = (lines, self.gate.assumed)
        since = (now[0] - self.seen[0], now[1] - self.seen[1])
        self.seen = now
        return since

    def await_calls(self, number: int) -> None:
        """Wait for a renewal behind the prompt."""
        await_condition(lambda: self.gate.assumed - self.seen[1] >= number)

    def _served(self) -> dict[str, str]:
        self.end()
        file = self.log.with_name("environ")
        file.unlink(missing_ok=True)
        script = f"env -0 >'{file}.part'; mv '{file}.part' '{file}'; cat >/dev/null"
        words = [".venv/bin/invoke", "exec", "--serve", "--", "sh", "-c", script]
        self.endpoint = subprocess.Popen(words, cwd=self.made.root, stdin=subprocess.PIPE, text=True)
        await_condition(file.exists)
        lines = (line.partition("=") for line in file.read_text().split("\0") if line)
        return {name: value for name, _, value in lines}

    def end(self) -> None:
        """End the endpoint."""
        if self.endpoint is not None:
            self.endpoint.communicate(timeout=60)
            self.endpoint = None


@pytest.fixture(params=GRID)
def place(
    request: pytest.FixtureRequest, make_rendered: Callable[..., Rendered], tmp_path: Path, gate: Gate
) -> Iterator[Place]:
    """Make a project in a folder with a space, an accent and a number sign; each process is counted."""
    by_profile = request.param == "profile"
    roles = ROLES_TOML.replace("[project]", '[project]\ndelivery = "profile"') if by_profile else ROLES_TOML
    made = make_rendered(tmp_path / "mein Läden #1", roles=roles)
    log, counting = tmp_path / "asked", tmp_path / "counting"
    if by_profile:
        step.apply(Context(made.root, Answers(yes=True), journal=Journal(made.root, os.environ).append))
        counting.write_text(LOG.format(log=log))
        counting.chmod(0o755)
        config = Path.home() / ".aws/config"
        config.write_text(config.read_text().replace("/usr/bin/env", str(counting)))
    one = Place(made, request.param, gate, log)
    yield one
    one.end()


@pytest.fixture(params=CLIENTS)
def client(request: pytest.FixtureRequest) -> Client:
    """Return a client of this machine; the summary names those that it has not."""
    one = found(str(request.param))
    if one.missing:
        pytest.skip(f"the client {one.name}: {one.missing}")
    return one


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Asked]]:
    """Return a function that starts a client outside the project."""
    started: list[Asked] = []

    def one(client: Client, environ: dict[str, str]) -> Asked:
        started.append(Asked(client, environ, tmp_path))
        return started[-1]

    yield one
    for asked in started:
        asked.end()


def test_client_when_the_session_is_warm_then_asks_at_most_once(
    client: Client, place: Place, start: Callable[..., Asked]
) -> None:
    """A program that goes on running has it from its first request on; a command asks each time."""
    environ = place.environ()
    place.counted()
    asked = start(client, environ)
    assert asked.who().startswith(ARN)
    assert place.counted() == GRID[place.delivery]["warm"]
    assert asked.who().startswith(ARN)
    assert place.counted() == ((0, 0) if client.is_running else GRID[place.delivery]["warm"])


def test_client_when_the_session_is_in_its_soft_window_then_it_is_renewed_once(
    client: Client, place: Place, start: Callable[..., Asked]
) -> None:
    """By whoever asks first, before or behind the answer."""
    environ = place.environ()
    place.counted()
    now = int(time.time())
    place.made.move_times(expires=now + 600, renew_at=now - 300)
    if place.delivery == "environment":
        environ = place.environ()
        place.await_calls(1)
    assert start(client, environ).who().startswith(ARN)
    assert place.counted() == GRID[place.delivery]["soft"]


def test_client_when_the_session_has_ended_then_the_next_request_has_a_new_one(
    client: Client, place: Place, start: Callable[..., Asked]
) -> None:
    """A running program gets it by itself, but for keys in its environment: those take a new process."""
    place.environ()
    place.end()
    place.made.session().unlink()
    place.gate.lasting = SHORT_SECONDS
    asked = start(client, place.environ())
    assert asked.who().startswith(ARN)
    await_condition(lambda: time.time() > place.gate.ends)
    place.gate.lasting = 0
    place.counted()
    before = session_keys(place.gate)
    if place.delivery == "environment":
        asked = start(client, place.environ())
    assert asked.who().startswith(ARN)
    assert place.counted() == GRID[place.delivery]["ended"]
    assert session_keys(place.gate) - before, "the request was signed with an old key"


def session_keys(gate: Gate) -> set[str]:
    """Return the keys of sessions that have signed a request by now."""
    return {key for key in gate.signers if key.startswith("ASIA")}
