"""The linters are part of the suite: ruff, mypy --strict, shellcheck, shfmt."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def test_lint_when_run_then_finds_nothing() -> None:
    """`invoke lint` is clean, over the fragments and what is rendered of them too."""
    done = subprocess.run(
        [sys.executable, "-m", "invoke", "lint"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
