"""The list of what a teardown takes away: paths, and lines of files that stay. Changes nothing.

Reads the journal. What became of a file since, its step's undo decides, which says so then; here stands what
may go.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

from rolecall.system.disk import files, paths
from rolecall.workstation.programs import lasting
from rolecall.workstation.setup import teardown
from rolecall.workstation.shells import block
from rolecall.workstation.steps import git
from rolecall.workstation.steps.step import Context, Record, Step
from rolecall.workstation.venv import step as venv_step

NAMED = ("path", "file", "approval", "aside")


def lines(steps: Sequence[Step], context: Context) -> list[str]:
    """Return a line for each thing that would go, and one below it for each line of a file that stays.

    Last comes what another project still needs: it stays, and that project's teardown takes it.
    """
    order = {step.name: at for at, step in enumerate(steps)}
    found = [*teardown.records(context), *teardown.left_behind(steps, context)]
    found = sorted((one for one in found if one.step in order), key=lambda one: order[one.step])
    users = [steps[order[one.step]].user(context, one) for one in found]
    shown = [line for one, user in zip(found, users, strict=True) if not user for line in _of(one, context)]
    shown += [_short(folder, context) for folder in _sessions(context) if folder.is_dir()]
    if teardown.is_last(context):
        shown += [_short(path, context) for path in lasting.made(context.environ)]
    for one, user in zip(found, users, strict=True):
        shown += _staying(one, user, context) if user else []
    return list(dict.fromkeys(shown))


def _staying(record: Record, user: Path, context: Context) -> Iterator[str]:
    """Yield a line for each thing of `record` that another project needs."""
    names = (line.partition(": ")[0] for line in _of(record, context) if not line.startswith(" "))
    return (f"  stays: {name}; {_short(user, context)} uses it too" for name in names)


def _of(record: Record, context: Context) -> Iterator[str]:
    facts = record.facts
    path = next((Path(facts[key]) for key in NAMED if key in facts), None)
    if record.step == venv_step.NAME:
        yield _short(context.root / ".venv", context)
    elif "package" in facts:
        yield f"the package {facts['package']}, which {facts.get('manager', 'a package manager')} installed"
    elif record.step == "env" and (context.root / ".env").exists():
        yield _short(context.root / ".env", context) + (
            "" if facts.get("made") == "True" else ": what setup wrote into it"
        )
    elif path is not None and (path.exists() or path.is_symlink()):
        yield from _of_file(record, path, context)
    elif facts.get("action") == "moved" and Path(facts["backup"]).exists():
        yield f"{_short(Path(facts['backup']), context)}: it becomes {path and path.name} again"


def _of_file(record: Record, path: Path, context: Context) -> Iterator[str]:
    facts, name = record.facts, _short(path, context)
    added = facts.get("added", "")
    if _is_the_teams(path, added, context):
        return
    if "newline" in facts:  # a block in a file of the person's
        yield name + _block(path, facts.get("block", ""))
        return
    is_whole = facts.get("created") == "True" or facts.get("was_there") == "False"
    if not added or (is_whole and files.read_text(path) == added):
        yield name
        return
    yield f"{name}: these lines"
    yield from (f"    {line}" for line in added.strip("\n").splitlines())


def _is_the_teams(path: Path, added: str, context: Context) -> bool:
    """Return whether the team has committed it: then it stays, unless that was asked for."""
    if context.answers.committed or not path.is_relative_to(context.root):
        return False
    if added:
        return added.strip() in git.committed_text(path.parent, path.name)
    return git.has_committed(context.root, str(path.relative_to(context.root)))


def _block(path: Path, block_name: str) -> str:
    """Return where rolecall's block is in the file at `path`; nothing where it is all of it."""
    try:
        text = files.read_text(path) or ""
        found = block.find(text, block_name)
    except block.CorruptedError:
        return ""
    if found is None or (found.start, found.end) == (0, len(text)):
        return ""
    first, last = text[: found.start].count("\n") + 1, text[: found.end].count("\n")
    return f": rolecall's block, lines {first} to {last}"


def _sessions(context: Context) -> tuple[Path, Path]:
    key = paths.project_key(context.root)
    return paths.runtime_dir(key, environ=context.environ), paths.state_dir(environ=context.environ) / key


def _short(path: Path, context: Context) -> str:
    """Return `path` as a person reads it: below the project's folder, or with `~`."""
    if path.is_relative_to(context.root):
        return str(path.relative_to(context.root))
    return paths.short(path, environ=context.environ)
