"""Every repository around a path is asked what came with it; nothing it says is run; doubt is an error."""

import os
import subprocess
import time
from pathlib import Path

import pytest

from rolecall.errors import MachineError
from rolecall.system.programs import git
from support.root import needs_root


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    """Make a repository."""
    root = tmp_path / "mono"
    root.mkdir()
    run(root, "init", "-q")
    return root


def run(folder: Path, *words: str) -> None:
    """Run git in `folder`."""
    subprocess.run(["git", "-C", str(folder), *words], check=True, capture_output=True)


def hold(root: Path, name: str) -> None:
    """Let git hold `name` of `root`."""
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("")
    run(root, "add", "-f", name)


@pytest.mark.parametrize("name", [".env", ".ENV", ".env/inside"])
def test_holds_when_git_holds_it_then_in_every_spelling(repo: Path, name: str) -> None:
    """A disk may not tell capitals apart; what lies below counts too."""
    hold(repo, name)
    assert git.holds(repo / ".env")
    assert not git.holds(repo / ".envrc")


def test_holds_when_it_is_ignored_then_not(repo: Path) -> None:
    """A file of the person's own."""
    (repo / ".gitignore").write_text(".env\n")
    hold(repo, "README")
    (repo / ".env").write_text("")
    assert not git.holds(repo / ".env")


def test_holds_when_there_is_no_repository_then_not_and_git_is_not_needed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing can be pulled."""
    monkeypatch.setenv("PATH", str(tmp_path / "empty"))
    assert not git.holds(tmp_path / ".env")


def test_holds_when_an_outer_repository_holds_it_then_yes(repo: Path) -> None:
    """A pull of the outer one writes into the inner one's folder."""
    hold(repo, "inner/.env")
    run(repo / "inner", "init", "-q")
    assert git.holds(repo / "inner/.env")


def test_holds_when_a_link_leads_to_what_git_holds_then_yes(repo: Path) -> None:
    """The person's own link to a file of the team's is the team's content."""
    hold(repo, "envs/dev")
    (repo / ".env").symlink_to("envs/dev")
    assert git.holds(repo / ".env")


def test_holds_when_it_is_a_submodule_then_yes(repo: Path) -> None:
    """A gitlink, whether the submodule is there or not."""
    run(repo, "update-index", "--add", "--cacheinfo", f"160000,{'1' * 40},.venv")
    assert git.holds(repo / ".venv")


def test_holds_when_the_folder_looks_like_a_bare_repository_then_its_command_does_not_run(repo: Path) -> None:
    """Each git call below would start its core.fsmonitor; one from the folder with .git does not see it."""
    inner = repo / "shop"
    run(repo, "init", "-q", "--bare", str(inner))
    (inner / "config").write_text(
        f'[core]\nbare = false\nworktree = "."\nfsmonitor = "touch {repo}/hacked;"\n'
    )
    hold(repo, "shop/.env")
    assert git.holds(inner / ".env")
    git.run(inner, "status")
    assert not (repo / "hacked").exists()


def test_run_when_the_repository_names_commands_then_none_runs(repo: Path) -> None:
    """Fsmonitor again, in a repository of one's own; and GIT_* of the environment decide nothing."""
    run(repo, "config", "core.fsmonitor", f"touch {repo}/hacked; false")
    hold_index = repo / ".git/index"
    assert not git.holds(repo / ".env")
    assert not (repo / "hacked").exists()
    assert not hold_index.exists()


def test_holds_when_git_is_told_of_another_index_then_asks_the_repositorys_own(
    repo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a hook, git sets GIT_DIR and GIT_INDEX_FILE."""
    hold(repo, ".env")
    monkeypatch.setenv("GIT_INDEX_FILE", str(repo / "none"))
    monkeypatch.setenv("GIT_DIR", str(repo / "nowhere"))
    assert git.holds(repo / ".env")


@needs_root
def test_holds_when_the_repository_is_somebody_elses_then_git_cannot_say(repo: Path) -> None:
    """Fails closed, with the command that says that the owner is right."""
    for folder in (repo, repo / ".git"):
        os.chown(folder, 12345, 12345)
    with pytest.raises(MachineError, match="git cannot say") as raised:
        git.holds(repo / ".env")
    assert raised.value.hint == f"git config --global --add safe.directory {repo}"


def test_holds_when_git_is_absent_then_it_is_an_error(repo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody can say."""
    monkeypatch.setenv("PATH", str(repo / "empty"))
    with pytest.raises(MachineError):
        git.holds(repo / ".env")


def test_holds_when_a_pull_is_at_work_then_git_cannot_say(repo: Path) -> None:
    """It writes the files first, and last that they are its own."""
    (repo / ".git/index.lock").touch()
    with pytest.raises(MachineError, match="git is at work") as raised:
        git.holds(repo / ".env")
    assert (raised.value.code, raised.value.hint) == ("git-unsure", f"ls -l {repo}/.git/index.lock")


def test_holds_when_a_pull_ends_in_a_moment_then_it_is_awaited(
    repo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A pull of a small repository takes its lock for less than that; no single pause is noticed."""
    lock, pauses = repo / ".git/index.lock", list[float]()
    lock.touch()

    def sleep(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) == 3:
            lock.unlink()

    monkeypatch.setattr(time, "sleep", sleep)
    assert not git.holds(repo / ".env")
    assert len(pauses) == 3
    assert all(0 < seconds < 1 for seconds in pauses)


def test_holds_when_git_fails_then_it_is_an_error_with_a_command(
    repo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A config that git cannot read; and a git that says nothing."""
    (repo / ".git/config").write_text("[core\n")
    with pytest.raises(MachineError, match=r"git cannot say whether .*\.env came with it: fatal: ") as raised:
        git.holds(repo / ".env")
    assert raised.value.hint == f"git -C {repo} status"
    stand_in(repo, monkeypatch, "exit 3")
    with pytest.raises(MachineError, match="it ended with 3"):
        git.holds(repo / ".env")


def test_holds_when_git_knows_of_no_repository_then_nothing_came_with_it(tmp_path: Path) -> None:
    """An empty `.git` is none."""
    (tmp_path / ".git").mkdir()
    assert not git.holds(tmp_path / ".env")


def test_run_when_called_then_in_the_folder_and_without_what_the_person_set(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In English, so that what it says can be read; and it takes no lock."""
    stand_in(tmp_path, monkeypatch, 'echo "$* $LC_ALL $GIT_OPTIONAL_LOCKS $GIT_DIR $OWN"')
    for name in ("LC_ALL", "GIT_OPTIONAL_LOCKS", "GIT_DIR", "OWN"):
        monkeypatch.setenv(name, "mine")
    safe = "-c core.fsmonitor=false -c safe.bareRepository=explicit"
    assert git.run("/a b", "status", "-s").out == f"{safe} -C /a b status -s C 0  mine\n"


def stand_in(folder: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    """Put a `git` that runs `script` first on PATH."""
    (folder / "bin").mkdir()
    path = folder / "bin/git"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    monkeypatch.setenv("PATH", str(folder / "bin"), prepend=os.pathsep)


def test_holds_when_it_is_a_worktree_then_asks_its_own_index(repo: Path, tmp_path: Path) -> None:
    """There, .git is a file."""
    run(repo, "-c", "user.name=a", "-c", "user.email=a@b", "commit", "-q", "--allow-empty", "-m", "x")
    other = tmp_path / "other"
    run(repo, "worktree", "add", "-q", str(other))
    assert not git.holds(other / ".env")
    hold(other, ".env")
    assert git.holds(other / ".env")
    assert not git.holds(repo / ".env")
