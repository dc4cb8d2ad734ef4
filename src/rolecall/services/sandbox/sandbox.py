"""Start, find and stop the one sandbox of a project: an AWS on loopback (moto) that refuses what AWS would.

Must not write `.env` (it returns the values for it), or keep the secret anywhere.
"""

import os
import secrets
import string
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from rolecall.credentials.store import cache, recent_failure
from rolecall.project.env_file import dotenv
from rolecall.services.sandbox import launch, process
from rolecall.services.sandbox.process import Record
from rolecall.system.clock import Deadline
from rolecall.system.disk import files, locks, place
from rolecall.system.loopback import HOST

REGION = "eu-west-1"
SAMPLE = {"dev": "arn:aws:iam::111122223333:role/dev", "prod": "arn:aws:iam::444455556666:role/prod"}
PATIENCE_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Sandbox:
    """A running sandbox. `values` belong in `.env`; the secret is missing where `.env` does not hold it."""

    url: str
    pid: int
    roles: tuple[str, ...]
    values: Mapping[str, str] = field(repr=False)


def start(
    root: Path,
    roles: Mapping[str, str] | None = None,
    *,
    region: str = REGION,
    environ: Mapping[str, str] = os.environ,
    say: Callable[[str], None] = lambda _: None,
) -> Sandbox:
    """Return the sandbox of the project at `root`, started if it was not running; `roles` are alias -> ARN.

    A restart takes the last port, and the keys in `.env` where they are the sandbox's own, so that `.env`
    stays true. Raises MachineError where moto is missing or does not come up.
    """
    arns = tuple(dict.fromkeys((roles or SAMPLE).values()))
    folder = files.private_dir(process.record_path(root, environ=environ).parent)
    lock = folder / "sandbox.lock"
    until = Deadline.after(PATIENCE_SECONDS)
    with locks.exclusive(lock, deadline=until, on_wait=lambda: say("waiting for the sandbox")):
        last = process.read(root, environ=environ)
        key_id, secret = _keys(root, last)
        running = last if last and process.is_running(last) else None
        if running and key_id == running.key_id and set(arns) <= set(running.roles):
            return _sandbox(running, secret, region)
        if running:
            say("restarting the sandbox: its roles or keys changed")
            process.end(running)
        wanted = Record(0, "", last.url if last else f"http://{HOST}:0", key_id, arns)
        record = launch.launched(root, wanted, secret, environ, say)
        _forget_sessions(root, roles or SAMPLE, environ)
    return _sandbox(record, secret, region)


def running(root: Path, *, environ: Mapping[str, str] = os.environ) -> Sandbox | None:
    """Return the sandbox of the project at `root` if it is running."""
    record = process.read(root, environ=environ)
    if record is None or not process.is_running(record):
        return None
    key_id, secret = _keys(root, record)
    return _sandbox(record, secret if key_id == record.key_id else "", REGION)


def stop(root: Path, *, environ: Mapping[str, str] = os.environ) -> bool:
    """End the sandbox of the project at `root`; whether one ran. Its port and key id stay on record."""
    record = process.read(root, environ=environ)
    return record is not None and process.end(record)


def _forget_sessions(root: Path, roles: Iterable[str], environ: Mapping[str, str]) -> None:
    """Remove sessions (of roles and MFA) and failures of the last sandbox: the new one does not know them."""
    where = place.at(root, environ=environ)
    for alias in roles:
        cache.remove(where, alias)
        recent_failure.clear(where, alias)
    for kept in Path(where.folder).glob("*.mfa"):
        kept.unlink(missing_ok=True)


def _keys(root: Path, last: Record | None) -> tuple[str, str]:
    """Return the sandbox's keys from `.env`, or new ones: a real account's keys never go to the sandbox."""
    env = dotenv.read(root / ".env")
    secret = env.secrets.get("AWS_SECRET_ACCESS_KEY")
    if last and env.plain.get("AWS_ACCESS_KEY_ID") == last.key_id and secret:
        return last.key_id, secret.reveal()
    key_id = "AKIA" + "".join(secrets.choice(string.ascii_uppercase + "234567") for _ in range(16))
    return key_id, secrets.token_hex(20)


def _sandbox(record: Record, secret: str, region: str) -> Sandbox:
    values = {"AWS_ACCESS_KEY_ID": record.key_id, "AWS_SECRET_ACCESS_KEY": secret}
    values |= {"AWS_ENDPOINT_URL": record.url, "AWS_REGION": region}
    return Sandbox(record.url, record.pid, record.roles, {k: v for k, v in values.items() if v})
