"""The steps for the shells: rolecall's block is in each startup file, or setup says which line to add."""

import shlex
from functools import partial
from pathlib import Path

from rolecall.errors import MachineError
from rolecall.system.disk import files, paths
from rolecall.workstation.shells import body, by_hand, dialects, existing_hook, rc_file
from rolecall.workstation.shells.dialects import DIALECTS, Dialect
from rolecall.workstation.shells.rc_file import Edit
from rolecall.workstation.steps import handover
from rolecall.workstation.steps.step import Context, Finding, Record, State, Step, record


def wiring(context: Context) -> tuple[Step, ...]:
    """Return one step for each shell of this user; only the login shell's can stop a setup."""
    return tuple(_step(name, context) for name in dialects.wanted(context.environ))


def every_step(context: Context) -> tuple[Step, ...]:
    """Return a step for each shell rolecall can write to, for teardown: wanted now or not."""
    return tuple(_step(name, context) for name in DIALECTS)


def edits(dialect: Dialect, context: Context) -> list[Edit]:
    """Return the edits of this shell's files. Writes nothing."""
    found = [rc_file.plan(dialect.rc_file(context.environ), body.text(dialect, context))]
    login = existing_hook.bash_login_file(context.environ) if dialect.name == "bash" else None
    return [*found, rc_file.plan(login, body.LOGIN)] if login else found


def own_file(dialect: Dialect, context: Context) -> Path:
    """Return rolecall's own file for the block, to be read by an rc file that rolecall must not change."""
    return paths.state_dir(environ=context.environ) / dialect.template


def _step(name: str, context: Context) -> Step:
    dialect = DIALECTS.get(name)
    if dialect is None:
        return by_hand.step(name)
    return Step(
        name=f"shell-{name}",
        reason=f"so that `cd` loads the role in {name}",
        hint="invoke setup",
        check=partial(_check, dialect),
        apply=partial(_apply, dialect),
        undo=_undo,
        optional=name != dialects.login_shell(context.environ),
        shared=True,
        user=lambda context, _: handover.user(context),
    )


def _check(dialect: Dialect, context: Context) -> Finding:
    needed = [edit for edit in edits(dialect, context) if edit.refusal or edit.is_needed]
    if not needed:
        return Finding(State.DONE, f"set up in {_short(dialect.rc_file(context.environ), context)}")
    refused = next((edit for edit in needed if edit.refusal), None)
    if refused is None:
        shown = (_short(edit.path, context) + (f" ({edit.note})" if edit.note else "") for edit in needed)
        diff = "".join(edit.diff for edit in needed)
        return Finding(State.CHANGE, f"would add to {', '.join(shown)}", diff)
    if _source_line(dialect, context) in (refused.before or dialects.text_of(refused.path)):
        return Finding(State.DONE, f"set up by hand in {_short(refused.path, context)}")
    return Finding(State.UNKNOWN, f"{_refusal(refused, context)}; setup says which line to add by hand")


def _apply(dialect: Dialect, context: Context) -> None:
    planned = edits(dialect, context)
    refused = next((edit for edit in planned if edit.refusal), None)
    if refused is not None:
        _write_own_file(dialect, context)
        problem = f"{_refusal(refused, context)}; add the line below to it yourself"
        raise MachineError("rc-untouchable", problem, hint=_source_line(dialect, context))
    for edit in (edit for edit in planned if edit.is_needed):
        if edit.note:
            context.say(f"{edit.path}: {edit.note}")
        context.journal(record(f"shell-{dialect.name}", **rc_file.facts(edit)))
        rc_file.apply(edit)


def _undo(context: Context, done: Record) -> str:
    if line := handover.kept(done, context, done.facts.get("file") or done.facts["aside"]):
        return line
    if "aside" in done.facts:
        Path(done.facts["aside"]).unlink(missing_ok=True)
        return f"removed {done.facts['aside']}"
    return rc_file.undo(done.facts)


def _write_own_file(dialect: Dialect, context: Context) -> None:
    path = own_file(dialect, context)
    context.journal(record(f"shell-{dialect.name}", aside=str(path)))
    files.private_dir(path.parent)
    files.write_private(path, body.text(dialect, context))


def _source_line(dialect: Dialect, context: Context) -> str:
    """Return the line by which an rc file reads rolecall's own file."""
    word = "source" if dialect.name in ("fish", "tcsh") else "."
    return f"{word} {shlex.quote(str(own_file(dialect, context)))}"


def _refusal(edit: Edit, context: Context) -> str:
    return f"{_short(edit.path, context)} cannot be changed: {edit.refusal}"


def _short(path: Path, context: Context) -> str:
    return paths.short(path, environ=context.environ)
