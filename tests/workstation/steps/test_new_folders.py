"""Folders that were made are removed again where they are empty."""

from pathlib import Path

from rolecall.workstation.steps import new_folders


def test_remove_empty_when_a_folder_is_used_then_keeps_it_and_its_parents(tmp_path: Path) -> None:
    """Only what was missing before goes, the deepest first."""
    recorded = new_folders.missing(tmp_path / "a/b/c", tmp_path / "a/x")
    new_folders.make(tmp_path / "a/b/c")
    new_folders.make(tmp_path / "a/x")
    (tmp_path / "a/x/theirs").touch()
    new_folders.remove_empty(recorded)
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["a", "theirs", "x"]
