"""Each shell's commands, word for word: also of the shells that few machines have."""

import json

import pytest

from rolecall.credentials import variables
from rolecall.credentials.formats import files, shells
from rolecall.credentials.formats.table import FORMATS
from rolecall.errors import ConfigError
from support.credentials import SESSION

HELD = variables.environment(SESSION)
ODD = "a'b\\c"


def lines(text: str) -> list[str]:
    """Return the first line, that of the key, and those after the last variable."""
    every = text.splitlines()
    return [every[0], every[1], *every[1 + len(HELD) :]]


def test_pwsh_when_asked_then_assignments_and_no_profile_beside() -> None:
    """A single quote stands twice."""
    assert lines(shells.pwsh(SESSION, {"AWS_X": ODD})) == [
        "$Env:AWS_X = 'a''b\\c'",
        "$Env:AWS_ACCESS_KEY_ID = 'ASIAEXAMPLE'",
        "Remove-Item Env:AWS_PROFILE -ErrorAction SilentlyContinue",
        "Remove-Item Env:AWS_DEFAULT_PROFILE -ErrorAction SilentlyContinue",
    ]


def test_elvish_when_asked_then_set_env() -> None:
    """As PowerShell quotes."""
    text = shells.elvish(SESSION, {"AWS_X": ODD})
    unset = ["unset-env AWS_PROFILE", "unset-env AWS_DEFAULT_PROFILE"]
    assert lines(text) == ["set-env AWS_X 'a''b\\c'", "set-env AWS_ACCESS_KEY_ID 'ASIAEXAMPLE'", *unset]


def test_fish_tcsh_and_bash_when_asked_then_in_their_own_quotes() -> None:
    """Profiles that stood there are gone."""
    key = "ASIAEXAMPLE"
    assert lines(shells.fish(SESSION, {"AWS_X": ODD})) == [
        "set -gx AWS_X 'a\\'b\\\\c'",
        f"set -gx AWS_ACCESS_KEY_ID '{key}'",
        "set -e AWS_PROFILE AWS_DEFAULT_PROFILE",
    ]
    assert lines(shells.tcsh(SESSION, {"AWS_X": "a b"})) == [
        "setenv AWS_X 'a b';",
        f"setenv AWS_ACCESS_KEY_ID {key};",
        *("unsetenv AWS_PROFILE;", "unsetenv AWS_DEFAULT_PROFILE;"),
    ]
    assert lines(shells.bash(SESSION, {"AWS_X": "a b"})) == [
        "export AWS_X='a b'",
        f"export AWS_ACCESS_KEY_ID={key}",
        "unset AWS_PROFILE AWS_DEFAULT_PROFILE",
    ]
    assert lines(shells.cmd(SESSION, {"AWS_X": "a%b"})) == [
        'set "AWS_X=a%%b"',
        f'set "AWS_ACCESS_KEY_ID={key}"',
        *('set "AWS_PROFILE="', 'set "AWS_DEFAULT_PROFILE="'),
    ]


def test_nushell_when_asked_then_json_with_nothing_for_a_profile() -> None:
    """A variable that is null is none to the programs that it starts."""
    none = {"AWS_PROFILE": None, "AWS_DEFAULT_PROFILE": None}
    assert json.loads(shells.nushell(SESSION, {"AWS_X": ODD})) == {"AWS_X": ODD, **HELD, **none}


@pytest.mark.parametrize(
    ("shell", "value", "what"),
    [("tcsh", "a!b", "an exclamation mark, which tcsh"), ("cmd", 'a"b', "a double quote, which cmd")],
)
def test_value_when_the_shell_cannot_be_given_it_then_where_it_stands(
    shell: str, value: str, what: str
) -> None:
    """And the command that finds the line."""
    with pytest.raises(ConfigError, match=what) as caught:
        FORMATS[shell](SESSION, {"AWS_X": value})
    assert (caught.value.code, caught.value.hint) == ("value-unquotable", "grep -n AWS_X .env")


def test_github_when_masked_then_each_of_the_three() -> None:
    """The log of a job shows none of them."""
    assert files.github_masks(SESSION).splitlines() == [
        *("::add-mask::ASIAEXAMPLE", "::add-mask::a/b+c=", "::add-mask::x/y+z=="),
    ]
