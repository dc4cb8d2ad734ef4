"""A Python project: the development dependency, and the tasks; what is there is kept."""

import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from rolecall.system import command
from rolecall.system.python import origin
from rolecall.workstation.project import python
from rolecall.workstation.steps.journal import Journal
from rolecall.workstation.steps.step import Answers, Context, State

WANTED = "rolecall @ git+https://git.example/rolecall@abc123"
FACTS = '{"url": "https://git.example/rolecall", "vcs_info": {"vcs": "git", "commit_id": "abc123"}}'
PROJECTS = [
    "",
    "[project]\nname = 'shop'",
    "[dependency-groups]\ntest = ['pytest']\n\n[tool.x]\ndev = ['no']\n",
    "[dependency-groups]\ndev = ['ruff']\n",
    "[dependency-groups] # ours\ndev = [\n  'ruff',\n  {include-group = 'test'},\n]\ntest = []\n",
    "[dependency-groups]\ndev=[]\n",
]


@pytest.fixture
def from_git(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let this rolecall come from a git repository."""
    monkeypatch.setattr(origin, "_direct_url", lambda: FACTS)


def context(root: Path, *, committed: bool = False) -> Context:
    answers = Answers(python=True, committed=committed)
    return Context(root, answers, journal=Journal(root, os.environ).append)


def undo(root: Path, *, committed: bool = False) -> list[str]:
    records = [one for one in reversed(Journal(root, os.environ).read()) if one.step == python.NAME]
    return [python.undo(context(root, committed=committed), record) for record in records]


@pytest.mark.usefixtures("from_git")
@pytest.mark.parametrize("text", PROJECTS)
def test_apply_when_pyproject_has_any_form_then_the_group_has_one_more(tmp_path: Path, text: str) -> None:
    """Every other value stays, and undo brings back every byte."""
    path = tmp_path / "pyproject.toml"
    path.write_text(text)
    path.chmod(0o664)
    assert python.check(context(tmp_path)).state is State.CHANGE
    python.apply(context(tmp_path))
    before, after = tomllib.loads(text), tomllib.loads(path.read_text())
    if text:
        groups = after["dependency-groups"]
        assert groups["dev"] == [WANTED, *before.get("dependency-groups", {}).get("dev", [])]
        assert python.check(context(tmp_path)).state is State.DONE
    assert (tmp_path / "tasks.py").read_text() == "from rolecall.tasks import namespace\n"
    undo(tmp_path)
    assert path.read_text() == text
    assert path.stat().st_mode & 0o777 == 0o664
    assert not (tmp_path / "tasks.py").exists()


@pytest.mark.usefixtures("from_git")
def test_apply_when_tasks_are_there_then_says_only_what_to_add(tmp_path: Path) -> None:
    """Somebody's own tasks.py is never touched; what is told to add works."""
    own = "from invoke import Collection, task\n@task\ndef build(c):\n    pass\nns = Collection(build)\n"
    (tmp_path / "tasks.py").write_text(own)
    python.apply(context(tmp_path))
    assert (tmp_path / "tasks.py").read_text() == own
    says, importing, adding = (line.strip() for line in python.advice(tmp_path))
    assert command.spoken(says, prefix="rolecall ") == says  # what is added serves invoke
    (tmp_path / "tasks.py").write_text(f"{own}{importing}\n{adding}\n")
    words = [sys.executable, "-m", "invoke", "--list"]
    done = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert "aws.assume" in done.stdout
    assert "build" in done.stdout


def test_apply_when_rolecall_came_from_a_file_then_no_dependency_names_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A path of this machine is none for a colleague, and a bare name may be somebody else's."""
    monkeypatch.setattr(origin, "_direct_url", lambda: '{"url": "file:///tmp/rolecall.whl"}')
    (tmp_path / "pyproject.toml").write_text("")
    python.apply(context(tmp_path))
    assert (tmp_path / "pyproject.toml").read_text() == ""
    assert "so no dependency can name it" in python.advice(tmp_path)[-1]


@pytest.mark.usefixtures("from_git")
def test_undo_when_it_is_committed_then_stays_unless_asked_for(tmp_path: Path) -> None:
    """What the team has in git is the team's."""
    (tmp_path / "pyproject.toml").write_text("")
    python.apply(context(tmp_path))
    text = (tmp_path / "pyproject.toml").read_text()
    identity = ["-c", "user.name=a", "-c", "user.email=a@b.example"]
    for words in (["init", "-q"], ["add", "-A"], [*identity, "commit", "-qm", "x"]):
        subprocess.run(["git", *words], cwd=tmp_path, check=True)
    assert all("committed" in line for line in undo(tmp_path))
    assert (tmp_path / "pyproject.toml").read_text() == text
    undo(tmp_path, committed=True)
    assert not (tmp_path / "tasks.py").exists()


@pytest.mark.parametrize(
    ("facts", "wanted"),
    [(FACTS, WANTED), ("{}", "rolecall>="), (None, "rolecall>="), ('{"url": "file:///x"}', ""), ("no", "")],
)
def test_requirement_when_the_place_is_known_then_names_what_a_colleague_can_have(
    facts: str | None, wanted: str
) -> None:
    """From an index, its owner's choice stays; from a file, there is none."""
    found = origin.requirement(read=lambda: facts)
    assert found.startswith(wanted)
    assert bool(found) is bool(wanted)
