"""Packages beside rolecall are let in only where none came with git; every doubt is a no."""

import subprocess
import sys
from pathlib import Path

import pytest

from rolecall.errors import MachineError
from rolecall.system.python import site_packages


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make a project with a `.venv` in it, and name it as `.envrc` does."""
    folder = tmp_path / ".venv/lib/python3.11/site-packages"
    folder.mkdir(parents=True)
    (folder / "found.py").write_text("")
    monkeypatch.setenv(site_packages.VARIABLE, f"{folder}\n{tmp_path / '.venv'}")
    monkeypatch.setattr(sys, "path", list(sys.path))
    return folder


def git(folder: Path, *words: str) -> None:
    """Run git in `folder`."""
    subprocess.run(["git", "-C", str(folder), *words], check=True, capture_output=True)


def test_allow_when_nothing_is_named_then_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """By hand, Python has its packages already."""
    before = list(sys.path)
    site_packages.allow()
    assert sys.path == before


@pytest.mark.parametrize("words", [["init", "-q"], ["version"]], ids=["repository", "no repository"])
def test_allow_when_git_knows_none_of_it_then_lets_them_in_last(
    site: Path, tmp_path: Path, words: list[str]
) -> None:
    """They come after the standard library, so none stands in for a module of it."""
    git(tmp_path, *words)
    site_packages.allow()
    assert sys.path[-1] == str(site)


@pytest.mark.parametrize("name", [".venv/lib/evil.pth", ".VENV/lib/x.py"])
def test_allow_when_a_file_came_with_git_then_refuses(site: Path, tmp_path: Path, name: str) -> None:
    """However it is spelled: a disk may not tell capitals apart."""
    (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / name).write_text("")
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", "-f", name)
    with pytest.raises(MachineError, match="came with git") as raised:
        site_packages.allow()
    assert str(site) not in sys.path
    assert raised.value.hint == site_packages.remake(f"{tmp_path}/.venv")
    assert raised.value.hint.endswith(f"; python3 -m venv {tmp_path}/.venv; invoke setup")


def test_allow_when_a_profile_names_the_venv_then_git_is_asked_about_that(
    site: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its line holds no line break; once the packages are in, nobody is asked again."""
    monkeypatch.setenv(site_packages.VARIABLE, str(site))
    monkeypatch.setenv(site_packages.VENV, f"{tmp_path}/.venv")
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", "-f", ".venv")
    with pytest.raises(MachineError, match="came with git"):
        site_packages.allow()
    monkeypatch.setattr(sys, "path", [*sys.path, str(site)])
    before = list(sys.path)
    site_packages.allow()
    assert sys.path == before


def test_allow_when_the_venv_is_a_gitlink_then_refuses(site: Path, tmp_path: Path) -> None:
    """A submodule in its place is a file of git's too."""
    git(tmp_path, "init", "-q")
    git(tmp_path, "update-index", "--add", "--cacheinfo", f"160000,{'1' * 40},.venv")
    with pytest.raises(MachineError, match="came with git"):
        site_packages.allow()


def test_allow_when_git_cannot_say_then_refuses(
    site: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A repository that git cannot read, and a machine without git, are a no."""
    git(tmp_path, "init", "-q")
    (tmp_path / ".git/config").write_text("[core\n")
    with pytest.raises(MachineError, match="git cannot say"):
        site_packages.allow()
    monkeypatch.setenv("PATH", str(tmp_path / "empty"))
    with pytest.raises(MachineError):
        site_packages.allow()


def test_allow_when_the_repository_has_a_hook_of_its_own_then_it_does_not_run(
    site: Path, tmp_path: Path
) -> None:
    """core.fsmonitor is a command that any git call would start."""
    git(tmp_path, "init", "-q")
    git(tmp_path, "config", "core.fsmonitor", f"touch {tmp_path / 'hacked'};false")
    site_packages.allow()
    assert not (tmp_path / "hacked").exists()
