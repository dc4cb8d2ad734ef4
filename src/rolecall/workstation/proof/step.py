"""The last step of setup: fresh shells enter the project, have the role, leave it, and have it no more.

Must not hold or show a secret, leave anything in the person's history, or reuse this shell's environment.
"""

import contextlib
import hashlib
import json
import os
import shutil
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rolecall.credentials import broker, whoami
from rolecall.credentials.identity import sources
from rolecall.credentials.model import SessionRequest
from rolecall.credentials.store import choice
from rolecall.errors import LoginNeededError, MachineError, RolecallError
from rolecall.project import config
from rolecall.project.declared import Project
from rolecall.project.env_file import own_exports
from rolecall.system.disk import files
from rolecall.system.programs import direnv, processes
from rolecall.workstation.programs.tool import search_path, user_bin
from rolecall.workstation.proof import cleanup, pty_shell
from rolecall.workstation.proof.judge import Row, judged
from rolecall.workstation.proof.pty_shell import PtyShell
from rolecall.workstation.shells import block, dialects
from rolecall.workstation.steps import journal
from rolecall.workstation.steps import step as steps
from rolecall.workstation.steps.step import Context, Finding, Record, State, Step
from rolecall.workstation.venv import state

NAME = "proof"
SHELLS = ("bash", "zsh", "fish")
START_SECONDS, ENTER_SECONDS, LEAVE_SECONDS = 30.0, 40.0, 20.0
AGAIN_SECONDS = 6.0
SHOWN_CHARACTERS = 300
OURS = ("ROLECALL_", "DIRENV_", "VIRTUAL_ENV")
# A role that this very shell holds. A new terminal has the long-lived keys, profiles and CA bundles too.
HELD = (*(name for name in own_exports.NAMES if "REGION" not in name), "AWS_SECURITY_TOKEN")
OBSERVE = ' "$_PROOF_PYTHON" -I -m rolecall.workstation.proof.observe "$_PROOF_FOLDER"/{name}.json'
# Nothing typed here may enter the person's history: zsh may write each line as it is typed.
NO_HISTORY = {"bash": " unset HISTFILE", "zsh": " unset HISTFILE"}
ARGV = {"bash": ("-i",), "zsh": ("-o", "histignorespace", "-i"), "fish": ("--private", "-i")}


def step() -> Step:
    """Return the step that proves the others."""
    return Step(
        name=NAME,
        reason="a fresh shell has the role inside the folder, and not outside",
        hint="invoke setup",
        check=_check,
        apply=_apply,
        undo=_undo,
    )


def prove(context: Context) -> tuple[Row, ...]:
    """Start each installed shell afresh and return what it showed. Never raises for what a shell shows."""
    rows = []
    with cleanup.swept(context.environ):
        for name, program in _installed(context).items():
            context.say(f"starting a fresh {name}")
            rows.append(_row(name, program, context))
    return tuple(rows)


def rows(context: Context) -> tuple[Row, ...]:
    """Return what the last proof showed, for a table; empty where there was none."""
    known = _stamp(context).get("rows", [])
    return tuple(Row(**row) for row in known)


def _check(context: Context) -> Finding:
    if _stamp(context).get("fingerprint") == _fingerprint(context):
        return Finding(State.DONE, f"seen in {', '.join(row.shell for row in rows(context))}")
    names = ", ".join(_installed(context))
    return Finding(State.CHANGE, f"would start {names}, enter, look, and leave")


def _apply(context: Context) -> None:
    _try_identity(context)
    proved = prove(context)
    if not proved:
        raise MachineError("proof-failed", "no bash, zsh or fish here", hint="invoke doctor")
    if problems := _told(proved):
        if not all(row.identity for row in proved):
            _raise_cause(context)
        raise MachineError("proof-failed", problems, hint="invoke doctor")
    path = _stamp_path(context)
    context.journal(steps.record(NAME, file=str(path)))
    files.private_dir(path.parent)
    text = json.dumps({"fingerprint": _fingerprint(context), "rows": [asdict(row) for row in proved]})
    files.write_private(path, text)


def _try_identity(context: Context) -> None:
    """Raise why the identity is refused: a session of before may hide it from the shells for an hour."""
    with contextlib.suppress(LoginNeededError):
        whoami.identity(_project(context))


def _raise_cause(context: Context) -> None:
    """Raise why this process gets no session either, with the command that helps; return where it does."""
    project = _project(context)
    chain = choice.chain(project, choice.default(project) or "")
    if not chain.is_protected:
        broker.obtain(project, SessionRequest(chain))


def _told(proved: tuple[Row, ...]) -> str:
    """Return each problem once, with the shells that have it."""
    shells: dict[str, list[str]] = {}
    for row in proved:
        if not row.is_ok:
            shells.setdefault(row.problem, []).append(row.shell)
    return "; ".join(f"{', '.join(names)}: {problem}" for problem, names in shells.items())


def _installed(context: Context) -> dict[str, Path]:
    found = {name: processes.find(name, path=search_path(context.environ)) for name in SHELLS}
    return {name: program for name, program in found.items() if program}


def _undo(_: Context, record: Record) -> str:
    Path(record.facts["file"]).unlink(missing_ok=True)
    return ""


def _row(name: str, program: Path, context: Context) -> Row:
    folder = Path(tempfile.mkdtemp(prefix="rolecall-proof-"))
    try:
        with contextlib.ExitStack() as stack:
            with context.paused():  # a process that forks must have no other thread, such as a spinner's
                argv = [str(program), *ARGV[name]]
                opened = pty_shell.opened(argv, environ=_fresh(context, folder), folder=Path("/"))
                shell = stack.enter_context(opened)
            return _visited(name, shell, folder, context)
    except MachineError as problem:
        return Row(name, problem=problem.message)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _visited(name: str, shell: PtyShell, folder: Path, context: Context) -> Row:
    """Enter the project and leave it, observing before, inside and after."""
    if name in NO_HISTORY:
        shell.type(NO_HISTORY[name])
    before = _observed(shell, folder, "before", START_SECONDS)
    if before is None:
        return Row(name, problem=f"it did not come to a prompt; it shows: {_excerpt(shell)}")
    shell.type(' cd "$_PROOF_ROOT"')
    inside = _observed(shell, folder, "inside", ENTER_SECONDS)
    shown = _excerpt(shell)
    if inside is None:
        return Row(name, problem=f"it came to no prompt after `cd {context.root}`; it shows: {shown}")
    shell.type(" cd /")
    after = _observed(shell, folder, "after", LEAVE_SECONDS)
    return judged(name, context.root, before, inside, after, shown=shown)


def _excerpt(shell: PtyShell) -> str:
    """Return the end of what the shell shows; where rolecall or direnv spoke, their lines from the start."""
    lines = [line.strip(" ⏎") for line in shell.shown.split(" | ") if "_PROOF_" not in line]
    telling = [line for own in ("rolecall:", "direnv:") for line in lines if line.startswith(own)]
    if telling:
        return " | ".join(dict.fromkeys(telling))[:SHOWN_CHARACTERS]
    return " | ".join(lines)[-SHOWN_CHARACTERS:]


def _observed(shell: PtyShell, folder: Path, name: str, seconds: float) -> dict[str, Any] | None:
    """Return an observation made in the shell; ask twice, for a shell may swallow what is typed too early."""
    file = folder / f"{name}.json"
    for wait in (AGAIN_SECONDS, seconds - AGAIN_SECONDS):
        shell.type(OBSERVE.format(name=name))
        if shell.wait(file.exists, seconds=wait):
            found: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
            return found
    return None


def _fresh(context: Context, folder: Path) -> dict[str, str]:
    """Return the environment a new terminal would have: nothing of direnv, of a role, or of this run."""
    plain = direnv.reverted(context.environ)
    held = HELD if "AWS_SESSION_TOKEN" in plain or "ROLECALL_ROLE" in plain else ()
    kept = {name: value for name, value in plain.items() if not name.startswith(OURS) and name not in held}
    own = {str(state.programs(context.root)), str(user_bin(context.environ))}
    search = [entry for entry in kept.get("PATH", os.defpath).split(os.pathsep) if entry not in own]
    return kept | {
        "PATH": os.pathsep.join(search),
        "TERM": "xterm-256color",
        "_PROOF_PYTHON": sys.executable,
        "_PROOF_FOLDER": str(folder),
        "_PROOF_ROOT": str(context.root),
    }


def _fingerprint(context: Context) -> str:
    """Return a digest of what the proof depends on.

    That is `.envrc`, the identity and the roles, direnv, and our block in each shell's file.
    """
    digest = hashlib.sha256((files.read_text(context.root / ".envrc") or "").encode())
    digest.update(_identity(context).encode())
    search = search_path(context.environ)
    for name in ("direnv", *SHELLS):
        digest.update(str(processes.find(name, path=search)).encode() + b"\n")
    for name in SHELLS:
        digest.update(
            _block(dialects.DIALECTS[name].rc_file(context.environ)).encode(errors="surrogateescape")
        )
    return digest.hexdigest()


def _project(context: Context) -> Project:
    return config.load(context.root, environ=direnv.reverted(context.environ))


def _identity(context: Context) -> str:
    """Return a word for who assumes which roles; for files that cannot be read, why."""
    try:
        project = _project(context)
        who = sources.find(project).fingerprint
    except RolecallError as problem:
        return problem.code
    return f"{who} {project.digest}"


def _block(path: Path) -> str:
    try:
        found = block.find(dialects.text_of(path))
    except block.CorruptedError:
        return ""
    return found.body if found else ""


def _stamp_path(context: Context) -> Path:
    return journal.of(context).folder / "proof.json"


def _stamp(context: Context) -> dict[str, Any]:
    try:
        found = json.loads(files.read_text(_stamp_path(context)) or "{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
