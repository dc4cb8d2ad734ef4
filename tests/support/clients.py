"""The real clients of the grid: each says who it is, once for each line it is given.

A program goes on running, as a server does; an AWS CLI is a process of its own each time. What
`tests/clients/prepare` has fetched is in the folder that ROLECALL_TEST_CLIENTS names.
"""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

SOURCES = Path(__file__).resolve().parents[1] / "clients"
PREPARED = os.environ.get("ROLECALL_TEST_CLIENTS", "")  # at import: every test starts without ROLECALL_*
# What one request costs by each delivery: processes of rolecall, and calls of AssumeRole.
GRID = {
    "environment": {"warm": (0, 0), "soft": (0, 1), "ended": (0, 1)},
    "profile": {"warm": (1, 0), "soft": (1, 1), "ended": (1, 1)},
    "endpoint": {"warm": (0, 0), "soft": (0, 1), "ended": (0, 1)},
}
WHO = ("sts", "get-caller-identity", "--query", "Arn", "--output", "text")
LOG = """\
#!/bin/sh
echo asked >>{log}
exec /usr/bin/env "$@"
"""


@dataclass(frozen=True, slots=True)
class Client:
    """How a client is started; `missing` says what keeps it from that."""

    name: str
    words: tuple[str, ...]
    is_running: bool = True
    missing: str = ""


@cache
def aws_clis() -> dict[str, str]:
    """Return the AWS CLIs of this machine by their first digit."""
    folders = [*os.environ["PATH"].split(os.pathsep), "/usr/bin", "/usr/local/bin"]
    paths = dict.fromkeys(f"{folder}/aws" for folder in folders if shutil.which("aws", path=folder))
    found: dict[str, str] = {}
    for path in paths:
        found.setdefault(_version(path), path)
    return found


def found(name: str) -> Client:
    """Return a client of CLIENTS, with what this machine lacks for it."""
    client = CLIENTS[name]
    number = name.removeprefix("AWS CLI v")
    if number == name:
        return client
    if not PREPARED:  # each of its cells takes many starts of the AWS CLI
        return replace(client, missing="ROLECALL_TEST_CLIENTS names no folder")
    path = aws_clis().get(number, "")
    return replace(client, words=(path, *WHO), missing="" if path else "it is not on this machine")


def prepared(name: str, folder: str, words: tuple[str, ...], file: str) -> Client:
    """Return a client that `tests/clients/prepare` made."""
    at = f"{PREPARED}/{folder}"
    missing = "" if PREPARED and Path(at, file).exists() else "tests/clients/prepare has not made it"
    return Client(name, tuple(word.format(at=at) for word in words), missing=missing)


def _version(path: str) -> str:
    done = subprocess.run([path, "--version"], capture_output=True, text=True, check=False)
    found = re.search(r"aws-cli/(\d+)", done.stdout + done.stderr)
    return found[1] if found else ""


CLIENTS = {
    client.name: client
    for client in (
        Client("boto3", (sys.executable, str(SOURCES / "python/who.py"))),
        Client("AWS CLI v1", WHO, is_running=False),
        Client("AWS CLI v2", WHO, is_running=False),
        prepared("JavaScript v3", "node", ("node", "{at}/who.mjs"), "node_modules"),
        prepared("Go v2", "go", ("{at}/who",), "who"),
        prepared("Java 2", "java", ("java", "-cp", "{at}:{at}/*", "Who"), "Who.class"),
    )
}


def table() -> str:
    """Return the table of docs/consumers.md: for each delivery the three costs, in the order of GRID."""
    head = f"| client | {' | '.join(GRID)} |\n|{'---|' * (len(GRID) + 1)}\n"
    costs = [" · ".join(f"{one}/{other}" for one, other in row.values()) for row in GRID.values()]
    return head + "".join(f"| {name} | {' | '.join(costs)} |\n" for name in CLIENTS)


class Asked:
    """One client in an environment."""

    def __init__(self, client: Client, environ: Mapping[str, str], folder: Path) -> None:
        self.client, self.environ, self.folder = client, environ, folder
        self.process = self._start() if client.is_running else None

    def who(self) -> str:
        """Return what the client says now: an ARN, or what went wrong."""
        if self.process is None:
            return self._by_command()
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        return self.process.stdout.readline().strip()

    def end(self) -> None:
        """Let the client end."""
        if self.process is not None:
            self.process.communicate(timeout=60)

    def _start(self) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            self.client.words,
            env=dict(self.environ),
            cwd=self.folder,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )

    def _by_command(self) -> str:
        address = ("--endpoint-url", self.environ["AWS_ENDPOINT_URL"])  # v2 before 2.13 reads no variable
        path, *words = self.client.words
        done = subprocess.run(
            [path, *address, *words],
            env=dict(self.environ),
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=False,
        )
        return done.stdout.strip() or f"error: {done.stderr.strip()}"
