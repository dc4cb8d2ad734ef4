"""From a bare Python to `.venv`: what `python3 tasks.py X` does before invoke can run X.

Owns: seeing that `.venv` is right, then becoming `.venv`'s `python -m invoke X`.
Must not: import anything outside the standard library at module level.
Called by: tasks.py when it is run as a program.
"""

import contextlib
import fcntl
import os
import shutil
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from rolecall.errors import EXIT_INTERRUPTED, MachineError, RolecallError
from rolecall.system import person, processes
from rolecall.workstation.venv import make as venv
from rolecall.workstation.venv import progress
from rolecall.workstation.venv.make import Venv

GROUPS = {"test": ("test",), "lint": ("test",), "bench": ("test",), "picture": ("test",)}


def main(root: Path, words: Sequence[str]) -> int:
    """Make `.venv` right and become invoke with the same words. Returns only where that failed."""
    try:
        wanted = Venv(root, _groups(words))
        if _is_plan(words) and venv.trouble(wanted):
            return _plan(root, words)
        prepare(wanted)
        become_invoke(wanted, words)
    except RolecallError as problem:
        person.say(problem.message)
        if problem.hint:
            sys.stderr.write(f"  try: {problem.hint}\n")
        return problem.exit_code
    except KeyboardInterrupt:
        person.say("interrupted; run the same command again, it goes on from here")
        return EXIT_INTERRUPTED
    return 0


def prepare(wanted: Venv) -> bool:
    """Make `.venv` right; return whether anything had to be done. One at a time for each checkout."""
    if venv.trouble(wanted) is None:
        return False
    with alone(wanted.root):
        return put_right(wanted)


def put_right(wanted: Venv) -> bool:
    """Make `.venv` right where the caller holds the checkout; another one may have mended it meanwhile."""
    problem = venv.trouble(wanted)
    if problem is None:
        return False
    if wanted.folder.exists():
        person.say(f"mending {venv.FOLDER}: {problem}")
    venv.mend(wanted, say=person.say, make_possible=install_venv_support)
    return True


def become_invoke(made: Venv, words: Sequence[str]) -> None:
    """Replace this process by `.venv`'s invoke: `python3 tasks.py X` and `invoke X` are the same thing."""
    if not Path.cwd().resolve().is_relative_to(made.root):
        os.chdir(made.root)
    argv = [str(made.python), "-m", "invoke", *(words or ("--list",))]
    sys.stdout.flush()
    sys.stderr.flush()
    os.execv(argv[0], argv)  # noqa: S606 - no shell is the point


@contextlib.contextmanager
def alone(root: Path) -> Iterator[None]:
    """Hold this checkout for the block; the kernel lets go when we die. No file is left."""
    descriptor = os.open(root, os.O_RDONLY | os.O_CLOEXEC)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            person.say("waiting for another setup of this folder to end")
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        except OSError:
            pass  # a filesystem that cannot lock a folder (some NFS): as good as nobody else being there
        yield
    finally:
        os.close(descriptor)


def install_venv_support() -> None:
    """Install what Debian splits off Python's venv, or raise MachineError with the one command."""
    package = f"python{sys.version_info.major}.{sys.version_info.minor}-venv"
    command = ["apt-get", "install", "-y", package]
    typed = f"sudo apt-get update && sudo {' '.join(command)}"
    prefix = _root_prefix()
    if not shutil.which("apt-get"):
        raise MachineError(
            "venv-support",
            f"{sys.executable} cannot make a venv: ensurepip is missing",
            hint="install it with your OS's package manager",
        )
    if prefix is None:
        raise MachineError(
            "venv-support", f"{sys.executable} cannot make a venv without {package}", hint=typed
        )
    person.say(f"installing {package}: this Python cannot make a venv without it")
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    progress.run([*prefix, "apt-get", "update"], "apt-get update", environ=quiet, hint=typed)
    progress.run([*prefix, *command], "apt-get install", environ=quiet, hint=typed)


def _root_prefix() -> list[str] | None:
    """Return the words that make a command root's without asking: none, `sudo -n`, or None."""
    if os.geteuid() == 0:
        return []
    sudo = shutil.which("sudo")
    if sudo and processes.run([sudo, "-n", "true"]).is_ok:
        return [sudo, "-n"]
    return None


def _groups(words: Sequence[str]) -> tuple[str, ...]:
    return next((GROUPS[word] for word in words if word in GROUPS), ())


def _is_plan(words: Sequence[str]) -> bool:
    return "setup" in words and "--plan" in words


def _plan(root: Path, words: Sequence[str]) -> int:
    """Show the plan without `.venv`: steps that need a dependency to tell say that they cannot."""
    from rolecall.workstation.setup.plan import show

    return show(root, is_sandbox="--sandbox" in words, is_json="--json" in words)
