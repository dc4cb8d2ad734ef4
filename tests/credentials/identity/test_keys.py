"""The identity at work: keys of the environment, as the SDK would have found them."""

import os
from pathlib import Path

import pytest

from rolecall.credentials.failures.about import About
from rolecall.credentials.failures.explained import explained
from rolecall.credentials.identity import keys, sdk_session, sources
from rolecall.credentials.identity.keys import Source
from rolecall.errors import RolecallError
from rolecall.project import config
from rolecall.system.clock import Deadline
from support import write_env

PAIR = {"AWS_ACCESS_KEY_ID": "AKIAAMBIENTAMBIENT01", "AWS_SECRET_ACCESS_KEY": "secret-of-ann"}
CONFIG = """\
[default]
REGION = eu-north-1
mfa_serial = arn:aws:iam::111122223333:mfa/ann
s3 =
  region = us-east-2
[profile ann]
region = ap-south-1
"""


@pytest.fixture
def ambient(shop: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a project without an identity of its own, in a shell that has keys."""
    write_env(shop, "")
    monkeypatch.delenv("AWS_PROFILE", raising=False)
    for name, value in PAIR.items():
        monkeypatch.setenv(name, value)
    return shop


def opened(root: Path) -> Source:
    """Return the project's identity at work, which must be the SDK's own chain."""
    who = sources.find(config.load(root))
    assert who.kind == "chain"
    return keys.opened(who, environ=os.environ, deadline=Deadline.after(9.0))


@pytest.mark.parametrize(
    "more",
    [
        {},
        {"AWS_SESSION_TOKEN": "token-of-ann"},
        {"AWS_SECURITY_TOKEN": "older-name"},
        {"AWS_SESSION_TOKEN": "token-of-ann", "AWS_SECURITY_TOKEN": "older-name"},
        {"AWS_PROFILE": "ann"},
        {"AWS_DEFAULT_PROFILE": "ann"},
    ],
    ids=str,
)
def test_keys_when_in_the_environment_then_those_that_the_sdk_finds(
    ambient: Path, monkeypatch: pytest.MonkeyPatch, more: dict[str, str]
) -> None:
    """And what the profile says beside them: the default one, or that of AWS_PROFILE."""
    config_file = Path(os.environ["HOME"], ".aws/config")
    config_file.parent.mkdir(exist_ok=True)
    config_file.write_text(CONFIG)
    for name, value in more.items():
        monkeypatch.setenv(name, value)
    session = sdk_session.opened(sources.find(config.load(ambient)))
    wanted, source = session.get_credentials().get_frozen_credentials(), opened(ambient)
    assert source.keys is not None
    assert source.keys.key_id == wanted.access_key
    assert source.keys.secret.reveal() == wanted.secret_key
    assert source.keys.token.reveal() == (wanted.token or "")
    scoped = session.get_scoped_config()
    for name in ("region", "mfa_serial", "mfa_process"):
        assert source.profile.get(name) == scoped.get(name)


@pytest.mark.parametrize(
    ("missing", "code"),
    [("AWS_SECRET_ACCESS_KEY", "identity-partial"), ("AWS_ACCESS_KEY_ID", "identity-missing")],
)
def test_keys_when_one_of_the_pair_is_missing_then_the_sdk_says_so(
    ambient: Path, monkeypatch: pytest.MonkeyPatch, missing: str, code: str
) -> None:
    """A secret without its key id is as good as none."""
    monkeypatch.delenv(missing)
    with pytest.raises(RolecallError) as caught, explained(About(None, "keys in the environment")):
        opened(ambient)
    assert caught.value.code == code
