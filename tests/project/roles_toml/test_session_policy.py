"""A session policy: a file of this project, and a policy."""

import json
from pathlib import Path

import pytest

from rolecall.errors import ConfigError
from rolecall.project.input_files import InputFiles
from rolecall.project.roles_toml import session_policy
from rolecall.project.roles_toml.toml_file import TomlSource

TOML = "[roles.dev]\nrole_arn = 'x'\nsession_policy = 'p'\n"


def read(root: Path, name: str) -> str:
    """Return the policy `name` of the project at `root`."""
    (root / "envrc.d").mkdir(exist_ok=True)
    source = TomlSource(f"{root}/envrc.d/roles.toml", TOML)
    return session_policy.read(source, "roles.dev", name, InputFiles(str(root)))


@pytest.mark.parametrize("name", ["p.json", "../p.json", "sub/../p.json"])
def test_read_when_it_is_in_the_project_then_is_as_short_as_it_can_be(tmp_path: Path, name: str) -> None:
    """STS limits the packed size; a path counts from `roles.toml`."""
    text = json.dumps({"Version": "1", "Id": "x", "Statement": [{"Effect": "Deny"}]}, indent=4)
    (tmp_path / "envrc.d").mkdir()
    for path in (tmp_path / "p.json", tmp_path / "envrc.d/p.json"):
        path.write_text(text)
    assert read(tmp_path, name) == '{"Version":"1","Id":"x","Statement":[{"Effect":"Deny"}]}'


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("../../p.json", "{}", "../../p.json is outside the project, where no review shows a change of it"),
        ("../../shop 2/p.json", "{}", "is outside the project"),
        ("p.json", None, "no file "),
        ("p.json", "{", "p.json is not JSON: Expecting property name"),
        ("p.json", "[]", "p.json is not a policy: a JSON object of Version, Id, Statement"),
        ("p.json", '{"Statement": [], "token": "t"}', "is not a policy"),
    ],
)
def test_read_when_it_is_none_then_says_so_at_its_line(
    tmp_path: Path, name: str, text: str | None, says: str
) -> None:
    """A folder whose name begins as the project's is another folder."""
    root = tmp_path / "shop"
    (root / "envrc.d").mkdir(parents=True)
    (tmp_path / "shop 2").mkdir()
    if text is not None:
        (root / "envrc.d" / name).write_text(text)
    with pytest.raises(ConfigError) as raised:
        read(root, name)
    assert raised.value.message.startswith(f"{root}/envrc.d/roles.toml:3: [roles.dev] session_policy: ")
    assert says in raised.value.message


@pytest.mark.parametrize(
    ("policy", "is_wide"),
    [
        ({"Statement": [{"Effect": "Deny"}]}, False),
        ({"Statement": {"Effect": "Deny"}}, False),
        ({}, False),
        ({"Statement": [{"Effect": "Deny"}, {"Effect": "Allow"}]}, True),
        ({"Statement": {"Effect": "Allow"}}, True),
        ({"Statement": [{}]}, True),
        ({"Statement": ["Deny"]}, True),
        ({"Statement": None}, True),
        ([], True),
    ],
)
def test_allows_when_a_statement_is_no_denial_then_yes(policy: object, *, is_wide: bool) -> None:
    """What cannot be understood counts as one that allows."""
    assert session_policy.allows(json.dumps(policy)) is is_wide
