"""What direnv did is undone as direnv would undo it."""

import base64
import json
import os
import zlib
from pathlib import Path

import pytest

from rolecall.system.programs import direnv


def packed(before: dict[str, str], after: dict[str, str]) -> str:
    """Return a DIRENV_DIFF as direnv writes it."""
    text = json.dumps({"p": before, "n": after}).encode()
    return base64.urlsafe_b64encode(zlib.compress(text)).decode().rstrip("=")


def test_reverted_when_a_role_is_loaded_then_the_persons_own_values_are_back() -> None:
    """What was before comes back, what was not goes, the rest stays."""
    environ = {
        "DIRENV_DIFF": packed({"AWS_PROFILE": "mine"}, {"AWS_ACCESS_KEY_ID": "ASIA"}),
        "AWS_ACCESS_KEY_ID": "ASIA",
        "EDITOR": "vi",
    }
    assert direnv.reverted(environ) == {"AWS_PROFILE": "mine", "EDITOR": "vi"}


def test_changes_when_the_record_is_broken_then_is_empty() -> None:
    """Garbage in the variable is no crash."""
    for garbage in ("", "x", "!!!", packed({}, {})[:-4], base64.urlsafe_b64encode(b"hello").decode()):
        assert direnv.changes({**os.environ, "DIRENV_DIFF": garbage}) == {}
    odd: object
    for odd in ({"p": {}}, {"n": {}}, [], None, {"p": 1, "n": 2}, {"p": ["A"], "n": {}}):
        text = base64.urlsafe_b64encode(zlib.compress(json.dumps(odd).encode())).decode()
        assert direnv.changes({"DIRENV_DIFF": text}) == {}


def test_changes_when_the_record_has_any_length_then_is_read() -> None:
    """Direnv leaves out the padding of base64."""
    lengths = set()
    for number in range(60):
        value = "".join(map(chr, range(40, 41 + number)))
        text = packed({"A": "1"}, {"B": value})
        lengths.add(len(text) % 4)
        assert direnv.changes({"DIRENV_DIFF": text}) == {"A": ("1", None), "B": (None, value)}
    assert lengths == {0, 2, 3}


def test_reverted_when_direnv_changed_its_own_names_then_they_are_gone() -> None:
    """They say what is loaded, and nothing is any more; an empty value before is a value."""
    environ = {
        "DIRENV_DIFF": packed({"DIRENV_FILE": "/x", "A": ""}, {"A": "1"}),
        "A": "1",
        "DIRENV_DIR": "-/x",
    }
    assert direnv.reverted(environ) == {"A": ""}
    assert direnv.changes(environ) == {"DIRENV_FILE": ("/x", None), "A": ("", "1")}


@pytest.mark.parametrize(
    ("loaded", "is_loaded"), [("/shop/.envrc", True), ("/other/.envrc", False), ("", False)]
)
def test_is_loaded_when_direnv_names_its_file_then_by_its_folder(loaded: str, *, is_loaded: bool) -> None:
    """Where it names none, nothing is loaded, not even at the folder "" that has no name."""
    assert direnv.is_loaded("/shop", environ={"DIRENV_FILE": loaded}) is is_loaded
    assert direnv.is_loaded("", environ={"DIRENV_FILE": ""}) is False


@pytest.mark.parametrize(
    ("there", "name"),
    [
        ((), "direnv.toml"),
        (("config.toml",), "config.toml"),
        (("direnv.toml", "config.toml"), "direnv.toml"),
        (("direnv.toml",), "direnv.toml"),
    ],
)
def test_settings_file_when_only_the_older_one_is_there_then_is_that(
    tmp_path: Path, there: tuple[str, ...], name: str
) -> None:
    """In the folder that the environment names, by direnv's own variable first."""
    (tmp_path / "direnv").mkdir()
    for one in there:
        (tmp_path / "direnv" / one).touch()
    folder = str(tmp_path / "direnv")
    assert direnv.settings_file({"XDG_CONFIG_HOME": str(tmp_path)}) == tmp_path / "direnv" / name
    assert (
        direnv.settings_file({"XDG_CONFIG_HOME": "/x", "DIRENV_CONFIG": folder}) == tmp_path / "direnv" / name
    )
    assert direnv.settings_file({"HOME": "/people/ann"}) == Path("/people/ann/.config/direnv/direnv.toml")
