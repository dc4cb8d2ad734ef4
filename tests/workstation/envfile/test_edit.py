"""`.env` merged key by key: what a person wrote is never lost."""

import io
from pathlib import Path

import pytest
from dotenv import dotenv_values

from rolecall.errors import ConfigError
from rolecall.workstation.envfile import edit as envfile

PERSONS = """\
# my own notes, with ümlauts
export AWS_ACCESS_KEY_ID='AKIAEXAMPLE000000001'   # work laptop
AWS_SECRET_ACCESS_KEY="with \\"quotes\\" and # hash"

FAVOURITE=tea # not coffee
AWS_REGION = eu-west-1
MULTI="one
two"
FAVOURITE=cocoa
lonely
"""


def values(text: str) -> dict[str, str | None]:
    return dotenv_values(stream=io.StringIO(text), interpolate=False)


def test_fresh_has_every_key_with_its_help(tmp_path: Path) -> None:
    """A new file sets what is known, and leaves the rest commented out below its explanation."""
    text = envfile.fresh(tmp_path, {"AWS_REGION": "eu-west-1", "AWS_SECRET_ACCESS_KEY": "a b#c'd"})
    assert values(text) == {"AWS_REGION": "eu-west-1", "AWS_SECRET_ACCESS_KEY": "a b#c'd"}
    assert all(f"# {name}=\n" in text for name in ("AWS_ACCESS_KEY_ID", "AWS_PROFILE", "ROLE_ARN"))
    assert "Who assumes the role" in text


def test_change_sets_one_key_and_keeps_every_other_byte() -> None:
    """Comments, order, quotes, `export`, doubled and unknown keys, multi-line values: all stay."""
    changed = envfile.change(PERSONS, {"AWS_ACCESS_KEY_ID": "AKIAEXAMPLE000000002"})
    before, after = PERSONS.splitlines(), changed.splitlines()
    assert [at for at, line in enumerate(before) if after[at] != line] == [1]
    assert after[1] == "export AWS_ACCESS_KEY_ID=AKIAEXAMPLE000000002   # work laptop"
    assert len(before) == len(after)


def test_change_of_a_key_that_stands_twice_changes_the_one_that_counts() -> None:
    """Every reader takes the last one."""
    changed = envfile.change(PERSONS, {"FAVOURITE": "mate"})
    assert values(changed)["FAVOURITE"] == "mate"
    assert "FAVOURITE=tea # not coffee" in changed


def test_change_of_a_multi_line_value_replaces_all_of_it() -> None:
    """No second line of the old value is left to break the file."""
    changed = envfile.change(PERSONS, {"MULTI": "single"})
    assert values(changed)["MULTI"] == "single"
    assert "two" not in changed
    assert values(changed)["FAVOURITE"] == "cocoa"


def test_change_fills_a_commented_key_in_its_place() -> None:
    """`# KEY=` of the template becomes `KEY=value`, below its help."""
    text = envfile.fresh(Path("/nowhere"), {})
    changed = envfile.change(text, {"AWS_PROFILE": "work"})
    assert "# AWS_PROFILE=\n" not in changed
    assert changed.index("Or a profile") < changed.index("AWS_PROFILE=work") < changed.index("# ROLE_ARN=")


def test_change_to_none_comments_a_key_out_everywhere() -> None:
    """An unset key has no value for any reader."""
    changed = envfile.change(PERSONS, {"FAVOURITE": None})
    assert "FAVOURITE" not in values(changed)
    assert "\n# FAVOURITE=\n" in changed


@pytest.mark.parametrize("text", ["A=1", "A=1\n", "", "# only a comment"], ids=repr)
def test_change_of_an_unknown_key_adds_a_line_of_its_own(text: str) -> None:
    """A file without a last line end does not swallow the new key."""
    changed = envfile.change(text, {"B": "two words"})
    assert values(changed)["B"] == "two words"
    assert changed.startswith(text)


def test_change_keeps_windows_line_ends() -> None:
    """CRLF stays CRLF."""
    assert envfile.change("A=1\r\nB=2\r\n", {"A": "3"}) == "A=3\r\nB=2\r\n"


def test_merged_adds_what_only_a_newer_template_has(tmp_path: Path) -> None:
    """A new key arrives at the end with its default and its help; a known one is left alone."""
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates/env.j2").write_text("# Old key.\nFAVOURITE=water\n\n# How loud.\nVOLUME=11\n")
    merged = envfile.merged(tmp_path, PERSONS, {})
    assert merged == f"{PERSONS}\n# How loud.\nVOLUME=11\n"
    assert envfile.merged(tmp_path, merged, {}) == merged


def test_merged_takes_an_older_name_for_the_key() -> None:
    """REGION_NAME of older files is not joined by an empty AWS_REGION."""
    text = envfile.fresh(Path("/nowhere"), {}).replace("# AWS_REGION=", "REGION_NAME=eu-west-1")
    assert envfile.merged(Path("/nowhere"), text, {}) == text


def test_merged_twice_changes_nothing_more() -> None:
    """Merging is idempotent for whatever a person's file holds."""
    once = envfile.merged(Path("/nowhere"), PERSONS, {"AWS_REGION": "eu-central-1"})
    assert envfile.merged(Path("/nowhere"), once, {"AWS_REGION": "eu-central-1"}) == once


def test_change_to_what_cannot_be_written_names_the_key_and_not_the_value() -> None:
    """The secret is not echoed."""
    with pytest.raises(ConfigError) as caught:
        envfile.change(PERSONS, {"AWS_SECRET_ACCESS_KEY": "xyzzy\nplugh"})
    assert "AWS_SECRET_ACCESS_KEY" in str(caught.value)
    assert "plugh" not in str(caught.value)
    assert "xyzzy" not in str(caught.value)


def test_summary_shows_no_secret_and_cuts_key_ids() -> None:
    """What a person sees of a change has four characters of a key id, and nothing of a secret."""
    old = {"AWS_ACCESS_KEY_ID": "AKIAEXAMPLE000000001", "API_TOKEN": "t0ken", "AWS_REGION": "eu-west-1"}
    new = {"AWS_ACCESS_KEY_ID": "AKIAEXAMPLE000000002", "AWS_SECRET_ACCESS_KEY": "s3cret", "AWS_REGION": ""}
    assert envfile.summary(old, new) == [
        "+ AWS_SECRET_ACCESS_KEY=(set)",
        "- API_TOKEN=(set)",
        "~ AWS_ACCESS_KEY_ID=…0001 -> …0002",
        "~ AWS_REGION=eu-west-1 -> (empty)",
    ]
