"""Which folder setup is about."""

from pathlib import Path

import pytest

from rolecall.errors import ConfigError
from rolecall.workstation.project import place


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """Make a git repository, with a folder in it."""
    root = tmp_path / "mono é"
    (root / ".git").mkdir(parents=True)
    (root / "services/shop").mkdir(parents=True)
    return root


def test_to_set_up_when_nothing_of_rolecall_is_there_then_the_top_of_the_repository(repository: Path) -> None:
    """From any folder in it; neither `tasks.py` nor `.venv` is needed."""
    assert place.to_set_up(repository / "services/shop") == repository
    assert place.is_new(repository)


@pytest.mark.parametrize("mark", ["envrc.d", "tasks.py"])
def test_to_set_up_when_a_folder_below_is_a_project_then_that_one(repository: Path, mark: str) -> None:
    """A part of a monorepo with roles or tasks of its own stays what it is."""
    own = repository / "services/shop"
    (own / mark).mkdir()
    assert place.to_set_up(own) == own


def test_to_set_up_when_the_project_is_above_the_repository_then_it_is_another_one(repository: Path) -> None:
    """A clone below somebody's project folder is adopted itself."""
    (repository.parent / "envrc.d").mkdir()
    assert place.to_set_up(repository) == repository


def test_to_set_up_when_there_is_no_repository_then_says_what_makes_one(tmp_path: Path) -> None:
    """A folder without git gets a command that helps."""
    with pytest.raises(ConfigError, match="it is in no git repository") as caught:
        place.to_set_up(tmp_path)
    assert caught.value.hint == "git init"


def test_to_set_up_when_only_the_home_folder_is_a_repository_then_refuses(home: Path) -> None:
    """Whoever keeps their dotfiles in git does not want a role in every folder."""
    (home / ".git").mkdir()
    (home / "code").mkdir()
    with pytest.raises(ConfigError, match="your home folder"):
        place.to_set_up(home / "code")
    assert place.to_set_up(home) == home


@pytest.mark.parametrize(
    ("name", "text", "is_new"),
    [
        ("tasks.py", "from invoke import task\n", True),
        ("tasks.py", "from rolecall.tasks import namespace\n", False),
        ("envrc.d/roles.toml", "", False),
    ],
)
def test_is_new_when_files_are_there_then_by_what_they_say(
    repository: Path, name: str, text: str, *, is_new: bool
) -> None:
    """Somebody's own tasks.py is no sign of rolecall."""
    (repository / name).parent.mkdir(exist_ok=True)
    (repository / name).write_text(text)
    assert place.is_new(repository) is is_new
