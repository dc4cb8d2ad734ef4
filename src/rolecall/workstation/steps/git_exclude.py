"""The step `ignored`: git never sees what is personal.

Owns: this clone's `.git/info/exclude`, where the team's .gitignore leaves a personal file out.
Must not: change a file of the team.
Called by: the table.
"""

from pathlib import Path

from rolecall.system import files, processes
from rolecall.workstation.steps import step as steps
from rolecall.workstation.steps.step import Context, Finding, Record, State, Step

NAME = "ignored"
PERSONAL = (".env", ".env.account", ".envrc", ".envrc.before-rolecall")
HEADING = "# personal files of rolecall"


def step() -> Step:
    """Return the step of the table."""
    return Step(
        name=NAME,
        reason="personal files never get into git",
        hint="add them to .gitignore",
        check=check,
        apply=apply,
        undo=undo,
    )


def check(context: Context) -> Finding:
    """Say which personal files git would take."""
    missing = _missing(context)
    if missing:
        return Finding(State.CHANGE, f"git does not ignore {', '.join(missing)}")
    return Finding(State.DONE, "git ignores the personal files")


def apply(context: Context) -> None:
    """Add the missing ones to this clone's own exclude file."""
    path = _exclude(context)
    block = "\n".join((HEADING, *(f"/{name}" for name in _missing(context)))) + "\n"
    before = files.read_text(path)
    gap = "" if not before or before.endswith("\n") else "\n"
    context.journal(steps.record(NAME, path=str(path), added=gap + block, was_there=str(before is not None)))
    path.parent.mkdir(exist_ok=True)
    files.write_file(path, f"{before or ''}{gap}{block}", mode=0o644)


def undo(_context: Context, record: Record) -> str:
    """Take the lines out again."""
    path = Path(record.facts["path"])
    text = files.read_text(path)
    if text is None or record.facts["added"] not in text:
        return ""
    left = text.replace(record.facts["added"], "", 1)
    if not left and record.facts["was_there"] == "False":
        path.unlink()
    else:
        files.write_file(path, left, mode=path.stat().st_mode & 0o777)
    return "took our lines out of .git/info/exclude"


def _missing(context: Context) -> list[str]:
    if processes.find("git") is None or not _is_work_tree(context.root):
        return []
    done = processes.run(["git", "check-ignore", "--no-index", "--", *PERSONAL], folder=context.root)
    return [name for name in PERSONAL if name not in done.out.splitlines()]


def _is_work_tree(root: Path) -> bool:
    done = processes.run(["git", "rev-parse", "--is-inside-work-tree"], folder=root)
    return done.out.strip() == "true"


def _exclude(context: Context) -> Path:
    done = processes.run(["git", "rev-parse", "--git-path", "info/exclude"], folder=context.root)
    return context.root / done.out.strip()
