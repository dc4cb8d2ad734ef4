"""Whether doctor knows that no role can be taken: it tries the identity, and tells what a `cd` met."""

from pathlib import Path

import pytest

from rolecall.credentials import on_cd
from rolecall.credentials.store import locked
from rolecall.errors import CredentialError
from rolecall.workstation.doctor import identity
from rolecall.workstation.doctor.symptom import Level
from rolecall.workstation.steps.step import Context
from support import ROLES_TOML, write_env
from support.credentials import place_of
from support.fake_aws import FakeAws, refusal
from support.symptoms import by_id

KEYS = "AWS_ACCESS_KEY_ID=AKIAFAKEFAKEFAKE1234\nAWS_SECRET_ACCESS_KEY=secret-of-ann\n"


@pytest.fixture
def keyed(shop: Path, aws: FakeAws) -> Path:
    """Give the project a role, and the keys of the scripted AWS."""
    (shop / "envrc.d/roles.toml").write_text(ROLES_TOML)
    write_env(shop, f"{KEYS}AWS_ENDPOINT_URL={aws.url}\n")
    return shop


def test_look_when_aws_knows_the_identity_then_it_is_named(keyed: Path, aws: FakeAws) -> None:
    """One question, signed and read-only; no role is taken for it."""
    found = by_id(identity.look(Context(keyed)))
    assert (found["identity"].level, aws.user_arn in found["identity"].detail) == (Level.OK, True)
    assert [one.operation for one in aws.seen] == ["GetCallerIdentity", "ListAccessKeys"]


def test_look_when_the_secret_is_wrong_then_it_is_a_problem(keyed: Path, aws: FakeAws) -> None:
    """Twenty-five of twenty-six checks are fine, and nothing works: this is the one."""
    aws.queue("GetCallerIdentity", refusal("SignatureDoesNotMatch", "no match", status=403))
    found = by_id(identity.look(Context(keyed)))["identity"]
    assert (found.level, found.fix) == (Level.PROBLEM, "invoke setup --ask")
    assert "secret does not belong to access key …1234" in found.detail
    assert "secret-of-ann" not in found.detail


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("AWS_PROFILE=nobody\n", "there is no AWS profile"),
        ("AWS_ACCESS_KEY_ID=AKIAFAKEFAKEFAKE1234\n", "AWS_SECRET_ACCESS_KEY is missing"),
    ],
    ids=["no such profile", "half a pair"],
)
def test_look_when_the_identity_cannot_be_then_named(keyed: Path, text: str, says: str) -> None:
    """A profile that does not exist, and half a key pair."""
    write_env(keyed, text)
    found = by_id(identity.look(Context(keyed)))["identity"]
    assert (found.level, says in found.detail) == (Level.PROBLEM, True)


def test_look_when_a_name_is_mistyped_then_the_right_one_is_named(keyed: Path, aws: FakeAws) -> None:
    """AWS_PROFIL sets nothing, and nothing else says so."""
    write_env(keyed, f"{KEYS}AWS_ENDPOINT_URL={aws.url}\nAWS_PROFIL=work\n")
    found = by_id(identity.look(Context(keyed)))["env-names"]
    assert found.detail == "AWS_PROFIL in .env is not set: it is nearly AWS_PROFILE"


@pytest.mark.parametrize("key_id", ["", "AKIAAMBIENTAMBIENT01"], ids=["keys in .env", "in the environment"])
def test_look_when_a_cd_just_failed_then_its_failure_is_told(
    keyed: Path, aws: FakeAws, monkeypatch: pytest.MonkeyPatch, key_id: str
) -> None:
    """What is remembered for half a minute is no secret from doctor, whoever the identity is."""
    if key_id:
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", key_id)
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "s")
        write_env(keyed, f"AWS_ENDPOINT_URL={aws.url}\n")
    aws.queue("AssumeRole", refusal("AccessDenied", "role dev: no", status=403))
    where = place_of(keyed)
    with pytest.raises(CredentialError, match="role dev"):
        on_cd.obtain(where, say=lambda _: None)
    found = by_id(identity.look(Context(keyed)))["last-failure"]
    assert found.level is Level.PROBLEM
    assert found.detail.startswith("role dev: ")


def test_look_when_the_project_is_locked_then_it_is_a_problem_with_its_command(keyed: Path) -> None:
    """Who has forgotten it learns why no `cd` takes a role."""
    assert "locked" not in by_id(identity.look(Context(keyed)))
    locked.mark(place_of(keyed), is_all=False)
    found = by_id(identity.look(Context(keyed)))["locked"]
    assert (found.level, found.fix) == (Level.PROBLEM, "invoke assume")
