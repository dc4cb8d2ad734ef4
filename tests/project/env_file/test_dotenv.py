"""`.env` means the same to whoever reads it."""

from pathlib import Path

import pytest

from rolecall.errors import ConfigError
from rolecall.project.env_file import dotenv
from rolecall.system.text.secret import Secret


def test_parse_when_it_names_pwd_then_is_the_projects_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever ran Python last does not decide what every terminal gets."""
    monkeypatch.setenv("PWD", "/somewhere/else")
    monkeypatch.setenv("SHELL_ONLY", "x")
    text = "A=1\nB=${A}-${PWD}-${HOME}-${SHELL_ONLY:-none}\n"
    found = dotenv.parse(Secret(text), ".env", root="/shop", home="/Users/ann")
    assert found.plain["B"] == "1-/shop-/Users/ann-none"


@pytest.mark.parametrize(
    ("text", "line"), [("A=b\n\n\nfoo bar\n", 4), ("foo bar\n", 1), ("A=1\n  \n=x\n", 3)]
)
def test_parse_when_a_line_is_wrong_then_names_it(text: str, line: int) -> None:
    """Blank lines before it do not move its number."""
    with pytest.raises(ConfigError, match=rf"\.env:{line}: this line is not KEY=value"):
        dotenv.parse(Secret(text), ".env", root="/shop")


def test_read_when_not_utf8_then_says_so(tmp_path: Path) -> None:
    """Another encoding is an error, not an empty file."""
    (tmp_path / ".env").write_bytes(b"A=\xe9\n")
    with pytest.raises(ConfigError, match="not UTF-8"):
        dotenv.read(tmp_path / ".env")


def test_parse_when_the_file_is_plain_then_is_what_python_dotenv_reads() -> None:
    """The short way gives nothing else than the one parser, for files made of all that could matter."""
    import io
    import random

    from dotenv import dotenv_values

    chance = random.Random(7)  # the same files each time
    words = ["A", "B_1", "_c", "export X", "=", "#", " ", "'", '"', "$", "${A}", "\\", "a/b+c="]
    words += ["é", "\t", "k:v", ""]
    short = 0
    for _ in range(5000):
        lines = ["".join(chance.choices(words, k=chance.randint(0, 4))) for _ in range(chance.randint(0, 4))]
        text = "\n".join([f"{chance.choice('AB')}={chance.choice(words)}", *lines])
        found = dotenv._plain(text)
        if found is not None:
            short += 1
            assert found.plain == dotenv_values(stream=io.StringIO(text), interpolate=False), text
    assert short > 200
