"""The step `completion`: tab completes tasks, flags, their values and role names.

The user's state folder holds a script for each shell, which the rc block reads, the words of `rolecall`, and
those of `invoke` for each project in which the person used that. Pressing tab never starts Python.
"""

import sys
from pathlib import Path

from rolecall.errors import MachineError
from rolecall.system import command
from rolecall.system.disk import files, paths
from rolecall.system.programs import processes
from rolecall.workstation import templates
from rolecall.workstation.shells import body, dialects
from rolecall.workstation.steps import handover
from rolecall.workstation.steps.step import Context, Finding, Record, State, Step, record

NAME = "completion"
SCRIPTS = ("bash", "zsh", "fish")
ASK_SECONDS = 60
PROGRAM = "rolecall"  # the file with its words; a project's begins with "%"


def step() -> Step:
    """Return the step of the table."""
    reason = "tab completes tasks, flags, their values and role names"
    return Step(
        NAME,
        reason,
        "invoke setup",
        check=_check,
        apply=_apply,
        undo=_undo,
        optional=True,
        shared=True,
        user=_user,
    )


def program_file(context: Context) -> Path:
    """Return the file with the tasks of `rolecall`."""
    return _folder(context) / PROGRAM


def words_file(context: Context) -> Path:
    """Return the file with this project's tasks, named by the project's path with "%" for "/"."""
    return _folder(context) / str(context.root.resolve()).replace("/", "%")


def _check(context: Context) -> Finding:
    wanted = _wanted(context)
    names = [name for name in wanted if _script(name, context) != files.read_text(_path(name, context))]
    if not _has_words(program_file(context), _ours()):
        names.append("`rolecall`")
    if _has_tasks(context) and not _has_words(words_file(context), _mark(context)):
        names.append("this project's tasks")
    if not names:
        return Finding(State.DONE, f"in {', '.join(wanted)}")
    return Finding(State.CHANGE, f"would write the completion of {', '.join(names)}")


def _apply(context: Context) -> None:
    for name in _wanted(context):
        _write(_path(name, context), _script(name, context), context)
    wanted = {}
    if not _has_words(program_file(context), _ours()):
        wanted["--program"] = program_file(context), _ours()
    if _has_tasks(context):
        wanted["--project"] = words_file(context), _mark(context)
    for (path, mark), words in zip(wanted.values(), _asked(context, *wanted), strict=True):
        _write(path, f"{mark}\n{words}\n", context)


def _asked(context: Context, *flags: str) -> list[str]:
    """Return the words for each flag, from one process: it loads Invoke, and the project's `tasks.py`."""
    if not flags:
        return []
    asked = [sys.executable, "-P", "-m", "rolecall.tasks.command.words", *flags]
    done = processes.run(asked, environ=context.environ, folder=context.root, timeout_seconds=ASK_SECONDS)
    if not done.is_ok:
        problem = f"tasks.py cannot be loaded: {done.err.strip()[-200:]}"
        raise MachineError("tasks-unknown", problem, hint="invoke --list")
    return done.out.rstrip("\n").split("\n\n")


def _has_tasks(context: Context) -> bool:
    """Return whether the words of `invoke` are wanted: Invoke has loaded the project's `tasks.py` already.

    `rolecall` runs nothing of a folder; there `invoke` completes what Invoke itself says.
    """
    return not command.is_own() and (context.root / "tasks.py").is_file()


def _has_words(path: Path, mark: str) -> bool:
    return (files.read_text(path) or "").startswith(f"{mark}\n")


def _user(context: Context, done: Record) -> Path | None:
    return None if Path(done.facts["file"]) == words_file(context) else handover.user(context)


def _undo(context: Context, done: Record) -> str:
    path = Path(done.facts["file"])
    if not path.exists():
        return ""
    if path != words_file(context) and (line := handover.kept(done, context, str(path))):
        return line
    path.unlink()
    if path.parent.name == "tasks" and not any(path.parent.iterdir()):
        path.parent.rmdir()
    return f"removed {path}"


def _write(path: Path, text: str, context: Context) -> None:
    if files.read_text(path) == text:
        return
    context.journal(record(NAME, file=str(path)))
    files.private_dir(path.parent)
    files.write_private(path, text)


def _wanted(context: Context) -> tuple[str, ...]:
    return tuple(name for name in dialects.wanted(context.environ) if name in SCRIPTS)


def _path(name: str, context: Context) -> Path:
    return body.completion_file(dialects.DIALECTS[name], context)


def _script(name: str, context: Context) -> str:
    return templates.render(context.root, f"completion.{name}", folder=str(_folder(context)))


def _folder(context: Context) -> Path:
    return paths.state_dir(environ=context.environ) / "tasks"


def _mark(context: Context) -> str:
    """Return the first line of a project's words: a digest of the code that defines the tasks."""
    return f"# {files.sha256(_ours() + (files.read_text(context.root / 'tasks.py') or ''))}"


def _ours() -> str:
    """Return the first line of our own words: a digest of the modules that define our tasks."""
    ours = sorted((Path(__file__).resolve().parents[2] / "tasks").rglob("*.py"))
    return f"# {files.sha256(''.join(files.read_text(path) or '' for path in ours))}"
