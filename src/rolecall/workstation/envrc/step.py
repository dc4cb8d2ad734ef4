"""The step `envrc`: `.envrc` is rendered, and a person's edits of it are never lost.

It writes nothing before the person has seen the difference. The step `approval` lets direnv run the result.
"""

from pathlib import Path

from rolecall.system import files
from rolecall.workstation.envrc import draft as drafts
from rolecall.workstation.envrc import merge, render, review
from rolecall.workstation.envrc.draft import BASE, FILE, Case, Draft
from rolecall.workstation.envrc.review import BACKUP
from rolecall.workstation.steps import journal
from rolecall.workstation.steps.step import Context, Finding, Record, State, Step, record

NAME = "envrc"
UP_TO_DATE = {
    Case.EDITED: f"{FILE} is rendered, with your edits",
    Case.FOREIGN: f"{FILE} is your own, and is kept",
}
OUT_OF_DATE = {
    Case.EDITED: f"{FILE} would change; your edits stay",
    Case.FOREIGN: f"{FILE} is not from rolecall",
}


def step() -> Step:
    """Return the step of the table."""
    reason = "the .envrc that direnv runs on `cd`, rendered from templates/ and envrc.d/"
    return Step(name=NAME, reason=reason, hint="invoke render", check=check, apply=apply, undo=undo)


def check(context: Context) -> Finding:
    """Return how `.envrc` would change. A missing one needs no Jinja2 to be noticed."""
    if not (context.root / FILE).exists():
        return Finding(State.CHANGE, f"{FILE} would be rendered")
    draft = drafts.make(context)
    if draft.conflicts:
        return Finding(State.CHANGE, f"{FILE} was edited, and the same lines have changed since")
    if draft.new == draft.old:
        return Finding(State.DONE, UP_TO_DATE.get(draft.case, f"{FILE} is rendered"))
    detail = OUT_OF_DATE.get(draft.case, f"{FILE} would change")
    return Finding(State.CHANGE, detail, merge.diff(draft.old, draft.new, FILE))


def apply(context: Context) -> None:
    """Write `.envrc` once the person has agreed, and remember the rendering as the next merge's base."""
    path = context.root / FILE
    draft = review.agreed(context, drafts.make(context))
    _back_up(context, draft)
    if draft.new != draft.old:
        context.journal(record(NAME, action="wrote", path=str(path), sha256=files.sha256(draft.new)))
        files.write_private(path, draft.new)
    # The base comes last: after a kill between the two, the next run merges the same again.
    base = files.private_dir(journal.of(context).folder) / BASE
    if files.read_text(base) != draft.rendered:
        files.write_private(base, draft.rendered)


def undo(context: Context, done: Record) -> str:
    """Remove a `.envrc` that is still as rendered; put back the one that was there before."""
    path, backup = context.root / FILE, context.root / BACKUP
    text = files.read_text(path)
    action = done.facts.get("action")
    if action == "wrote" and text is not None:
        if files.sha256(text) == done.facts["sha256"] or render.is_unedited(text):
            path.unlink()
            return f"removed {FILE}"
        return f"kept {FILE}: it was edited since" if render.is_ours(text) else ""
    if action == "moved" and text is None and backup.exists():
        backup.rename(path)
        return f"put back the {FILE} that was there before"
    return ""


def _back_up(context: Context, draft: Draft) -> None:
    """Keep a copy of what a replacement would lose. An earlier copy is never overwritten."""
    if draft.case not in (Case.EDITED, Case.FOREIGN) or draft.new != draft.rendered:
        return
    path, backup = context.root / FILE, _unused(context.root / BACKUP)
    is_moved = draft.case is Case.FOREIGN and backup.name == BACKUP
    action = "moved" if is_moved else "copied"
    context.journal(record(NAME, action=action, path=str(path), backup=str(backup)))
    if is_moved:
        path.rename(backup)  # a link stays a link
    else:
        files.write_file(backup, draft.old, mode=path.stat().st_mode & 0o777)
    context.say(f"your {FILE} is kept as {backup.name}")


def _unused(path: Path) -> Path:
    """Return `path`, or where it exists the first of `path.2`, `path.3`, … that does not."""
    names = (path, *(path.with_name(f"{path.name}.{number}") for number in range(2, 1000)))
    return next(name for name in names if not name.exists())
