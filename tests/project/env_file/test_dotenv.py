"""`.env` means the same to whoever reads it."""

import subprocess
import sys
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
    with pytest.raises(ConfigError, match=rf"\.env:{line}: this line is not KEY=value") as raised:
        dotenv.parse(Secret(text), "/a b/.env", root="/a b")
    assert (raised.value.code, raised.value.hint) == ("env-syntax", f"sed -n {line}p '/a b/.env'")


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


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("# a comment: 'x\n\nA=1\nB=\n", {"A": "1", "B": ""}),
        ("é=1\n", None),
        ("A\n", None),
        ("1A=1\n", None),
        ("A='1'\n", None),
    ],
)
def test_plain_when_each_line_is_a_name_and_a_value_then_no_parser_is_needed(
    monkeypatch: pytest.MonkeyPatch, text: str, values: dict[str, str] | None
) -> None:
    """Comments and blank lines too; a `cd` need not wait for an import."""
    found = dotenv._plain(text)
    assert (found and found.plain) == values
    monkeypatch.setitem(sys.modules, "dotenv.parser", None)
    if values:
        assert dotenv.parse(Secret(text), ".env", root="/shop").plain == values


def test_parse_when_a_parser_is_needed_then_a_name_without_a_value_is_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The packages beside rolecall are let in for it."""
    monkeypatch.setenv("ROLECALL_SITE", str(tmp_path))
    monkeypatch.setattr(sys, "path", list(sys.path))
    found = dotenv.parse(Secret("# c\nexport A\nB='x y'\nAWS_SESSION_TOKEN='hidden'\n"), ".env", root="/shop")
    assert (found.plain, found.secrets) == ({"B": "x y"}, {"AWS_SESSION_TOKEN": Secret("hidden")})
    assert sys.path[-1] == str(tmp_path)
    assert "x y" not in repr(found)
    assert dotenv.Values({}).secrets == {}


def test_read_when_it_came_with_git_then_refuses_and_else_knows_its_folder(tmp_path: Path) -> None:
    """A folder with a blank in its name; where there is no file, git is not asked."""
    root = tmp_path / "a b"
    root.mkdir()
    assert dotenv.read(root / ".env").plain == {}
    (root / ".env").write_text("A=${PWD}-${HOME}\n")
    assert dotenv.read(root / ".env", home="/people/ann").plain == {"A": f"{root}-/people/ann"}
    for words in (["init", "-q"], ["add", ".env"]):
        subprocess.run(["git", "-C", str(root), *words], check=True)
    with pytest.raises(ConfigError, match="came with git") as raised:
        dotenv.read(root / ".env")
    path = f"'{root}/.env'"
    assert raised.value.code == "env-tracked"
    assert raised.value.hint == f"git rm -q --cached {path}; mv {path} '{root}/.env.from-git'; invoke setup"


def test_refuse_foreign_when_there_is_no_file_then_git_is_not_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor is it needed."""
    (tmp_path / ".git").mkdir()
    monkeypatch.setenv("PATH", str(tmp_path / "empty"))
    dotenv.refuse_foreign(tmp_path / ".env")


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        (
            "AWS_ACCESS_KEY_ID=A\nAWS_SECRET_ACCESS_KEY=s\n",
            {"AWS_ACCESS_KEY_ID": 1, "AWS_SECRET_ACCESS_KEY": 2},
        ),
        ("AWS_ACCESS_KEY_ID\nAWS_ACCESS_KEY_ID=\n", {"AWS_ACCESS_KEY_ID": 2}),
        ("AWS_ACCESS_KEY_ID=A\nAWS_ACCESS_KEY_ID=B\n", {"AWS_ACCESS_KEY_ID": 2}),
        ("AWS_ACCESS_KEY_ID=A\nAWS_ACCESS_KEY_ID=A\n", {"AWS_ACCESS_KEY_ID": 1}),
        ("AWS_ACCESS_KEY_ID='A'\nTEAM=x\n", {}),
    ],
)
def test_identity_lines_when_a_key_is_plain_then_is_the_line_it_is_read_from(
    text: str, lines: dict[str, int]
) -> None:
    """The last one of a name counts, as for python-dotenv; one in quotes is on no line."""
    values = dotenv.parse(Secret(text), ".env", root="/shop")
    assert dotenv.identity_lines(Secret(text), values) == lines


def test_refused_lines_when_a_name_steers_then_says_where_it_stands() -> None:
    """The first of its name; one that came by another way is on no line."""
    text = "A=1\nexport PATH = x\nPATH=y\nIFS\n"
    assert dotenv.refused_lines(text, {"A": "1", "PATH": "y", "IFS": ""}) == [
        ".env:2: PATH is not loaded: it steers the shell",
        ".env:?: IFS is not loaded: it steers the shell",
    ]


def test_aws_settings_when_only_aws_is_wanted_then_the_apps_values_go() -> None:
    """The network's stay, in any case, and what is rolecall's own."""
    own = [
        "AWS_REGION",
        "ROLE_ARN",
        "REGION_NAME",
        "ROLECALL_KEYRING",
        "HTTP_PROXY",
        "https_proxy",
        "No_Proxy",
    ]
    assert list(dotenv.aws_settings(dict.fromkeys([*own, "DATABASE_URL", "MY_AWS_X"], "x"))) == own


@pytest.mark.parametrize("name", ["AWS_REGION", "AWS_DEFAULT_REGION"])
def test_for_shell_when_one_region_is_named_then_both_names_have_it(name: str) -> None:
    """Neither the identity nor a name that steers reaches a shell."""
    values = {name: "eu-west-1", "TEAM": "x", "PATH": "y", "AWS_PROFILE": "mine", "ROLECALL_KEYRING": "shop"}
    both = {"AWS_REGION": "eu-west-1", "AWS_DEFAULT_REGION": "eu-west-1"}
    assert dotenv.for_shell(values) == {**both, "TEAM": "x"}
    assert dotenv.for_shell({"TEAM": "x"}) == {"TEAM": "x"}
    apart = {"AWS_REGION": "eu-west-1", "AWS_DEFAULT_REGION": "us-east-1"}
    assert dotenv.for_shell(apart) == apart
