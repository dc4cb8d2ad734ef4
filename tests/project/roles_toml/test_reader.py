"""`roles.toml` understood completely: each mistake is named with its file, line, key, and what is allowed."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from rolecall.errors import ConfigError
from rolecall.project import roles
from rolecall.project.input_files import InputFiles
from rolecall.project.roles import PermissionSet, SsoSession
from rolecall.project.roles_toml import json_schema, reader, values

ROOT = Path(__file__).resolve().parents[3]
DEV = '[roles.dev]\nrole_arn = "arn:aws:iam::111122223333:role/dev"\n'
SSO = 'sso = { session = "corp", account_id = "111122223333", role_name = "Admin" }\n'

WIDE = "arn:aws:iam::aws:policy/AmazonS3FullAccess"

WRONG = [
    ("[projekt]\n", 1, "unknown key; did you mean project? allowed: project, roles, sso"),
    ("[project]\nnam = 'x'\n", 2, "unknown key; did you mean name? allowed: name, default_role"),
    (DEV + "durations = '1h'\n", 3, "unknown key; did you mean duration? allowed: role_arn, sso"),
    (DEV + "zzz = 1\n", 3, "[roles.dev] zzz: unknown key; allowed: role_arn"),
    (DEV + "duration = 3600\n", 3, 'must be a duration such as "1h" or "45m", not 3600'),
    (DEV + "duration = '13h'\n", 3, "must lie between 15m and 12h, not 13h"),
    (DEV + "duration = '5m'\n", 3, "must lie between 15m and 12h"),
    (DEV + "duration = 'h'\n", 3, "must be a duration"),
    (DEV + "mfa = 'yes'\n", 3, "must be true or false"),
    (DEV + "tags = ['a']\n", 3, "must be a table of strings, not a list"),
    (DEV + "tags = { a = 1 }\n", 3, "must be a non-empty string, not a number"),
    (DEV + "transitive_tags = ['a']\n", 3, "'a' is not a key of tags"),
    (DEV + "policy_arns = 'x'\n", 3, "must be a list of strings"),
    (DEV + "policy_arns = ['ReadOnlyAccess']\n", 3, "is not a policy ARN such as"),
    (DEV + f"policy_arns = {['arn:aws:iam::aws:policy/P'] * 11}\n", 3, "STS takes at most 10"),
    (DEV + "region = 'Ireland'\n", 3, "'Ireland' is not a region such as eu-west-1"),
    (DEV + "external_id = 'a b'\n", 3, "2 to 1224 letters"),
    (DEV + "source_identity = 'aws:x'\n", 3, "2 to 64 letters"),
    (DEV + "mfa_serial = 'x'\n", 3, "is not an MFA device such as"),
    (DEV + "source = 'dve'\n", 3, "no role 'dve'; did you mean dev? (roles: dev)"),
    (DEV + "source = 'dev'\n", 3, "the sources form a cycle: dev -> dev"),
    (DEV + "session_policy = 'none.json'\n", 3, "no file"),
    (DEV + "session_policy = 'roles.toml'\n", 3, "is not JSON"),
    (DEV + SSO, 1, "needs role_arn or sso, one of the two"),
    ("[roles.dev]\nregion = 'eu-west-1'\n", 1, "needs role_arn or sso, one of the two"),
    *(
        ("[roles.dev]\n" + SSO + f"{line}\n", 3, "cannot go with sso: Identity Center decides it")
        for line in (
            *("mfa = true", "read_only = true", "source = 'dev'", "duration = '1h'", "external_id = 'ab'"),
            *("mfa_serial = 'ABCDEFGHI'", f"policy_arns = ['{WIDE}']", "session_policy = 'roles.toml'"),
            *("tags = {}", "transitive_tags = []", "source_identity = 'ann'"),
        )
    ),
    ("[sso.corp]\nregion = 'eu-west-1'\n", 1, "start_url is missing; needed: start_url, region"),
    ("[project]\ndefault_role = 'dev'\n", 2, "no role 'dev' (roles: none)"),
    (
        DEV + f"read_only = true\npolicy_arns = ['{WIDE}']\n",
        4,
        "would let a read_only session do more than read",
    ),
    (
        "[roles.dev]\nsso = { session = 'corp', account_id = '1111', role_name = 'A' }\n",
        2,
        "12 digits, in quotes",
    ),
    ("[roles.dev]\nsso = { session = 'corp', role_name = 'A' }\n", 2, "account_id is missing"),
    ("[roles.dev]\nsso = 'corp'\n", 2, "must be a table"),
    ("[sso.corp]\nstart_url = 'https://x.example/start'\n", 1, "region is missing"),
    ("[sso.corp]\nstart_url = 'x'\nregion = 'eu-west-1'\n", 2, "is not an address such as"),
    ("[roles.'a/b']\nrole_arn = 'arn:aws:iam::111122223333:role/dev'\n", 1, "a role's name is letters"),
    ("[roles.dev]\nrole_arn = 'arn:aws:iam::1111:role/dev'\n", 2, "is not a role ARN such as"),
    ("[roles.dev]\nrole_arn = 'arn:aws:iam::111122223333:user/dev'\n", 2, "is not a role ARN such as"),
    (
        "[project]\ndefault_role = 'prd'\n\n[roles.prod]\nrole_arn = 'arn:aws:iam::111122223333:role/p'\n",
        2,
        "did you mean prod?",
    ),
    ('[project]\nname = "a\\nb"\n', 2, "must not hold a line break"),
    ("project = 1\n", 1, "must be a table"),
    ("[project]\nenv = 'app'\n", 2, "must be all or aws, not 'app'"),
    ("[project]\nrolecall = '0.2'\n", 2, "is not a version such as"),
    ("[roles]\ndev = 1\n", 2, "must be a table"),
]


@pytest.mark.parametrize(("text", "line", "says"), WRONG, ids=[row[2][:40] for row in WRONG])
def test_mistake_when_made_then_file_line_key_and_what_is_allowed(
    tmp_path: Path, text: str, line: int, says: str
) -> None:
    """A mistake is named where it stands, in words that mend it."""
    path = tmp_path / "roles.toml"
    path.write_text(text)
    with pytest.raises(ConfigError) as caught:
        reader.read(path)
    assert caught.value.message.startswith(f"{path}:{line}: [")
    assert says in caught.value.message
    assert caught.value.hint == f"${{EDITOR:-vi}} {path}"


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        (DEV + DEV, 3, "[roles.dev] stands here a second time; a name may be used once"),
        (DEV + "mfa = true\nmfa = false\n", 4, "this key is set a second time"),
        ("[roles.dev\n", 1, "expected"),
        ("x = \n", 1, "invalid value"),
        ("x = '", 1, ""),
    ],
)
def test_syntax_when_broken_then_file_and_line(tmp_path: Path, text: str, line: int, says: str) -> None:
    """What is no TOML at all is named with its line too, a name used twice in plain words."""
    path = tmp_path / "roles.toml"
    path.write_text(text)
    with pytest.raises(ConfigError) as caught:
        reader.read(path)
    assert caught.value.code == "roles-syntax"
    assert caught.value.message.startswith(f"{path}:{line}: ")
    assert says in caught.value.message


FULL = """\
[project]
name = "shop"
default_role = "dev"
region = "eu-west-1"
profile = "base"
mfa_serial = "arn:aws:iam::111122223333:mfa/ann"
mfa_process = "ykman oath accounts code --single AWS"
tools = ["aws"]

[roles.dev]
role_arn = "arn:aws-us-gov:iam::111122223333:role/team/dev"
duration = "1h30m"
tags = { team = "core" }
transitive_tags = ["team"]
mfa = true

[roles.prod]
role_arn = "arn:aws:iam::444455556666:role/prod"
source = "dev"
protected = true
session_policy = "prod.json"

[roles.desk]
sso = { session = "corp", account_id = "111122223333", role_name = "Admin" }

[sso.corp]
start_url = "https://corp.awsapps.com/start"
region = "eu-west-1"
"""


def test_file_when_right_then_frozen_values(tmp_path: Path) -> None:
    """Every key arrives as a value of its own type."""
    (tmp_path / "prod.json").write_text('{ "Version": "2012-10-17" }')
    path = tmp_path / "roles.toml"
    path.write_text(FULL)
    inputs = InputFiles(str(tmp_path))
    declared = reader.read(path, inputs=inputs)
    dev, prod, desk = declared.roles.values()
    assert (declared.profile, declared.mfa_serial) == ("base", "arn:aws:iam::111122223333:mfa/ann")
    assert (dev.duration_seconds, dev.tags, dev.transitive_tags) == (5400, {"team": "core"}, ("team",))
    assert (prod.source, prod.protected, prod.session_policy) == ("dev", True, '{"Version":"2012-10-17"}')
    assert desk.sso == PermissionSet("corp", "111122223333", "Admin")
    assert desk.account == "111122223333"
    assert declared.sso == {"corp": SsoSession("corp", "https://corp.awsapps.com/start", "eu-west-1")}
    assert list(inputs.mtimes) == ["roles.toml", "prod.json"]


def test_json_schema_when_committed_then_current() -> None:
    """The file that editors read is what the table of keys says today."""
    committed = (ROOT / "templates/roles.schema.json").read_text()
    assert committed == json_schema.json_schema(), "run: invoke roles --schema > templates/roles.schema.json"


def test_json_schema_when_given_right_and_wrong_files_then_agrees_with_the_reader(tmp_path: Path) -> None:
    """An editor complains about what rolecall would refuse for its shape, and about nothing that is right."""
    import tomllib

    described: dict[str, Any] = json.loads(json_schema.json_schema())
    jsonschema.Draft202012Validator.check_schema(described)
    validator = jsonschema.Draft202012Validator(described)
    assert validator.is_valid(tomllib.loads(FULL))
    beyond = (
        "no role",
        "cycle",
        "no file",
        "is not JSON",
        "not a key of tags",
        "did you mean prod",
        "line break",
    )
    later = (*beyond, "must lie between", "cannot go with")
    for text, _, says in WRONG:
        if not any(word in says for word in later):
            assert not validator.is_valid(tomllib.loads(text)), says


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("15m", 900), ("1h", 3600), ("1h30m", 5400), ("90m", 5400), ("12h", 43200), ("900s", 900)],
)
def test_duration_when_written_as_people_do_then_seconds(text: str, seconds: int) -> None:
    """Hours, minutes and seconds may be combined."""
    assert values.duration_seconds(text) == seconds


def test_cycle_when_longer_then_every_name_in_order(tmp_path: Path) -> None:
    """A cycle is shown as it runs."""
    path = tmp_path / "roles.toml"
    arn = 'role_arn = "arn:aws:iam::111122223333:role/r"\n'
    path.write_text("".join(f'[roles.{a}]\n{arn}source = "{b}"\n' for a, b in ("ab", "bc", "ca")))
    with pytest.raises(ConfigError, match="a -> b -> c -> a"):
        reader.read(path)


def test_cycle_when_only_the_tail_of_a_chain_then_found_at_its_own_role(tmp_path: Path) -> None:
    """A role that leads into a cycle is not itself reported as one."""
    known = {
        "x": roles.Role("x", "arn:aws:iam::111122223333:role/x", source="a"),
        "a": roles.Role("a", "arn:aws:iam::111122223333:role/a", source="b"),
        "b": roles.Role("b", "arn:aws:iam::111122223333:role/b", source="a"),
    }
    assert roles.cycle(known, "x") == ()
    assert roles.cycle(known, "a") == ("a", "b", "a")
    with pytest.raises(ConfigError, match="a -> b -> a"):
        roles.resolve(known, "x")


@pytest.mark.parametrize(
    ("page", "names"), [("README.md", {"dev", "prod"}), ("docs/configuration.md", {"dev", "prod", "desk"})]
)
def test_page_when_it_shows_a_roles_toml_then_it_is_a_right_one(
    tmp_path: Path, page: str, names: set[str]
) -> None:
    """The example that people copy is understood."""
    shown = (ROOT / page).read_text().split("```toml\n")[1].split("```")[0]
    (tmp_path / "policies").mkdir()
    (tmp_path / "policies/prod.json").write_text("{}")
    (tmp_path / "roles.toml").write_text(shown)
    assert set(reader.read(tmp_path / "roles.toml").roles) == names


def test_version_when_this_rolecall_is_too_old_then_says_so_before_anything_else(tmp_path: Path) -> None:
    """In one line with a command; the keys of a newer version are no mistake of the team's."""
    path = tmp_path / "roles.toml"
    path.write_text('[newer]\n[project]\nrolecall = ">=99.1, <100"\n')
    with pytest.raises(ConfigError) as caught:
        reader.read(path)
    assert caught.value.code == "rolecall-version"
    assert f"{path}:3: this project needs rolecall >=99.1, <100, and this is " in str(caught.value)
    assert "\n" not in str(caught.value)
    assert caught.value.hint


def test_version_when_it_is_met_then_is_kept(tmp_path: Path) -> None:
    """A project that names a version loads as ever."""
    path = tmp_path / "roles.toml"
    path.write_text(f'[project]\nrolecall = ">=0.1"\nenv = "aws"\n{DEV}')
    assert (reader.read(path).rolecall, reader.read(path).env) == (">=0.1", "aws")


@pytest.mark.parametrize("text", ['{"accessToken": "t", "Statement": []}', '["Deny"]', '"text"'])
def test_read_when_a_session_policy_is_other_json_then_refuses(tmp_path: Path, text: str) -> None:
    """STS shows it to the role's owner: a pull must not send a login's token there."""
    (tmp_path / "token.json").write_text(text)
    (tmp_path / "roles.toml").write_text(f"{DEV}session_policy = 'token.json'\n")
    with pytest.raises(ConfigError, match="is not a policy: a JSON object of Version, Id, Statement"):
        reader.read(tmp_path / "roles.toml")


@pytest.mark.parametrize(
    ("policy", "is_taken"),
    [
        ({"Statement": [{"Effect": "Deny", "Action": "s3:GetObject", "Resource": "*"}]}, True),
        ({"Statement": {"Effect": "Deny", "Action": "*", "Resource": "*"}}, True),
        ({"Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}, False),
        ({"Statement": [{"Effect": "Deny"}, {"Effect": "Allow", "Action": "s3:*"}]}, False),
        ({"Statement": [{"Action": "s3:*"}]}, False),
        ({"Statement": ["Deny"]}, False),
    ],
)
def test_read_only_when_a_session_policy_goes_with_it_then_it_may_only_deny(
    tmp_path: Path, policy: Any, *, is_taken: bool
) -> None:
    """AWS adds up what a session's policies allow: beside ReadOnlyAccess, one that allows would widen."""
    (tmp_path / "p.json").write_text(json.dumps(policy))
    path = tmp_path / "roles.toml"
    path.write_text(DEV + "read_only = true\nsession_policy = 'p.json'\n")
    if is_taken:
        assert reader.read(path).roles["dev"].session_policy
        return
    with pytest.raises(ConfigError, match=r":4: \[roles.dev\] session_policy: would let a read_only session"):
        reader.read(path)
