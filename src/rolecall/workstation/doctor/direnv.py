"""Whether direnv works in the shell that asks, and whether its settings break rolecall.

A child process cannot see its shell's memory: these checks read the environment and the files.
"""

import shlex
import tomllib
from collections.abc import Iterator

from rolecall.errors import MachineError
from rolecall.system.disk import files
from rolecall.system.programs import direnv
from rolecall.system.text import quoting
from rolecall.workstation.doctor.symptom import Symptom, fine, note, problem
from rolecall.workstation.shells import block, dialects, existing_hook
from rolecall.workstation.steps.step import Context

BREAKING = {
    "strict_env": "a failing command in .envrc then takes the whole environment away",
    "disable_stdin": "a question on `cd` then has no one to answer",
}


def look(context: Context) -> Iterator[Symptom]:
    """Yield hook-active, hook-order, direnv-toml and keys-exported."""
    yield _active(context)
    yield _order(context)
    yield from _settings(context)
    yield _exported(context)


def _active(context: Context) -> Symptom:
    if direnv.is_loaded(context.root, environ=context.environ):
        return fine("hook-active", "direnv has loaded this folder in this shell")
    if context.environ.get("DIRENV_DIR"):
        fix = f"cd {shlex.quote(str(context.root))}"
        return problem("hook-active", "this shell has another folder's .envrc loaded", fix)
    detail = "this shell has not loaded the folder: it was started before setup, or direnv is not approved"
    return problem("hook-active", detail, f"exec {dialects.login_shell(context.environ)}")


def _order(context: Context) -> Symptom:
    name = dialects.login_shell(context.environ)
    dialect = dialects.DIALECTS.get(name)
    path = dialect.rc_file(context.environ) if dialect else None
    text = files.read_text(path) if path else None
    if path is None or not text:
        return fine("hook-order", f"no order of lines to keep in {name}")
    try:
        found = block.find(text)
    except block.CorruptedError as cause:
        return problem("hook-order", f"{path}: {cause}", quoting.edit_command(path))
    if found and existing_hook.HOOK.search(text[found.end :]):
        detail = (
            f"{path}: direnv's hook comes after rolecall's block, so a renewal shows one prompt late; "
            "the `direnv hook` line belongs above the block"
        )
        return problem("hook-order", detail, quoting.edit_command(path))
    return fine("hook-order", "rolecall's block runs before direnv's hook")


def _settings(context: Context) -> Iterator[Symptom]:
    path = direnv.settings_file(context.environ)
    try:
        settings = tomllib.loads(files.read_text(path) or "")
    except (tomllib.TOMLDecodeError, MachineError) as cause:
        yield problem("direnv-toml", f"{path} cannot be read: {cause}", quoting.edit_command(path))
        return
    found = settings.get("global", {})
    breaking = [name for name in BREAKING if isinstance(found, dict) and found.get(name) is True]
    for name in breaking:
        yield problem(
            "direnv-toml", f"{path}: set {name} = false: {BREAKING[name]}", quoting.edit_command(path)
        )
    if not breaking:
        yield fine("direnv-toml", "no setting of direnv is in the way")


def _exported(context: Context) -> Symptom:
    plain = direnv.reverted(context.environ)
    if not plain.get("AWS_ACCESS_KEY_ID", "").startswith("AKIA"):
        return fine("keys-exported", "no long-lived key is exported by your shell")
    detail = (
        "your shell exports a long-lived access key outside this folder too; "
        "take AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY out of your rc files"
    )
    return note("keys-exported", detail, "grep -n AWS_ ~/.*rc ~/.profile ~/.zshenv")
