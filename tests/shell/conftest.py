"""A rendered project and real shells in real terminals."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from rolecall.system.disk import paths
from rolecall.workstation.envrc import use_line
from support import ROLES_TOML, Sts, outside_git, write_env
from support.sts_gate import Gate, gate_before
from support.terminals import TASKS, Rendered, Terminal, allow, direnvs, install_function


@pytest.fixture(params=direnvs(), ids=lambda path: f"direnv{direnvs().index(path)}")
def direnv(request: pytest.FixtureRequest, home: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Put one of the direnvs first on PATH."""
    folder = home / "bin"
    folder.mkdir()
    (folder / "direnv").symlink_to(request.param)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
    return str(request.param)


@pytest.fixture
def gate(sts: Sts) -> Iterator[Gate]:
    """Run a counting gate before the real STS."""
    with gate_before(sts.url) as running:
        yield running


@pytest.fixture
def make_rendered(direnv: str, gate: Gate, sts: Sts) -> Callable[..., Rendered]:
    """Return a function that renders and approves a project folder."""

    def make(root: Path, *, roles: str = ROLES_TOML, envrc: str = "", **env: str) -> Rendered:
        (root / "envrc.d").mkdir(parents=True, exist_ok=True)
        (root / "envrc.d/roles.toml").write_text(roles)
        (root / "tasks.py").write_text(TASKS)
        outside_git.make_venv(root)
        write_env(root, sts.env_file(**{"AWS_ENDPOINT_URL": gate.url, **env}))
        (root / ".envrc").write_text(envrc or outside_git.envrc(root))
        if envrc:
            install_function(root)
        allow(root)
        return Rendered(root, paths.runtime_dir(paths.project_key(root)))

    return make


@pytest.fixture(params=["", f"{use_line.LINE}\n"], ids=["rendered", "line"])
def either(
    request: pytest.FixtureRequest, make_rendered: Callable[..., Rendered], tmp_path: Path
) -> Rendered:
    """The project of `rendered`, once with a rendered `.envrc`, once with `use rolecall` in its own."""
    return make_rendered(tmp_path / "shop", envrc=request.param)


@pytest.fixture
def rendered(make_rendered: Callable[..., Rendered], tmp_path: Path) -> Rendered:
    """Render a project with two roles behind the gate."""
    return make_rendered(tmp_path / "shop")


@pytest.fixture
def open_terminal(home: Path) -> Iterator[Callable[[str], Terminal]]:
    """Return a function that opens a terminal with a shell."""
    opened: list[Terminal] = []

    def open_one(shell: str) -> Terminal:
        opened.append(Terminal(shell, home))
        return opened[-1]

    yield open_one
    for terminal in opened:
        terminal.close()
