"""The project that doctor examines."""

import subprocess
from pathlib import Path

import pytest


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """Make a project that is a git work tree with a private `.env`."""
    root = tmp_path / "shop"
    (root / "envrc.d").mkdir(parents=True)
    subprocess.run(["git", "init", "-q", root], check=True)
    (root / ".env").write_text("AWS_REGION=eu-west-1\n")
    (root / ".env").chmod(0o600)
    return root
