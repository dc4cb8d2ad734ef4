"""Tab completion of tasks, flags and role names: a script for each shell, and the tasks of each project.

Owns: those files, in the user's state folder; the rc block of each shell reads its script.
Must not: cost anything at the prompt, or start Python when a person presses tab.
Called by: the table of steps.
"""

import hashlib
import sys
from pathlib import Path

from rolecall.errors import MachineError
from rolecall.system import files, paths, processes
from rolecall.workstation import templates
from rolecall.workstation.shells import dialects
from rolecall.workstation.shells import step as shells
from rolecall.workstation.steps import handover
from rolecall.workstation.steps import step as steps
from rolecall.workstation.steps.step import Context, Finding, Record, State, Step

NAME = "completion"
SCRIPTS = ("bash", "zsh", "fish")
ASK_SECONDS = 60


def step() -> Step:
    """Return the step of the table."""
    return Step(
        name=NAME,
        reason="tab completes tasks, flags and role names of `invoke`",
        hint="invoke setup",
        check=_check,
        apply=_apply,
        undo=_undo,
        optional=True,
    )


def words_file(context: Context) -> Path:
    """Return the file with this project's tasks: its name is the project's path, "/" written "%"."""
    return _folder(context) / str(context.root.resolve()).replace("/", "%")


def _check(context: Context) -> Finding:
    names = [
        name for name in _wanted(context) if _script(name, context) != files.read_text(_path(name, context))
    ]
    if _mark(context) not in (files.read_text(words_file(context)) or ""):
        names.append("this project's tasks")
    if not names:
        return Finding(State.DONE, f"for {', '.join(_wanted(context))}")
    return Finding(State.CHANGE, f"would write {', '.join(names)}")


def _apply(context: Context) -> None:
    for name in _wanted(context):
        _write(_path(name, context), _script(name, context), context)
    asked = [sys.executable, "-P", "-m", "rolecall.workstation.shells.completion_words"]
    done = processes.run(asked, environ=context.environ, folder=context.root, timeout_seconds=ASK_SECONDS)
    if not done.is_ok:
        raise MachineError(
            "tasks-unknown", f"tasks.py does not load: {done.err.strip()[-200:]}", hint="invoke --list"
        )
    _write(words_file(context), f"{_mark(context)}\n{done.out}", context)


def _undo(context: Context, record: Record) -> str:
    path = Path(record.facts["file"])
    if not path.exists():
        return ""
    heir = handover.hand_over(record, context) if path != words_file(context) else None
    if heir:
        return f"kept what {heir} uses too: {path}"
    path.unlink()
    if path.parent.name == "tasks" and not any(path.parent.iterdir()):
        path.parent.rmdir()
    return f"removed {path}"


def _write(path: Path, text: str, context: Context) -> None:
    if files.read_text(path) == text:
        return
    context.journal(steps.record(NAME, file=str(path)))
    files.private_dir(path.parent)
    files.write_private(path, text)


def _wanted(context: Context) -> tuple[str, ...]:
    return tuple(name for name in dialects.wanted(context.environ) if name in SCRIPTS)


def _path(name: str, context: Context) -> Path:
    return shells.completion_file(dialects.DIALECTS[name], context)


def _script(name: str, context: Context) -> str:
    return templates.render(context.root, f"completion.{name}", folder=str(_folder(context)))


def _folder(context: Context) -> Path:
    return paths.state_dir(environ=context.environ) / "tasks"


def _mark(context: Context) -> str:
    """Return the first line of the words: a digest of the code that defines the tasks."""
    digest = hashlib.sha256()
    ours = Path(__file__).resolve().parents[2] / "tasks"
    for path in (context.root / "tasks.py", *sorted(ours.glob("*.py"))):
        digest.update((files.read_text(path) or "").encode())
    return f"# {digest.hexdigest()}"
