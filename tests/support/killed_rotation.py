"""Rotate the keys of a project and die at a point: `-m support.killed_rotation ROOT`.

Each line of stdin is a point, for a child of its own. It counts what can be seen from outside: each rename
and removal of a file, each connection to AWS. Past the last one the run ends by itself with 0.
"""

import os
import signal
import sys
from typing import Any

from rolecall.credentials.aws import environment
from rolecall.project import config
from rolecall.workstation.keys import place
from rolecall.workstation.keys.rotate import Rotation
from support import forked

EVENTS = ("os.rename", "os.remove", "socket.connect")


def rotation(root: str) -> Rotation:
    """Return the rotation of the project at `root`, without pauses."""
    project = config.load(root)
    found = place.of(project)
    assert found
    return Rotation(found, environment.of(project), "eu-west-1", lambda _: None, sleep=lambda _: None)


def _die_at(point: int) -> None:
    seen = 0

    def hook(event: str, words: tuple[Any, ...]) -> None:
        nonlocal seen
        if event in EVENTS and not str(words[0]).endswith(".pyc"):
            seen += 1
            if seen == point:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(hook)


if __name__ == "__main__":
    import botocore.session  # noqa: F401 - each child would load it

    at = forked.point()
    made = rotation(sys.argv[1])
    _die_at(at)
    made.run()
