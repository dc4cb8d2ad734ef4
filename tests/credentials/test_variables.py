"""The environment of a program in a role: the role's keys, and of the shell's own all but an identity."""

from pathlib import Path

import pytest

from rolecall.credentials import variables
from rolecall.project import config, own_profiles
from rolecall.project.declared import Project
from rolecall.system.python.frozen import replace
from support import write_env
from support.credentials import SESSION

KEYS = {
    "AWS_ACCESS_KEY_ID": "ASIAEXAMPLE",
    "AWS_SECRET_ACCESS_KEY": "a/b+c=",
    "AWS_SESSION_TOKEN": "x/y+z==",
    "AWS_CREDENTIAL_EXPIRATION": "2033-05-18T03:33:20Z",
}
REGION = {"AWS_REGION": "eu-west-1", "AWS_DEFAULT_REGION": "eu-west-1"}
SESSIONS = {**KEYS, "AWS_ACCOUNT_ID": "111122223333", "ROLECALL_ROLE": "dev", **REGION}


@pytest.fixture
def project(shop: Path) -> Project:
    """Make a project with a value of its own, and one that no line can hold."""
    write_env(
        shop,
        'AWS_ACCESS_KEY_ID=AKIA\nAWS_SECRET_ACCESS_KEY=s\nAWS_CA_BUNDLE=/ca.pem\nOWN=1\nAWS_TWO="a\\nb"\n',
    )
    return config.load(shop)


def test_environment_when_of_a_session_then_what_an_sdk_reads() -> None:
    """Without a region where the project has none."""
    assert variables.environment(SESSION) == SESSIONS
    plain = {name: value for name, value in SESSIONS.items() if name not in REGION}
    assert variables.environment(replace(SESSION, region=None)) == plain


def test_child_environ_when_another_identity_is_held_then_only_the_roles(project: Project) -> None:
    """The person's own variables stay, and of `.env` what is for the shell; nothing of direnv or rolecall."""
    held = {
        *("AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_ACCESS_KEY_ID", "AWS_SESSION_TOKEN", "AWS_ACCOUNT_ID"),
        *("ROLECALL_PROJECT", "DIRENV_DIR"),
    }
    given = dict.fromkeys(held, "theirs") | {"HOME": "/h", "AWS_PAGER": ""}
    found = variables.child_environ(project, SESSION, given)
    kept = {"HOME": "/h", "AWS_PAGER": "", "AWS_CA_BUNDLE": "/ca.pem", "OWN": "1", "AWS_TWO": "a\nb"}
    assert found == {**SESSIONS, **kept}


@pytest.mark.parametrize(
    ("own", "profiles", "region"),
    [
        ({"AWS_REGION": "eu-west-3"}, "eu-west-2", "eu-west-3"),
        ({"AWS_DEFAULT_REGION": "eu-west-3"}, None, "eu-west-3"),
        ({}, "eu-west-2", "eu-west-2"),
        ({}, None, None),
    ],
)
def test_child_environ_when_the_project_has_no_region_then_the_persons_or_the_profiles(
    project: Project, own: dict[str, str], profiles: str | None, region: str | None
) -> None:
    """Under both of its names, or none."""
    session = replace(SESSION, region=None, profile_region=profiles)
    found = variables.child_environ(project, session, own)
    assert [found.get(name) for name in REGION] == [region, region]


@pytest.mark.parametrize(("shown", "after"), [("ops", "dev"), ("own words", "own words"), ("", "")])
def test_child_environ_when_the_prompt_shows_a_role_then_this_one(
    project: Project, shown: str, after: str
) -> None:
    """What another program put there stays."""
    given = {"AWSUME_PROFILE": shown, "ROLECALL_ROLE": "ops"}
    assert variables.child_environ(project, SESSION, given)["AWSUME_PROFILE"] == after


def test_child_environ_when_the_team_delivers_by_profiles_then_the_roles_profile(project: Project) -> None:
    """And no keys; a role without a profile has its keys."""
    project = replace(project, delivery="profile")
    own_profiles.write(project.place, {"dev": "shop-dev"})
    found = variables.child_environ(project, SESSION, {"AWS_PROFILE": "other"})
    assert (found["AWS_PROFILE"], found["ROLECALL_PROFILE"]) == ("shop-dev", "shop-dev")
    assert not found.keys() & KEYS.keys()
    assert (found["AWS_ACCOUNT_ID"], found["ROLECALL_ROLE"]) == ("111122223333", "dev")
    found = variables.child_environ(project, replace(SESSION, role="prod"), {})
    assert found["AWS_ACCESS_KEY_ID"] == "ASIAEXAMPLE"
    assert "AWS_PROFILE" not in found


def test_settings_when_of_env_then_what_an_sdk_needs_and_a_line_can_hold(project: Project) -> None:
    """No identity, nothing that is not AWS's, no value of two lines."""
    assert variables.settings(project) == {"AWS_CA_BUNDLE": "/ca.pem"}
