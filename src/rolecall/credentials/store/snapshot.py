"""What the shell may know of `.env` and `roles.toml`, beside the sessions, in lines that bash can read.

Owns: the snapshot's text, and the stamps that tell bash whether it is still true.
Must not: hold anything of the long-lived identity.
Called by: the broker, before anything that may fail: `.env` loads also when STS is out of reach.

Stamp N is an empty file with the exact mtime of the Nth `@input`: bash can compare two mtimes
(`-nt`, `-ot`) but not read one.
"""

import contextlib
import os
from pathlib import Path

from rolecall.errors import ConfigError
from rolecall.project import config, dotenv
from rolecall.project.config import Project
from rolecall.system import files

NAME = "project.snapshot"
STAMPS = "stamps"


def write(folder: Path, project: Project, default_role: str | None) -> str:
    """Bring the snapshot and its stamps up to date; return the digest of the project's files.

    Raises MachineError where they cannot be written, ConfigError for a value no environment can hold.
    """
    files.private_dir(folder)
    stamps = files.private_dir(folder / STAMPS)
    times = {
        path: _mtime(path) for path in project.inputs
    }  # before the content: a later change stays visible
    inputs = config.digest(project)
    text = _text(project, default_role, inputs)
    if files.read_text(folder / NAME) != text:
        files.write_private(folder / NAME, text)
    for number, mtime in enumerate(times.values()):
        _stamp(stamps / str(number), mtime)
    return inputs


def _text(project: Project, default_role: str | None, inputs: str) -> str:
    lines = [f"@inputs={inputs}", f"@default={default_role or ''}"]
    lines += [f"@input={path.relative_to(project.root)}" for path in project.inputs]
    lines += [f"{name}={_encoded(name, value)}" for name, value in dotenv.for_shell(project.env).items()]
    return "".join(f"{line}\n" for line in lines)


def _encoded(name: str, value: str) -> str:
    """Return `value` on one line: bash undoes it with `printf -v … %b`."""
    if "\0" in value:
        raise ConfigError(
            "env-value", f"{name} in .env holds a NUL byte, which no environment can", hint="edit .env"
        )
    return value.replace("\\", "\\\\").replace("\n", "\\n").replace("\r", "\\r")


def _mtime(path: Path) -> int | None:
    with contextlib.suppress(OSError):
        return path.stat().st_mtime_ns
    return None


def _stamp(path: Path, mtime: int | None) -> None:
    if mtime is None:
        path.unlink(missing_ok=True)
    elif _mtime(path) != mtime:
        path.touch(mode=files.PRIVATE_FILE)
        os.utime(path, ns=(mtime, mtime))
