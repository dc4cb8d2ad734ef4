"""The last step of setup: fresh shells enter the project, have the role, leave, and have nothing.

Owns: which shells, what is typed into them, and what they start from.
Must not: hold or show a secret, leave anything in the person's history, or reuse this shell's environment.
Called by: the table of steps; `prove` also by whoever wants the rows.
"""

import hashlib
import json
import os
import shutil
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rolecall.errors import MachineError
from rolecall.system import direnv, files, processes
from rolecall.workstation.programs.tool import search_path, user_bin
from rolecall.workstation.proof import cleanup, pty_shell
from rolecall.workstation.proof.judge import Row, judged
from rolecall.workstation.proof.pty_shell import PtyShell
from rolecall.workstation.shells import block, dialects
from rolecall.workstation.steps import journal
from rolecall.workstation.steps import step as steps
from rolecall.workstation.steps.step import Context, Finding, Record, State, Step

NAME = "proof"
SHELLS = ("bash", "zsh", "fish")
START_SECONDS, ENTER_SECONDS, LEAVE_SECONDS = 30.0, 40.0, 20.0
AGAIN_SECONDS = 6.0
SHOWN_CHARACTERS = 300
OURS = ("ROLECALL_", "DIRENV_", "VIRTUAL_ENV")
# A role held by this very shell; long-lived keys, profiles and CA bundles a new terminal has too.
HELD = (
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_SECURITY_TOKEN",
    "AWS_CREDENTIAL_EXPIRATION",
    "AWS_ACCOUNT_ID",
)
WITNESS = ' "$_PROOF_PYTHON" -I -m rolecall.workstation.proof.observe "$_PROOF_FOLDER"/{name}.json'
# Nothing typed here may enter the person's history: zsh may write each line as it is typed.
FORGETFUL = {"bash": " unset HISTFILE", "zsh": " unset HISTFILE", "fish": ""}
ARGV = {"bash": ("-i",), "zsh": ("-o", "histignorespace", "-i"), "fish": ("--private", "-i")}


def step() -> Step:
    """Return the step that proves the others."""
    return Step(
        name=NAME,
        reason="a fresh shell enters, has the role, leaves, and has nothing",
        hint="invoke doctor",
        check=_check,
        apply=_apply,
        undo=_undo,
    )


def prove(context: Context) -> tuple[Row, ...]:
    """Start each installed shell afresh and return what it showed. Never raises for what a shell shows."""
    search = search_path(context.environ)
    installed = [(name, processes.find(name, path=search)) for name in SHELLS]
    rows = []
    with cleanup.swept(context.environ):
        for name, program in installed:
            if program:
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
    names = [name for name in SHELLS if processes.find(name, path=search_path(context.environ))]
    return Finding(State.CHANGE, f"would start {', '.join(names)}, enter, look, and leave")


def _apply(context: Context) -> list[Record]:
    seen = prove(context)
    failed = [row for row in seen if not row.is_ok]
    if failed or not seen:
        what = "; ".join(f"{row.shell}: {row.problem}" for row in failed) or "no bash, zsh or fish here"
        raise MachineError("proof-failed", what, hint="invoke doctor")
    path = _stamp_path(context)
    context.journal(steps.record(NAME, file=str(path)))
    files.private_dir(path.parent)
    text = json.dumps({"fingerprint": _fingerprint(context), "rows": [asdict(row) for row in seen]})
    files.write_private(path, text)
    return []


def _undo(_: Context, record: Record) -> str:
    Path(record.facts["file"]).unlink(missing_ok=True)
    return ""


def _row(name: str, program: Path, context: Context) -> Row:
    folder = Path(tempfile.mkdtemp(prefix="rolecall-proof-"))
    try:
        environ = _fresh(context, folder)
        with pty_shell.opened([program, *ARGV[name]], environ=environ, folder=Path("/")) as shell:
            return _seen(name, shell, folder, context)
    except MachineError as problem:
        return Row(name, problem=problem.message)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _seen(name: str, shell: PtyShell, folder: Path, context: Context) -> Row:
    if FORGETFUL[name]:
        shell.type(FORGETFUL[name])
    before = _testimony(shell, folder, "before", START_SECONDS)
    if before is None:
        return Row(name, problem=f"it did not come to a prompt; it shows: {_said(shell)}")
    shell.type(' cd "$_PROOF_ROOT"')
    inside = _testimony(shell, folder, "inside", ENTER_SECONDS)
    if inside is None:
        return Row(name, problem=f"it came to no prompt after `cd {context.root}`; it shows: {_said(shell)}")
    said = _said(shell)
    shell.type(" cd /")
    after = _testimony(shell, folder, "after", LEAVE_SECONDS)
    return judged(name, context.root, before, inside, after, said=said)


def _said(shell: PtyShell) -> str:
    """Return what the shell said of its own: the words of direnv and rolecall where there are any."""
    lines = [line for line in shell.shown.split(" | ") if "_PROOF_" not in line]
    telling = [line for line in lines if line.startswith(("direnv:", "rolecall:"))]
    return " | ".join(telling or lines)[-SHOWN_CHARACTERS:]


def _testimony(shell: PtyShell, folder: Path, name: str, seconds: float) -> dict[str, Any] | None:
    """Ask the shell for a statement, and once more where it swallowed what was typed too early."""
    file = folder / f"{name}.json"
    line = WITNESS.format(name=name)
    for wait in (AGAIN_SECONDS, seconds - AGAIN_SECONDS):
        shell.type(line)
        if shell.wait(file.exists, seconds=wait):
            statement: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
            return statement
    return None


def _fresh(context: Context, folder: Path) -> dict[str, str]:
    """Return the environment a new terminal would have: nothing of direnv, of a role, or of this run."""
    plain = direnv.reverted(context.environ)
    held = HELD if "AWS_SESSION_TOKEN" in plain or "ROLECALL_ROLE" in plain else ()
    kept = {name: value for name, value in plain.items() if not name.startswith(OURS) and name not in held}
    own = {str(context.root / ".venv/bin"), str(user_bin(context.environ))}
    search = [entry for entry in kept.get("PATH", os.defpath).split(os.pathsep) if entry not in own]
    return kept | {
        "PATH": os.pathsep.join(search),
        "TERM": "xterm-256color",
        "_PROOF_PYTHON": sys.executable,
        "_PROOF_FOLDER": str(folder),
        "_PROOF_ROOT": str(context.root),
    }


def _fingerprint(context: Context) -> str:
    """Return a digest of what the proof depends on: `.envrc`, direnv, and our block in each shell's file."""
    digest = hashlib.sha256((files.read_text(context.root / ".envrc") or "").encode())
    search = search_path(context.environ)
    for name in ("direnv", *SHELLS):
        digest.update(str(processes.find(name, path=search)).encode() + b"\n")
    for name in SHELLS:
        digest.update(
            _block(dialects.DIALECTS[name].rc_file(context.environ)).encode(errors="surrogateescape")
        )
    return digest.hexdigest()


def _block(path: Path) -> str:
    try:
        found = block.find(dialects.text_of(path))
    except block.CorruptedError:
        return ""
    return found.body if found else ""


def _stamp_path(context: Context) -> Path:
    return journal.folder(context.root, environ=context.environ) / "proof.json"


def _stamp(context: Context) -> dict[str, Any]:
    try:
        found = json.loads(files.read_text(_stamp_path(context)) or "{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
