"""Take back what setup did to this machine, and nothing else.

Each step's undo leaves alone what was there before or was edited since. Sessions and the state folder
belong to no single step: they are removed here.
"""

import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

from rolecall.credentials.store import audit
from rolecall.system.disk import paths
from rolecall.workstation.envrc import approval
from rolecall.workstation.programs import lasting
from rolecall.workstation.steps import engine, handover, journal, new_folders
from rolecall.workstation.steps.journal import Journal
from rolecall.workstation.steps.step import Context, Record, Step, record
from rolecall.workstation.venv import step as venv_step
from rolecall.workstation.venv.state import Venv

OWN = ("bugs", "locked", "sso")  # what is no project's, beside the audit log


def plan(steps: Sequence[Step], context: Context) -> list[str]:
    """Return the names of the steps that have something to take back, in that order."""
    names = {found.step for found in records(context)}
    return [step.name for step in steps if step.name in names]


def run(steps: Sequence[Step], context: Context, *, on_end: Callable[[str, str], None]) -> None:
    """Take back every record of the journal, then remove the journal. Raises MachineError where one stays."""
    _take_over(steps, context)
    last = [step for step in steps if step.name == venv_step.NAME]
    engine.undo([step for step in steps if step not in last], records(context), context, on_end=on_end)
    _remove_sessions(context.root, context)
    left = records(context)
    Journal(context.root, context.environ).forget(on_removed=lambda: _remove_logs(context))
    engine.undo(last, left, context, on_end=on_end)  # the very last: this Python lives there
    for path in lasting.remove(context.environ) if is_last(context) else ():
        on_end(lasting.NAME, f"removed {path}")


def is_last(context: Context) -> bool:
    """Return whether no other project is set up on this machine."""
    own = journal.of(context).path
    found = paths.state_dir(environ=context.environ).glob(f"**/{journal.NAME}")
    return all(path == own for path in found)


def records(context: Context) -> list[Record]:
    """Return what there is to take back: the journal, and a `.venv` that was made here."""
    found = Journal(context.root, context.environ).read()
    if Venv(context.root).is_made_here:
        found.append(record(venv_step.NAME))
    return found


def left_behind(steps: Sequence[Step], context: Context) -> list[Record]:
    """Return what the last project takes back of projects that are no longer where they were set up."""
    if any(handover.others(context)):
        return []
    elsewhere = {journal.FOLDERS_STEP, approval.NAME, *(step.name for step in steps if step.shared)}
    return [found for left in handover.gone(context) for found in left.read() if found.step in elsewhere]


def _remove_logs(context: Context) -> None:
    """Remove what all projects share of logs and marks, once no project is left."""
    state = paths.state_dir(environ=context.environ)
    left = list(state.iterdir()) if state.is_dir() else []
    if any(path.name not in OWN and not path.name.startswith(audit.NAME) for path in left):
        return
    for path in left:
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)


def _take_over(steps: Sequence[Step], context: Context) -> None:
    """Take over what projects left that are no longer where they were set up: renamed, moved or deleted.

    Their folders are gone, and with them what they had there. What lies elsewhere is taken back with the last
    project: the shared things, direnv's approvals, the folders that were made.
    """
    if any(handover.others(context)):
        return
    own = journal.of(context)
    for found in left_behind(steps, context):
        own.append(found)
    for left in list(handover.gone(context)):
        left.forget()
        _remove_sessions(left.root, context)


def _remove_sessions(root: Path, context: Context) -> None:
    """Remove the sessions, and the bytecode in the cache folder, which may be another one."""
    key, cache = paths.project_key(root), paths.cache_dir(environ=context.environ)
    for folder in (paths.runtime_dir(key, environ=context.environ), cache / key):
        shutil.rmtree(folder, ignore_errors=True)
        new_folders.remove_empty_above(folder, paths.APP)
