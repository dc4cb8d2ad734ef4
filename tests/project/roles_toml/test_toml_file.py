"""A mistake in a TOML file is found on its line, in whatever form the table is written."""

import re
from typing import Any

import pytest

from rolecall.errors import ConfigError
from rolecall.project.roles_toml.toml_file import TomlSource, closest

TEXT = """\
top = 1
[project]
"name" = "x"
region.x = 1

[ roles . "dev" ]
mfa = true
[roles.prod]
sso = { session = "corp" }
[[list]]
name = "y"
'key' = 2
"""
SOURCE = TomlSource("/a b/roles.toml", TEXT)


@pytest.mark.parametrize(
    ("table", "key", "line"),
    [
        ("", "top", 1),
        ("", "project", 2),
        ("", "nosuch", 1),
        ("project", "name", 3),
        ("project", "region", 4),
        ("project", "reg", 2),
        ("project", "nosuch", 2),
        ("project", "top", 2),
        ("roles", "dev", 6),
        ("roles.dev", "mfa", 7),
        ("roles.prod", "mfa", 8),
        ("roles.prod.sso", "session", 9),
        ("roles.prod.sso.x", "y", 9),
        ("list", "name", 11),
        ("list", "key", 12),
        ("gone", "x", 1),
        ("roles.gone", "x", 1),
    ],
)
def test_line_when_a_key_is_looked_for_then_is_its_own_or_that_of_what_holds_it(
    table: str, key: str, line: int
) -> None:
    """A key in quotes, a table with blanks in its name, an inline table, a list of tables."""
    assert SOURCE.line(table, key) == line


@pytest.mark.parametrize(
    ("table", "key", "says"),
    [("roles.dev", "mfa", ":7: [roles.dev] mfa: wrong"), ("", "roles.dev", ":6: [roles.dev]: wrong")],
)
def test_fail_when_made_then_names_the_place_and_opens_the_file(table: str, key: str, says: str) -> None:
    """The command is typed as it stands."""
    problem = SOURCE.fail(table, key, "wrong")
    assert (problem.code, problem.message) == ("roles-invalid", f"/a b/roles.toml{says}")
    assert problem.hint == "${EDITOR:-vi} '/a b/roles.toml'"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("b = \na = 1\n", ":1: invalid value"),
        ("a = 1\nb = \n", ":2: invalid value"),
        ("a = 1\n\nb = '", ":3: "),
        ("", ""),
        ("[a]\n[b]\n[a]\n", ":3: [a] stands here a second time; a name may be used once"),
        ("[a.'b c']\nx = 1\n['a'.'b c']\n", ":3: [a.b c] stands here a second time"),
        ("a = 1\na = 2\n", ":2: this key is set a second time in its table; once is allowed"),
        ("a = [1,\n2\n", ":2: unclosed array"),
    ],
)
def test_document_when_it_is_no_toml_then_names_the_line_in_plain_words(text: str, says: str) -> None:
    """The last line where the end of the file is what is wrong."""
    source = TomlSource("roles.toml", text)
    if not says:
        assert source.document() == {}
        return
    with pytest.raises(ConfigError, match=f"^{re.escape(f'roles.toml{says}')}") as raised:
        source.document()
    assert (raised.value.code, raised.value.hint) == ("roles-syntax", "${EDITOR:-vi} roles.toml")


def _number(value: Any) -> int:
    if not isinstance(value, int):
        raise ValueError("must be a number")  # noqa: TRY004 - what a reader of values raises
    return value + 1


def test_value_when_read_then_is_converted_or_named() -> None:
    """What is absent is None, and the reader is not asked."""
    assert SOURCE.value("roles.dev", {"mfa": 1}, "mfa", _number) == 2
    assert SOURCE.value("roles.dev", {}, "mfa", _number) is None
    with pytest.raises(ConfigError, match=r":7: \[roles.dev\] mfa: must be a number \("):
        SOURCE.value("roles.dev", {"mfa": "x"}, "mfa", _number)


def test_table_when_it_is_none_then_says_so() -> None:
    """An absent one is empty."""
    assert SOURCE.table({"a": {"b": 1}}, "a", "") == {"b": 1}
    assert SOURCE.table({}, "a", "") == {}
    with pytest.raises(ConfigError, match=r":7: \[roles.dev\] mfa: must be a table \("):
        SOURCE.table({"mfa": 1}, "mfa", "roles.dev")


def test_only_known_when_a_key_is_not_then_the_closest_is_said() -> None:
    """Among all that are allowed."""
    SOURCE.only_known("roles.dev", ["mfa"], ["mfa", "source"])
    says = r":7: \[roles.dev\] mfa: unknown key; did you mean mfas\? allowed: mfas, source \("
    with pytest.raises(ConfigError, match=says):
        SOURCE.only_known("roles.dev", ["source", "mfa"], ["mfas", "source"])
    with pytest.raises(ConfigError, match=r"mfa: unknown key; allowed: source \("):
        SOURCE.only_known("roles.dev", ["mfa"], ["source"])


@pytest.mark.parametrize(("word", "says"), [("prd", "prod?"), ("zzz", "")])
def test_closest_when_none_is_close_then_nothing_is_said(word: str, says: str) -> None:
    """A guess that is far off is worse than none."""
    assert closest(word, ["dev", "prod", "prods"], "{}?") == says
