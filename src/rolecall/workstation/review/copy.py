"""A private copy of the files that the person approved: to compare with, and to run where rolecall is in it.

Where rolecall itself lives in the project, a pull changes it, and the review must not be done by what it is
about: a command in the private folder runs the copy. Must not decide what is approved.
"""

import os
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path

from rolecall.project.approved import record
from rolecall.system.disk import files, paths, place

NAME = "approved"
PACKAGE = Path(__file__).resolve().parents[2]
CODE = "import sys; sys.path.insert(0, sys.argv[1]); from rolecall.workstation.review.run import main; main()"
SCRIPT = """\
#!/bin/sh
# Written by rolecall: shows what has changed in this project since you approved it, and runs nothing of that.
export ROLECALL_SITE={site} ROLECALL_COMMAND={command}
exec {python} -I -S -B -c {code} {source} {root} "$@"
"""


def folder(root: Path) -> Path:
    """Return where the copy is; it may not exist."""
    return Path(place.at(root).state, NAME)


def command(root: Path) -> Path:
    """Return the command that runs the copy; it may not exist."""
    return Path(place.at(root).state, record.REVIEW)


def package(root: Path, *, running: Path = PACKAGE) -> Path | None:
    """Return rolecall's package where it lives in the project, also where its copy is `running`."""
    if running.is_relative_to(root):
        return running
    copied = folder(root)
    return root / running.relative_to(copied) if running.is_relative_to(copied) else None


def become(root: Path) -> None:
    """Become the approved copy's review where rolecall lives in the project. Return where there is none."""
    own = command(root)
    if package(root) and own.exists() and folder(root).is_dir():
        sys.stdout.flush()
        sys.stderr.flush()
        os.execv(own, [str(own)])  # noqa: S606 - no shell is the point


def read(root: Path) -> dict[str, bytes] | None:
    """Return the approved files by their path in the project; None where nothing was approved yet."""
    top = folder(root)
    if not top.is_dir():
        return None
    found = (path for path in sorted(top.rglob("*")) if "__pycache__" not in path.parts)
    return {str(path.relative_to(top)): path.read_bytes() for path in found if path.is_file()}


def write(root: Path, approved: Mapping[str, bytes]) -> None:
    """Replace the copy. After a kill there is the old one, the new one or none: then all is shown as new."""
    top = folder(root)
    files.private_dir(top.parent)
    new, old = top.with_name(f"{NAME}.new"), top.with_name(f"{NAME}.old")
    for path in (new, old):
        shutil.rmtree(path, ignore_errors=True)
    new.mkdir(mode=0o700)
    for name, content in approved.items():
        (new / name).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        (new / name).write_bytes(content)
    if top.exists():
        top.rename(old)
    new.rename(top)
    shutil.rmtree(old, ignore_errors=True)


def write_command(root: Path, constants: Mapping[str, str]) -> None:
    """Write the command that runs the copy, where rolecall lives in the project; else there is none."""
    path, own = command(root), package(root)
    if own is None:
        files.remove(path)
        return
    source = folder(root) / own.parent.relative_to(root)
    words = {"python": constants["python"], "site": constants["site"], "command": constants["command"]}
    words |= {"code": CODE, "source": str(source), "root": str(root)}
    text = SCRIPT.format(**{name: paths.typed(word) for name, word in words.items()})
    if files.read_own(path) != text:
        files.write_file(path, text, mode=0o700)
