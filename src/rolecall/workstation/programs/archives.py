"""Programs taken out of what their makers publish: a file as it is, a Debian package, the AWS CLI's zip.

Owns: the shapes of those archives.
Must not: fetch anything, or be given content whose digest was not checked.
Called by: downloads.
"""

import io
import os
import stat
import tarfile
import tempfile
import zipfile
from pathlib import Path

from rolecall.errors import MachineError
from rolecall.system import processes

INSTALLER_SECONDS = 120
PLUGIN = "session-manager-plugin"


def place(target: Path, content: bytes) -> None:
    """Write a program whole, executable. Raises MachineError where that fails."""
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


def unpack_plugin(deb: bytes, store: Path) -> None:
    """A .deb is an ar(1) archive with a tar inside; two of its files are all the plugin needs."""
    with tarfile.open(fileobj=io.BytesIO(_ar_member(deb, b"data.tar"))) as archive:
        for member in archive.getmembers():
            wanted = member.name.removeprefix("./").removeprefix("usr/local/sessionmanagerplugin/")
            source = archive.extractfile(member) if wanted in {f"bin/{PLUGIN}", "VERSION"} else None
            if source:
                (store / wanted).parent.mkdir(parents=True, exist_ok=True)
                place(store / wanted, source.read())


def _ar_member(archive: bytes, prefix: bytes) -> bytes:
    at = len(b"!<arch>\n")
    while at + 60 <= len(archive):
        name, size = archive[at : at + 16].strip(), int(archive[at + 48 : at + 58])
        if name.startswith(prefix):
            return archive[at + 60 : at + 60 + size]
        at += 60 + size + size % 2
    raise MachineError("download-shape", f"the package holds no {prefix.decode()}")


def run_aws_installer(content: bytes, store: Path, bin_folder: Path) -> None:
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
