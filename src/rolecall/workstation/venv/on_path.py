"""The step `path`: the project's `.venv` may be first on PATH, because the person made it on this machine.

A token says so. It is in the `.venv` and in the state folder, so a `.venv` that came in its place has none.
`envrc.d/80-venv.sh` compares the two. One that held a file from git is never believed again: taken out of git
it would still be what somebody else made.
"""

import contextlib
import secrets
from pathlib import Path

from rolecall.errors import MachineError
from rolecall.system.disk import files, paths
from rolecall.system.programs import git
from rolecall.system.python import site_packages
from rolecall.workstation.steps.step import Context, Finding, Record, State, Step, record
from rolecall.workstation.venv import state

NAME = "path"
RECORD = "venv"
FROM_GIT = "from git: "
TOKEN_BYTES = 16


def step() -> Step:
    """Return the step of the table."""
    reason = "so that the project's own programs come first on PATH"
    return Step(name=NAME, reason=reason, hint="invoke setup", check=check, apply=apply, undo=undo, optional=True)


def check(context: Context) -> Finding:
    """Return whether the project's `.venv` is the one that the person made here."""
    programs = state.programs(context.root)
    if programs is None:
        return Finding(State.DONE, "the project has no .venv of its own")
    folder = programs.parent
    if git.holds(folder):
        return Finding(State.CHANGE, f"{folder.name} holds files from git")
    kept, token = _kept(context), _token(context, folder)
    if token and kept == f"{FROM_GIT}{token}":
        return Finding(State.CHANGE, f"{folder.name} held files from git")
    if token and kept == token:
        return Finding(State.DONE, f"{folder.name} is yours, so its programs are on PATH")
    return Finding(State.CHANGE, f"the programs of {folder.name} would be first on PATH")


def apply(context: Context) -> None:
    """Give the `.venv` its token. Raises MachineError where it holds, or held, a file from git."""
    programs = state.programs(context.root)
    if programs is None:
        return
    folder = programs.parent
    token = _token(context, folder) or secrets.token_hex(TOKEN_BYTES)
    is_from_git = git.holds(folder) or _kept(context) == f"{FROM_GIT}{token}"
    context.journal(record(NAME, token=str(_token_file(context, folder)), record=str(_record_file(context))))
    files.write_private(_token_file(context, folder), f"{token}\n")
    files.private_dir(_record_file(context).parent)
    files.write_private(_record_file(context), f"{FROM_GIT if is_from_git else ''}{token}\n")
    if is_from_git:
        raise MachineError(
            "venv-tracked",
            f"{folder} holds or held files from git, so it is not on PATH; delete it, and make it anew",
            hint=site_packages.remake(str(folder)),
        )


def undo(_context: Context, done: Record) -> str:
    """Take the token out of the `.venv`, and forget it."""
    removed = False
    for name in ("token", "record"):
        with contextlib.suppress(FileNotFoundError):
            Path(done.facts[name]).unlink()
            removed = True
    return "took the project's .venv off PATH" if removed else ""


def _kept(context: Context) -> str:
    return (files.read_own(_record_file(context)) or "").partition("\n")[0]


def _token(context: Context, folder: Path) -> str:
    return (files.read_own(_token_file(context, folder)) or "").partition("\n")[0]


def _token_file(context: Context, folder: Path) -> Path:
    return folder / f".rolecall-{paths.project_key(context.root)}"


def _record_file(context: Context) -> Path:
    return paths.state_dir(environ=context.environ) / paths.project_key(context.root) / RECORD
