"""The step `commit-hook`: git refuses a commit that holds a credential (`setup --hooks`).

Writes `pre-commit` into the repository's own hooks folder where there is none. A hook that is there, a folder
that other repositories share, and the files of pre-commit and husky are a person's or the team's: for those
it says the lines to add, and changes nothing.
"""

import os
import shlex
import sys
from pathlib import Path

from rolecall.errors import MachineError
from rolecall.system import command
from rolecall.system.disk import files, paths
from rolecall.workstation.shells import block
from rolecall.workstation.steps import git
from rolecall.workstation.steps.step import Context, Finding, Record, State, Step, record

NAME = "commit-hook"
HEAD = "#!/bin/sh\n"
MODE = 0o755
CALL = "rolecall leaks"  # how a hook of the team's own is recognised
PRE_COMMIT = ".pre-commit-config.yaml"
HUSKY = ".husky/pre-commit"
IDLE = "git runs no hook in this clone"
SNIPPET = """\
  - repo: local
    hooks:
      - id: rolecall-leaks
        name: no AWS credentials
        entry: {call}
        language: system
        always_run: true
        pass_filenames: false
"""


def step() -> Step:
    """Return the step of the table."""
    reason = "so that git refuses a commit with a credential in it"
    return Step(NAME, reason, "invoke setup --hooks", check=check, apply=apply, undo=undo, optional=True)


def check(context: Context) -> Finding:
    """Return whether a commit is looked at."""
    if not git.is_work_tree(context.root):
        return Finding(State.DONE, "no git repository, so there are no commits")
    text = files.read_text(_hook(context)) or ""
    if text == _text(context):
        return Finding(State.DONE, "each commit is checked for credentials")
    place, _ = _theirs(context, text)
    if place is not None and _calls(files.read_text(place) or ""):
        if not _hook(context).exists():
            return Finding(State.CHANGE, f"{_shown(context, place)} has the line, but {IDLE}")
        return Finding(State.DONE, f"{place.name} checks each commit for credentials")
    return Finding(State.CHANGE, f"{_shown(context, _hook(context))} would check each commit for credentials")


def apply(context: Context) -> None:
    """Write the hook. Raises MachineError with the lines to add where it is not ours to write."""
    hook = _hook(context)
    place, lines = _theirs(context, files.read_text(hook) or "")
    if place is not None and _calls(files.read_text(place) or ""):
        hint = "pre-commit install" if place.name == PRE_COMMIT else "npx husky"
        raise MachineError("hook-idle", f"{_shown(context, place)} has the line, but {IDLE}", hint=hint)
    if place is not None:
        context.show(f"add to {_shown(context, place)}:\n\n{lines}")
        raise MachineError(
            "hook-theirs",
            f"{_shown(context, place)} is not changed by rolecall; add the lines above to it",
            hint=f"${{EDITOR:-vi}} {paths.typed(place)}",
        )
    facts = {"path": str(hook), "sha256": files.sha256(_text(context))}
    facts["folder"] = "" if hook.parent.exists() else str(hook.parent)
    context.journal(record(NAME, **facts))
    hook.parent.mkdir(exist_ok=True)
    files.write_file(hook, _text(context), mode=MODE)


def undo(_context: Context, done: Record) -> str:
    """Remove the hook; of one that was edited since, our block alone."""
    hook = Path(done.facts["path"])
    text = files.read_text(hook)
    if text is None:
        return ""
    if files.sha256(text) == done.facts["sha256"]:
        hook.unlink()
        if done.facts["folder"] and not any(hook.parent.iterdir()):
            hook.parent.rmdir()
        return f"removed {hook}"
    try:
        found = block.find(text)
    except block.CorruptedError as problem:
        return f"kept {hook}: {problem}"
    if found is None or found.is_edited:
        return f"kept {hook}: it was edited since"
    files.write_file(hook, block.take(text, has_added_newline=False), mode=hook.stat().st_mode & 0o777)
    return f"removed the rolecall block from {hook}"


def _theirs(context: Context, text: str) -> tuple[Path | None, str]:
    """Return the file that is somebody else's to change, and the lines for it; None where there is none."""
    top = Path(git.said(context.root, "rev-parse", "--show-toplevel") or context.root)
    call = _call(context, top)
    if (top / PRE_COMMIT).exists():
        return top / PRE_COMMIT, SNIPPET.format(call=call)
    shared = git.said(context.root, "config", "--get", "core.hooksPath")
    if (top / ".husky").is_dir():
        return top / HUSKY, f"{call}\n"
    if shared or (text and text != _text(context) and not _is_ours(text)):
        return _hook(context), f"{call} || exit 1\n"
    return None, ""


def _call(context: Context, top: Path) -> str:
    """Return the command for a file of the team's: without this machine's paths."""
    inside = Path(sys.executable).is_relative_to(top) if sys.executable else False
    program = os.path.relpath(sys.executable, top) if inside else "python"
    folder = os.path.relpath(context.root, top)
    at = "" if folder == "." else f" {shlex.quote(folder)}"
    return f"{CALL}{at}" if command.is_own() else f"{program} -P -m {CALL}{at}"


def _text(context: Context) -> str:
    python, root = paths.typed(sys.executable), shlex.quote(str(context.root))
    body = (
        f"if [ -x {python} ]; then {python} -P -m {CALL} {root} || exit 1\n"
        f"else echo 'rolecall: the leak guard cannot run: its Python is gone' >&2\n"
        f"  echo '  try: {command.spoken('invoke setup --hooks')}' >&2; exit 1; fi\n"
    )
    return HEAD + block.wrapped(body)


def _is_ours(text: str) -> bool:
    """Whether nothing but our block, unedited, is in the hook: of another Python, or another folder."""
    try:
        found = block.find(text)
    except block.CorruptedError:
        return False
    return found is not None and not found.is_edited and text[: found.start] + text[found.end :] == HEAD


def _calls(text: str) -> bool:
    return any(CALL in line and not line.lstrip().startswith("#") for line in text.splitlines())


def _hook(context: Context) -> Path:
    return context.root / git.said(context.root, "rev-parse", "--git-path", "hooks/pre-commit")


def _shown(context: Context, path: Path) -> str:
    return paths.short(path, environ=context.environ)
