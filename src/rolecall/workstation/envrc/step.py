"""The step `envrc`: `.envrc` loads the role, rendered or by one line, and a person's lines are never lost.

It writes nothing before the person has seen the difference. The step `approval` lets direnv run the result.
"""

from pathlib import Path

from rolecall.system.disk import files
from rolecall.workstation.envrc import draft as drafts
from rolecall.workstation.envrc import in_words, merge, render, review, use_line, way
from rolecall.workstation.envrc.draft import BASE, OWN_LINES, Case, Draft
from rolecall.workstation.envrc.review import BACKUP
from rolecall.workstation.envrc.runtime import FILE
from rolecall.workstation.envrc.way import Way
from rolecall.workstation.steps import git_exclude, journal, new_folders
from rolecall.workstation.steps.step import Context, Finding, Record, State, Step, record

NAME = "envrc"
UP_TO_DATE = {
    Case.EDITED: f"{FILE} is rendered, with your edits",
    Case.FOREIGN: f"{FILE} is your own, and is kept",
    Case.LINE: f"{FILE} is the project's own, with `use rolecall`",
}
OUT_OF_DATE = {
    Case.EDITED: f"{FILE} would change; your edits stay",
    Case.LINE: f"{FILE} would be rendered; its lines would become envrc.d/{OWN_LINES}",
}
WITH_LINE = "would load the role by the line `use rolecall`"


def step() -> Step:
    """Return the step of the table."""
    reason = "the .envrc that direnv runs on `cd`: rendered, or your own with one line"
    return Step(name=NAME, reason=reason, hint="invoke render", check=check, apply=apply, undo=undo)


def check(context: Context) -> Finding:
    """Return how `.envrc` would change. A missing one needs no Jinja2 to be noticed."""
    if way.present(context) is None and way.wanted(context) is Way.RENDERED:
        return Finding(
            State.CHANGE, f"{FILE} would be rendered, for this machine alone", words=_in_words(context)
        )
    draft = drafts.make(context)
    if draft.conflicts:
        return Finding(State.CHANGE, f"{FILE} was edited, and the same lines have changed since")
    if draft.new == draft.old:
        return Finding(State.DONE, UP_TO_DATE.get(draft.case, f"{FILE} is rendered"))
    detail = OUT_OF_DATE.get(draft.case, f"{FILE} would change")
    if draft.way is Way.LINE:
        detail = f"{FILE} {WITH_LINE}"
    elif draft.case is Case.FOREIGN:
        detail = OUT_OF_DATE[Case.LINE]
    return Finding(State.CHANGE, detail, merge.diff(draft.old, draft.new, FILE))


def _in_words(context: Context) -> str:
    """Return what a first rendering would run on `cd`; nothing where Jinja2 is not installed yet."""
    try:
        text = render.envrc(context.root)
    except ModuleNotFoundError:
        return ""
    return "\n".join(in_words.summary(context.root, text))


def apply(context: Context) -> None:
    """Write `.envrc` once the person has agreed, and remember a rendering as the next merge's base."""
    path = context.root / FILE
    draft = review.agreed(context, drafts.make(context))
    _keep_lines(context, draft)
    _back_up(context, draft)
    if draft.new != draft.old and draft.case is Case.FOREIGN and draft.way is Way.LINE:
        added = draft.new.removeprefix(draft.old)
        context.journal(record(NAME, action="added", path=str(path), added=added))
        files.rewrite(path, draft.new)
    elif draft.new != draft.old:
        context.journal(record(NAME, action="wrote", path=str(path), sha256=files.sha256(draft.new)))
        files.write_private(path, draft.new)
    # The base comes last: after a kill between the two, the next run merges the same again.
    base = files.private_dir(journal.of(context).folder) / BASE
    if draft.rendered and files.read_text(base) != draft.rendered:
        files.write_private(base, draft.rendered)


def undo(context: Context, done: Record) -> str:
    """Remove what is still as it was written; put back the `.envrc` that was there before."""
    path, backup = context.root / FILE, context.root / BACKUP
    text = files.read_text(path)
    action = done.facts.get("action")
    if action == "lines":
        return _undo_lines(done)
    if action == "added" and text is not None:
        return _undo_line(context, text, done.facts["added"])
    if action == "wrote" and text is not None:
        if files.sha256(text) == done.facts["sha256"] or render.is_unedited(text):
            path.unlink()
            return f"removed {FILE}"
        return f"kept {FILE}: it was edited since" if render.is_ours(text) or use_line.is_in(text) else ""
    if action == "moved" and text is None and backup.exists():
        backup.rename(path)
        return f"put back the {FILE} that was there before"
    return ""


def _keep_lines(context: Context, draft: Draft) -> None:
    """Write the person's own lines as a fragment, which git ignores."""
    if draft.own is None:
        return
    path, is_new = context.root / "envrc.d" / draft.own.name, not (context.root / "envrc.d").exists()
    if path.exists():
        return
    facts = {"path": str(path), "sha256": files.sha256(draft.own.text), "is_new": str(is_new)}
    context.journal(record(NAME, action="lines", **facts))
    path.parent.mkdir(exist_ok=True)
    files.write_private(path, draft.own.text)
    git_exclude.exclude(context, [f"envrc.d/{path.name}"])
    context.say(f"the lines of your {FILE} are in envrc.d/{path.name}")


def _undo_lines(done: Record) -> str:
    path = Path(done.facts["path"])
    text = files.read_text(path)
    if text is None:
        return ""
    if files.sha256(text) != done.facts["sha256"]:
        return f"kept envrc.d/{path.name}: it was edited since"
    path.unlink()
    if done.facts["is_new"] == "True":
        new_folders.remove_empty(str(path.parent))
    return f"removed envrc.d/{path.name}"


def _undo_line(context: Context, text: str, added: str) -> str:
    """Take the line out of the project's own file, unless the team has committed it."""
    if not use_line.is_in(text):
        return ""
    if way.is_committed(context) and not context.answers.committed:
        return f"kept the line in {FILE}: it is committed"
    left = text.replace(added, "", 1) if added in text else use_line.removed(text)
    files.rewrite(context.root / FILE, left)
    return f"took the line `use rolecall` out of {FILE}"


def _back_up(context: Context, draft: Draft) -> None:
    """Keep a copy of what a replacement would lose. An earlier copy is never overwritten."""
    is_moved = draft.case in (Case.FOREIGN, Case.LINE)
    if (
        draft.new == draft.old
        or (is_moved and draft.way is Way.LINE)
        or draft.case in (Case.ABSENT, Case.RENDERED)
    ):
        return
    if draft.way is Way.RENDERED and draft.new != draft.rendered:
        return
    path, backup = context.root / FILE, _unused(context.root / BACKUP)
    is_moved = is_moved and backup.name == BACKUP
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
