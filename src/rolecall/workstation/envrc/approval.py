"""The step `approval`: direnv may run this `.envrc`, and no other.

Owns: direnv's allow file for this one path, and what was approved last.
Must not: approve what the person has not seen or waved through with --yes.
Called by: the table; `invoke render`.

An approval is a file named sha256(path, newline, content), a denial sha256(path, newline) (direnv's rc.go;
measured alike in 2.32.1 and 2.37.1), so that checking needs no program.
"""

import contextlib
import hashlib
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path

from rolecall.errors import MachineError, UsageError
from rolecall.system import files, paths, processes
from rolecall.workstation import templates
from rolecall.workstation.envrc import merge
from rolecall.workstation.steps import journal
from rolecall.workstation.steps import step as steps
from rolecall.workstation.steps.step import Context, Finding, Record, State, Step

NAME = "approval"
FILE = ".envrc"
APPROVED = "envrc.approved"
SEEN = "envrc.seen"
ODD = '$`"'


def step() -> Step:
    """Return the step of the table."""
    return Step(
        name=NAME,
        reason="direnv runs an .envrc only after you approved its content",
        hint="invoke setup, or direnv allow",
        check=check,
        apply=apply,
        undo=undo,
    )


def check(context: Context) -> Finding:
    """Say whether direnv would run `.envrc` as it is now."""
    path = context.root / FILE
    if not path.exists():
        return Finding(State.CHANGE, f"{FILE} would be approved once it is there")
    if _denial(path, context.environ).exists():
        return Finding(State.CHANGE, f"{FILE} is denied")
    if not _approval(path, context.environ).exists():
        return Finding(State.CHANGE, f"{FILE} is not approved")
    return Finding(State.DONE, f"{FILE} is approved")


def apply(context: Context) -> None:
    """Approve `.envrc` as the person has seen it: shown is the difference to what was approved last."""
    path = context.root / FILE
    text = files.read_text(path) or ""
    _check_path(context)
    remembered = _state(context) / APPROVED
    before = files.read_text(remembered)
    is_seen = files.read_text(_state(context) / SEEN) == _digest(text)
    if before is not None and before != text and not is_seen:
        context.show(merge.diff(before, text, f"{FILE}, approved"))
    is_first = before is None and not _denial(path, context.environ).exists()
    if not is_seen and not _may_run(text, context, is_first=is_first):
        raise UsageError("not-confirmed", f"{FILE} is not approved", hint="direnv allow")
    allow(path, text, context)
    files.private_dir(remembered.parent)
    files.write_private(remembered, text)
    (remembered.parent / SEEN).unlink(missing_ok=True)


def _may_run(text: str, context: Context, *, is_first: bool) -> bool:
    """Ask. Where nobody can answer, `setup --sandbox` stands for a yes once: to the first `.envrc`, unedited.

    It is what this checkout renders, from the code that is running; a later change is asked about, always.
    """
    try:
        return context.confirm(
            f"May direnv run {FILE} ({len(text.splitlines())} lines) on `cd` into this folder?"
        )
    except UsageError:
        if not (is_first and context.answers.sandbox and templates.is_unedited(text)):
            raise
    context.say(f"nobody can answer: the sandbox's first {FILE}, as this checkout renders it, is approved")
    return True


def remember_seen(text: str, context: Context) -> None:
    """Note that the person has seen how the approved `.envrc` becomes `text`, and agreed."""
    files.private_dir(_state(context))
    files.write_private(_state(context) / SEEN, _digest(text))


def allow(path: Path, text: str, context: Context) -> None:
    """Approve exactly `text` at `path`. Raises MachineError where it changed meanwhile or direnv refuses.

    The file is written anew first: direnv sees a change only in another second than its last look.
    """
    if files.read_text(path) != text:
        raise MachineError("envrc-changed", f"{path} changed while you looked at it", hint="invoke setup")
    approval = _approval(path, context.environ)
    context.journal(steps.record(NAME, approval=str(approval)))
    files.write_private(path, text)
    done = processes.run(
        ["direnv", "allow", path], environ=context.environ, folder=path.parent, timeout_seconds=30
    )
    if not done.is_ok or not approval.exists():
        last = (done.err.strip().splitlines() or ["no approval was written"])[-1]
        raise MachineError("direnv-allow", f"direnv allow {path}: {last}", hint="direnv allow")


def undo(_context: Context, record: Record) -> str:
    """Withdraw an approval by removing direnv's file for it."""
    with contextlib.suppress(FileNotFoundError):
        Path(record.facts["approval"]).unlink()
        return "withdrew direnv's approval"
    return ""


def is_approved(path: Path, *, environ: Mapping[str, str] = os.environ) -> bool:
    """Whether direnv would run `path` as it is now."""
    return path.exists() and _approval(path, environ).exists() and not _denial(path, environ).exists()


def _check_path(context: Context) -> None:
    """Try a folder with the same odd characters: direnv 2.32.1 expands $, " and ` in the path."""
    odd = "".join(sorted({*str(context.root)} & {*ODD}))
    if not odd:
        return
    with tempfile.TemporaryDirectory(prefix="rolecall-") as scratch:
        folder = Path(scratch) / f"a{odd}b"
        folder.mkdir()
        (folder / FILE).write_text("export ROLECALL_PROBE=1\n", encoding="utf-8")
        environ = {**context.environ, "XDG_DATA_HOME": scratch}
        processes.run(["direnv", "allow", folder / FILE], environ=environ, timeout_seconds=30)
        probe = ["direnv", "exec", str(folder), "printenv", "ROLECALL_PROBE"]
        done = processes.run(probe, environ=environ, timeout_seconds=30)
    if done.out.strip() != "1":
        raise MachineError(
            "direnv-path",
            f"this direnv cannot load a folder with {' '.join(odd)} in its path: {context.root}",
            hint="rename the folder, or install direnv 2.37 or newer",
        )


def _approval(path: Path, environ: Mapping[str, str]) -> Path:
    digest = hashlib.sha256(os.fsencode(_real(path)) + b"\n" + path.read_bytes()).hexdigest()
    return _data(environ) / "allow" / digest


def _denial(path: Path, environ: Mapping[str, str]) -> Path:
    return _data(environ) / "deny" / hashlib.sha256(os.fsencode(_real(path)) + b"\n").hexdigest()


def _state(context: Context) -> Path:
    return journal.folder(context.root, environ=context.environ)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _real(path: Path) -> Path:
    return path.parent.resolve() / path.name


def _data(environ: Mapping[str, str]) -> Path:
    return paths.xdg("XDG_DATA_HOME", ".local/share", environ=environ) / "direnv"
