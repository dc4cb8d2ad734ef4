"""The step `direnv-lib`: direnv knows `use rolecall`, and runs the person's own copy of the fragments.

The function and the common copy belong to every project of the person that has the line; the last one of them
that is torn down takes them along.
"""

from collections.abc import Iterable
from pathlib import Path

from rolecall.errors import ConfigError, UsageError
from rolecall.system.disk import files, paths
from rolecall.workstation.direnv_lib import copies
from rolecall.workstation.direnv_lib.copies import Copy
from rolecall.workstation.envrc import merge, use_line, way
from rolecall.workstation.envrc.runtime import FILE
from rolecall.workstation.envrc.way import Way
from rolecall.workstation.steps import handover, journal, new_folders
from rolecall.workstation.steps.step import Context, Finding, Record, State, Step, record

NAME = "direnv-lib"


def step() -> Step:
    """Return the step of the table."""
    reason = "the function `use rolecall` for direnv, and your own copy of what it runs"
    return Step(
        name=NAME,
        reason=reason,
        hint="invoke setup",
        check=check,
        apply=apply,
        undo=undo,
        shared=True,
        user=_user,
    )


def check(context: Context) -> Finding:
    """Return which of the files differ. Raises ConfigError where one of them is not rolecall's."""
    if way.wanted(context) is not Way.LINE:
        return Finding(State.DONE, f"{FILE} is rendered, so it needs none")
    if differing := _differing(copies.wanted(context)):
        return Finding(
            State.CHANGE, f"would write {_named(differing, context)}", _difference(differing, context)
        )
    if shadow := copies.shadow(context):
        return Finding(State.CHANGE, f"would remove {_short(shadow, context)}: the common copy serves it")
    if not _is_known(context):
        return Finding(State.CHANGE, "this project would be noted as one that uses it")
    return Finding(State.DONE, "direnv knows `use rolecall`")


def apply(context: Context) -> None:
    """Write what differs, after showing how it would change what is there."""
    wanted = copies.wanted(context)
    differing = _differing(wanted)
    if (changed := _difference(differing, context)) and not _may_change(changed, context):
        raise UsageError("not-confirmed", "your copy was left as it is", hint="invoke setup")
    if not (differing or _is_known(context)):
        differing = list(wanted)
    known = {done.facts.get("file") for done in journal.of(context).read() if done.step == NAME}
    for copy in differing:
        if str(copy.path) not in known:
            made = new_folders.missing(copy.path.parent)
            context.journal(record(NAME, file=str(copy.path), made=made, shared=str(copy.is_shared)))
        new_folders.make(copy.path.parent)
        if files.read_text(copy.path) != copy.text:
            files.write_private(copy.path, copy.text)
    if shadow := copies.shadow(context):
        shadow.unlink()
        copies.cold(shadow).unlink(missing_ok=True)
        new_folders.remove_empty_above(shadow, paths.APP)


def _user(context: Context, done: Record) -> Path | None:
    return handover.user(context, shares=_has_line) if done.facts["shared"] == "True" else None


def undo(context: Context, done: Record) -> str:
    """Remove a file that is as rolecall wrote it, where no other project uses it."""
    path = Path(done.facts["file"])
    text = files.read_text(path)
    shown = _short(path, context)
    if done.facts["shared"] == "True" and (line := handover.kept(done, context, shown, shares=_has_line)):
        return line
    if text is not None and not copies.is_ours(text):
        return f"kept {shown}: it was edited since"
    path.unlink(missing_ok=True)
    new_folders.remove_empty(done.facts["made"])  # also where another record of this file came before
    return f"removed {shown}" if text is not None else ""


def _differing(wanted: Iterable[Copy]) -> list[Copy]:
    """Return the files to write. Raises ConfigError where one is not as rolecall left it."""
    differing = [copy for copy in wanted if files.read_text(copy.path) != copy.text]
    for copy in differing:
        text = files.read_text(copy.path)
        if copy.path.exists() and not (text and copies.is_ours(text)):
            raise ConfigError(
                "direnv-lib-edited",
                f"{copy.path} was changed since rolecall wrote it; move it away",
                hint=f"mv {paths.typed(copy.path)} {paths.typed(f'{copy.path}.mine')}",
            )
    return differing


def _difference(differing: list[Copy], context: Context) -> str:
    """Return how those of the files that are there would change, as text."""
    present = [(copy, files.read_text(copy.path)) for copy in differing]
    return "\n".join(
        merge.diff(text, copy.text, _short(copy.path, context)) for copy, text in present if text is not None
    )


def _may_change(changed: str, context: Context) -> bool:
    context.show(changed)
    return context.confirm("May every `.envrc` with `use rolecall` run this on `cd`?")


def _is_known(context: Context) -> bool:
    """Return whether this project's journal says that it uses the function."""
    return journal.of(context).last(NAME) is not None


def _has_line(root: Path) -> bool:
    return use_line.is_in(files.read_text(root / FILE) or "")


def _named(differing: list[Copy], context: Context) -> str:
    """Return the files by their names, folder by folder."""
    names: dict[str, list[str]] = {}
    for copy in differing:
        names.setdefault(_short(copy.path.parent, context), []).append(copy.path.name)
    return " and ".join(f"{', '.join(found)} in {folder}" for folder, found in names.items())


def _short(path: Path, context: Context) -> str:
    return paths.short(path, environ=context.environ)
