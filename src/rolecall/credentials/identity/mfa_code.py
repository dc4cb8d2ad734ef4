"""The six digits: from a person at the terminal, from a program, or from `--mfa-code`; none is sent twice.

Remembers the last code used on a device. Must not prompt on `cd`, keep a code in readable form, or talk to
AWS.
"""

import hashlib
import re
import shlex
from pathlib import Path

from rolecall.credentials import failures
from rolecall.credentials.aws.sts import Code
from rolecall.credentials.model import FetchRequest
from rolecall.errors import MachineError, UsageError
from rolecall.system.clock import Deadline
from rolecall.system.disk import files, locks, paths
from rolecall.system.person import terminal
from rolecall.system.person.person import PERSON, Person
from rolecall.system.programs import processes

WINDOW_SECONDS = 30  # RFC 6238, 5.2: the default time step, and what AWS's virtual devices use
PROCESS_SECONDS = 60.0  # a YubiKey waits for a touch
DIGITS = re.compile(r"(?<!\d)\d{6}(?!\d)")


def code(wanted: FetchRequest, serial: str, process: str = "", *, person: Person = PERSON) -> Code:
    """Return a code of the device `serial` that has not been used yet.

    Waits, and says so, while the present one has. Raises LoginNeededError where nobody can be asked.
    """
    role = wanted.chain.role.name
    if terminal.in_hook(environ=wanted.project.place.environ):
        raise failures.error("mfa-needed", role=role)
    memory = _memory(serial, wanted)
    with locks.exclusive(memory.with_suffix(".lock"), deadline=Deadline.after(2 * WINDOW_SECONDS)):
        if wanted.mfa_code:
            digits = _unused(memory, wanted.mfa_code, role)
        else:
            if not process and not person.can_ask():
                raise failures.error("mfa-needed", role=role)
            _await_fresh(memory, person)
            digits = _printed(process, role) if process else _typed(serial, memory, person)
        _remember(memory, digits, person)
    return Code(serial, digits)


def _await_fresh(memory: Path, person: Person) -> None:
    """Wait for the next window where a code of this one was used already."""
    window = int(person.clock() // WINDOW_SECONDS)
    if _remembered(memory)[0] != str(window):
        return
    left = (window + 1) * WINDOW_SECONDS - person.clock()
    person.say(f"this device's current code was used already; waiting {left:.0f} s for the next one")
    person.sleep(left)


def _typed(serial: str, memory: Path, person: Person) -> str:
    while True:
        found = DIGITS.fullmatch(person.ask_on_terminal(f"MFA code for {serial}").replace(" ", ""))
        if not found:
            person.say("a code is six digits")
        elif _digest(memory, found[0]) == _remembered(memory)[1]:
            person.say("that code was used already; type the next one")
        else:
            return found[0]


def _printed(process: str, role: str) -> str:
    """What the program prints: six digits somewhere in its last line."""
    try:
        done = processes.run(shlex.split(process), timeout_seconds=PROCESS_SECONDS)
    except (MachineError, ValueError) as problem:
        raise failures.error("mfa-process-failed", role=role, detail=str(problem)) from problem
    found = DIGITS.search((done.out.strip().splitlines() or [""])[-1])
    if not done.is_ok or not found:
        says = (done.err.strip().splitlines() or ["no six digits in what it printed"])[-1]
        raise failures.error("mfa-process-failed", role=role, detail=f"exit {done.code}: {says[:200]}")
    return found[0]


def _unused(memory: Path, digits: str, role: str) -> str:
    if not DIGITS.fullmatch(digits):
        raise UsageError("mfa-code-invalid", f"role {role}: --mfa-code is not six digits")
    if _digest(memory, digits) == _remembered(memory)[1]:
        raise failures.error("mfa-code-used", role=role)
    return digits


def _memory(serial: str, wanted: FetchRequest) -> Path:
    folder = files.private_dir(paths.state_dir(environ=wanted.project.place.environ) / "mfa")
    return folder / hashlib.sha256(serial.encode()).hexdigest()[:16]


def _remembered(memory: Path) -> tuple[str, str]:
    window, _, digest = (files.read_text(memory) or "").strip().partition(" ")
    return window, digest


def _remember(memory: Path, digits: str, person: Person) -> None:
    window = int(person.clock() // WINDOW_SECONDS)
    files.write_private(memory, f"{window} {_digest(memory, digits)}\n")


def _digest(memory: Path, digits: str) -> str:
    return hashlib.sha256(f"{memory.name}{digits}".encode()).hexdigest()
