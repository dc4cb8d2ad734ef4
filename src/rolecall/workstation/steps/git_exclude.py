"""The step `ignored`: git ignores each person's own files.

Where the team's .gitignore does not name them, they go into this clone's `.git/info/exclude`; in a repository
that is adopted, the person may have them in .gitignore, for everyone.
"""

import re
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from rolecall.system.disk import files
from rolecall.workstation.envrc import merge
from rolecall.workstation.steps import git, handover
from rolecall.workstation.steps.step import Context, Finding, Record, State, Step, record

NAME = "ignored"
# The last is `.env` while it is written: a kill may leave it.
PERSONAL = (".env", ".env.account*", ".envrc", ".envrc.before-rolecall*", "..env.*")
GITIGNORE = ".gitignore"
HEADING = "# personal files of rolecall"


def step() -> Step:
    """Return the step of the table."""
    reason = "so that git never commits your personal files"
    return Step(
        name=NAME, reason=reason, hint="invoke setup", check=check, apply=apply, undo=undo, user=_user
    )


def check(context: Context) -> Finding:
    """Return which personal files git would commit."""
    missing = _missing(context)
    if not missing:
        return Finding(State.DONE, "git ignores the personal files")
    path = _file(context)
    before = _text(path) or ""
    after = before + _added(context, path, before, PERSONAL)
    name = GITIGNORE if context.answers.gitignore else ".git/info/exclude"
    return Finding(State.CHANGE, f"git does not ignore {', '.join(missing)}", merge.diff(before, after, name))


def apply(context: Context) -> None:
    """Add the missing names to .gitignore, or to this clone's own exclude file."""
    _add(context, _file(context), PERSONAL)


def exclude(context: Context, names: Sequence[str]) -> None:
    """Add those of `names` that git would commit to this clone's own exclude file."""
    if _missing(context, names):
        _add(context, _exclude(context), names)


def _add(context: Context, path: Path, names: Sequence[str]) -> None:
    before = _text(path)
    added = _added(context, path, before or "", names)
    had_env = str((context.root / PERSONAL[0]).exists())
    context.journal(
        record(NAME, path=str(path), added=added, was_there=str(before is not None), had_env=had_env)
    )
    path.parent.mkdir(exist_ok=True)
    mode = path.stat().st_mode & 0o777 if before is not None else 0o644
    files.write_file(path, f"{before or ''}{added}", mode=mode)


def _user(context: Context, done: Record) -> Path | None:
    path = Path(done.facts["path"])
    return None if path.name == GITIGNORE else handover.user(context, shares=partial(_shares, path))


def undo(context: Context, done: Record) -> str:
    """Remove the lines that `apply` added; committed ones stay, and all where setup's `.env` is kept."""
    path, added = Path(done.facts["path"]), done.facts["added"]
    text = _text(path)
    if text is None or added not in text:
        return ""
    name = path.name if path.name == GITIGNORE else ".git/info/exclude"
    is_team = path.name == GITIGNORE and not context.answers.committed
    if is_team and added.strip() in git.committed_text(path.parent, path.name):
        return f"kept our lines in {name}: they are committed"
    if path.name != GITIGNORE and (line := handover.kept(done, context, name, shares=partial(_shares, path))):
        return line
    if done.facts.get("had_env") == "False" and (context.root / PERSONAL[0]).exists():
        return f"kept our lines in {name}: {PERSONAL[0]} is still there, and git must not take it"
    left = text.replace(added, "", 1)
    if not left and done.facts["was_there"] == "False":
        path.unlink()
    else:
        files.write_file(path, left, mode=path.stat().st_mode & 0o777)
    return f"removed our lines from {name}"


def _added(context: Context, path: Path, before: str, names: Sequence[str]) -> str:
    """Return the lines to add after `before`, with its own line ends."""
    end = "\r\n" if "\r\n" in before else "\n"
    prefix = "/" if path.name == GITIGNORE else f"/{_prefix(context.root)}"
    lines = (HEADING, *(f"{prefix}{name}" for name in _missing(context, names)))
    gap = "" if not before or before.endswith("\n") else end
    return gap + "".join(f"{line}{end}" for line in lines)


def _text(path: Path) -> str | None:
    """Return the file's text with its own line ends, or None."""
    try:
        return path.read_bytes().decode(errors="surrogateescape")
    except FileNotFoundError:
        return None


def _file(context: Context) -> Path:
    if context.answers.gitignore:
        return context.root / GITIGNORE
    return _exclude(context)


def _exclude(context: Context) -> Path:
    return _exclude_of(context.root)


def _exclude_of(root: Path) -> Path:
    return root / git.said(root, "rev-parse", "--git-path", "info/exclude")


def _shares(path: Path, root: Path) -> bool:
    """Return whether the project at `root` has the same exclude file: another work tree of one repository."""
    return git.is_work_tree(root) and _exclude_of(root).resolve() == path.resolve()


def _missing(context: Context, names: Sequence[str] = PERSONAL) -> list[str]:
    """Return those of `names` that git would commit; a tracked `.envrc` is the team's."""
    if not git.is_work_tree(context.root):
        return []
    ignored = git.said(context.root, "check-ignore", "--no-index", "--", *names).splitlines()
    tracked = git.said(context.root, "ls-files", "--", *names).splitlines()  # to ignore them does nothing
    return [name for name in names if name not in (*ignored, *tracked)]


def _prefix(root: Path) -> str:
    """Return the way from the top of the work tree to `root` as a pattern (gitignore(5)): "" or "a/b/"."""
    return re.sub(r"([\\*?\[])", r"\\\1", git.said(root, "rev-parse", "--show-prefix"))
