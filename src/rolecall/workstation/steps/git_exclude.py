"""The step `ignored`: git ignores each person's own files.

Where the team's .gitignore does not name them, they go into this clone's `.git/info/exclude`. The step
changes no file of the team.
"""

import re
from pathlib import Path

from rolecall.system import files, processes
from rolecall.workstation.steps import git
from rolecall.workstation.steps.step import Context, Finding, Record, State, Step, record

NAME = "ignored"
PERSONAL = (".env", ".env.account", ".envrc", ".envrc.before-rolecall")
HEADING = "# personal files of rolecall"


def step() -> Step:
    """Return the step of the table."""
    reason = "so that git never commits your personal files"
    return Step(name=NAME, reason=reason, hint="invoke setup", check=check, apply=apply, undo=undo)


def check(context: Context) -> Finding:
    """Return which personal files git would commit."""
    missing = _missing(context)
    if missing:
        return Finding(State.CHANGE, f"git does not ignore {', '.join(missing)}")
    return Finding(State.DONE, "git ignores the personal files")


def apply(context: Context) -> None:
    """Add the missing names to this clone's own exclude file."""
    path = _exclude(context)
    block = "\n".join((HEADING, *(f"/{_prefix(context.root)}{name}" for name in _missing(context)))) + "\n"
    before = files.read_text(path)
    gap = "" if not before or before.endswith("\n") else "\n"
    context.journal(record(NAME, path=str(path), added=gap + block, was_there=str(before is not None)))
    path.parent.mkdir(exist_ok=True)
    files.write_file(path, f"{before or ''}{gap}{block}", mode=0o644)


def undo(_context: Context, done: Record) -> str:
    """Remove the lines that `apply` added."""
    path = Path(done.facts["path"])
    text = files.read_text(path)
    if text is None or done.facts["added"] not in text:
        return ""
    left = text.replace(done.facts["added"], "", 1)
    if not left and done.facts["was_there"] == "False":
        path.unlink()
    else:
        files.write_file(path, left, mode=path.stat().st_mode & 0o777)
    return "removed our lines from .git/info/exclude"


def _missing(context: Context) -> list[str]:
    if not git.is_work_tree(context.root):
        return []
    ignored = _git(context.root, "check-ignore", "--no-index", "--", *PERSONAL).splitlines()
    return [name for name in PERSONAL if name not in ignored]


def _exclude(context: Context) -> Path:
    return context.root / _git(context.root, "rev-parse", "--git-path", "info/exclude")


def _prefix(root: Path) -> str:
    """Return the way from the top of the work tree to `root` as a pattern (gitignore(5)): "" or "a/b/"."""
    return re.sub(r"([\\*?\[])", r"\\\1", _git(root, "rev-parse", "--show-prefix"))


def _git(root: Path, *words: str) -> str:
    return processes.run(["git", *words], folder=root).out.strip()
