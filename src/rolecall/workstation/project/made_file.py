"""A file that the team is to commit, written and taken back: what was edited or committed since stays."""

from pathlib import Path

from rolecall.system.disk import files
from rolecall.workstation.steps import git, journal, new_folders
from rolecall.workstation.steps.step import Context, Record, record


def write(context: Context, step: str, path: Path, text: str) -> None:
    """Write `text`. Journal it where nothing was there, or only what an earlier run had written."""
    before = files.read_text(path)
    if before == text:
        return
    known = [one.facts for one in journal.of(context).read() if one.facts.get("path") == str(path)]
    if before is None or files.sha256(before) in [facts.get("sha256") for facts in known]:
        folders = new_folders.missing(path.parent)
        facts = {"path": str(path), "sha256": files.sha256(text), "created": "True", "folders": folders}
        context.journal(record(step, **facts))
    mode = 0o644 if before is None else path.stat().st_mode & 0o777
    path.parent.mkdir(parents=True, exist_ok=True)
    files.write_file(path, text, mode=mode)


def undo(context: Context, done: Record) -> str:
    """Remove the file as it was written, and the folders that were made for it."""
    path = Path(done.facts["path"])
    name, text = path.relative_to(context.root), files.read_text(path)
    if text is not None and not context.answers.committed and git.has_committed(context.root, str(name)):
        return f"kept {name}: it is committed"
    is_as_written = text is not None and files.sha256(text) == done.facts["sha256"]
    if is_as_written:
        path.unlink()
    new_folders.remove_empty(done.facts["folders"])
    if text is None or is_as_written:
        return f"removed {name}" if text is not None else ""
    return f"kept {name}: it was edited since"
