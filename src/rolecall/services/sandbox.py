"""The sandbox: an STS (moto) on loopback that refuses what AWS would refuse.

Owns: starting, finding and stopping the one sandbox of a project.
Must not: write `.env` (it returns the values for it), or keep the secret anywhere.
Called by: the step `sandbox` of setup, and the task `sandbox`.
"""

import contextlib
import importlib.util
import ipaddress
import json
import os
import secrets
import socket
import string
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from rolecall.credentials import cache, cooldown
from rolecall.errors import MachineError
from rolecall.project import dotenv
from rolecall.services import sandboxprocess
from rolecall.services.sandboxprocess import Record
from rolecall.system import files, locks, paths, processes, terminal
from rolecall.system.clock import Deadline

HOST = "127.0.0.1"
REGION = "eu-west-1"
SAMPLE = {"dev": "arn:aws:iam::111122223333:role/dev", "prod": "arn:aws:iam::444455556666:role/prod"}
PATIENCE_SECONDS = 60.0
POLL_SECONDS = 0.05
TALK_SECONDS = 3.0
TRIES = 3
HIDDEN = ("AWS_", "MOTO_", "DIRENV_", "ROLECALL_", "INITIAL_NO_AUTH")  # what would change how moto behaves


@dataclass(frozen=True, slots=True)
class Sandbox:
    """A running sandbox. `values` belong into `.env`; without the secret where only `.env` could tell it."""

    url: str
    pid: int
    roles: tuple[str, ...]
    values: Mapping[str, str] = field(repr=False)
    is_new: bool = False


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
    folder = files.private_dir(sandboxprocess.record_path(root, environ=environ).parent)
    lock = folder / "sandbox.lock"
    until = Deadline.after(PATIENCE_SECONDS)
    with locks.exclusive(lock, deadline=until, on_wait=lambda: say("waiting for the sandbox")):
        last = sandboxprocess.read(root, environ=environ)
        key_id, secret = _keys(root, last)
        running = last if last and sandboxprocess.is_running(last) else None
        if running and key_id == running.key_id and set(arns) <= set(running.roles):
            return _sandbox(running, secret, region)
        if running:
            say("restarting the sandbox: its roles or keys changed")
            sandboxprocess.end(running)
        wanted = Record(0, "", last.url if last else f"http://{HOST}:0", key_id, arns)
        record = _started(root, wanted, secret, environ, say)
        _forget_what_the_last_one_said(root, roles or SAMPLE, environ)
    return _sandbox(record, secret, region, is_new=True)


def running(root: Path, *, environ: Mapping[str, str] = os.environ) -> Sandbox | None:
    """Return the sandbox of the project at `root` if it is running."""
    record = sandboxprocess.read(root, environ=environ)
    if record is None or not sandboxprocess.is_running(record):
        return None
    key_id, secret = _keys(root, record)
    return _sandbox(record, secret if key_id == record.key_id else "", REGION)


def stop(root: Path, *, environ: Mapping[str, str] = os.environ) -> bool:
    """End the sandbox of the project at `root`; whether one ran. Its port and key id stay on record."""
    record = sandboxprocess.read(root, environ=environ)
    return record is not None and sandboxprocess.end(record)


def is_sandbox(root: Path, url: str | None, *, environ: Mapping[str, str] = os.environ) -> bool:
    """Whether `url` is the address of this project's sandbox, running or not."""
    record = sandboxprocess.read(root, environ=environ)
    return record is not None and url is not None and url.rstrip("/") == record.url


def hint(url: str | None) -> str:
    """Return the command that may bring up an endpoint that refuses connections; empty for one elsewhere."""
    try:
        host = urlsplit(url or "").hostname or ""
        is_here = host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return ""
    return "invoke sandbox" if is_here else ""


def _forget_what_the_last_one_said(root: Path, roles: Iterable[str], environ: Mapping[str, str]) -> None:
    """The new STS does not know the old one's sessions; and that none answered is no longer true."""
    folder = paths.runtime_dir(paths.project_key(root), environ=environ)
    for alias in roles:
        cache.remove(folder, alias)
        cooldown.clear(folder, alias)


def _keys(root: Path, last: Record | None) -> tuple[str, str]:
    """The sandbox's keys from `.env`, or new ones: the real account's keys never go to the sandbox."""
    env = dotenv.read(root / ".env")
    if last and env.get("AWS_ACCESS_KEY_ID") == last.key_id and env.get("AWS_SECRET_ACCESS_KEY"):
        return last.key_id, env["AWS_SECRET_ACCESS_KEY"]
    key_id = "AKIA" + "".join(secrets.choice(string.ascii_uppercase + "234567") for _ in range(16))
    return key_id, secrets.token_hex(20)


def _started(
    root: Path, wanted: Record, secret: str, environ: Mapping[str, str], say: Callable[[str], None]
) -> Record:
    if importlib.util.find_spec("moto") is None or importlib.util.find_spec("flask") is None:
        raise MachineError(
            "sandbox-missing", "the sandbox needs moto", hint="pip install 'rolecall[sandbox]'"
        )
    log = sandboxprocess.record_path(root, environ=environ).with_suffix(".log")
    port = wanted.port
    for _ in range(TRIES):
        port = port if port and _is_free(port) else _free_port()
        say(f"starting the sandbox on {HOST}:{port}")
        log.unlink(missing_ok=True)
        seed = {"port": port, "key_id": wanted.key_id, "secret": secret, "roles": wanted.roles}
        kept = {name: value for name, value in environ.items() if not name.startswith(HIDDEN)}
        argv = [sys.executable, "-m", sandboxprocess.MODULE]
        pid = processes.detach(argv, environ=kept, log=log, text_in=json.dumps(seed))
        begun = terminal.started_at(pid) or ""
        record = Record(pid, begun, f"http://{HOST}:{port}", wanted.key_id, wanted.roles)
        sandboxprocess.write(root, record, environ=environ)
        if _answers(record, say):
            return record
        port = 0
    last_words = (files.read_text(log) or "").strip().splitlines()[-1:] or ["it said nothing"]
    raise MachineError("sandbox-dead", f"the sandbox did not come up: {last_words[0]}", hint=f"less {log}")


def _answers(record: Record, say: Callable[[str], None]) -> bool:
    """Wait until the process serves its port; False where it died instead."""
    begun = told = time.monotonic()
    while time.monotonic() < begun + PATIENCE_SECONDS:
        with contextlib.suppress(OSError), socket.create_connection((HOST, record.port), timeout=1):
            return terminal.started_at(record.pid) == record.started
        if terminal.started_at(record.pid) != record.started or _has_ended(record):
            return False
        if time.monotonic() - told > TALK_SECONDS:
            told = time.monotonic()
            say(f"the sandbox is starting, {told - begun:.0f} s so far")
        time.sleep(POLL_SECONDS)
    sandboxprocess.end(record)
    return False


def _has_ended(record: Record) -> bool:
    """A child of ours that died stays as a zombie until we look."""
    with contextlib.suppress(ChildProcessError):
        return os.waitpid(record.pid, os.WNOHANG)[0] == record.pid
    return False


def _sandbox(record: Record, secret: str, region: str, *, is_new: bool = False) -> Sandbox:
    values = {"AWS_ACCESS_KEY_ID": record.key_id, "AWS_SECRET_ACCESS_KEY": secret}
    values |= {"AWS_ENDPOINT_URL": record.url, "AWS_REGION": region}
    return Sandbox(record.url, record.pid, record.roles, {k: v for k, v in values.items() if v}, is_new)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as the server does
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True
