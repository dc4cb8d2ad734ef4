"""One shell fragment by itself, in a bash that knows the functions around it."""

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[2] / "envrc.d"
AROUND = r"""
LC_ALL=C
_rolecall_read_cold() { . "$FRAGMENTS"/[0-9][0-9]-"$1".cold.sh; }
_rolecall_path=$PATH _rolecall_key=shop _rolecall_root=${ROOT:-/shop} _rolecall_command='invoke '
read_fragment() { . "$FRAGMENTS/$1"; }
show() { local name; for name; do printf '%s=<%s>\n' "$name" "${!name-unset}"; done; }
read_fragment 00-lib.sh
"""


def run(script: str, environ: Mapping[str, str] | None = None, *, bash: str = "bash") -> str:
    """Return what `script` prints after the functions that each fragment may use, what it says included."""
    done = subprocess.run(
        [bash, "--norc", "-c", AROUND + script],
        env={"PATH": os.environ["PATH"], "FRAGMENTS": str(FOLDER), **(environ or {})},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=60,
    )
    return done.stdout.rstrip("\n")
