"""`90-watch.sh`: what direnv is asked to watch, what is kept of its answer, and what is left behind."""

from pathlib import Path

import pytest

from support import fragments

SCRIPT = """
_rolecall_dir=$FOLDER _rolecall_terminal=$TERMINAL _rolecall_wanted=$WANTED _rolecall_read=$READ
_rolecall_own=() _rolecall_known='' _rolecall_locale=$LOCALE DIRENV_WATCHES=$ASKED
_rolecall_watch=("$FOLDER/a" "$FOLDER/none")
watch_file() { printf 'asked for %s\\n' "$@"; export DIRENV_WATCHES=answer; }
GIVEN
read_fragment 90-watch.sh
echo "${LC_ALL-unset} $DIRENV_WATCHES"
compgen -v | grep ^_rolecall
"""
ASKED = ["asked for {folder}/a", "asked for {folder}/none"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Make a file that is watched, and the place for the answers."""
    (tmp_path / "a").write_text("")
    (tmp_path / "watches").mkdir(mode=0o700)
    return tmp_path


def left(folder: Path, given: str = "", **environ: str) -> list[str]:
    """Return what direnv was asked, what stays, and the names of ours that do."""
    own = {"TERMINAL": "", "WANTED": "", "READ": "once", "LOCALE": "", "ASKED": "before", **environ}
    told = fragments.run(SCRIPT.replace("GIVEN", given), {"FOLDER": str(folder), **own})
    return told.replace(str(folder), "{folder}").splitlines()


@pytest.mark.parametrize(("locale", "stays"), [("", "unset"), ("=", ""), ("=C.UTF-8", "C.UTF-8")])
def test_locale_when_our_parts_end_then_it_is_the_persons_again(
    folder: Path, locale: str, stays: str
) -> None:
    """What comes after in an `.envrc` does not run in C."""
    assert left(folder, LOCALE=locale) == [*ASKED, f"{stays} answer"]


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ({}, "none"),
        ({"TERMINAL": "7-9"}, "7-9"),
        ({"TERMINAL": "7-9", "WANTED": "dev"}, "7-9+dev"),
        ({"WANTED": "arn:aws:iam::1:role/dev"}, "none+arn_aws_iam__1_role_dev"),
    ],
)
def test_answer_when_kept_then_in_one_private_file_for_a_terminal_and_a_role(
    folder: Path, given: dict[str, str], name: str
) -> None:
    """Terminals, and folders with `use rolecall ROLE`, take turns without asking again."""
    left(folder, **given)
    (kept,) = (folder / "watches").iterdir()
    assert kept.name == name
    assert kept.stat().st_mode & 0o777 == 0o600
    assert kept.read_text() == f"+- {folder}/a {folder}/none\nbefore\nanswer\n"


def test_answer_when_direnv_holds_no_list_or_the_folder_is_not_there_then_none_is_kept(folder: Path) -> None:
    """And nothing is said of it."""
    assert left(folder, ASKED="")[:2] == ASKED
    assert list((folder / "watches").iterdir()) == []
    (folder / "watches").rmdir()
    assert left(folder) == [*ASKED, "unset answer"]


@pytest.mark.parametrize(
    ("given", "environ", "is_asked"),
    [
        ("", {}, False),
        ("", {"READ": "again"}, True),
        ("", {"ASKED": "another"}, True),
        ("", {"TERMINAL": "7-9"}, True),
        ('touch "$FOLDER/none"', {}, True),
        ('rm "$FOLDER/a"', {}, True),
        ('touch -d "+1 hour" "$FOLDER/a"', {}, True),
        ('_rolecall_watch+=("$FOLDER/b")', {}, True),
        ('_rolecall_copies=("$FOLDER/b")', {}, True),
        ("sed -i '3s/.*/an swer/' \"$FOLDER/watches/none\"", {}, True),
        ("sed -i '$d' \"$FOLDER/watches/none\"", {}, True),
        ("printf '\\0' >>\"$FOLDER/watches/none\"", {}, True),
        ('mv "$FOLDER/watches/none" "$FOLDER/x"; ln -s ../x "$FOLDER/watches/none"', {}, True),
        ("unset EPOCHSECONDS", {}, True),
    ],
)
def test_answer_when_nothing_is_another_then_and_only_then_direnv_is_not_asked(
    folder: Path, given: str, environ: dict[str, str], *, is_asked: bool
) -> None:
    """Every doubt asks direnv."""
    left(folder, "touch -d '-1 hour' \"$FOLDER/a\"")
    told = left(folder, given, **environ)
    assert any(line.startswith("asked for") for line in told) is is_asked
    assert told[-1] == "unset answer"
