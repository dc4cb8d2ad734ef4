"""The step `envrc`: `.envrc` rendered, and a person's edits of it never lost.

Owns: deciding what `.envrc` should become from what it is, what was rendered last, and what is rendered now.
Must not: approve it (approval does), or write before the difference was shown.
Called by: the table; `invoke render`.
"""

import contextlib
import enum
import hashlib
from dataclasses import dataclass
from pathlib import Path

from rolecall.errors import ConfigError, UsageError
from rolecall.system import files
from rolecall.workstation import templates
from rolecall.workstation.envrc import approval, merge
from rolecall.workstation.steps import journal
from rolecall.workstation.steps import step as steps
from rolecall.workstation.steps.step import Context, Finding, Record, State, Step

NAME = "envrc"
FILE = ".envrc"
BASE = "envrc.base"
BACKUP = ".envrc.before-rolecall"
CHOICES = ("merge", "keep", "replace")


class Case(enum.StrEnum):
    """What stands at `.envrc`."""

    ABSENT = "absent"
    OURS = "ours"
    EDITED = "edited"
    FOREIGN = "foreign"


@dataclass(frozen=True, slots=True)
class Draft:
    """What `.envrc` is and what it should become; `conflicts` counts places only a person can merge."""

    case: Case
    old: str
    new: str
    rendered: str
    conflicts: int = 0


def step() -> Step:
    """Return the step of the table."""
    return Step(
        name=NAME,
        reason="the .envrc that direnv runs on `cd`, rendered from templates/ and envrc.d/",
        hint="invoke render",
        check=check,
        apply=apply,
        undo=undo,
    )


def check(context: Context) -> Finding:
    """Say what would change. Without `.venv` a missing `.envrc` is still known to be missing."""
    if not (context.root / FILE).exists():
        return Finding(State.CHANGE, f"{FILE} would be rendered")
    drafted = draft(context)
    if drafted.conflicts:
        return Finding(State.CHANGE, f"{FILE} was edited, and the same lines have changed since")
    if drafted.new == drafted.old:
        kept = {Case.EDITED: ", with your edits", Case.FOREIGN: ", kept as your own"}.get(drafted.case, "")
        return Finding(State.DONE, f"{FILE} is up to date{kept}")
    what = {Case.FOREIGN: "is not from rolecall", Case.EDITED: "would change; your edits stay"}
    detail = f"{FILE} {what.get(drafted.case, 'would change')}"
    return Finding(State.CHANGE, detail, merge.diff(drafted.old, drafted.new, FILE))


def apply(context: Context) -> None:
    """Write `.envrc` after its difference was shown and agreed to, and remember what was rendered."""
    drafted = draft(context)
    path = context.root / FILE
    if _needs_decision(context, drafted):
        drafted = _decided(context, drafted)
    else:
        _shown(context, drafted)
    _back_up(context, drafted)
    if drafted.new != drafted.old:
        context.journal(steps.record(NAME, action="wrote", path=str(path), sha256=_sha256(drafted.new)))
        files.write_private(path, drafted.new)
    _remember(context, drafted.rendered)


def undo(context: Context, record: Record) -> str:
    """Remove a `.envrc` that is still as rendered; give back the one that was there before."""
    path, backup = context.root / FILE, context.root / BACKUP
    text = files.read_text(path)
    action = record.facts.get("action")
    if action == "wrote" and text is not None:
        if _sha256(text) == record.facts["sha256"] or templates.is_unedited(text):
            path.unlink()
            return f"removed {FILE}"
        return f"kept {FILE}: it was edited since" if templates.is_ours(text) else ""
    if action == "moved" and text is None and backup.exists():
        backup.rename(path)
        return f"put back the {FILE} of before"
    return ""


def draft(context: Context) -> Draft:
    """Return what `.envrc` is and should become. Reads only."""
    rendered = templates.envrc(context.root)
    old = files.read_text(context.root / FILE)
    base = files.read_text(_state(context) / BASE)
    if old is None:
        return Draft(Case.ABSENT, "", rendered, rendered)
    if templates.is_unedited(old):
        return Draft(Case.OURS, old, rendered, rendered)
    choice = context.answers.on_edit
    if not templates.is_ours(old):
        return Draft(Case.FOREIGN, old, old if choice == "keep" else rendered, rendered)
    if choice in ("keep", "replace"):
        return Draft(Case.EDITED, old, old if choice == "keep" else rendered, rendered)
    if base is None:
        return Draft(Case.EDITED, old, rendered, rendered, conflicts=1)
    merged = merge.three_way(old, base, rendered)
    return Draft(Case.EDITED, old, merged.text, rendered, merged.conflicts)


def _shown(context: Context, drafted: Draft) -> None:
    """Show what would change, and go on only with a yes; where direnv ran the old text, it covers the new."""
    if drafted.case is Case.ABSENT or drafted.new == drafted.old:
        return
    was_approved = approval.is_approved(context.root / FILE, environ=context.environ)
    context.show(_difference(drafted))
    if not context.confirm(f"Write this to {FILE}{', and let direnv run it' if was_approved else ''}?"):
        raise UsageError("not-confirmed", f"{FILE} was left as it is", hint="invoke render")
    if was_approved:
        approval.remember_seen(drafted.new, context)


def _needs_decision(context: Context, drafted: Draft) -> bool:
    """Whether only a person can say what becomes of this `.envrc`."""
    if context.answers.on_edit in ("keep", "replace"):
        return False
    return drafted.case is Case.FOREIGN or (drafted.case is Case.EDITED and drafted.conflicts > 0)


def _decided(context: Context, drafted: Draft) -> Draft:
    is_foreign = drafted.case is Case.FOREIGN
    what = "was not rendered by rolecall" if is_foreign else "was edited where rolecall changes it too"
    if context.answers.yes:
        raise ConfigError(
            f"envrc-{drafted.case}",
            f"{context.root / FILE} {what}",
            hint=f"add --on-edit replace (yours is kept as {BACKUP}) or --on-edit keep",
        )
    replaced = Draft(drafted.case, drafted.old, drafted.rendered, drafted.rendered)
    context.show(_difference(replaced))
    if context.confirm(f"{FILE} {what}. Replace it? Yours is kept as {BACKUP}"):
        return replaced
    raise UsageError("not-confirmed", f"{FILE} was left as it is", hint="invoke render --on-edit keep")


def _difference(drafted: Draft) -> str:
    """Return what a person should see; of a file that goes as a whole, what was in it."""
    if drafted.case is not Case.FOREIGN:
        return merge.diff(drafted.old, drafted.new, FILE)
    gone = "\n".join(f"-{line}" for line in drafted.old.splitlines())
    return f"{gone}\n+({len(drafted.new.splitlines())} lines rendered from envrc.d/)"


def _back_up(context: Context, drafted: Draft) -> None:
    """Keep what a replacement would lose; an earlier backup is never overwritten."""
    if drafted.case not in (Case.EDITED, Case.FOREIGN) or drafted.new != drafted.rendered:
        return
    path, backup = context.root / FILE, _free(context.root / BACKUP)
    is_moved = drafted.case is Case.FOREIGN and backup.name == BACKUP
    facts = {"action": "moved" if is_moved else "copied", "path": str(path), "backup": str(backup)}
    context.journal(steps.record(NAME, **facts))
    if is_moved:
        path.rename(backup)  # a link stays a link
    else:
        files.write_file(backup, drafted.old, mode=path.stat().st_mode & 0o777)
    context.say(f"your {FILE} is kept as {backup.name}")


def _free(path: Path) -> Path:
    if not path.exists():
        return path
    return next(
        candidate for n in range(2, 1000) if not (candidate := path.with_name(f"{path.name}.{n}")).exists()
    )


def _remember(context: Context, rendered: str) -> None:
    """Keep the merge base, after `.envrc` is written: a kill between the two merges the same again."""
    files.private_dir(_state(context))
    with contextlib.suppress(FileNotFoundError):
        if files.read_text(_state(context) / BASE) == rendered:
            return
    files.write_private(_state(context) / BASE, rendered)


def _state(context: Context) -> Path:
    return journal.folder(context.root, environ=context.environ)


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
