"""A small file system of a test's own, mounted for one program, where the machine allows that."""

import os
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

OWN = ["unshare", "--mount"] if os.geteuid() == 0 else ["unshare", "--user", "--map-root-user", "--mount"]
MOUNT = 'mount -t tmpfs -o "$1",mode=700 none "$2" && shift 2 && exec "$@"'


def on_tmpfs(
    folder: Path, options: str, argv: Sequence[str], **environ: str
) -> "subprocess.CompletedProcess[str]":
    """Run `argv` with a tmpfs at `folder`; nobody else sees that, and it is gone when the program ends."""
    return subprocess.run(
        [*OWN, "sh", "-c", MOUNT, "sh", options, str(folder), *argv],
        env={**os.environ, **environ},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


def _may_mount() -> bool:
    try:
        return on_tmpfs(Path("/mnt"), "size=4k", ["true"]).returncode == 0
    except OSError:
        return False


needs_mounts = pytest.mark.skipif(not _may_mount(), reason="no mount namespace here: unshare(1) is refused")
