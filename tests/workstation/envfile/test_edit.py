"""`.env` merged key by key: what a person wrote is never lost."""

import io
from pathlib import Path

import pytest
from dotenv import dotenv_values

from rolecall.errors import ConfigError
from rolecall.workstation.envfile import edit

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


def test_fresh_when_some_values_are_known_then_has_every_key_with_its_help(tmp_path: Path) -> None:
    """A new file sets what is known, and leaves the rest commented out below its explanation."""
    text = edit.fresh(tmp_path, {"AWS_REGION": "eu-west-1", "AWS_SECRET_ACCESS_KEY": "a b#c'd"})
    assert values(text) == {"AWS_REGION": "eu-west-1", "AWS_SECRET_ACCESS_KEY": "a b#c'd"}
    assert all(f"# {name}=\n" in text for name in ("AWS_ACCESS_KEY_ID", "AWS_PROFILE", "ROLE_ARN"))
    assert "Who assumes the role" in text
    assert text.startswith(edit.HEADING)


def test_change_when_one_key_is_set_then_keeps_every_other_byte() -> None:
    """Comments, order, quotes, `export`, doubled and unknown keys, multi-line values: all stay."""
    changed = edit.change(PERSONS, {"AWS_ACCESS_KEY_ID": "AKIAEXAMPLE000000002"})
    before, after = PERSONS.splitlines(), changed.splitlines()
    assert [at for at, line in enumerate(before) if after[at] != line] == [1]
    assert after[1] == "export AWS_ACCESS_KEY_ID=AKIAEXAMPLE000000002   # work laptop"
    assert len(before) == len(after)


def test_change_when_a_key_is_set_twice_then_changes_the_last() -> None:
    """Every reader takes the last one."""
    changed = edit.change(PERSONS, {"FAVOURITE": "mate"})
    assert values(changed)["FAVOURITE"] == "mate"
    assert "FAVOURITE=tea # not coffee" in changed


def test_change_when_a_value_has_two_lines_then_replaces_both() -> None:
    """No second line of the old value is left to break the file."""
    changed = edit.change(PERSONS, {"MULTI": "single"})
    assert values(changed)["MULTI"] == "single"
    assert "two" not in changed
    assert values(changed)["FAVOURITE"] == "cocoa"


def test_change_when_a_key_is_commented_out_then_sets_it_in_its_place() -> None:
    """`# KEY=` of the template becomes `KEY=value`, below its help."""
    text = edit.fresh(Path("/nowhere"), {})
    changed = edit.change(text, {"AWS_PROFILE": "work"})
    assert "# AWS_PROFILE=\n" not in changed
    assert changed.index("Or a profile") < changed.index("AWS_PROFILE=work") < changed.index("# ROLE_ARN=")


def test_change_when_the_value_is_none_then_comments_the_key_out() -> None:
    """An unset key has no value for any reader."""
    changed = edit.change(PERSONS, {"FAVOURITE": None})
    assert "FAVOURITE" not in values(changed)
    assert "\n# FAVOURITE=\n" in changed


@pytest.mark.parametrize("text", ["A=1", "A=1\n", "", "# only a comment"], ids=repr)
def test_change_when_a_key_is_unknown_then_adds_a_line(text: str) -> None:
    """A file without a last line end does not swallow the new key."""
    changed = edit.change(text, {"B": "two words"})
    assert values(changed)["B"] == "two words"
    assert changed.startswith(text)


def test_change_when_lines_end_in_crlf_then_keeps_that() -> None:
    """CRLF stays CRLF."""
    assert edit.change("A=1\r\nB=2\r\n", {"A": "3"}) == "A=3\r\nB=2\r\n"


def test_merged_when_the_template_has_new_keys_then_adds_them(tmp_path: Path) -> None:
    """A new key arrives at the end with its default and its help; a known one is left alone."""
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates/env.j2").write_text("# Old key.\nFAVOURITE=water\n\n# How loud.\nVOLUME=11\n")
    merged = edit.merged(tmp_path, PERSONS, {})
    assert merged == f"{PERSONS}\n# How loud.\nVOLUME=11\n"
    assert edit.merged(tmp_path, merged, {}) == merged


def test_merged_when_the_file_is_the_apps_then_adds_nothing(tmp_path: Path) -> None:
    """The shipped template is no reason to write into a file that other programs read."""
    assert edit.merged(tmp_path, PERSONS, {}) == PERSONS
    assert edit.merged(tmp_path, PERSONS, {"AWS_PROFILE": "work"}) == f"{PERSONS}AWS_PROFILE=work\n"


def test_merged_when_a_key_has_its_older_name_then_adds_no_second() -> None:
    """REGION_NAME of older files is not joined by an empty AWS_REGION."""
    text = edit.fresh(Path("/nowhere"), {}).replace("# AWS_REGION=", "REGION_NAME=eu-west-1")
    assert edit.merged(Path("/nowhere"), text, {}) == text


def test_merged_when_run_twice_then_changes_nothing_more() -> None:
    """Merging is idempotent for whatever a person's file holds."""
    once = edit.merged(Path("/nowhere"), PERSONS, {"AWS_REGION": "eu-central-1"})
    assert edit.merged(Path("/nowhere"), once, {"AWS_REGION": "eu-central-1"}) == once


def test_change_when_a_value_cannot_be_written_then_names_the_key_only() -> None:
    """The secret is not echoed."""
    with pytest.raises(ConfigError) as caught:
        edit.change(PERSONS, {"AWS_SECRET_ACCESS_KEY": "xyzzy\nplugh"})
    assert "AWS_SECRET_ACCESS_KEY" in str(caught.value)
    assert "plugh" not in str(caught.value)
    assert "xyzzy" not in str(caught.value)


def test_summary_when_secrets_change_then_does_not_show_them() -> None:
    """What a person sees of a change has four characters of a key id, and nothing of a secret."""
    old = {"AWS_ACCESS_KEY_ID": "AKIAEXAMPLE000000001", "API_TOKEN": "t0ken", "AWS_REGION": "eu-west-1"}
    new = {"AWS_ACCESS_KEY_ID": "AKIAEXAMPLE000000002", "AWS_SECRET_ACCESS_KEY": "s3cret", "AWS_REGION": ""}
    assert edit.summary(old, new) == [
        "+ AWS_SECRET_ACCESS_KEY=(set)",
        "- API_TOKEN=(set)",
        "~ AWS_ACCESS_KEY_ID=…0001 -> …0002",
        "~ AWS_REGION=eu-west-1 -> (empty)",
    ]
