"""How a command is run as root: sudo asks for a password only where a person can see the question."""

import os
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext

from rolecall.system.person import person
from rolecall.system.programs import processes

Paused = Callable[[], AbstractContextManager[None]]
QUERY_SECONDS = 60


def prefix(
    *,
    environ: Mapping[str, str],
    search: str,
    say: Callable[[str], None] = lambda _: None,
    paused: Paused = nullcontext,
    can_ask: Callable[[], bool] = person.can_ask,
    user_id: Callable[[], int] = os.geteuid,
) -> tuple[str, ...] | None:
    """Return the words in front of a command that make it run as root: none for root, None where it cannot.

    `search` is the PATH to find sudo on; `paused` leaves the terminal to sudo while it asks.
    """
    if user_id() == 0:
        return ()
    sudo = processes.find("sudo", path=search)
    if sudo is None:
        return None
    if processes.run([sudo, "-n", "true"], environ=environ, timeout_seconds=QUERY_SECONDS).is_ok:
        return (str(sudo), "-n")
    if not can_ask():
        return None
    say("sudo asks for your password, to install a package")
    with paused():
        return (str(sudo),) if processes.run([sudo, "-v"], environ=environ).is_ok else None
