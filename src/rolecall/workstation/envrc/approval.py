"""The step `approval`: direnv may run this `.envrc`.

It approves only what the person has seen, or agreed to with --yes.
"""

import contextlib
from pathlib import Path

from rolecall.errors import UsageError
from rolecall.project import config
from rolecall.project.approved import record as approved
from rolecall.system.disk import files, place
from rolecall.workstation.envrc import allow, in_words, merge, render, runtime
from rolecall.workstation.envrc.runtime import FILE
from rolecall.workstation.review import copy, sources
from rolecall.workstation.steps import journal
from rolecall.workstation.steps.step import Context, Finding, Record, State, Step, record

NAME = "approval"
APPROVED = "envrc.approved"
SEEN = "envrc.seen"


def step() -> Step:
    """Return the step of the table."""
    reason = "direnv runs an .envrc only after you approved its content"
    return Step(name=NAME, reason=reason, hint="direnv allow", check=check, apply=apply, undo=undo)


def check(context: Context) -> Finding:
    """Return whether direnv would run `.envrc` as it is now, and no role waits for an approval.

    Raises MachineError where this direnv can load no folder of such a name: an approval would not help.
    """
    path = context.root / FILE
    if not path.exists():
        return Finding(State.CHANGE, f"{FILE} would be approved once it is there")
    allow.check_path(context.root, environ=context.environ)
    if allow.is_denied(path, context.environ):
        return Finding(State.CHANGE, f"{FILE} is denied")
    if not allow.is_allowed(path, environ=context.environ):
        return Finding(State.CHANGE, f"{FILE} is not approved")
    if asks := _asks(context):
        return Finding(State.CHANGE, asks[0])
    if copy.read(context.root) is None:
        return Finding(State.CHANGE, f"no copy is kept of what was approved beside {FILE}")
    return Finding(State.DONE, f"{FILE} is approved")


def apply(context: Context) -> None:
    """Approve `.envrc` and the roles, after showing how they differ from what was approved last."""
    if not allow.is_allowed(context.root / FILE, environ=context.environ):
        _approve_envrc(context)
    asks = _asks(context)
    for says in asks:
        context.say(says)
    if asks and not context.confirm("Approve this change to the roles?"):
        hint = approved.review_command(place.at(context.root))
        raise UsageError("not-confirmed", "the change was not approved", hint=hint)
    keep(context.root)


def keep(root: Path) -> None:
    """Keep what is approved as it is now: a copy of each file that decides, and the facts of each role."""
    copy.write(root, sources.read(root))
    copy.write_command(root, runtime.installation(root))
    approved.accept(config.load(root))


def _asks(context: Context) -> list[str]:
    """Return in words what waits for an approval in `roles.toml` and `.env`."""
    found = approved.changes(config.load(context.root, environ=context.environ))
    return [says for says in (found.asks_all, found.asks_default, *found.asks.values()) if says]


def _approve_envrc(context: Context) -> None:
    path = context.root / FILE
    text = files.read_text(path) or ""
    allow.check_path(context.root, environ=context.environ)
    state = journal.of(context).folder
    before = files.read_text(state / APPROVED)
    is_seen = files.read_text(state / SEEN) == files.sha256(text)
    if before is not None and before != text and not is_seen:
        context.show(merge.diff(before, text, f"{FILE}, approved"))
    is_first = before is None and not allow.is_denied(path, context.environ)
    if before is None and not context.answers.yes:
        context.show("\n".join(in_words.summary(context.root, text)))
    if not is_seen and not _may_run(text, context, is_first=is_first):
        raise UsageError("not-confirmed", f"{FILE} is not approved", hint="direnv allow")
    allow.allow(
        path,
        text,
        environ=context.environ,
        before=lambda file: context.journal(record(NAME, approval=str(file))),
    )
    files.write_private(files.private_dir(state) / APPROVED, text)
    (state / SEEN).unlink(missing_ok=True)


def undo(_context: Context, done: Record) -> str:
    """Withdraw the approval by removing direnv's file for it."""
    with contextlib.suppress(FileNotFoundError):
        Path(done.facts["approval"]).unlink()
        return "withdrew direnv's approval"
    return ""


def remember_seen(text: str, context: Context) -> None:
    """Note that the person saw how the approved `.envrc` becomes `text`, and agreed."""
    files.write_private(files.private_dir(journal.of(context).folder) / SEEN, files.sha256(text))


def _may_run(text: str, context: Context, *, is_first: bool) -> bool:
    """Ask whether direnv may run `text`.

    Where nobody can answer, `setup --sandbox` counts as a yes to the first `.envrc`, if nobody edited it:
    this checkout rendered it, and its code is running already. Every later change is asked about.
    """
    try:
        return context.approve(f"May direnv run {FILE} on `cd` into this folder?", text)
    except UsageError:
        if not (is_first and context.answers.sandbox and render.is_unedited(text)):
            raise
    context.say(f"nobody can answer here; the sandbox's first {FILE} is approved as rolecall rendered it")
    return True
