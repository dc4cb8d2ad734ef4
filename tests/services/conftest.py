"""What the tests of the services share: a project, its sandbox, and `invoke` in it."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from rolecall.services import sandbox as service
from rolecall.services.sandbox import Sandbox
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


@pytest.fixture(scope="module")
def box(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """Start one sandbox for the tests of a module that change nothing in it but by AWS calls."""
    folder = tmp_path_factory.mktemp("box")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HOME", str(folder))
        patch.setenv("XDG_RUNTIME_DIR", str(folder))
        patch.delenv("XDG_STATE_HOME", raising=False)
        yield service.start(folder)
        patch.setenv("HOME", str(folder))
        service.stop(folder)


@pytest.fixture
def invoke(root: Path) -> "Callable[..., subprocess.CompletedProcess[str]]":
    """Return a function that runs `invoke` in the project as a person would, without a terminal."""

    def run(*words: str) -> "subprocess.CompletedProcess[str]":
        argv = [sys.executable, "-m", "invoke", *words]
        return subprocess.run(argv, cwd=root, capture_output=True, text=True, timeout=60, check=False)

    return run
