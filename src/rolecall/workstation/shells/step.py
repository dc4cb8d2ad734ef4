"""The rc block of every shell: direnv's hook where none is active yet, and rolecall's renewal before it.

Owns: the steps for the shells, and what stands in the block.
Must not: know where a shell's files are (dialects) or how a file of the user's is edited (rcfiles).
Called by: the table of steps.
"""

import shlex
from functools import partial
from pathlib import Path

from rolecall.errors import MachineError
from rolecall.system import files, paths, processes
from rolecall.workstation import templates
from rolecall.workstation.programs.tool import search_path
from rolecall.workstation.shells import dialects, existing_hook, rc_file
from rolecall.workstation.shells.dialects import DIALECTS, Dialect
from rolecall.workstation.shells.rc_file import Edit
from rolecall.workstation.steps import handover
from rolecall.workstation.steps import step as steps
from rolecall.workstation.steps.step import Context, Finding, Record, State, Step

COMMON_FOLDERS = ("/usr/bin", "/bin", "/usr/local/bin")
LOGIN_BODY = """\
# bash reads this file instead of .bashrc in a login shell
case $- in *i*) if [ -n "${BASH_VERSION-}" ] && [ -r "$HOME/.bashrc" ]; then . "$HOME/.bashrc"; fi ;; esac
"""


def wiring(context: Context) -> tuple[Step, ...]:
    """Return one step for each shell of this user; the login shell's is not optional."""
    return tuple(_step(name, context) for name in dialects.wanted(context.environ))


def every_step(context: Context) -> tuple[Step, ...]:
    """Return a step for each shell rolecall can wire, wanted now or not: what teardown looks through."""
    return tuple(_step(name, context) for name in DIALECTS)


def edits(dialect: Dialect, context: Context) -> list[Edit]:
    """Return what would be written for one shell. Writes nothing."""
    found = [rc_file.plan(dialect.rc_file(context.environ), body(dialect, context))]
    login = existing_hook.bash_login_file(context.environ) if dialect.name == "bash" else None
    return [*found, rc_file.plan(login, LOGIN_BODY)] if login else found


def body(dialect: Dialect, context: Context) -> str:
    """Return what stands between the markers in this shell's file."""
    has_hook = existing_hook.has_hook(dialect, context.environ)
    block = templates.render(context.root, dialect.template, hook=not has_hook)
    return _path_line(dialect, context) + block + _source_line(dialect, context)


def aside(dialect: Dialect, context: Context) -> Path:
    """Return where the block's text lies for a person whose rc file must not be written."""
    return paths.state_dir(environ=context.environ) / dialect.template


def completion_file(dialect: Dialect, context: Context) -> Path:
    """Return the completion script that the block reads, where one was installed."""
    return paths.state_dir(environ=context.environ) / f"completion.{dialect.name}"


def _step(name: str, context: Context) -> Step:
    dialect = DIALECTS.get(name)
    is_own = name == dialects.login_shell(context.environ)
    if dialect is None:
        return _by_hand_step(name)
    return Step(
        name=f"shell-{name}",
        reason=f"so that `cd` loads the role in {name}",
        hint=f"add the hook by hand: https://direnv.net/docs/hook.html ({name})",
        check=partial(_check, dialect),
        apply=partial(_apply, dialect),
        undo=_undo,
        optional=not is_own,
    )


def _check(dialect: Dialect, context: Context) -> Finding:
    needed = [edit for edit in edits(dialect, context) if edit.refusal or edit.is_needed]
    shown = ", ".join(
        _short(edit.path, context) + (f" ({edit.note})" if edit.note else "") for edit in needed
    )
    if not needed:
        return Finding(State.DONE, f"wired in {_short(dialect.rc_file(context.environ), context)}")
    refused = next((edit for edit in needed if edit.refusal), None)
    if refused is None:
        return Finding(State.CHANGE, f"would add to {shown}", "".join(edit.diff for edit in needed))
    line = _by_hand_line(dialect, context)
    if line in (refused.before or dialects.text_of(refused.path)):
        return Finding(State.DONE, f"wired by hand in {_short(refused.path, context)}")
    return Finding(State.UNKNOWN, f"{_refusal(refused, context)}; setup says which line to add by hand")


def _apply(dialect: Dialect, context: Context) -> None:
    planned = edits(dialect, context)
    refused = next((edit for edit in planned if edit.refusal), None)
    if refused is not None:
        _write_aside(dialect, context)
        line = _by_hand_line(dialect, context)
        raise MachineError(
            "rc-untouchable", _refusal(refused, context), hint=f"add this line to it yourself: {line}"
        )
    for edit in (edit for edit in planned if edit.is_needed):
        if edit.note:
            context.say(f"{edit.path}: {edit.note}")
        context.journal(steps.record(f"shell-{dialect.name}", **rc_file.facts(edit)))
        rc_file.apply(edit)


def _undo(context: Context, record: Record) -> str:
    heir = handover.hand_over(record, context)
    if heir:
        return f"kept what {heir} uses too: {record.facts.get('file') or record.facts['aside']}"
    if "aside" in record.facts:
        Path(record.facts["aside"]).unlink(missing_ok=True)
        return f"removed {record.facts['aside']}"
    return rc_file.undo(record.facts)


def _by_hand_step(name: str) -> Step:
    """A shell rolecall writes nothing for: told what to add, never in the way."""
    known = dialects.BY_HAND.get(name)
    line = known.line if known else "direnv's hook, if it has one: https://direnv.net/docs/hook.html"

    def check(context: Context) -> Finding:
        if known is None:
            return Finding(State.DONE, f"{name} is not a shell rolecall knows; add {line}")
        file = dialects.by_hand_file(known, context.environ)
        if "direnv" in dialects.text_of(file):
            return Finding(State.DONE, f"wired by hand in {_short(file, context)}")
        return Finding(State.UNKNOWN, f"add to {_short(file, context)} yourself: {line}")

    return Step(
        name=f"shell-{name}",
        reason=f"so that `cd` loads the role in {name}",
        hint=line,
        check=check,
        apply=lambda _: None,
        undo=lambda _context, _record: "",
        optional=True,
    )


def _write_aside(dialect: Dialect, context: Context) -> None:
    path = aside(dialect, context)
    context.journal(steps.record(f"shell-{dialect.name}", aside=str(path)))
    files.private_dir(path.parent)
    files.write_private(path, body(dialect, context))


def _by_hand_line(dialect: Dialect, context: Context) -> str:
    word = "source" if dialect.name in ("fish", "tcsh") else "."
    return f"{word} {shlex.quote(str(aside(dialect, context)))}"


def _refusal(edit: Edit, context: Context) -> str:
    return f"{_short(edit.path, context)} cannot be changed: {edit.refusal}"


def _path_line(dialect: Dialect, context: Context) -> str:
    """Where direnv lies in a folder that this shell may not have on PATH yet: the line that puts it there."""
    found = processes.find("direnv", path=search_path(context.environ))
    if found is None:
        return ""
    home = str(paths.home(environ=context.environ))
    folder = str(found.parent)
    is_own = folder == f"{home}/.local/bin"
    is_early = dialect.name == "fish" and folder not in COMMON_FOLDERS  # conf.d comes before config.fish
    if not is_own and not is_early:
        return ""
    return dialect.path_line.format(folder="$HOME/.local/bin" if is_own else folder)


def _source_line(dialect: Dialect, context: Context) -> str:
    return dialect.source_line.format(file=shlex.quote(str(completion_file(dialect, context))))


def _short(path: Path, context: Context) -> str:
    return paths.short(path, environ=context.environ)
