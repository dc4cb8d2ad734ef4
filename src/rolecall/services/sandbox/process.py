"""The sandbox's process: where it is recorded, whether it is ours, and how it ends.

Must not record the secret, or signal a process whose start time or command is not the recorded one.
"""

import contextlib
import json
import os
import signal
import socket
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from rolecall.errors import MachineError
from rolecall.system.disk import files, paths
from rolecall.system.loopback import HOST
from rolecall.system.person import terminal
from rolecall.system.programs import processes

MODULE = "rolecall.services.sandbox.server"
PATIENCE_SECONDS = 5.0
PORT_SECONDS = 2.0
POLL_SECONDS = 0.05


@dataclass(frozen=True, slots=True)
class Record:
    """A started sandbox: its process, address, the id of its user's key, and its roles' ARNs."""

    pid: int
    started: str
    url: str
    key_id: str
    roles: tuple[str, ...]

    @property
    def port(self) -> int:
        """The port in the address."""
        return int(self.url.rpartition(":")[2])


def record_path(root: Path, *, environ: Mapping[str, str] = os.environ) -> Path:
    """Return the file that records the sandbox of the project at `root`."""
    return paths.state_dir(environ=environ) / paths.project_key(root) / "sandbox.json"


def read(root: Path, *, environ: Mapping[str, str] = os.environ) -> Record | None:
    """Return the last sandbox of the project at `root`, running or not; None where none is on record."""
    text = files.read_text(record_path(root, environ=environ))
    try:
        facts = json.loads(text or "")
        started, url, key_id = (str(facts[name]) for name in ("started", "url", "key_id"))
        return Record(int(facts["pid"]), started, url, key_id, tuple(facts["roles"]))
    except (ValueError, KeyError, TypeError):
        return None


def write(root: Path, record: Record, *, environ: Mapping[str, str] = os.environ) -> None:
    """Record a started sandbox. Raises MachineError."""
    path = record_path(root, environ=environ)
    files.private_dir(path.parent)
    files.write_private(path, json.dumps(asdict(record)) + "\n")


def is_running(record: Record) -> bool:
    """Whether the recorded process is there: same pid, same start, same command (pids are reused)."""
    return terminal.started_at(record.pid) == record.started and MODULE in _command(record.pid)


def end(
    record: Record, *, patience_seconds: float = PATIENCE_SECONDS, sleep: Callable[[float], None] = time.sleep
) -> bool:
    """End the recorded process if it is still ours; whether it ran. Raises MachineError if it stays."""
    if not is_running(record):
        return False
    for number in (signal.SIGTERM, signal.SIGKILL):
        os.kill(record.pid, number)
        until = time.monotonic() + patience_seconds
        while time.monotonic() < until:
            if not is_running(record):
                _await_free_port(record, sleep)
                return True
            sleep(POLL_SECONDS)
    raise MachineError(
        "sandbox-stays", f"the sandbox, process {record.pid}, does not end", hint=f"kill -9 {record.pid}"
    )


def _await_free_port(record: Record, sleep: Callable[[float], None]) -> None:
    """Wait until the port is free: threads may outlive what the process table shows."""
    until = time.monotonic() + PORT_SECONDS
    while time.monotonic() < until:
        with contextlib.closing(socket.socket()) as probe:
            if probe.connect_ex((HOST, record.port)):
                return
        sleep(POLL_SECONDS)


def _command(pid: int) -> str:
    """Return the command line of `pid`; empty for a process that is gone, or ended and not yet reaped."""
    try:
        return (
            Path(terminal.PROC, str(pid), "cmdline").read_bytes().decode(errors="replace").replace("\0", " ")
        )
    except FileNotFoundError:
        if Path(terminal.PROC, "self/stat").exists():
            return ""
    except OSError:
        return ""
    return processes.run(["ps", "-o", "command=", "-p", str(pid)]).out
