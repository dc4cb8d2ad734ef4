"""A task, run as a person runs it, but without a terminal."""

import os
import subprocess
import sys
from pathlib import Path


def invoke(root: Path, *words: str, **environ: str) -> "subprocess.CompletedProcess[str]":
    """Run `invoke WORDS` in the project at `root`, with more of an environment."""
    return subprocess.run(
        [sys.executable, "-m", "invoke", *words],
        cwd=root,
        env={**os.environ, **environ},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        start_new_session=True,
        check=False,
    )
