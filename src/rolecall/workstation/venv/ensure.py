"""Make the checkout's `.venv` right: one setup at a time, with what Debian splits off Python installed first.

Imports the standard library alone, and rolecall modules that do the same: it runs before anything is installed.
"""

import contextlib
import fcntl
import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

from rolecall.errors import MachineError
from rolecall.system.person import person
from rolecall.workstation.programs import sudo
from rolecall.workstation.venv import make, progress
from rolecall.workstation.venv.state import FOLDER, Venv

WITHOUT = "or put uv on your PATH, which makes it without that"


@contextlib.contextmanager
def locked(root: Path) -> Iterator[None]:
    """Hold the checkout at `root` for the block, waiting for another setup to end.

    The lock is on the folder itself: no file is left, and the kernel lets go of it when this process dies.
    """
    descriptor = os.open(root, os.O_RDONLY | os.O_CLOEXEC)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            person.say("waiting for another setup of this folder to end")
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        except OSError:
            pass  # some NFS servers cannot lock a folder: go on as if nobody else were there
        yield
    finally:
        os.close(descriptor)


def put_right(wanted: Venv) -> bool:
    """Make `.venv` right and return whether anything had to be done. The caller holds the checkout."""
    problem = wanted.trouble()
    if problem is None:
        return False
    if wanted.folder.exists():
        person.say(f"mending {FOLDER}: {problem}")
    make.repair(wanted, say=person.say, install_support=install_venv_support)
    return True


def install_venv_support() -> None:
    """Install the Debian package that Python's venv needs. Raises MachineError with the command to type."""
    package = f"python{sys.version_info.major}.{sys.version_info.minor}-venv"
    command = ["apt-get", "install", "-y", package]
    typed = f"sudo apt-get update && sudo {' '.join(command)}"
    if not shutil.which("apt-get"):
        raise MachineError(
            "venv-support",
            f"{sys.executable} cannot make a venv: ensurepip is missing; "
            f"install it with your OS's package manager, {WITHOUT}",
        )
    search = os.environ.get("PATH", os.defpath)
    root = sudo.prefix(environ=os.environ, search=search, can_ask=lambda: False, user_id=os.geteuid)
    if root is None:
        raise MachineError(
            "venv-support",
            f"{sys.executable} cannot make a venv without the package {package}, and only root can install it;"
            f" ask who has root, {WITHOUT}",
            hint=typed if shutil.which("sudo") else f'su -c "apt-get update && {" ".join(command)}"',
        )
    person.say(f"installing {package}: this Python cannot make a venv without it")
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    progress.run([*root, "apt-get", "update"], "apt-get update", environ=quiet, hint=typed)
    progress.run([*root, *command], "apt-get install", environ=quiet, hint=typed)
