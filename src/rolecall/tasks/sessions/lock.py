"""The task `lock`: no session is left, and no `cd` takes one, until a person assumes a role by hand."""

import time
from pathlib import Path

from rolecall.credentials import lock as locking
from rolecall.credentials.lock import Locked
from rolecall.errors import ConfigError
from rolecall.system.clock import human
from rolecall.system.disk import place
from rolecall.system.disk.place import Place
from rolecall.system.person import person
from rolecall.tasks import door


@door.task(help={"all": "lock every project of yours, not this one alone"})
def lock(_c: object, all: bool = False) -> None:
    """Remove every session, and load none until you assume a role by hand."""
    where = _place(is_all=all)
    done = locking.lock(where, is_all=all)
    for problem in done.problems:
        person.say(problem)
    person.say(f"{'every project' if all else where.root} is locked; {_removed(done)}")
    person.say(
        "each open terminal is without a role at its next prompt, until you assume one (invoke assume)"
    )
    if done.until:
        left = human(done.until - time.time())
        until = time.strftime("%H:%M", time.localtime(done.until))
        person.say(f"a program that runs keeps what it was given, until {until} at the latest ({left} left)")


def _place(*, is_all: bool) -> Place:
    """Return this project's place; with `is_all` any will do."""
    try:
        return place.at(door.root())
    except ConfigError:
        if not is_all:
            raise
        return place.at(Path.cwd())


def _removed(done: Locked) -> str:
    sessions = f"{done.sessions} session{'' if done.sessions == 1 else 's'}"
    logins = f" and {done.logins} login{'' if done.logins == 1 else 's'}" if done.logins else ""
    return f"{sessions}{logins} removed"
