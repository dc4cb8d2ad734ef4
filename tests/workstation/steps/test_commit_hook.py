"""`setup --hooks`: git refuses a credential; somebody else's hook stays; teardown leaves nothing."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from rolecall.errors import MachineError
from rolecall.workstation.steps import commit_hook
from rolecall.workstation.steps.step import Answers, Context, Record, State
from support import ROLES_TOML, write_env

SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYzzTOPSECRE"


@pytest.fixture
def context(tmp_path: Path) -> Context:
    """Return the context of a run in a repository."""
    root = tmp_path / "shop é $1"
    (root / "envrc.d").mkdir(parents=True)
    (root / "envrc.d/roles.toml").write_text(ROLES_TOML)
    write_env(root, f"AWS_ACCESS_KEY_ID=AKIA2345ABCDEFGHIJKL\nAWS_SECRET_ACCESS_KEY={SECRET}\n")
    subprocess.run(["git", "init", "-q"], cwd=root, check=True)
    shown: list[str] = []
    made: list[Record] = []
    return Context(root, Answers(hooks=True), show=shown.append, journal=made.append)


def commit(root: Path, text: str) -> "subprocess.CompletedProcess[str]":
    """Commit a file with `text`."""
    (root / "notes.txt").write_text(text)
    subprocess.run(["git", "add", "notes.txt"], cwd=root, check=True)
    who = ["-c", "user.name=ann", "-c", "user.email=ann@example.com"]
    return subprocess.run(
        ["git", *who, "commit", "-m", "x"], cwd=root, capture_output=True, text=True, check=False
    )


def applied(context: Context) -> Record:
    """Apply the step; return its record."""
    made: list[Record] = []
    commit_hook.apply(Context(context.root, context.answers, journal=made.append))
    return made[0]


def test_hook_when_a_secret_is_committed_then_git_refuses_and_else_not(context: Context) -> None:
    """The real git, the real hook."""
    assert commit_hook.check(context).state is State.CHANGE
    applied(context)
    assert commit_hook.check(context).state is State.DONE
    refused = commit(context.root, f"a\n{SECRET}\n")
    assert refused.returncode == 1
    assert "notes.txt:2: the secret of access key …IJKL of .env" in refused.stderr
    assert SECRET not in refused.stdout + refused.stderr
    assert commit(context.root, "fine\n").returncode == 0


def test_hook_when_undone_then_the_folder_is_as_before(context: Context) -> None:
    """Byte for byte, and no folder of ours."""
    hooks = context.root / ".git/hooks"
    before = sorted(path.name for path in hooks.iterdir())
    done = applied(context)
    assert commit_hook.undo(context, done).startswith("removed")
    assert sorted(path.name for path in hooks.iterdir()) == before
    assert commit_hook.undo(context, done) == ""


def test_hook_when_lines_were_added_to_it_then_undo_leaves_them(context: Context) -> None:
    """A person's own check stays, and runs."""
    done = applied(context)
    hook = context.root / ".git/hooks/pre-commit"
    hook.write_text(hook.read_text() + "echo mine\n")
    commit_hook.undo(context, done)
    assert hook.read_text() == "#!/bin/sh\necho mine\n"
    assert hook.stat().st_mode & 0o777 == 0o755


def test_hook_when_another_is_there_then_it_stays_and_the_line_is_shown(context: Context) -> None:
    """Never replaced."""
    hook = context.root / ".git/hooks/pre-commit"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\nexit 0\n")
    shown: list[str] = []
    asked = Context(context.root, context.answers, show=shown.append)
    with pytest.raises(MachineError, match="is not changed by rolecall"):
        commit_hook.apply(asked)
    assert hook.read_text() == "#!/bin/sh\nexit 0\n"
    assert "-m rolecall leaks || exit 1" in shown[0]
    hook.write_text("#!/bin/sh\npython -P -m rolecall leaks || exit 1\n")
    assert commit_hook.check(asked).state is State.DONE


@pytest.mark.parametrize(
    ("made", "file", "word"),
    [
        (".pre-commit-config.yaml", ".pre-commit-config.yaml", "id: rolecall-leaks"),
        (".husky/_/h", ".husky/pre-commit", "-m rolecall leaks"),
    ],
)
def test_hook_when_a_manager_is_in_use_then_its_own_way_is_proposed(
    context: Context, made: str, file: str, word: str
) -> None:
    """pre-commit and husky keep their files; once the line is there, all is right."""
    (context.root / made).parent.mkdir(parents=True, exist_ok=True)
    (context.root / made).write_text("repos: []\n")
    shown: list[str] = []
    asked = Context(context.root, context.answers, show=shown.append)
    with pytest.raises(MachineError):
        commit_hook.apply(asked)
    assert word in shown[0]
    assert str(context.root) not in shown[0].partition("\n")[2]
    assert not (context.root / ".git/hooks/pre-commit").exists()
    (context.root / file).write_text(shown[0].partition("\n\n")[2])
    assert "git runs no hook in this clone" in commit_hook.check(asked).detail
    with pytest.raises(MachineError, match="git runs no hook in this clone"):
        commit_hook.apply(asked)


def run(context: Context, *words: str) -> None:
    """Run a program in the project."""
    subprocess.run(words, cwd=context.root, check=True, capture_output=True)


def proposed(context: Context) -> str:
    """Return the lines that the step shows for somebody else's file."""
    shown: list[str] = []
    with pytest.raises(MachineError, match="is not changed by rolecall"):
        commit_hook.apply(Context(context.root, context.answers, show=shown.append))
    return shown[0].partition("\n\n")[2]


def check_commits(context: Context) -> None:
    """Commit a secret and then none, and have git refuse the one alone."""
    assert commit_hook.check(context).state is State.DONE
    refused = commit(context.root, f"a\n{SECRET}\n")
    assert refused.returncode == 1, refused.stdout
    assert "notes.txt:2: the secret of access key …IJKL of .env" in refused.stdout + refused.stderr
    assert SECRET not in refused.stdout + refused.stderr
    done = commit(context.root, "fine\n")
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.client("pre-commit")
def test_hook_when_pre_commit_is_in_use_then_a_real_one_refuses_the_secret(
    context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its own hook stays byte for byte; the lines that were shown do it."""
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}:{os.environ['PATH']}")
    config, hook = context.root / ".pre-commit-config.yaml", context.root / ".git/hooks/pre-commit"
    config.write_text("repos: []\n")
    run(context, "pre-commit", "install")
    theirs = hook.read_bytes()
    config.write_text(f"repos:\n{proposed(context)}")
    run(context, "git", "add", config.name)
    check_commits(context)
    assert hook.read_bytes() == theirs


@pytest.mark.client("husky")
def test_hook_when_husky_is_in_use_then_a_real_one_refuses_the_secret(
    context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The team's own line runs before ours."""
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}:{os.environ['PATH']}")
    run(context, "husky")
    (context.root / ".husky/pre-commit").write_text("echo mine >ran\n")
    lines = proposed(context)
    with (context.root / ".husky/pre-commit").open("a") as file:
        file.write(lines)
    check_commits(context)
    assert (context.root / "ran").read_text() == "mine\n"


def test_hook_when_the_folder_is_shared_then_nothing_is_written_there(
    context: Context, tmp_path: Path
) -> None:
    """`core.hooksPath` serves other repositories too."""
    subprocess.run(["git", "config", "core.hooksPath", str(tmp_path / "hooks")], cwd=context.root, check=True)
    with pytest.raises(MachineError, match="is not changed by rolecall"):
        commit_hook.apply(context)
    assert not (tmp_path / "hooks").exists()


def test_hook_when_its_python_is_gone_then_the_commit_is_refused_with_a_way_out(context: Context) -> None:
    """A guard that cannot run does not let everything pass."""
    applied(context)
    hook = context.root / ".git/hooks/pre-commit"
    hook.write_text(hook.read_text().replace(sys.executable, "/gone/python"))
    refused = commit(context.root, "fine\n")
    assert refused.returncode == 1
    assert "try: invoke setup --hooks" in refused.stderr
