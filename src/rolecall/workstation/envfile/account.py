"""Switch `.env` between a person's own account and the sandbox; neither is lost.

While `.env` points at the sandbox, `.env.account` (0600, beside it) holds the whole `.env` of before.
Where nobody edited `.env` meanwhile, switching back restores that file; otherwise it goes key by key, so
that the edits survive too. No value is ever shown.
"""

import io
from collections.abc import Mapping
from pathlib import Path

from rolecall.errors import ConfigError
from rolecall.system.disk import files, paths
from rolecall.system.loopback import is_loopback
from rolecall.system.text.frames import without_locals
from rolecall.system.text.secret import Hidden
from rolecall.workstation.envfile import edit

FILE = ".env"
SAVED = ".env.account"
# The keys that the sandbox sets, and the keys that would keep it from being used.
REPLACED = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_ENDPOINT_URL")
UNSET = ("AWS_SESSION_TOKEN", "AWS_PROFILE", "ROLE_ARN")


@without_locals
def is_sandboxed(root: Path) -> bool:
    """Return whether `.env` points at the sandbox, and the account's own values are saved beside it."""
    text = read(root / FILE)
    if text is None or not (root / SAVED).exists():
        return False
    return is_loopback(values_of(text).get("AWS_ENDPOINT_URL", ""))


def for_sandbox(text: str, values: Mapping[str, str]) -> str:
    """Return `text` with the sandbox's `values`; a region that is set stays."""
    present = values_of(text)
    wanted: dict[str, str | None] = {name: value for name, value in values.items() if name in REPLACED}
    if not (present.get("AWS_REGION") or present.get("REGION_NAME")) and "AWS_REGION" in values:
        wanted["AWS_REGION"] = values["AWS_REGION"]
    wanted |= {name: None for name in UNSET if name in present}
    if all(present.get(name) == value for name, value in wanted.items()):
        return text
    return edit.change(text, wanted)


def save(root: Path, text: str) -> None:
    """Save `text`, the account's `.env`, before the sandbox changes it. An earlier copy is kept too."""
    saved = root / SAVED
    if saved.exists() and read(saved) != text:
        number = next(n for n in range(2, 1000) if not saved.with_name(f"{SAVED}.{n}").exists())
        saved.rename(saved.with_name(f"{SAVED}.{number}"))
    files.write_private(saved, text)


def without_sandbox(root: Path, text: str, written: str | None) -> str:
    """Return the account's `.env`; `written` is the digest of the `.env` that setup wrote for the sandbox."""
    saved = read(root / SAVED) or ""
    if written == files.sha256(text):
        return saved
    before, now = values_of(saved), values_of(text)
    back: dict[str, str | None] = {
        name: before.get(name) for name in (*REPLACED, *UNSET) if before.get(name) != now.get(name)
    }
    return edit.change(text, back)


@without_locals
def restore(root: Path, *, written: str | None = None) -> bool:
    """Switch `.env` back to the account; return whether it pointed at the sandbox."""
    text = read(root / FILE)
    if text is None or not is_sandboxed(root):
        return False
    write(root / FILE, without_sandbox(root, text, written))
    (root / SAVED).unlink()
    return True


def read(path: Path) -> str | None:
    """Return the text of `.env` with its line ends, or None. Raises ConfigError where it is not UTF-8."""
    try:
        return path.read_bytes().decode()
    except FileNotFoundError:
        return None
    except UnicodeDecodeError as problem:
        raise ConfigError(
            "env-encoding", f"{path} is not UTF-8 text", hint=f"file {paths.typed(path)}"
        ) from problem


def write(path: Path, text: str) -> None:
    """Replace `.env` (0600), or the file that it links to."""
    files.write_private(path.resolve(), text)


def values_of(text: str) -> dict[str, str]:
    """Return the values in the text of a `.env`, as python-dotenv reads them without expanding."""
    from dotenv import dotenv_values

    found = dotenv_values(stream=io.StringIO(text), interpolate=False)
    return Hidden({name: value for name, value in found.items() if value is not None})
