"""The folder that setup is about: a rolecall project, or a git repository that is to become one.

Reads names of files only. Must not write, or decide what is added.
"""

from pathlib import Path

from rolecall.errors import ConfigError
from rolecall.system.disk import paths
from rolecall.workstation.project import roles_file
from rolecall.workstation.steps.step import Context


def to_set_up(start: Path | None = None) -> Path:
    """Return the rolecall project around `start` (default: here), else the top of its git repository.

    A project above that repository is another one. Raises ConfigError where there is neither, or where the
    repository is the home folder: its `.envrc` would be that of everything in it.
    """
    here = (start or Path.cwd()).resolve()
    top = paths.nearest(here, ".git")
    known = [found for mark in ("envrc.d", "tasks.py") if (found := paths.nearest(here, mark))]
    inside = next((found for found in known if top is None or found.is_relative_to(top)), None)
    if inside is not None:
        return inside
    if top is None:
        says = f"nothing to set up at {here}: it is in no git repository, and no folder has envrc.d/"
        raise ConfigError("repository-missing", says, hint="git init")
    if top == paths.home().resolve() and here != top:
        says = f"{here} is in no git repository of its own: the one around it is your home folder"
        raise ConfigError("repository-home", says, hint="git init")
    return top


def is_new(root: Path) -> bool:
    """Return whether rolecall has nothing in the project at `root` yet, or only the sandbox's sample."""
    if _mentions_rolecall(root / "tasks.py"):
        return False
    return not (root / "envrc.d").exists() or roles_file.is_sample(Context(root))


def _mentions_rolecall(path: Path) -> bool:
    try:
        return b"rolecall" in path.read_bytes()
    except OSError:
        return False
