"""The step `prompt`: starship and powerlevel10k show the role's name (`setup --prompt`).

They show region and countdown in any case, and a name where AWSUME_PROFILE gives one; so `.envrc` exports
that, where a file in the state folder asks for it. A profile's name they show by themselves.
"""

from pathlib import Path

from rolecall.system.disk import files, paths
from rolecall.system.programs import processes
from rolecall.workstation.programs.tool import search_path
from rolecall.workstation.shells.dialects import text_of
from rolecall.workstation.steps import handover, once
from rolecall.workstation.steps.step import Context, Finding, Record, State, Step, record

NAME = "prompt"
VARIABLE = "AWSUME_PROFILE"
RC_FILES = (".bashrc", ".zshrc", ".config/fish/config.fish")
THEME = "powerlevel10k"


def step() -> Step:
    """Return the step of the table."""
    reason, hint = "so that starship and powerlevel10k show the role's name", "invoke setup --prompt"
    return Step(NAME, reason, hint, check=check, apply=apply, undo=undo, optional=True, shared=True)


def wanted(context: Context) -> bool:
    """Return whether the person wants it."""
    return once.is_wanted(context, NAME, context.answers.prompt, is_shared=True)


def concerns(context: Context) -> bool:
    """Return whether this run has anything to do about it."""
    return wanted(context) or _file(context).exists()


def is_used(context: Context) -> bool:
    """Return whether the person has a prompt that would show the name."""
    home = paths.home(environ=context.environ)
    texts = (text_of(home / name) for name in RC_FILES)
    has_theme = (home / ".p10k.zsh").exists() or any(THEME in text for text in texts)
    return has_theme or processes.find("starship", path=search_path(context.environ)) is not None


def check(context: Context) -> Finding:
    """Return whether `.envrc` gives the name."""
    is_there = _file(context).exists()
    if wanted(context) and not is_there:
        return Finding(State.CHANGE, f"`.envrc` would export {VARIABLE}: the role's name for your prompt")
    if is_there and not wanted(context):
        return Finding(State.CHANGE, f"`.envrc` would no longer export {VARIABLE}")
    return Finding(
        State.DONE, "your prompt is given the role's name" if is_there else "no name, as you chose"
    )


def apply(context: Context) -> None:
    """Write the file that asks for the name, or remove it."""
    path = _file(context)
    if not wanted(context):
        files.remove(path)
        once.decline(context, NAME)
        return
    context.journal(record(NAME, file=str(path)))
    files.private_dir(path.parent)
    files.write_private(path, f"{VARIABLE}\n")


def undo(context: Context, done: Record) -> str:
    """Remove the file, where no other project is set up."""
    if once.is_no(done):
        return ""
    if line := handover.kept(done, context, "the role's name in your prompt"):
        return line
    return "the prompt no longer gets the role's name" if files.remove(Path(done.facts["file"])) else ""


def _file(context: Context) -> Path:
    """Return the file that `envrc.d/55-exports.sh` looks for."""
    return paths.state_dir(environ=context.environ) / NAME
