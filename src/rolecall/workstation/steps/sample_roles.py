"""The step `roles`: two sample roles for the sandbox, where the project declares none.

It never changes a roles.toml that a person wrote or edited.
"""

import contextlib
from pathlib import Path

from rolecall.project import schema
from rolecall.system import files, paths, quoting
from rolecall.workstation.steps import journal
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
    """Return whether the sample must be written, or removed for a real account. Raises ConfigError."""
    path = context.root / FILE
    if not path.exists():
        if context.answers.sandbox:
            return Finding(State.CHANGE, f"{FILE} would be written with the sample roles dev and prod")
        return Finding(State.DONE, f"no {FILE}: ROLE_ARN in .env is the role")
    if is_sample(context) and not context.answers.sandbox:
        return Finding(State.CHANGE, f"{FILE}, the sandbox's sample, would be removed")
    names = ", ".join(schema.read(path).roles) or "no roles"
    return Finding(State.DONE, f"{FILE} declares {names}")


def apply(context: Context) -> None:
    """Write the sample, or remove it where a real account is set up."""
    path = context.root / FILE
    if path.exists():
        path.unlink()
        return
    had_folder = path.parent.exists()
    context.journal(record(NAME, path=str(path), had_folder=str(had_folder)))
    path.parent.mkdir(exist_ok=True)
    files.write_file(path, _text(), mode=0o644)


def undo(_context: Context, done: Record) -> str:
    """Remove the sample, unless it was edited."""
    path = Path(done.facts["path"])
    text = files.read_text(path)
    if text is not None and text != _text():
        return f"kept {FILE}: it was edited since"
    path.unlink(missing_ok=True)
    if done.facts["had_folder"] == "False":
        with contextlib.suppress(OSError):
            path.parent.rmdir()
    return f"removed the sample {FILE}" if text is not None else ""


def is_sample(context: Context) -> bool:
    """Return whether roles.toml is the sample that setup wrote here, unedited."""
    return journal.of(context).last(NAME) is not None and files.read_text(context.root / FILE) == _text()


def _text() -> str:
    return (paths.shipped("templates") / "roles.toml").read_text(encoding="utf-8")
