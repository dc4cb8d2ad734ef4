"""The step `direnv-quiet`: direnv's line `export +AWS_…` is not shown (`setup --quiet-direnv`).

A setting in the person's direnv.toml, in a block between our markers; a setting of their own stays as it is.
Not every direnv knows it: the one that is there is tried, in a folder of its own.
"""

import os
import tempfile
import tomllib
from pathlib import Path

from rolecall.errors import MachineError
from rolecall.system.disk import files, paths
from rolecall.system.programs import direnv, processes
from rolecall.workstation.programs.tool import search_path
from rolecall.workstation.shells import block, rc_file
from rolecall.workstation.shells.rc_file import Edit
from rolecall.workstation.steps import handover, once
from rolecall.workstation.steps.step import Context, Finding, Record, State, Step, record

NAME = "direnv-quiet"
KEY = "hide_env_diff"
LINE = f"{KEY} = true\n"
TABLE = "[global]"
TRIED_SECONDS = 10


def step() -> Step:
    """Return the step of the table."""
    reason, hint = "so that direnv does not list every variable on `cd`", "invoke setup --quiet-direnv"
    return Step(NAME, reason, hint, check=check, apply=apply, undo=undo, optional=True, shared=True)


def wanted(context: Context) -> bool:
    """Return whether the person wants it."""
    return once.is_wanted(context, NAME, context.answers.quiet_direnv, is_shared=True)


def concerns(context: Context) -> bool:
    """Return whether this run has anything to do about it."""
    return wanted(context) or _is_there(context)


def is_set(context: Context) -> bool:
    """Return whether direnv.toml says anything about it already."""
    return KEY in _global(files.read_text(_file(context)) or "")


def check(context: Context) -> Finding:
    """Return what direnv.toml says."""
    shown = paths.short(_file(context), environ=context.environ)
    if not wanted(context):
        if _is_there(context):
            return Finding(State.CHANGE, f"would take {KEY} out of {shown}")
        return Finding(State.DONE, "direnv's lines are as they were")
    if is_set(context):
        return Finding(State.DONE, f"{KEY} is set in {shown}")
    made = _edit(context)
    if made.refusal:
        return Finding(State.UNKNOWN, f"{shown} cannot be changed: {made.refusal}")
    return Finding(State.CHANGE, f"would set {KEY} in {shown}", made.diff)


def apply(context: Context) -> None:
    """Set it, or take our setting back. Raises MachineError where direnv does not know it."""
    path = _file(context)
    if not wanted(context):
        context.say(rc_file.undo({"file": str(path)}))
        once.decline(context, NAME)
        return
    if not is_known(context):
        once.decline(context, NAME)
        raise MachineError(
            "direnv-loud",
            f"the direnv on this machine knows no {KEY}; a newer one does",
            hint="direnv version",
        )
    made = _edit(context)
    if made.refusal or _global(made.after) != {**_global(made.before or ""), KEY: True}:
        says = f"{path} cannot be changed: {made.refusal or f'its {TABLE} is written in another way'}"
        raise MachineError("direnv-toml-untouchable", says, hint=f"ls -l {paths.typed(path)}")
    context.journal(record(NAME, **rc_file.facts(made)))
    rc_file.apply(made)


def undo(context: Context, done: Record) -> str:
    """Take our setting out, where no other project is set up."""
    if once.is_no(done):
        return ""
    return handover.kept(done, context, done.facts["file"]) or rc_file.undo(done.facts)


def is_known(context: Context) -> bool:
    """Return whether the direnv that is there obeys the setting: it is tried, where nothing else is read."""
    program = processes.find("direnv", path=search_path(context.environ))
    if program is None:
        return False
    with tempfile.TemporaryDirectory(prefix="rolecall-direnv-") as folder:
        top = os.path.realpath(folder)
        Path(top, "direnv.toml").write_text(f"{TABLE}\n{LINE}", encoding="utf-8")
        Path(top, ".envrc").write_text("export ROLECALL_TRIED=1\n", encoding="utf-8")
        environ = {
            "PATH": search_path(context.environ),
            "HOME": top,
            "DIRENV_CONFIG": top,
            "XDG_DATA_HOME": top,
        }
        for words in (["allow", f"{top}/.envrc"], ["export", "json"]):
            done = processes.run(
                [program, *words], environ=environ, folder=Path(top), timeout_seconds=TRIED_SECONDS
            )
        return "ROLECALL_TRIED" in done.out and "ROLECALL_TRIED" not in done.err


def _edit(context: Context) -> Edit:
    """Return the edit: below `[global]`, or with that at the end."""
    return rc_file.plan(_file(context), lambda text: LINE if _below(text) else f"{TABLE}\n{LINE}", at=_below)


def _below(text: str) -> int | None:
    """Return the place below the line `[global]`; None where there is none."""
    at = 0
    for line in text.splitlines(keepends=True):
        at += len(line)
        if line.partition("#")[0].strip().replace(" ", "") == TABLE and line.endswith("\n"):
            return at
    return None


def _is_there(context: Context) -> bool:
    try:
        return block.find(files.read_text(_file(context)) or "") is not None
    except block.CorruptedError:
        return False


def _global(text: str) -> dict[str, object]:
    """Return the table `global`; nothing where the file is no TOML."""
    try:
        found = tomllib.loads(text).get("global", {})
    except tomllib.TOMLDecodeError:
        return {}
    return found if isinstance(found, dict) else {}


def _file(context: Context) -> Path:
    return direnv.settings_file(context.environ)
