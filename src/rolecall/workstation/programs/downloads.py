"""Download a published program into ~/.local/bin, and remove it again.

Nothing is run or made executable before its digest was found to be the pinned one.
"""

import hashlib
import http.client
import io
import shlex
import shutil
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from pathlib import Path

from rolecall.errors import MachineError
from rolecall.system.disk import paths
from rolecall.workstation.programs import archives
from rolecall.workstation.programs.tool import Pin, user_bin
from rolecall.workstation.steps import new_folders

CHUNK_BYTES = 1 << 18
SHOWN_EVERY_BYTES = 4 << 20
TIMEOUT_SECONDS = 20


def facts(name: str, pin: Pin, *, environ: Mapping[str, str]) -> dict[str, str]:
    """Return the facts that undo needs; they are journaled before the installation begins."""
    target, store = _places(name, environ)
    needed = (target.parent,) if pin.kind == "binary" else (store.parent, target.parent)
    found = {"file": str(target), "folders": new_folders.missing(*needed)}
    return found | ({"sha256": pin.sha256} if pin.kind == "binary" else {"store": str(store)})


def install(name: str, pin: Pin, *, environ: Mapping[str, str], say: Callable[[str], None]) -> None:
    """Install `name` into the user's own programs.

    Raises MachineError where it cannot be fetched, has another digest, or another file stands in its place.
    """
    target, store = _places(name, environ)
    if target.is_symlink() or target.exists():
        hint = shlex.join(["mv", str(target), f"{target}.old"])
        raise MachineError("program-in-the-way", f"{target} is there already and too old", hint=hint)
    content = fetch(pin, say=say)
    new_folders.make(target.parent)
    if pin.kind == "binary":
        archives.place(target, content)
    elif pin.kind == "deb":
        archives.unpack_plugin(content, store)
        target.symlink_to(store / "bin" / archives.PLUGIN)
    else:
        archives.run_aws_installer(content, store, target.parent)


def remove(facts: Mapping[str, str]) -> str:
    """Undo `install` unless the file was changed since; return one line about it."""
    target = Path(facts["file"])
    if "store" in facts:
        _remove_store(target, Path(facts["store"]))
        new_folders.remove_empty(facts.get("folders", ""))
        return f"removed {target} and {facts['store']}"
    if not target.is_file():
        return f"{target} is gone already"
    if hashlib.sha256(target.read_bytes()).hexdigest() != facts.get("sha256"):
        return f"kept {target}: it was changed since"
    target.unlink()
    new_folders.remove_empty(facts.get("folders", ""))
    return f"removed {target}"


def fetch(pin: Pin, *, say: Callable[[str], None]) -> bytes:
    """Return the content of `pin.url`. Raises MachineError where it fails or has another digest."""
    request = urllib.request.Request(pin.url, headers={"User-Agent": paths.APP})  # noqa: S310 - pinned URLs only
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS) as answer:  # noqa: S310 - as above
            content = _read(answer, int(answer.headers.get("Content-Length") or 0), say)
    except (OSError, ValueError, http.client.HTTPException) as problem:
        reason: object = getattr(problem, "reason", None) or problem
        if isinstance(problem, urllib.error.HTTPError):
            problem.close()
            reason = f"{problem.code} {problem.reason}"
        raise MachineError(
            "download-failed",
            f"cannot download {pin.url}: {reason}; check the connection and the proxy",
            hint=f"curl -I {pin.url}",
        ) from problem
    digest = hashlib.sha256(content).hexdigest()
    if digest != pin.sha256:
        raise MachineError(
            "download-digest",
            f"{pin.url} has the digest {digest[:12]}…, expected {pin.sha256[:12]}…, and was not used;"
            " something on the way changes downloads",
            hint=f"curl -fL {pin.url} | sha256sum",
        )
    return content


def _read(answer: io.BufferedIOBase, size: int, say: Callable[[str], None]) -> bytes:
    parts = bytearray()
    shown_at = 0
    while chunk := answer.read(CHUNK_BYTES):
        parts += chunk
        if len(parts) - shown_at >= SHOWN_EVERY_BYTES:
            shown_at = len(parts)
            say(f"downloaded {shown_at >> 20} MB" + (f" of {size >> 20} MB" if size else ""))
    if size and len(parts) != size:
        raise OSError(f"ended after {len(parts)} of {size} bytes")
    return bytes(parts)


def _remove_store(target: Path, store: Path) -> None:
    for link in (target, target.with_name(f"{target.name}_completer")):
        if link.is_symlink() and store in link.readlink().parents:
            link.unlink()
    shutil.rmtree(store, ignore_errors=True)  # ours by name


def _places(name: str, environ: Mapping[str, str]) -> tuple[Path, Path]:
    """Return the path of the program, and the folder for its other files if it has any."""
    target = user_bin(environ) / name
    return target, target.parent.parent / "lib" / paths.APP / name
