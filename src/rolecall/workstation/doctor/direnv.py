"""Whether direnv works in the shell that asks, and whether its settings break us.

Owns: the symptoms hook-active, hook-order, direnv-toml, keys-exported.
Must not: read another shell's memory; what a child cannot see it says so.
Called by: doctor.
"""

import os
import shlex
import tomllib
from collections.abc import Iterator
from pathlib import Path

from rolecall.errors import MachineError
from rolecall.system import direnv, files, paths
from rolecall.workstation.doctor.symptom import Level, Symptom
from rolecall.workstation.shells import block, dialects, existing_hook
from rolecall.workstation.steps.step import Context

BREAKING = {
    "strict_env": "a failing command in .envrc then takes the whole environment away",
    "disable_stdin": "a question on `cd` then has no one to answer",
}


def look(context: Context) -> Iterator[Symptom]:
    """Yield one symptom for each question of this module."""
    yield _active(context)
    yield _order(context)
    yield from _settings(context)
    yield _exported(context)


def _active(context: Context) -> Symptom:
    if direnv.is_loaded(context.root, environ=context.environ):
        return Symptom("hook-active", Level.OK, "direnv has loaded this folder in this shell")
    shell = dialects.login_shell(context.environ)
    if context.environ.get("DIRENV_DIR"):
        detail = "this shell has another folder's .envrc loaded"
        return Symptom("hook-active", Level.PROBLEM, detail, f"cd {shlex.quote(str(context.root))}")
    return Symptom(
        "hook-active",
        Level.PROBLEM,
        "this shell has not loaded the folder: it was started before setup, or direnv is not approved",
        f"exec {shell}",
    )


def _order(context: Context) -> Symptom:
    name = dialects.login_shell(context.environ)
    dialect = dialects.DIALECTS.get(name)
    text = files.read_text(dialect.rc_file(context.environ)) if dialect else None
    if dialect is None or not text:
        return Symptom("hook-order", Level.OK, f"nothing to order in {name}")
    try:
        found = block.find(text)
    except block.CorruptedError as problem:
        path = dialect.rc_file(context.environ)
        return Symptom("hook-order", Level.PROBLEM, f"{path}: {problem}", f"mend {path}, then: invoke setup")
    if found and existing_hook.HOOK.search(text[found.end :]):
        path = dialect.rc_file(context.environ)
        return Symptom(
            "hook-order",
            Level.PROBLEM,
            f"{path}: direnv's hook comes after rolecall's block, so a renewal shows one prompt late",
            f"move the `direnv hook` line above the block in {path}",
        )
    return Symptom("hook-order", Level.OK, "rolecall's block runs before direnv's hook")


def _settings(context: Context) -> Iterator[Symptom]:
    path = _toml_path(context)
    try:
        settings = tomllib.loads(files.read_text(path) or "")
    except (tomllib.TOMLDecodeError, MachineError) as problem:
        yield Symptom("direnv-toml", Level.PROBLEM, f"{path} cannot be read: {problem}", f"mend {path}")
        return
    found = settings.get("global", {})
    breaking = [name for name in BREAKING if isinstance(found, dict) and found.get(name) is True]
    for name in breaking:
        yield Symptom(
            "direnv-toml", Level.PROBLEM, f"{path}: {name}: {BREAKING[name]}", f"set {name} = false in {path}"
        )
    if not breaking:
        yield Symptom("direnv-toml", Level.OK, "no setting of direnv is in the way")


def _exported(context: Context) -> Symptom:
    """Long-lived keys that the shell exports by itself, outside direnv."""
    plain = direnv.reverted(context.environ)
    if plain.get("AWS_ACCESS_KEY_ID", "").startswith("AKIA"):
        return Symptom(
            "keys-exported",
            Level.NOTE,
            "your shell exports a long-lived access key outside this folder too",
            "take AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY out of your rc files",
        )
    return Symptom("keys-exported", Level.OK, "no long-lived key is exported by your shell")


def _toml_path(context: Context) -> Path:
    if context.environ.get("DIRENV_CONFIG"):
        folder = Path(context.environ["DIRENV_CONFIG"])
    else:
        base = context.environ.get("XDG_CONFIG_HOME", "")
        folder = (
            Path(base) if base.startswith("/") else paths.home(environ=context.environ) / ".config"
        ) / "direnv"
    return (
        folder / "direnv.toml"
        if (folder / "direnv.toml").exists() or os.name == "nt"
        else folder / "config.toml"
    )
