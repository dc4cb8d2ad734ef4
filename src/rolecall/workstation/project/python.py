"""The step `python`: a Python project has rolecall among its development dependencies, and its tasks.

Only where the person wants that. A `tasks.py` that is there is never touched: `advice` says what to add.
"""

import json
import re
import tomllib
from pathlib import Path
from typing import Any

from rolecall.system.disk import files
from rolecall.system.python import origin
from rolecall.workstation.envrc import merge
from rolecall.workstation.steps import git
from rolecall.workstation.steps.step import Context, Finding, Record, State, Step, record

NAME = "python"
PYPROJECT, TASKS = "pyproject.toml", "tasks.py"
SIGNS = (PYPROJECT, "setup.py", "setup.cfg", "requirements.txt")
LINE = "from rolecall.tasks import namespace\n"
GROUP = re.compile(r"(?m)^\[dependency-groups\][^\n]*\n")
DEV = re.compile(r"(?m)^dev\s*=\s*\[")
COLLECTION = re.compile(r"(?m)^(ns|namespace)\s*=")


def step() -> Step:
    """Return the step of the table."""
    reason = "rolecall among the development dependencies, and its tasks as `invoke X`"
    return Step(NAME, reason, "invoke setup --python", check=check, apply=apply, undo=undo, optional=True)


def is_python(root: Path) -> bool:
    """Return whether the project at `root` is one in Python."""
    return any((root / name).is_file() for name in SIGNS)


def check(context: Context) -> Finding:
    """Return what would be added to pyproject.toml and tasks.py."""
    changes = _changes(context.root)
    if not changes:
        return Finding(State.DONE, "nothing to add to pyproject.toml and tasks.py")
    diffs = [merge.diff(text, before_and_after(text, at, added), name) for name, text, at, added in changes]
    return Finding(State.CHANGE, f"would add to {', '.join(name for name, *_ in changes)}", "\n".join(diffs))


def apply(context: Context) -> None:
    """Add it."""
    for name, before, at, added in _changes(context.root):
        path = context.root / name
        was_there = path.exists()
        context.journal(record(NAME, path=str(path), added=added, was_there=str(was_there)))
        mode = path.stat().st_mode & 0o777 if was_there else 0o644
        files.write_file(path, before_and_after(before, at, added), mode=mode)


def undo(context: Context, done: Record) -> str:
    """Take out what `apply` added, where it is there as it was, and not committed."""
    path, added = Path(done.facts["path"]), done.facts["added"]
    text = _text(path)
    if added not in text:
        return ""
    if not context.answers.committed and added.strip() in git.committed_text(path.parent, path.name):
        return f"kept rolecall in {path.name}: it is committed"
    left = text.replace(added, "", 1)
    if not left and done.facts["was_there"] == "False":
        path.unlink()
    else:
        files.write_file(path, left, mode=path.stat().st_mode & 0o777)
    return f"took rolecall out of {path.name}"


def offers(root: Path) -> bool:
    """Return whether there is anything to add to the project at `root`."""
    return bool(_changes(root))


def advice(root: Path) -> list[str]:
    """Return what a person may add by hand, and why no dependency can be named."""
    tasks = _text(root / TASKS)
    lines = []
    if tasks and "rolecall" not in tasks:
        own = COLLECTION.search(tasks)
        add = (
            f'{own[1]}.add_collection(aws, "aws")'
            if own
            else "namespace.add_task(TASK)    # for each of yours"
        )
        name = "namespace as aws" if own else "namespace"
        lines.append(f"{TASKS} is yours and stays; so that invoke has these tasks too, add to it:")
        lines += [f"    from rolecall.tasks import {name}", f"    {add}"]
    if not origin.requirement():
        lines.append(
            "rolecall was installed from a file that colleagues do not have, so no dependency can name it"
        )
    return lines


def before_and_after(before: str, at: int, added: str) -> str:
    """Return `before` with `added` put in at that place."""
    return before[:at] + added + before[at:]


def _changes(root: Path) -> list[tuple[str, str, int, str]]:
    """Return for each file that changes: its name, its text, the place, and what comes there."""
    found = []
    if not (root / TASKS).exists():
        found.append((TASKS, "", 0, LINE))
    text, wanted = _text(root / PYPROJECT), origin.requirement()
    if text and wanted and "rolecall" not in text and (place := _place(text, wanted)):
        found.append((PYPROJECT, text, *place))
    return found


def _place(text: str, wanted: str) -> tuple[int, str] | None:
    """Return where `wanted` goes into the group `dev` (PEP 735), and as what; None where it is not plain."""
    group = GROUP.search(text)
    dev = DEV.search(text, group.end()) if group else None
    if group is None:
        gap = "" if text.endswith("\n") else "\n"
        place = (len(text), f"{gap}\n[dependency-groups]\ndev = [{json.dumps(wanted)}]\n")
    elif dev and "\n[" not in text[group.end() : dev.start()]:
        is_list = text[dev.end() :].lstrip(" ").startswith("\n")
        place = (dev.end(), f"\n  {json.dumps(wanted)}," if is_list else f"{json.dumps(wanted)}, ")
    else:
        place = (group.end(), f"dev = [{json.dumps(wanted)}]\n")
    try:
        before, after = tomllib.loads(text), tomllib.loads(before_and_after(text, *place))
    except tomllib.TOMLDecodeError:
        return None
    return place if _group(after) == [wanted, *_group(before)] else None


def _group(document: dict[str, Any]) -> list[Any]:
    return list(document.get("dependency-groups", {}).get("dev", []))


def _text(path: Path) -> str:
    try:
        return path.read_bytes().decode()
    except (OSError, UnicodeDecodeError):
        return ""
