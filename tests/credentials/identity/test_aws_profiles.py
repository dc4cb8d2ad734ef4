"""Roles of a person's AWS config file, in the words of `roles.toml`: each kind of profile, word for word."""

import os
import tomllib
from pathlib import Path

import pytest

from rolecall.credentials.identity import aws_profiles
from rolecall.credentials.identity.aws_profiles import RoleProfile
from rolecall.errors import CredentialError
from rolecall.project import config

CONFIG = """\
[profile ann]
region = eu-west-1
[profile dev]
role_arn = arn:aws:iam::111122223333:role/dev
[profile team/ops]
role_arn = arn:aws:iam::111122223333:role/path/ops
source_profile = ann
external_id = ours
region = eu-west-3
mfa_serial = arn:aws:iam::111122223333:mfa/ann
duration_seconds = 5400
[profile end]
role_arn = arn:aws:iam::444455556666:role/end
source_profile = team/ops
duration_seconds = 5430
[profile alone]
role_arn = arn:aws:iam::444455556666:role/alone
source_profile = alone
duration_seconds = 899
[profile shop-dev]
role_arn = arn:aws:iam::111122223333:role/served
credential_process = "py" -P -m rolecall credential-process dev "/elsewhere"
[profile desk.1]
sso_session = corp
sso_account_id = 111122223333
sso_role_name = Admin
region = eu-west-2
[profile old]
sso_start_url = https://old.example/start
sso_region = us-east-1
sso_account_id = 444455556666
sso_role_name = ReadOnly
[profile prod]
sso_session = corp
sso_account_id = 444455556666
sso_role_name = Admin
[sso-session corp]
sso_start_url = https://corp.example/start
sso_region = eu-west-1
[sso-session known]
sso_start_url = https://known.example/start
sso_region = eu-west-1
[sso-session half]
sso_start_url = https://half.example/start
"""
CORP = '[sso.corp]\nstart_url = "https://corp.example/start"\nregion = "eu-west-1"\n'
OPS = """\
[roles.team-ops]
role_arn = "arn:aws:iam::111122223333:role/path/ops"
{}external_id = "ours"
region = "eu-west-3"
mfa = true  # the device is personal: AWS_MFA_SERIAL in .env
duration = "1h30m"
"""
BY_ANN = "# assumed by profile ann: AWS_PROFILE=ann in .env, if no keys stand there\n"
END = """\
[roles.end]
role_arn = "arn:aws:iam::444455556666:role/end"
source = "team-ops"
duration = "5430s"
"""
ALONE = """\
[roles.alone]
role_arn = "arn:aws:iam::444455556666:role/alone"
# assumed by profile alone: AWS_PROFILE=alone in .env, if no keys stand there
"""
DESK = """\
[roles."desk.1"]
sso = { session = "corp", account_id = "111122223333", role_name = "Admin" }
region = "eu-west-2"
"""
OLD = """\
[sso.old]
start_url = "https://old.example/start"
region = "us-east-1"

[roles.old]
sso = { session = "old", account_id = "444455556666", role_name = "ReadOnly" }
"""


@pytest.fixture(autouse=True)
def aws_config(home: Path) -> Path:
    """Write the person's AWS config file."""
    (home / ".aws").mkdir()
    path = home / ".aws/config"
    path.write_text(CONFIG)
    return path


def test_proposal_when_each_kind_of_profile_is_there_then_what_each_becomes(shop: Path) -> None:
    """Roles, permission sets and portals; a remark for what needs no entry; nothing of rolecall's own."""
    with (shop / "envrc.d/roles.toml").open("a") as file:
        file.write('[sso.known]\nstart_url = "https://known.example/start"\nregion = "eu-west-1"\n')
    identity = "# profile ann: an identity; it can assume the roles: AWS_PROFILE=ann in .env\n"
    dev = "# profile dev: its role is declared already\n"
    prod = "# profile prod: a role of this name is declared already\n"
    wanted = [CORP, identity, dev, OPS.format(BY_ANN), END, ALONE, DESK, OLD, prod]
    assert aws_profiles.proposal(config.load(shop)) == "\n".join(wanted)


def test_declaration_when_profiles_are_named_then_with_the_roles_and_portals_they_need() -> None:
    """A role comes after those that it leads through, once; what is only said to a person is left out."""
    named = aws_profiles.declaration(os.environ, ["end", "team/ops", "desk.1"])
    assert named == "\n".join([CORP, OPS.format(""), END, DESK])
    assert aws_profiles.declaration(os.environ, ["alone"]).count("[roles.") == 1
    assert aws_profiles.declaration(os.environ, ["old"]) == OLD


def test_declaration_when_sources_form_a_circle_then_each_stands_there_once(aws_config: Path) -> None:
    """The SDK refuses such profiles itself; reading them ends."""
    role = "role_arn = arn:aws:iam::111122223333:role/{0}\nsource_profile = {1}\n"
    aws_config.write_text("[profile a]\n" + role.format("a", "b") + "[profile b]\n" + role.format("b", "a"))
    made = tomllib.loads(aws_profiles.declaration(os.environ, ["a"]))
    assert list(made["roles"]) == ["b", "a"]


def test_found_when_asked_then_the_profiles_that_name_a_role() -> None:
    """With whom each belongs to, and who assumes it."""
    assert aws_profiles.found(os.environ) == (
        RoleProfile("dev", "111122223333", "dev"),
        RoleProfile("team/ops", "111122223333", "ops", "ann", "eu-west-3"),
        RoleProfile("end", "444455556666", "end", "team/ops"),
        RoleProfile("alone", "444455556666", "alone", "alone"),
        RoleProfile("desk.1", "111122223333", "Admin", region="eu-west-2"),
        RoleProfile("old", "444455556666", "ReadOnly"),
        RoleProfile("prod", "444455556666", "Admin"),
    )


@pytest.mark.parametrize(
    ("seconds", "line"),
    [
        ("900", 'duration = "15m"'),
        ("43200", 'duration = "12h00m"'),
        ("43201", ""),
        ("899", ""),
        ("901", 'duration = "901s"'),
        ("soon", ""),
    ],
)
def test_role_when_its_profile_has_a_duration_then_as_roles_toml_takes_it(
    aws_config: Path, seconds: str, line: str
) -> None:
    """What AWS would refuse is left out, and nothing is rounded."""
    arn = "arn:aws:iam::111122223333:role/x"
    aws_config.write_text(f"[profile x]\nrole_arn = {arn}\nduration_seconds = {seconds}\n")
    declared = aws_profiles.declaration(os.environ, ["x"])
    assert declared == f'[roles.x]\nrole_arn = "{arn}"\n' + (f"{line}\n" if line else "")


@pytest.mark.parametrize(
    ("name", "alias"),
    [("a b/c", "a-b-c"), ("_x", "role-_x"), ("x" * 70, "x" * 64), ("_" * 70, "role-" + "_" * 59)],
)
def test_alias_when_a_profiles_name_is_none_then_made_one(name: str, alias: str) -> None:
    """`roles.toml` allows fewer characters, and 64 of them."""
    assert RoleProfile(name, "111122223333", "x").alias == alias


def test_found_when_the_config_file_is_broken_then_said(aws_config: Path) -> None:
    """Not taken for one without profiles."""
    aws_config.write_text("[profile x\n")
    with pytest.raises(CredentialError) as caught:
        aws_profiles.found(os.environ)
    assert caught.value.code == "profile-broken"
