"""A task, run as a person runs it, but without a terminal."""

import os
import subprocess
import sys
from pathlib import Path


def invoke(root: Path, *words: str, text_in: str = "", **environ: str) -> "subprocess.CompletedProcess[str]":
    """Run `invoke WORDS` in the project at `root`, with `text_in` on stdin and more of an environment."""
    return subprocess.run(
        [sys.executable, "-m", "invoke", *words],
        cwd=root,
        env={**os.environ, **environ},
        input=text_in,
        capture_output=True,
        text=True,
        start_new_session=True,
        check=False,
    )
