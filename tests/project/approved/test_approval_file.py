"""The file of what was approved: of this project, and of one that it was moved from."""

import shutil
from pathlib import Path

import pytest

from rolecall.project.approved import approval_file
from rolecall.project.roles_toml import role_lines
from rolecall.system.disk import files, place

ARN = "arn:aws:iam::111122223333:role/"


def written(root: Path, above: str = "digest=d\n", sections: str | None = None) -> None:
    """Write the file of the project at `root`; the folder itself need not be."""
    shown = f"\n[dev]\nrole_arn={ARN}dev\nduration_seconds=3600\n" if sections is None else sections
    text = above + shown
    where = place.at(root)
    files.private_dir(where.state)
    files.write_private(f"{where.state}/{approval_file.NAME}", f"{files.sha256(text)}\n{text}")


def around(root: Path) -> list[str]:
    """Return the digests of what was approved around `root`."""
    return [found.digest for found in approval_file.around(place.at(root))]


def test_read_when_whole_then_each_kind_is_told_apart(tmp_path: Path) -> None:
    """Routes, portals and commands by their names; the roles each by its own."""
    above = role_lines.lines_of(
        {"digest": "d", "default": "dev", "route.A": "1", "portal.dev": "2", "mfa.dev": "3"}
    )
    written(tmp_path, above)
    found = approval_file.read(place.at(tmp_path))
    assert found
    assert (found.digest, found.default) == ("d", "dev")
    assert (found.routes, found.portals, found.mfa_processes) == ({"A": "1"}, {"dev": "2"}, {"dev": "3"})
    assert [role.role_arn for role in found.roles.values()] == [f"{ARN}dev"]


def test_read_when_there_is_no_role_then_is_empty_and_not_absent(tmp_path: Path) -> None:
    """A project may have declared nothing when it was approved."""
    assert approval_file.read(place.at(tmp_path)) is None
    written(tmp_path, sections="")
    found = approval_file.read(place.at(tmp_path))
    assert found
    assert (found.default, dict(found.roles)) == (None, {})


@pytest.mark.parametrize("text", ["", "0\ndigest=d\n", files.sha256("")])
def test_read_when_not_whole_then_nothing_was_approved(tmp_path: Path, text: str) -> None:
    """A wrong checksum, or one of nothing."""
    written(tmp_path)
    files.write_private(f"{place.at(tmp_path).state}/{approval_file.NAME}", text)
    assert approval_file.read(place.at(tmp_path)) is None


@pytest.mark.parametrize(
    ("mine", "other", "is_around"),
    [
        ("a/b", "a", True),
        ("a", "a/b", True),
        ("a", "a/b/c", True),
        ("a", "ab", False),
        ("ab", "a", False),
        ("a", "c", False),
    ],
)
def test_around_when_a_project_is_above_or_below_then_is_found(
    tmp_path: Path, mine: str, other: str, *, is_around: bool
) -> None:
    """By whole folders: `ab` is not below `a`."""
    written(tmp_path / other, f"digest={other}\n")
    written(tmp_path / mine, "digest=mine\n")
    assert around(tmp_path / mine) == ([other] if is_around else [])


def test_around_when_the_other_still_declares_roles_then_is_another_project(tmp_path: Path) -> None:
    """Also by a link that leads nowhere just now."""
    written(tmp_path)
    (tmp_path / "envrc.d").mkdir()
    (tmp_path / "envrc.d/roles.toml").symlink_to("gone")
    assert around(tmp_path / "sub") == []
    (tmp_path / "envrc.d/roles.toml").unlink()
    assert around(tmp_path / "sub") == ["d"]


def test_around_when_a_path_is_long_then_its_key_is_several_folders_deep(tmp_path: Path) -> None:
    """All projects are found, in order; what else lies there is not one."""
    deep = tmp_path / ("long folder/" * 12) / "end"
    written(deep, "digest=deep\n")
    written(tmp_path / "a", "digest=a\n")
    state = Path(place.at(tmp_path).state)
    (state.parent / "bugs").mkdir(parents=True)
    (state.parent / "file~").touch()
    shutil.copy(f"{place.at(tmp_path / 'a').state}/{approval_file.NAME}", state.parent / "bugs")
    assert sorted(around(tmp_path)) == ["a", "deep"]
    assert around(deep / "sub") == ["deep"]
