"""A project with a sandbox of its own, and `invoke` in it: fixtures for the sandbox and for its tasks."""

import subprocess
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from rolecall.services.sandbox import sandbox as service
from support import ROLES_TOML, invoked


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
    return partial(invoked.invoke, root)
