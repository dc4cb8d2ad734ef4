"""`.env` means the same to whoever reads it."""

from pathlib import Path

import pytest

from rolecall.errors import ConfigError
from rolecall.project import dotenv


def test_parse_when_it_names_pwd_then_is_the_projects_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever ran Python last does not decide what every terminal gets."""
    monkeypatch.setenv("PWD", "/somewhere/else")
    monkeypatch.setenv("SHELL_ONLY", "x")
    text = "A=1\nB=${A}-${PWD}-${HOME}-${SHELL_ONLY:-none}\n"
    assert dotenv.parse(text, ".env", root="/shop", home="/home/ann")["B"] == "1-/shop-/home/ann-none"


@pytest.mark.parametrize(
    ("text", "line"), [("A=b\n\n\nfoo bar\n", 4), ("foo bar\n", 1), ("A=1\n  \n=x\n", 3)]
)
def test_parse_when_a_line_is_wrong_then_names_it(text: str, line: int) -> None:
    """Blank lines before it do not move its number."""
    with pytest.raises(ConfigError, match=rf"\.env:{line}: this line is not KEY=value"):
        dotenv.parse(text, ".env", root="/shop")


def test_read_when_not_utf8_then_says_so(tmp_path: Path) -> None:
    """Another encoding is an error, not an empty file."""
    (tmp_path / ".env").write_bytes(b"A=\xe9\n")
    with pytest.raises(ConfigError, match="not UTF-8"):
        dotenv.read(tmp_path / ".env")
