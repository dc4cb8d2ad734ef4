"""`30-role.load.sh`: which role a `cd` takes, and what of a choice file is believed."""

from pathlib import Path

import pytest

from support import fragments

ARN = "arn:aws:iam::111122223333:role/dev"
SCRIPT = """
_rolecall_terminal=7-9 _rolecall_dir=$FOLDER _rolecall_default=$DEFAULT _rolecall_wanted=$WANTED
read_fragment 30-role.load.sh
show _rolecall_role _rolecall_here
printenv ROLECALL_DEFAULT_ROLE ROLECALL_PROJECT
"""


def chosen(folder: Path, choice: str | None = None, **given: str) -> list[str]:
    """Return the role, the place, and what a program would see of `use rolecall ROLE`."""
    (folder / "terminals").mkdir()
    if choice is not None:
        (folder / "terminals/7-9").write_text(choice)
    own = {"FOLDER": str(folder), "DEFAULT": "", "WANTED": "", **given}
    return (
        fragments.run(SCRIPT, own).replace("_rolecall_role=", "").replace("_rolecall_here=", "").splitlines()
    )


def test_role_when_several_are_named_then_the_nearest_wins(tmp_path: Path) -> None:
    """By hand in the environment, by this terminal, by the folder, by the project, by ROLE_ARN."""
    names = {"ROLECALL_ROLE": "a", "choice": "b\n", "WANTED": "c", "DEFAULT": "d", "ROLE_ARN": "e"}
    found = []
    for number, name in enumerate([*names, ""]):
        folder = tmp_path / str(number)
        folder.mkdir()
        found.append(chosen(folder, **names)[0])
        names.pop(name, None)
    assert found == ["<a>", "<b>", "<c>", "<d>", "<e>", "<>"]


def test_role_when_the_folder_names_one_then_programs_are_told(tmp_path: Path) -> None:
    """`use rolecall ROLE`: the default role of what a person types there."""
    assert chosen(tmp_path, WANTED="dev")[2:] == ["dev", "/shop"]


def test_role_when_no_folder_names_one_then_programs_are_not_told(tmp_path: Path) -> None:
    """A project has one default role, and that is in roles.toml."""
    assert chosen(tmp_path, DEFAULT="dev") == ["<dev>", "<>"]


@pytest.mark.parametrize("name", ["ROLECALL_ROLE", "choice", "DEFAULT"])
def test_role_when_named_by_an_arn_then_it_is_the_declared_one(tmp_path: Path, name: str) -> None:
    """Its session is kept under its name."""
    (tmp_path / "aliases.snapshot").write_text(f"arn:aws:iam::111122223333:role/x prod\n{ARN} dev\n")
    assert chosen(tmp_path, **{name: f"{ARN}\n" if name == "choice" else ARN})[0] == "<dev>"


@pytest.mark.parametrize(
    ("choice", "role", "here"),
    [
        ("prod\n", "prod", ""),
        ("prod\naws/eu-west-3\n", "prod", "aws/eu-west-3"),
        ("\naws/eu-west-3\n", "dev", "aws/eu-west-3"),
        (f"{'n' * 640}\n", "n" * 640, ""),
        (f"{'n' * 641}\n", "dev", ""),
        (f"prod\naws/{'r' * 86}\n", "prod", f"aws/{'r' * 86}"),
        (f"prod\naws/{'r' * 87}\n", "dev", ""),
        ("prod", "dev", ""),
        ("prod\naws/eu-west-3", "dev", ""),
        ("prod\naws/eu-west-3\nmore", "dev", ""),
        ("prod\naws/eu-west-3\nmore\n", "dev", ""),
        ("prod\nAWS/eu\n", "dev", ""),
        ("pr od\naws/eu-west-3\n", "dev", ""),
        ("prod\x1b\n", "dev", ""),
    ],
)
def test_choice_when_it_is_whole_then_and_only_then_counts(
    tmp_path: Path, choice: str, role: str, here: str
) -> None:
    """Half of a choice is none, nor is one that is longer than any of ours."""
    assert chosen(tmp_path, choice, DEFAULT="dev") == [f"<{role}>", f"<{here}>"]
