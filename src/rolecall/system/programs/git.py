"""git, asked what came with it. Nothing that a repository says is run: no hook, no monitor, no alias.

A folder can look like a bare repository of its own, with a command in its config (core.fsmonitor). So git is
asked from a folder that has `.git`, never from one below it. Must not change a repository.
"""

import os

from rolecall.errors import MachineError
from rolecall.system.disk import paths

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from rolecall.system.programs.processes import Result

SAFE = ("-c", "core.fsmonitor=false", "-c", "safe.bareRepository=explicit")
TRIES, PAUSE_SECONDS = 10, 0.05
NO_REPOSITORY = "not a git repository"


def run(folder: "str | os.PathLike[str]", *words: str) -> "Result":
    """Run git in `folder`, without the environment's GIT_*. Raises MachineError where there is no git."""
    from rolecall.system.programs import processes

    kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    argv = ["git", *SAFE, "-C", os.fspath(folder), *words]
    return processes.run(argv, environ={**kept, "LC_ALL": "C", "GIT_OPTIONAL_LOCKS": "0"})


def holds(path: "str | os.PathLike[str]") -> bool:
    """Return whether any repository around `path` holds it, or anything below it, in whatever spelling.

    Where `path` is a link, so is what it points to. Raises MachineError where git cannot say: it is absent,
    or refuses the repository's owner. Then the answer may be yes.
    """
    folder, name = os.path.split(os.path.abspath(path))
    places = {os.path.join(os.path.realpath(folder), name), os.path.realpath(path)}
    return any(_holds(top, place) for place in places for top in tops(place))


def tops(place: str) -> "Iterator[str]":
    """Yield each folder at or above `place` that has `.git`: a pull there can change `place`."""
    while True:
        if os.path.lexists(f"{place}/.git"):
            yield place
        above = os.path.dirname(place)
        if above == place:
            return
        place = above


def _holds(top: str, place: str) -> bool:
    _await_end(top)
    spelled = os.path.relpath(place, top)
    pathspec = "." if spelled == "." else f":(icase,literal){spelled}"  # a disk may not tell capitals apart
    found = run(top, "ls-files", "-z", "--", pathspec)
    if found.is_ok:
        return bool(found.out)
    if NO_REPOSITORY in found.err:
        return False
    says = (found.err.strip().splitlines() or [f"it ended with {found.code}"])[0]
    typed = paths.typed(top)
    hint = (
        f"git config --global --add safe.directory {typed}" if "dubious" in says else f"git -C {typed} status"
    )
    raise MachineError("git-unsure", f"git cannot say whether {place} came with it: {says}", hint=hint)


def _await_end(top: str) -> None:
    """Wait a moment for a git that is at work: a pull writes the files first, and last that they are its own.

    Raises MachineError where it does not end.
    """
    import time

    lock = f"{_folder(top)}/index.lock"
    for _ in range(TRIES):
        if not os.path.lexists(lock):
            return
        time.sleep(PAUSE_SECONDS)
    raise MachineError(
        "git-unsure",
        f"git is at work in {top}, so it cannot say what came with it",
        hint=f"ls -l {paths.typed(lock)}",
    )


def _folder(top: str) -> str:
    """Return the repository's own folder: `.git`, or where the file of that name says it is."""
    own = f"{top}/.git"
    if os.path.isfile(own):
        with open(own, encoding="utf-8", errors="surrogateescape") as file:
            return os.path.join(top, file.readline().removeprefix("gitdir:").strip())
    return own
