"""What the tests share that is no fixture: the STS on loopback, a team's roles, waiting for a server."""

import contextlib
import os
import socket
import subprocess
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path


class NetworkGuardError(AssertionError):
    """A test tried to leave the machine."""


ROLES_TOML = """\
[project]
name = "shop"
default_role = "dev"
region = "eu-west-1"

[roles.dev]
role_arn = "arn:aws:iam::111122223333:role/dev"
duration = "1h"

[roles.prod]
role_arn = "arn:aws:iam::444455556666:role/prod"
"""


@dataclass(frozen=True, slots=True)
class Sts:
    """A real moto server on loopback, with an IAM user."""

    url: str
    key_id: str
    secret: str

    def env_file(self, **more: str) -> str:
        """Return a `.env` that uses this server's user."""
        values = {
            "AWS_ACCESS_KEY_ID": self.key_id,
            "AWS_SECRET_ACCESS_KEY": self.secret,
            "AWS_ENDPOINT_URL": self.url,
            "AWS_REGION": "eu-west-1",
            **more,
        }
        return "".join(f"{name}={value}\n" for name, value in values.items())


def write_env(root: Path, text: str) -> None:
    """Write `.env` as setup would: private."""
    path = root / ".env"
    path.write_text(text)
    path.chmod(0o600)


def foreign_folder(parent: Path) -> Path:
    """Return a folder that this user can write to, and that belongs to someone else."""
    if os.geteuid() != 0:
        return Path("/tmp")
    folder = parent / "theirs"
    folder.mkdir(mode=0o700)
    os.chown(folder, 12345, 12345)
    return folder


def free_port() -> int:
    """Return a loopback port that nothing listens on."""
    with contextlib.closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def await_http(url: str, server: subprocess.Popen[bytes], *, seconds: float = 60) -> None:
    """Wait until `url` answers; fail if the server dies or the time is over."""
    import urllib.request  # many a child of the tests imports this module, and asks nothing

    until = time.monotonic() + seconds
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    while time.monotonic() < until:
        if server.poll() is not None:
            raise AssertionError(f"the server for {url} ended with {server.returncode}")
        with contextlib.suppress(OSError), opener.open(url, timeout=1):
            return
        time.sleep(0.05)  # polling a foreign process's readiness: nothing else to await
    raise AssertionError(f"{url} did not answer within {seconds} s")


def utc(epoch: int) -> datetime:
    """Return epoch seconds as an aware UTC datetime."""
    return datetime.fromtimestamp(epoch, UTC)
