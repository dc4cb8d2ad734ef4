"""Start the sandbox's process on a free port, hand it keys and roles, and wait until it answers.

Must not decide whether a sandbox is wanted, or keep the secret.
"""

import contextlib
import importlib.util
import json
import os
import socket
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from rolecall.errors import MachineError
from rolecall.services.sandbox import process
from rolecall.services.sandbox.process import Record
from rolecall.system.disk import files
from rolecall.system.loopback import HOST
from rolecall.system.person import terminal
from rolecall.system.programs import processes
from rolecall.system.python import origin

PATIENCE_SECONDS = 60.0
POLL_SECONDS = 0.05
SAY_EVERY_SECONDS = 3.0
TRIES = 3
HIDDEN = ("AWS_", "MOTO_", "DIRENV_", "ROLECALL_", "INITIAL_NO_AUTH")  # what would change how moto behaves


def launched(
    root: Path, wanted: Record, secret: str, environ: Mapping[str, str], say: Callable[[str], None]
) -> Record:
    """Return the record of a process that serves what `wanted` says (port 0: any). Raises MachineError."""
    if importlib.util.find_spec("moto") is None or importlib.util.find_spec("flask") is None:
        hint = origin.install_command("sandbox")
        raise MachineError(
            "sandbox-missing", "the sandbox needs moto, which rolecall's extra `sandbox` brings", hint=hint
        )
    log = process.record_path(root, environ=environ).with_suffix(".log")
    port = wanted.port
    for _ in range(TRIES):
        port = _free_port(port)
        say(f"starting the sandbox on {HOST}:{port}")
        log.unlink(missing_ok=True)
        seed = {"port": port, "key_id": wanted.key_id, "secret": secret, "roles": wanted.roles}
        kept = {name: value for name, value in environ.items() if not name.startswith(HIDDEN)}
        argv = [sys.executable, "-m", process.MODULE]
        pid = processes.detach(argv, environ=kept, log=log, text_in=json.dumps(seed))
        begun = terminal.started_at(pid) or ""
        record = Record(pid, begun, f"http://{HOST}:{port}", wanted.key_id, wanted.roles)
        process.write(root, record, environ=environ)
        if _answers(record, say):
            return record
        port = 0
    last_words = (files.read_text(log) or "").strip().splitlines()[-1:] or ["it said nothing"]
    raise MachineError("sandbox-dead", f"the sandbox did not come up: {last_words[0]}", hint=f"less {log}")


def _answers(record: Record, say: Callable[[str], None]) -> bool:
    """Wait until the process serves its port; return False where it died instead, or took too long."""
    begun = said = time.monotonic()
    while time.monotonic() < begun + PATIENCE_SECONDS:
        with contextlib.suppress(OSError), socket.create_connection((HOST, record.port), timeout=1):
            return terminal.started_at(record.pid) == record.started
        if terminal.started_at(record.pid) != record.started or _has_ended(record):
            return False
        if time.monotonic() - said > SAY_EVERY_SECONDS:
            said = time.monotonic()
            say(f"the sandbox is starting, {said - begun:.0f} s so far")
        time.sleep(POLL_SECONDS)
    process.end(record)
    return False


def _has_ended(record: Record) -> bool:
    """Whether the process, a child of this one, has died: it stays as a zombie until somebody looks."""
    with contextlib.suppress(ChildProcessError):
        return os.waitpid(record.pid, os.WNOHANG)[0] == record.pid
    return False


def _free_port(wanted: int) -> int:
    """Return `wanted` where it is free, else any free port. A port that lingers in TIME_WAIT is free."""
    try:
        with socket.create_server((HOST, wanted)) as probe:
            return int(probe.getsockname()[1])
    except OSError:
        if not wanted:
            raise
        return _free_port(0)
