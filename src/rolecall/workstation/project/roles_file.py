"""The step `roles`: envrc.d/roles.toml, where the project declares no roles yet.

In a repository that is adopted it holds the roles that the person agreed to; for the sandbox, two samples. A
file that a person wrote or edited is never changed.
"""

import contextlib
from pathlib import Path

from rolecall.project.roles_toml import reader
from rolecall.system.disk import files, paths
from rolecall.system.text import quoting
from rolecall.workstation.envrc import merge
from rolecall.workstation.steps import git, journal
from rolecall.workstation.steps.step import Context, Finding, Record, State, Step, record

NAME = "roles"
FILE = "envrc.d/roles.toml"


def step() -> Step:
    """Return the step of the table."""
    reason = "the roles of this project, in envrc.d/roles.toml"
    return Step(
        name=NAME, reason=reason, hint=quoting.edit_command(Path(FILE)), check=check, apply=apply, undo=undo
    )


def check(context: Context) -> Finding:
    """Return whether it must be written, or the sample removed for a real account. Raises ConfigError."""
    path = context.root / FILE
    if not path.exists():
        return _missing(context)
    if is_sample(context) and not context.answers.sandbox:
        return Finding(State.CHANGE, f"{FILE}, the sandbox's sample, would be removed")
    names = ", ".join(reader.read(path).roles) or "no roles"
    return Finding(State.DONE, f"{FILE} declares {names}")


def apply(context: Context) -> None:
    """Write it, or remove the sample where a real account is set up."""
    path = context.root / FILE
    if path.exists():
        path.unlink()
        if not (text := context.answers.roles):
            return
    else:
        text = _wanted(context)
    had_folder = path.parent.exists()
    facts = {"path": str(path), "had_folder": str(had_folder), "sha256": files.sha256(text)}
    context.journal(record(NAME, **facts))
    path.parent.mkdir(exist_ok=True)
    files.write_file(path, text, mode=0o644)


def undo(context: Context, done: Record) -> str:
    """Remove the file, unless it was edited or committed."""
    path = Path(done.facts["path"])
    text = files.read_text(path)
    if text is not None and files.sha256(text) != done.facts.get("sha256", files.sha256(_sample())):
        return f"kept {FILE}: it was edited since"
    if text is not None and not context.answers.committed and git.has_committed(context.root, FILE):
        return f"kept {FILE}: it is committed"
    path.unlink(missing_ok=True)
    if done.facts["had_folder"] == "False":
        with contextlib.suppress(OSError):
            path.parent.rmdir()
    return f"removed {FILE}" if text is not None else ""


def is_sample(context: Context) -> bool:
    """Return whether roles.toml is the sample that setup wrote here, unedited."""
    return journal.of(context).last(NAME) is not None and files.read_text(context.root / FILE) == _sample()


def _missing(context: Context) -> Finding:
    text = _wanted(context)
    if text:
        names = ", ".join(reader.parse(FILE, text).roles)
        what = "the sample roles" if context.answers.sandbox else "the roles" if "," in names else "the role"
        return Finding(
            State.CHANGE, f"{FILE} would be written with {what} {names}", merge.diff("", text, FILE)
        )
    if context.answers.is_new:
        return Finding(State.UNKNOWN, f"no role is known for {FILE}: {context.answers.unknown}")
    return Finding(State.DONE, f"no {FILE}: ROLE_ARN in .env is the role")


def _wanted(context: Context) -> str:
    return _sample() if context.answers.sandbox else context.answers.roles


def _sample() -> str:
    return (paths.shipped("templates") / "roles.toml").read_text(encoding="utf-8")
