"""Which credentials on this machine are a person's own, and what each is called."""

import json
from pathlib import Path

import pytest

from rolecall.credentials.leaks import own
from rolecall.system.disk import paths
from support import write_env

KEY_ID, SECRET, TOKEN = "AKIA2345ABCDEFGHIJKL", "s" * 40, "t" * 60


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Make a folder, and a home beside it with nothing in them."""
    (tmp_path / "home/.aws").mkdir(parents=True)
    (tmp_path / "shop").mkdir()
    return tmp_path / "shop"


def found(root: Path, **environ: str) -> dict[str, str]:
    """Return the texts, by what they are called."""
    usual = {"HOME": str(root.parent / "home"), "XDG_RUNTIME_DIR": str(root.parent)}
    return {one.name: one.text.reveal() for one in own.find(root, environ={**usual, **environ})}


@pytest.mark.parametrize(("size", "is_found"), [(15, False), (16, True)])
def test_credential_when_too_short_to_be_one_then_not_looked_for(
    root: Path, size: int, *, is_found: bool
) -> None:
    """It would be found in any text."""
    write_env(root, f"AWS_ACCESS_KEY_ID=A\nAWS_SECRET_ACCESS_KEY={'s' * size}\n")
    assert bool(found(root)) is is_found


def test_env_when_it_or_its_account_holds_keys_then_each_by_its_file(root: Path) -> None:
    """Also what `setup --sandbox` puts aside; a file that cannot be read is passed by."""
    write_env(
        root, f"AWS_ACCESS_KEY_ID={KEY_ID}\nAWS_SECRET_ACCESS_KEY={SECRET}\nAWS_SESSION_TOKEN={TOKEN}\n"
    )
    (root / ".env.account").write_bytes(b"\xff\xfe")
    (root / ".env.account.1").write_text(f"AWS_SECRET_ACCESS_KEY={'o' * 40}\n")
    secret = "the secret of access key …IJKL of .env"
    assert [(one.name, one.text.reveal()) for one in own.find(root, environ={"HOME": "/nowhere"})] == [
        ("access key …IJKL of .env", KEY_ID),
        (secret, SECRET),
        (secret, TOKEN),
        ("the secret of access key (no key id) of .env.account.1", "o" * 40),
    ]


def test_keyring_when_env_points_there_then_its_entry(root: Path) -> None:
    """Nothing where it does not, or cannot be read."""
    assert own.keyring_name(root) == ""
    write_env(root, "ROLECALL_KEYRING=1234-abcdef01\n")
    assert own.keyring_name(root) == "1234-abcdef01"
    (root / ".env").write_bytes(b"\xff\xfe")
    assert own.keyring_name(root) == ""


SECTION = (
    f"[ann]\naws_access_key_id = {KEY_ID}\naws_secret_access_key = {SECRET}\naws_session_token={TOKEN}\n"
)


@pytest.mark.parametrize(
    ("name", "variable"), [("credentials", "AWS_SHARED_CREDENTIALS_FILE"), ("config", "AWS_CONFIG_FILE")]
)
def test_aws_files_when_a_profile_has_keys_then_each_by_its_profile(
    root: Path, name: str, variable: str
) -> None:
    """In the usual place, or where the environment says."""
    expected = {
        f"access key …IJKL of ann in ~/.aws/{name}": KEY_ID,
        f"the secret of an access key of ann in ~/.aws/{name}": SECRET,
        f"a session token of ann in ~/.aws/{name}": TOKEN,
    }
    (root.parent / "home/.aws" / name).write_text(SECTION)
    assert found(root) == expected
    (root.parent / "home/.aws" / name).rename(root.parent / "elsewhere")
    assert found(root) == {}
    assert found(root, **{variable: f"{root.parent}/elsewhere"}) == expected
    (root.parent / "elsewhere").write_bytes(b"\xff" + SECTION.encode())
    assert found(root, **{variable: f"{root.parent}/elsewhere"}) == {}
    (root.parent / "elsewhere").write_text("no section\n")
    assert found(root, **{variable: f"{root.parent}/elsewhere"}) == {}


def test_sessions_when_kept_on_disk_then_those_of_every_project(root: Path) -> None:
    """Roles' and MFA sessions; no other file that lies there."""
    usual = {"HOME": str(root.parent / "home"), "XDG_RUNTIME_DIR": str(root.parent)}
    folder = paths.runtime_dir("one", environ=usual)
    folder.mkdir(parents=True, mode=0o700)
    keys = f"AWS_ACCESS_KEY_ID={KEY_ID}\nAWS_SECRET_ACCESS_KEY={SECRET}\nAWS_SESSION_TOKEN={TOKEN}\n"
    for name, text in (("dev.env", f"{keys}ROLECALL_ROLE=dev\n"), ("x.mfa", keys), ("y.failed", keys)):
        (folder / name).write_text(text)
        (folder / name).chmod(0o600)
    assert found(root) == {
        f"{what} of the cached session {role}": text
        for role in ("dev", "MFA")
        for what, text in (("the key", KEY_ID), ("the secret", SECRET), ("the session token", TOKEN))
    }


@pytest.mark.parametrize("name", ["AccessKeyId", "SecretAccessKey", "SessionToken", "accessToken"])
@pytest.mark.parametrize("folder", ["sso", "cli"])
def test_caches_when_the_aws_cli_left_a_login_then_its_fields(root: Path, folder: str, name: str) -> None:
    """At the top, or among its credentials; what is no JSON, or no text, is passed by."""
    where = root.parent / f"home/.aws/{folder}/cache"
    where.mkdir(parents=True)
    (where / "a.json").write_text("no")
    (where / "b.json").write_text("[1]")
    (where / "c.json").write_text(json.dumps({name: 1, "other": TOKEN}))
    assert found(root) == {}
    for text in ({name: TOKEN}, {"Credentials": {name: TOKEN}}):
        (where / "d.json").write_text(json.dumps(text))
        assert found(root) == {f"{name} of ~/.aws/{folder}/cache": TOKEN}


@pytest.mark.parametrize("name", ["refreshToken", "clientSecret", "idToken"])
def test_login_when_it_can_be_renewed_then_what_renews_it_is_found_too(root: Path, name: str) -> None:
    """It is as good as the login."""
    where = root.parent / "home/.aws/sso/cache"
    where.mkdir(parents=True)
    (where / "a.json").write_text(json.dumps({name: TOKEN}))
    assert list(found(root).values()) == [TOKEN]
