"""A project with a sandbox of its own, and `invoke` in it: fixtures for the sandbox and for its tasks."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from rolecall.services.sandbox import sandbox as service
from support import ROLES_TOML


@pytest.fixture
def root(tmp_path: Path, home: Path) -> Iterator[Path]:
    """Make a project without `.env`; end whatever sandbox the test started for it."""
    folder = tmp_path / "shop $1 é"
    (folder / "envrc.d").mkdir(parents=True)
    (folder / "envrc.d/roles.toml").write_text(ROLES_TOML)
    (folder / "tasks.py").write_text("from rolecall.tasks import namespace as namespace\n")
    yield folder
    service.stop(folder)


@pytest.fixture
def invoke(root: Path) -> "Callable[..., subprocess.CompletedProcess[str]]":
    """Return a function that runs `invoke` in the project as a person would, without a terminal."""

    def run(*words: str) -> "subprocess.CompletedProcess[str]":
        argv = [sys.executable, "-m", "invoke", *words]
        return subprocess.run(argv, cwd=root, capture_output=True, text=True, timeout=60, check=False)

    return run
