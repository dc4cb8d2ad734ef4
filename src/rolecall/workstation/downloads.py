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
import stat
import tarfile
import tempfile
import urllib.error
import urllib.request
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

from rolecall.errors import MachineError
from rolecall.system import paths, processes
from rolecall.workstation.tools import Pin, user_bin

CHUNK_BYTES = 1 << 18
SHOWN_EVERY_BYTES = 4 << 20
TIMEOUT_SECONDS = 20
INSTALLER_SECONDS = 120
PLUGIN = "session-manager-plugin"


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
        _place(target, content)
    elif pin.kind == "deb":
        _unpack_plugin(content, store)
        target.symlink_to(store / "bin" / PLUGIN)
    else:
        _run_aws_installer(content, store, target.parent)


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


def _place(target: Path, content: bytes) -> None:
    temporary = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        temporary.write_bytes(content)
        temporary.chmod(0o755)
        temporary.replace(target)
    except OSError as problem:
        temporary.unlink(missing_ok=True)
        raise MachineError(
            "file-unwritable", f"cannot write {target}: {problem.strerror}", hint=f"df -h {target.parent}"
        ) from problem


def _unpack_plugin(deb: bytes, store: Path) -> None:
    """A .deb is an ar(1) archive with a tar inside; two of its files are all the plugin needs."""
    with tarfile.open(fileobj=io.BytesIO(_ar_member(deb, b"data.tar"))) as archive:
        for member in archive.getmembers():
            wanted = member.name.removeprefix("./").removeprefix("usr/local/sessionmanagerplugin/")
            source = archive.extractfile(member) if wanted in {f"bin/{PLUGIN}", "VERSION"} else None
            if source:
                (store / wanted).parent.mkdir(parents=True, exist_ok=True)
                _place(store / wanted, source.read())


def _ar_member(archive: bytes, prefix: bytes) -> bytes:
    at = len(b"!<arch>\n")
    while at + 60 <= len(archive):
        name, size = archive[at : at + 16].strip(), int(archive[at + 48 : at + 58])
        if name.startswith(prefix):
            return archive[at + 60 : at + 60 + size]
        at += 60 + size + size % 2
    raise MachineError("download-shape", f"the package holds no {prefix.decode()}")


def _run_aws_installer(content: bytes, store: Path, bin_folder: Path) -> None:
    """Unzip and install. The zipfile module forgets execute bits; external_attr has them (APPNOTE 4.4.15)."""
    with tempfile.TemporaryDirectory(prefix="rolecall-aws-") as scratch:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for info in archive.infolist():
                path = Path(archive.extract(info, scratch))
                if info.external_attr >> 16 & stat.S_IXUSR and path.is_file():
                    path.chmod(0o755)
        done = processes.run(
            [Path(scratch, "aws/install"), "--install-dir", store, "--bin-dir", bin_folder],
            timeout_seconds=INSTALLER_SECONDS,
        )
    if not done.is_ok:
        said = done.err.strip()[-200:]
        raise MachineError("installer-failed", f"the AWS CLI's own installer failed: {said}")


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
