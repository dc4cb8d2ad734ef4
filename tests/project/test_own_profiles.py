"""The profiles of the project's roles: written down, read back, used only where a shell gets a profile."""

from pathlib import Path

import pytest

from rolecall.project import own_profiles
from rolecall.project.declared import Project
from rolecall.system.disk import place


@pytest.mark.parametrize(("delivery", "profile"), [("profile", "My dev"), ("keys", "")])
def test_of_when_a_shell_gets_a_profile_then_is_the_roles_own(
    tmp_path: Path, delivery: str, profile: str
) -> None:
    """A shell that gets keys has no profile, whatever is written down."""
    where = place.at(tmp_path)
    own_profiles.write(where, {"dev": "My dev"})
    project = Project(where, "shop", None, None, {}, {}, delivery=delivery)
    assert own_profiles.of(project, "dev") == profile
    assert own_profiles.of(project, "prod") == ""


def test_read_when_a_line_is_no_pair_then_it_is_passed_over(tmp_path: Path) -> None:
    """Half a line names no profile; without a file there is none either."""
    where = place.at(tmp_path)
    assert own_profiles.read(where) == {}
    own_profiles.write(where, {"dev": "shop-dev", "": "x", "half": ""})
    assert own_profiles.read(where) == {"dev": "shop-dev"}


def test_write_when_there_is_none_left_then_the_file_goes(tmp_path: Path) -> None:
    """Teardown leaves nothing of it, also where there was nothing."""
    where = place.at(tmp_path)
    own_profiles.write(where, {})
    own_profiles.write(where, {"dev": "shop-dev"})
    path = Path(where.state, own_profiles.NAME)
    assert path.read_text() == "dev shop-dev\n"
    own_profiles.write(where, {})
    assert not path.exists()
