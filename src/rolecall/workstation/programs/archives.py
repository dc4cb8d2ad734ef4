"""Unpack the published forms of a program: a single file, a Debian package, the AWS CLI's zip.

Its callers have checked the digest of the content before.
"""

import io
import stat
import tarfile
import tempfile
import zipfile
from pathlib import Path

from rolecall.errors import MachineError
from rolecall.system.disk import files
from rolecall.system.programs import processes

INSTALLER_SECONDS = 120
PLUGIN = "session-manager-plugin"


def place(target: Path, content: bytes) -> None:
    """Write a program, executable, whole or not at all. Raises MachineError where that fails."""
    files.write_file(target, content.decode(errors="surrogateescape"), mode=0o755)


def unpack_plugin(deb: bytes, store: Path) -> None:
    """Unpack the two files the plugin needs. A .deb is an ar(1) archive with a tar in it."""
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
    """Unzip and install the AWS CLI.

    The zipfile module drops execute bits; external_attr has them (APPNOTE 4.4.15).
    """
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
