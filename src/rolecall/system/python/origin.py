"""The place that rolecall was installed from, for a command that installs more of it.

Must not name a package index: a name there may be somebody else's.
"""

import json
import os
import shlex
import sys
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote, urlsplit

from rolecall.system.python.version import VERSION

TOOLS = {
    "pipx_metadata.json": ("pipx", "install", "--force"),
    "uv-receipt.toml": ("uv", "tool", "install", "--force"),
}
PACKAGE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def install_command(
    extra: str = "", *, read: Callable[[], str | None] | None = None, prefix: str = sys.prefix
) -> str:
    """Return the command that installs rolecall again, with `extra`, from where it came from.

    In the way that the environment at `prefix` was made: pipx and uv would not know of what pip adds there.
    Empty where the installation does not say where it came from (PEP 610, direct_url.json).
    """
    facts, place = _found(read)
    if not place:
        return ""
    if way := next((words for mark, words in TOOLS.items() if os.path.exists(f"{prefix}/{mark}")), None):
        url = place if "://" in place else facts["url"]
        return shlex.join([*way, f"rolecall[{extra}] @ {url}" if extra else f"rolecall @ {url}"])
    wanted = f"rolecall[{extra}] @ {place}" if "://" in place else f"{place}[{extra}]"
    editable = ["--editable"] if facts.get("dir_info", {}).get("editable") else []
    return shlex.join([sys.executable, "-m", "pip", "install", *editable, wanted if extra else place])


def is_throw_away(prefix: str = sys.prefix) -> bool:
    """Return whether the environment at `prefix` is a tool's cache, which may be gone tomorrow.

    pipx keeps what it installs in a folder `venvs`; uv marks its cache, in which everything else is, with
    CACHEDIR.TAG. (The environment itself may have one, too: then a backup leaves it out, no more.)
    """
    folder = os.path.dirname(prefix)
    if os.path.exists(f"{prefix}/pipx_metadata.json"):
        return os.path.basename(folder) != "venvs"
    while not os.path.exists(f"{folder}/CACHEDIR.TAG"):
        if folder == os.path.dirname(folder):
            return False
        folder = os.path.dirname(folder)
    return True


def run_command(*, read: Callable[[], str | None] | None = None, prefix: str = sys.prefix) -> str:
    """Return the command that runs rolecall without installing it, from where it came from; else empty."""
    _, place = _found(read)
    is_pipx = os.path.exists(f"{prefix}/pipx_metadata.json")
    way = ["pipx", "run", "--spec"] if is_pipx else ["uvx", "--from"]
    return shlex.join([*way, place, "rolecall"]) if place else ""


def requirement(*, read: Callable[[], str | None] | None = None) -> str:
    """Return how a project's dependencies name this rolecall; empty where colleagues cannot have it.

    A repository is named with its commit. What came from an index keeps the index that its owner set up.
    """
    facts, place = _found(read)
    if not facts:
        return f"rolecall>={VERSION}"
    return f"rolecall @ {place}" if "://" in place else ""


def upgrade_command(*, package: str = PACKAGE) -> str:
    """Return the command that brings a newer rolecall, in the way that this one was installed."""
    folder = os.path.dirname(package)  # CHECKOUT/src, or PREFIX/lib/pythonX.Y/site-packages
    checkout, prefix = os.path.dirname(folder), os.path.dirname(os.path.dirname(os.path.dirname(folder)))
    if os.path.exists(os.path.join(checkout, ".git")):
        return f"git -C {shlex.quote(checkout)} pull"
    if os.path.exists(os.path.join(prefix, "pipx_metadata.json")):
        return "pipx upgrade rolecall"
    if os.path.exists(os.path.join(prefix, "uv-receipt.toml")):
        return "uv tool upgrade rolecall"
    return install_command()


def _found(read: Callable[[], str | None] | None) -> tuple[dict[str, Any], str]:
    """Return what direct_url.json says, nothing where there is none, and the place that it names, if any."""
    try:
        facts = json.loads((read or _direct_url)() or "{}")
        return facts, _place(facts)
    except (ValueError, KeyError, AttributeError):
        return {"url": ""}, ""


def _place(facts: dict[str, Any]) -> str:
    """Return a folder or file of this machine, or the address of a repository with its commit."""
    url = str(facts.get("url", ""))
    if url.startswith("file:"):
        return unquote(urlsplit(url).path)
    commit = facts.get("vcs_info", {})
    if commit:
        return f"{commit['vcs']}+{url}@{commit['commit_id']}"
    return url


def _direct_url() -> str | None:
    from importlib import metadata

    try:
        return metadata.distribution("rolecall").read_text("direct_url.json")
    except metadata.PackageNotFoundError:
        return None
