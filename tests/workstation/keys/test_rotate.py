"""A key is replaced by another one, or nothing has changed: wherever it is kept, at every interruption."""

import itertools
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import botocore.session
import pytest

from rolecall.credentials.identity import keyring
from rolecall.errors import CredentialError, UsageError
from rolecall.project import config
from rolecall.project.env_file import dotenv
from rolecall.workstation.keys import place
from support import ROLES_TOML, Sts, forked, write_env
from support.fake_aws import FakeAws, refusal
from support.killed_rotation import rotation

NUMBERS = itertools.count()


@pytest.fixture
def iam(sts: Sts) -> Any:
    """Return an administrator's client of moto's IAM."""
    return botocore.session.Session().create_client(
        "iam", region_name="eu-west-1", endpoint_url=sts.url,
        aws_access_key_id="bootstrap", aws_secret_access_key="bootstrap",
    )  # fmt: skip


@pytest.fixture
def user(iam: Any) -> Iterator[str]:
    """Make a user."""
    name = f"rotator-{os.getpid()}-{next(NUMBERS)}"
    iam.create_user(UserName=name)
    yield name
    for key in keys_of(iam, name):
        iam.delete_access_key(UserName=name, AccessKeyId=key)
    iam.delete_user(UserName=name)


@pytest.fixture
def shop(tmp_path: Path, sts: Sts, iam: Any, user: str) -> Path:
    """Make a project with that user's key in `.env`."""
    root = tmp_path / "shop é"
    (root / "envrc.d").mkdir(parents=True)
    (root / "envrc.d/roles.toml").write_text(ROLES_TOML)
    key = iam.create_access_key(UserName=user)["AccessKey"]
    write_env(root, f"# mine\nexport AWS_ACCESS_KEY_ID='{key['AccessKeyId']}'  # old\nCOLOUR=green\n"
        f"AWS_SECRET_ACCESS_KEY={key['SecretAccessKey']}\nAWS_ENDPOINT_URL={sts.url}\n")  # fmt: skip
    return root


def keys_of(iam: Any, user: str) -> list[str]:
    """Return the ids of the user's keys."""
    found = iam.list_access_keys(UserName=user)["AccessKeyMetadata"]
    return [one["AccessKeyId"] for one in found]


def kept(root: Path) -> str:
    """Return the key id that the project uses."""
    found = place.of(config.load(root))
    assert found
    return found.read().key_id


def test_rotate_when_keys_are_in_env_then_new_ones_are_and_the_old_one_is_deleted(
    shop: Path, iam: Any, user: str
) -> None:
    """Every other byte of `.env` stays, and nothing of the rotation is left."""
    old, text = kept(shop), (shop / ".env").read_text()
    rotation(str(shop)).run()
    new = kept(shop)
    assert new != old
    assert keys_of(iam, user) == [new]
    secret = dotenv.read(shop / ".env").secrets["AWS_SECRET_ACCESS_KEY"].reveal()
    before = text.splitlines()[3].partition("=")[2]
    assert (shop / ".env").read_text() == text.replace(f"'{old}'", new).replace(before, secret)
    assert (shop / ".env").stat().st_mode & 0o777 == 0o600
    assert not list(Path(os.environ["HOME"]).rglob("rotations/*.json"))


def test_rotate_when_keys_are_in_a_profile_then_only_its_two_values_change(
    shop: Path, iam: Any, user: str, sts: Sts
) -> None:
    """Also the keys of the profile that another one builds on; comments and other profiles stay."""
    values = dotenv.read(shop / ".env")
    folder = Path(os.environ["HOME"], ".aws")
    folder.mkdir()
    old, secret = values.plain["AWS_ACCESS_KEY_ID"], values.secrets["AWS_SECRET_ACCESS_KEY"].reveal()
    text = (
        f"[other]\naws_access_key_id = AKIAOTHEROTHEROTHER2\naws_secret_access_key = x\n\n# mine\n[base]\r\n"
        f"AWS_ACCESS_KEY_ID={old}\n  aws_secret_access_key  =  {secret}\nregion = eu-west-1\n[last]\n"
    )
    (folder / "credentials").write_bytes(text.encode())
    (folder / "credentials").chmod(0o640)
    (folder / "config").write_text(
        "[profile hub]\nrole_arn = arn:aws:iam::111122223333:role/hub\nsource_profile = base\n"
    )
    write_env(shop, f"AWS_PROFILE=hub\nAWS_ENDPOINT_URL={sts.url}\n")
    rotation(str(shop)).run()
    found = place.of(config.load(shop))
    assert found
    new = found.read()
    assert keys_of(iam, user) == [new.key_id] != [old]
    expected = text.replace(old, new.key_id).replace(secret, new.secret.reveal())
    assert (folder / "credentials").read_bytes() == expected.encode()
    assert (folder / "credentials").stat().st_mode & 0o777 == 0o640


def test_rotate_when_keys_are_in_the_keyring_then_the_old_entry_is_forgotten(
    shop: Path, iam: Any, user: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`.env` points at the new one."""
    import keyring as package

    from support.file_keyring import FileKeyring

    monkeypatch.setenv("FILE_KEYRING", str(shop.parent / "keyring.json"))
    package.set_keyring(FileKeyring())  # type: ignore[no-untyped-call] # the library has no types
    values = dotenv.read(shop / ".env")
    name = keyring.store(values.plain["AWS_ACCESS_KEY_ID"], values.secrets["AWS_SECRET_ACCESS_KEY"])
    write_env(shop, f"ROLECALL_KEYRING={name}\nAWS_ENDPOINT_URL={values.plain['AWS_ENDPOINT_URL']}\n")
    rotation(str(shop)).run()
    assert keys_of(iam, user) == [kept(shop)]
    with pytest.raises(CredentialError, match="holds no access key"):
        keyring.read(name)


def test_rotate_when_there_are_two_keys_then_says_which_and_changes_nothing(
    shop: Path, iam: Any, user: str
) -> None:
    """IAM's quota, with the last four of each."""
    other = iam.create_access_key(UserName=user)["AccessKey"]["AccessKeyId"]
    before = (shop / ".env").read_text()
    with pytest.raises(
        UsageError, match=rf"two access keys.*…{kept(shop)[-4:]} \(in use here\) and …{other[-4:]}"
    ):
        rotation(str(shop)).run()
    assert (shop / ".env").read_text() == before
    assert len(keys_of(iam, user)) == 2


def test_rotate_when_killed_at_any_point_then_a_key_works_and_the_next_run_ends_it(
    shop: Path, iam: Any, user: str
) -> None:
    """Kill -9 at each write and each question: never without a key, never two keys at the end."""
    with forked.started("killed_rotation", str(shop)) as rotations:
        for point in range(1, 60):
            code = rotations.run(point)
            assert kept(shop) in keys_of(iam, user), point
            if code == 0:
                break
            assert code == -signal.SIGKILL
            rotation(str(shop)).run()
            assert keys_of(iam, user) == [kept(shop)], point
    assert point > 8
    assert keys_of(iam, user) == [kept(shop)]


def test_age_when_iam_refuses_to_list_then_says_what_is_missing(shop: Path, sts: Sts) -> None:
    """A user who may not look at keys is told which permission that takes."""
    with FakeAws() as aws:
        aws.queue("ListAccessKeys", refusal("AccessDenied", "no", status=403))
        (shop / ".env").write_text((shop / ".env").read_text().replace(sts.url, aws.url))
        with pytest.raises(CredentialError, match="may not do iam:ListAccessKeys"):
            rotation(str(shop)).run()
