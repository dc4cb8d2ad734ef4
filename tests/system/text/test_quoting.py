"""Values written to `.env` and to shell scripts, read back by the real readers."""

import json
import random
import subprocess
from pathlib import Path

import pytest

from rolecall.errors import ConfigError
from rolecall.system.text import quoting

VALUES = [
    "",
    "plain",
    "AKIA/secret+with=slashes",
    "two words",
    "  padded  ",
    "a#b",
    "a #b",
    "#start",
    'say "hi"',
    "it's",
    """both ' and " quotes""",
    "$HOME",
    "p$$w$1 $",
    "`id`",
    "$(id)",
    r"back\slash",
    r"C:\new\table",
    r"two\\slashes",
    "ends\\",
    "tab\there",
    "Grüße, 世界 🙂",
    "!history",
    "a=b=c",
    "*?[x]~{a,b}",
    "; rm -rf / & | < > ( )",
    "%s %d",
]
REFUSED = ["two\nlines", "nul\0", "carriage\rreturn", "${HOME}", "$'", "'`", "$ends\\", "unit\u2028separator"]


def readings(text: str, folder: Path) -> dict[str, dict[str, str]]:
    """Read `.env` text as python-dotenv, as direnv's dotenv and as a sourcing bash do."""
    from dotenv import dotenv_values

    path = folder / ".env"
    path.write_text(text)
    direnv = subprocess.run(
        ["direnv", "dotenv", "json", path], capture_output=True, text=True, check=True
    ).stdout
    names = list(dotenv_values(path))
    code = 'set -a; . "$1"; shift; for n; do printf "%s\\0" "${!n}"; done'
    bash = subprocess.run(["bash", "-c", code, "-", path, *names], capture_output=True, check=True).stdout
    return {
        "python-dotenv": {name: value or "" for name, value in dotenv_values(path).items()},
        "direnv": {name: value for name, value in json.loads(direnv).items() if name in names},
        "bash": dict(zip(names, bash.decode().split("\0"), strict=False)),
    }


def test_dotenv_when_written_then_every_reader_gives_the_same_value(tmp_path: Path) -> None:
    """python-dotenv, direnv's dotenv and bash read back exactly what was written."""
    expected = {f"K{number}": value for number, value in enumerate(VALUES)}
    text = "".join(f"{name}={quoting.dotenv(value)}\n" for name, value in expected.items())
    for reader, found in readings(text, tmp_path).items():
        assert expected == found, reader


def test_dotenv_when_values_are_random_then_they_are_refused_or_read_back_alike(tmp_path: Path) -> None:
    """Whatever mixture of awkward characters is accepted survives all three readers."""
    dice = random.Random(20_261_123)
    awkward = "aZ0 '\"$`\\#{}=!~%n\tü()"
    expected: dict[str, str] = {}
    for number in range(400):
        value = "".join(dice.choices(awkward, k=dice.randint(1, 7)))
        try:
            quoting.dotenv(value)
        except ConfigError:
            continue
        expected[f"K{number}"] = value
    text = "".join(f"{name}={quoting.dotenv(value)}\n" for name, value in expected.items())
    for reader, found in readings(text, tmp_path).items():
        assert expected == found, reader


@pytest.mark.parametrize("value", REFUSED)
def test_dotenv_when_no_form_is_safe_then_the_key_is_named_and_the_value_is_not(value: str) -> None:
    """The error names the key and never echoes the value."""
    with pytest.raises(ConfigError) as caught:
        quoting.dotenv(value, "API_KEY")
    assert "API_KEY" in caught.value.message
    assert value not in str(caught.value)


@pytest.mark.parametrize("value", [*VALUES, "two\nlines", "${HOME}", "'`$\"\\"])
def test_shell_when_evaluated_then_bash_gives_the_same_value(value: str) -> None:
    """A quoted word is one word of bash, with the same content."""
    done = subprocess.run(
        ["bash", "-c", f"printf %s {quoting.shell(value)}"], capture_output=True, text=True, check=True
    )
    assert value == done.stdout


@pytest.mark.parametrize(("line", "at"), [(1, ""), (2, "+2 "), (0, "")])
def test_edit_command_when_a_line_is_named_then_opens_there(line: int, at: str) -> None:
    """Editors begin at the first one by themselves."""
    assert quoting.edit_command("/a b", line) == f"${{EDITOR:-vi}} {at}'/a b'"
    assert quoting.edit_command("/a") == "${EDITOR:-vi} /a"


def test_shell_when_the_value_holds_a_nul_then_it_is_refused() -> None:
    """No shell word can hold a NUL."""
    with pytest.raises(ConfigError):
        quoting.shell("a\0b")
