"""Where things live: the project's root, its private runtime folder, the user's state folder.

Owns: the only reading of HOME and XDG_* in Python (`envrc.d/00-lib.sh` writes the runtime rule a second
time in bash; a test compares the two).
Must not: create anything, or know what is in the folders.
Called by: everything that reads or writes a file.
"""

import hashlib
import os
import re
from collections.abc import Mapping
from pathlib import Path

from rolecall.errors import ConfigError, MachineError

APP = "rolecall"
KEY_DIGITS = 8


def project_root(start: Path | None = None) -> Path:
    """Return the nearest folder at or above `start` (default: here) that is a rolecall project.

    A project has `envrc.d/`, or failing that `tasks.py`. Raises ConfigError where there is none.
    """
    here = (start or Path.cwd()).resolve()
    for mark in ("envrc.d", "tasks.py"):
        for folder in (here, *here.parents):
            if (folder / mark).exists():
                return folder
    raise ConfigError(
        "project-not-found",
        f"no rolecall project at or above {here}",
        hint="cd into a folder with envrc.d/roles.toml or tasks.py",
    )


def project_key(root: Path) -> str:
    """Return the folder name that this checkout's sessions live under: readable, and one per path."""
    digest = hashlib.sha256(os.fsencode(root.resolve())).hexdigest()[:KEY_DIGITS]
    return f"{re.sub(r'[^A-Za-z0-9._-]', '_', root.resolve().name) or 'root'}-{digest}"


def file_name(role: str) -> str:
    """Return `role` (an alias or an ARN) as a file name; bash writes the same in `_rolecall_file_name`.

    Two ARNs may share a name: the file says inside which role it is, and a reader checks.
    """
    return re.sub(r"[^A-Za-z0-9_.@+=,-]", "_", role)


def runtime_dir(key: str, *, environ: Mapping[str, str] = os.environ) -> Path:
    """Return the folder for the sessions of project `key`: tmpfs where the system gives one.

    XDG Base Directory Specification: XDG_RUNTIME_DIR must be owned by the user; where it is not (su,
    sudo), the cache folder serves.
    """
    runtime = environ.get("XDG_RUNTIME_DIR", "")
    if runtime.startswith("/") and _is_mine(Path(runtime)):
        return Path(runtime) / APP / key
    return cache_dir(environ=environ) / key


def cache_dir(*, environ: Mapping[str, str] = os.environ) -> Path:
    """Return the user's cache folder for rolecall."""
    return _user_dir(environ, "XDG_CACHE_HOME", ".cache", "Library/Caches")


def state_dir(*, environ: Mapping[str, str] = os.environ) -> Path:
    """Return the user's state folder: the setup journal, rendered bases, logs."""
    return _user_dir(environ, "XDG_STATE_HOME", ".local/state", "Library/Application Support")


def home(*, environ: Mapping[str, str] = os.environ) -> Path:
    """Return the user's home folder. Raises MachineError where HOME is not set."""
    if not environ.get("HOME"):
        raise MachineError("home-missing", "HOME is not set", hint='export HOME="$(cd ~ && pwd)"')
    return Path(environ["HOME"])


def shipped(kind: str) -> Path:
    """Return the folder `kind` ("templates", "envrc.d") that rolecall ships.

    In a wheel it lies inside the package; in a checkout of rolecall itself, at the top level.
    """
    package = Path(__file__).resolve().parents[1]
    packaged = package / "packaged" / kind
    return packaged if packaged.is_dir() else package.parents[1] / kind


def _user_dir(environ: Mapping[str, str], variable: str, plain: str, darwin: str) -> Path:
    if environ.get(variable, "").startswith("/"):
        return Path(environ[variable]) / APP
    below = darwin if os.uname().sysname == "Darwin" else plain
    return home(environ=environ) / below / APP


def _is_mine(folder: Path) -> bool:
    try:
        return folder.is_dir() and folder.stat().st_uid == os.getuid() and os.access(folder, os.W_OK)
    except OSError:
        return False
