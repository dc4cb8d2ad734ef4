"""Where one project is on this machine, and the environment and clock that its commands see.

One value in place of a folder, an environment and a clock handed on together. Knows nothing of roles.
"""

import os
import time

from rolecall.system.disk import paths
from rolecall.system.python.frozen import dataclass, field

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Place:
    """A project's folders and surroundings.

    `root` is the project's folder, `key` the word its private folders are named by, `folder` holds its
    sessions, `state` what is kept between reboots. `clock` returns epoch seconds.
    """

    root: str
    key: str
    folder: str
    state: str
    environ: "Mapping[str, str]" = field(repr=False)
    clock: "Callable[[], float]" = field(repr=False)


def at(
    root: "Path | str",
    *,
    environ: "Mapping[str, str]" = os.environ,
    clock: "Callable[[], float]" = time.time,
) -> Place:
    """Return the place of the project at `root`. Raises MachineError where HOME is needed and not set."""
    key = paths.project_key(root)
    folder = paths.runtime_folder(key, environ=environ)
    return Place(str(root), key, folder, f"{paths.state_folder(environ=environ)}/{key}", environ, clock)
