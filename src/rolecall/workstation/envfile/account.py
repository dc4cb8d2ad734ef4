"""Which account `.env` speaks of: a person's own, or the sandbox; changing over loses neither.

Owns: `.env.account`, the whole `.env` of before the sandbox (0600, beside it), and the way back.
Must not: start the sandbox, or show a value.
Called by: personal (the step `env`), and the task `sandbox --stop`.

While `.env` points at the sandbox, `.env.account` holds what it replaced. Going back takes the file as it
was where nobody edited `.env` meanwhile; else key by key, so that both edits and account survive.
"""

import hashlib
import io
from collections.abc import Mapping
from pathlib import Path

from rolecall.errors import ConfigError
from rolecall.system import files
from rolecall.system.loopback import is_loopback
from rolecall.workstation.envfile import edit as envfile

FILE = ".env"
SAVED = ".env.account"
# What the sandbox sets, and what would stand in its way.
REPLACED = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_ENDPOINT_URL")
IN_THE_WAY = ("AWS_SESSION_TOKEN", "AWS_PROFILE", "ROLE_ARN")


def is_sandboxed(root: Path) -> bool:
    """Whether `.env` points at the sandbox and the account's own values lie beside it."""
    text = read(root / FILE)
    return (
        text is not None
        and (root / SAVED).exists()
        and is_loopback(values_of(text).get("AWS_ENDPOINT_URL", ""))
    )


def for_sandbox(text: str, values: Mapping[str, str]) -> str:
    """Return `text` with the sandbox's `values`; a region that is there stays."""
    present = values_of(text)
    wanted: dict[str, str | None] = {}
    wanted |= {name: value for name, value in values.items() if name in REPLACED}
    if not (present.get("AWS_REGION") or present.get("REGION_NAME")) and "AWS_REGION" in values:
        wanted["AWS_REGION"] = values["AWS_REGION"]
    wanted |= {name: None for name in IN_THE_WAY if name in present}
    if all(present.get(name) == value for name, value in wanted.items()):
        return text
    return envfile.change(text, wanted)


def save(root: Path, text: str) -> None:
    """Keep `text`, the account's `.env`, before the sandbox changes it; an earlier one is kept too."""
    saved = root / SAVED
    if saved.exists() and read(saved) != text:
        number = next(n for n in range(2, 1000) if not saved.with_name(f"{SAVED}.{n}").exists())
        saved.rename(saved.with_name(f"{SAVED}.{number}"))
    files.write_private(saved, text)


def without_sandbox(root: Path, text: str, written: str | None) -> str:
    """Return what `.env` is for the account again; `written` is the digest of what the sandbox left."""
    saved = read(root / SAVED) or ""
    if written == digest(text):
        return saved
    before, now = values_of(saved), values_of(text)
    back: dict[str, str | None] = {
        name: before.get(name) for name in (*REPLACED, *IN_THE_WAY) if before.get(name) != now.get(name)
    }
    return envfile.change(text, back)


def restore(root: Path, *, written: str | None = None) -> bool:
    """Give `.env` its account back; return whether there was anything to give back."""
    text = read(root / FILE)
    if text is None or not is_sandboxed(root):
        return False
    write(root / FILE, without_sandbox(root, text, written))
    (root / SAVED).unlink()
    return True


def read(path: Path) -> str | None:
    """Return `.env` with its line ends as they are, or None. Raises ConfigError where it is not text."""
    try:
        return path.read_bytes().decode()
    except FileNotFoundError:
        return None
    except UnicodeDecodeError as problem:
        raise ConfigError("env-encoding", f"{path} is not UTF-8 text", hint=f"file {path}") from problem


def write(path: Path, text: str) -> None:
    """Replace `.env`, 0600; where it is a link, the file it points to."""
    files.write_private(path.resolve(), text)


def values_of(text: str) -> dict[str, str]:
    """Return the values in the text of a `.env`, as python-dotenv reads them without expanding."""
    from dotenv import dotenv_values

    found = dotenv_values(stream=io.StringIO(text), interpolate=False)
    return {name: value for name, value in found.items() if value is not None}


def digest(text: str) -> str:
    """Return one word for a text."""
    return hashlib.sha256(text.encode()).hexdigest()
