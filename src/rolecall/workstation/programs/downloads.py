"""Published programs into the user's own folder: fetched, checked against a digest, placed whole.

Owns: the way of a file from a URL to ~/.local/bin, and back out.
Must not: run or make executable anything whose digest is not the pinned one.
Called by: routes.
"""

import hashlib
import http.client
import io
import os
import shutil
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from pathlib import Path

from rolecall.errors import MachineError
from rolecall.system import paths
from rolecall.workstation.programs import archives
from rolecall.workstation.programs.tool import Pin, user_bin

CHUNK_BYTES = 1 << 18
SHOWN_EVERY_BYTES = 4 << 20
TIMEOUT_SECONDS = 20


def facts(name: str, pin: Pin, *, environ: Mapping[str, str]) -> dict[str, str]:
    """Return what the undo of this installation needs; to be journaled before it begins."""
    target, store = _places(name, environ)
    needed = (target.parent,) if pin.kind == "binary" else (store.parent, target.parent)
    missing = dict.fromkeys(
        folder for place in needed for folder in (place, *place.parents) if not folder.exists()
    )
    deepest_first = sorted(missing, key=lambda folder: len(folder.parts), reverse=True)
    told = {"file": str(target), "folders": os.pathsep.join(str(folder) for folder in deepest_first)}
    return told | ({"sha256": pin.sha256} if pin.kind == "binary" else {"store": str(store)})


def install(name: str, pin: Pin, *, environ: Mapping[str, str], say: Callable[[str], None]) -> None:
    """Put `name` into the user's programs.

    Raises MachineError where it cannot be fetched, has another digest, or a file that is not ours is there.
    """
    target, store = _places(name, environ)
    if target.is_symlink() or target.exists():
        raise MachineError(
            "program-in-the-way",
            f"{target} is there already and too old",
            hint=f"move it away: mv {target} {target}.old",
        )
    content = fetch(pin, say=say)
    _make_folder(target.parent)
    if pin.kind == "binary":
        archives.place(target, content)
    elif pin.kind == "deb":
        archives.unpack_plugin(content, store)
        target.symlink_to(store / "bin" / archives.PLUGIN)
    else:
        archives.run_aws_installer(content, store, target.parent)


def remove(told: Mapping[str, str]) -> str:
    """Take back what `install` did, unless the file was changed since; say what was done."""
    target = Path(told["file"])
    if "store" in told:
        return _remove_store(target, Path(told["store"]), told)
    if not target.is_file():
        return f"{target} is gone already"
    if hashlib.sha256(target.read_bytes()).hexdigest() != told.get("sha256"):
        return f"kept {target}: it was changed since"
    target.unlink()
    _remove_folders(told)
    return f"removed {target}"


def fetch(pin: Pin, *, say: Callable[[str], None]) -> bytes:
    """Return the content of `pin.url`, which has the pinned digest."""
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
            f"cannot download {pin.url}: {reason}",
            hint="check the connection and the proxy: echo $https_proxy",
        ) from problem
    digest = hashlib.sha256(content).hexdigest()
    if digest != pin.sha256:
        raise MachineError(
            "download-digest",
            f"{pin.url} has digest {digest[:12]}…, expected {pin.sha256[:12]}…: not used",
            hint="something between here and there changes downloads; install it another way",
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


def _remove_store(target: Path, store: Path, told: Mapping[str, str]) -> str:
    links = [target, target.with_name(f"{target.name}_completer")]
    for link in links:
        if link.is_symlink() and store in link.readlink().parents:
            link.unlink()
    shutil.rmtree(store, ignore_errors=True)  # ours by name
    _remove_folders(told)
    return f"removed {target} and {store}"


def _places(name: str, environ: Mapping[str, str]) -> tuple[Path, Path]:
    """The program itself, and where the rest of it lies if it has more than one file."""
    target = user_bin(environ) / name
    return target, target.parent.parent / "lib" / paths.APP / name


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as problem:
        raise MachineError(
            "folder-unwritable", f"cannot make {folder}: {problem.strerror}", hint=f"ls -ld {folder.parent}"
        ) from problem


def _remove_folders(told: Mapping[str, str]) -> None:
    for name in filter(None, told.get("folders", "").split(os.pathsep)):
        folder = Path(name)
        if folder.is_dir() and not any(folder.iterdir()):
            folder.rmdir()
