"""No secret in a traceback with all its locals, wherever between `.env` and a session it breaks."""

import io
import json
import os
import subprocess
import sys
import traceback
from collections.abc import Callable
from pathlib import Path

import pytest
from rich.console import Console
from rich.traceback import Traceback

from rolecall.credentials.identity import keyring
from rolecall.errors import CredentialError, RolecallError
from rolecall.system.text.secret import Secret
from support import ROLES_TOML, free_port, write_env
from support.credentials import obtain, place_of
from support.fake_aws import FakeAws, Reply, granted, page, refusal

KEY_ID = "AKIAFAKEFAKEFAKE1234"
SECRET = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
GIVEN = ("secret/of+role=", "token/of+session=")
CODE, TOKEN = "135792", "eyJhbGciOi.web-identity.token"


@pytest.fixture
def shop(tmp_path: Path, aws: FakeAws) -> Path:
    """Make a project with keys for the scripted AWS."""
    root = tmp_path / "shop"
    (root / "envrc.d").mkdir(parents=True)
    (root / "envrc.d/roles.toml").write_text(ROLES_TOML)
    write_env(root, env(aws.url))
    return root


def env(url: str, **more: str) -> str:
    """Return a `.env` with keys."""
    values = {"AWS_ACCESS_KEY_ID": KEY_ID, "AWS_SECRET_ACCESS_KEY": SECRET, "AWS_ENDPOINT_URL": url, **more}
    return "".join(f"{name}={value}\n" for name, value in values.items())


def everything(problem: BaseException) -> str:
    """Return what a debugger, pytest -l or rich would show of `problem`: each frame with its locals."""
    plain = traceback.TracebackException.from_exception(problem, capture_locals=True)
    console = Console(file=io.StringIO(), width=400)
    console.print(
        Traceback.from_exception(
            type(problem), problem, problem.__traceback__, show_locals=True, locals_max_string=10_000
        )
    )
    assert isinstance(console.file, io.StringIO)
    return "".join(plain.format()) + console.file.getvalue()


def leaks(text: str) -> list[str]:
    """Return the lines that show a secret."""
    secrets = (SECRET, *GIVEN, CODE, TOKEN)
    return [line for line in text.splitlines() if any(one in line for one in secrets)]


def wrong_line(root: Path, _aws: FakeAws) -> None:
    write_env(root, f"{(root / '.env').read_text()}this is wrong\n")


def secret_on_the_wrong_line(root: Path, _aws: FakeAws) -> None:
    write_env(root, f"AWS_SECRET_ACCESS_KEY: {SECRET}\n")


def not_utf8(root: Path, _aws: FakeAws) -> None:
    (root / ".env").write_bytes((root / ".env").read_bytes() + b"A=\xe9\n")


def broken_roles(root: Path, _aws: FakeAws) -> None:
    (root / "envrc.d/roles.toml").write_text("[roles.dev]\nrole_arn = 1\n")


def wrong_default(root: Path, aws: FakeAws) -> None:
    write_env(root, env(aws.url, ROLE_ARN="no-arn"))


def half_a_pair(root: Path, _aws: FakeAws) -> None:
    write_env(root, f"AWS_SECRET_ACCESS_KEY={SECRET}\n")


def unlistened(root: Path, _aws: FakeAws) -> None:
    write_env(root, env(f"http://ann:{GIVEN[0]}@127.0.0.1:{free_port()}", AWS_SESSION_TOKEN=GIVEN[1]))


def wrong_endpoint(root: Path, _aws: FakeAws) -> None:
    write_env(root, env(f"ftp://ann:{GIVEN[0]}@127.0.0.1"))


def odd_token(root: Path, aws: FakeAws) -> None:
    write_env(root, env(aws.url, AWS_SESSION_TOKEN=f"'{GIVEN[1]}é'"))


def denied(_root: Path, aws: FakeAws) -> None:
    aws.queue("AssumeRole", refusal("AccessDenied", f"no, {SECRET}", status=403))


def quoted(root: Path, aws: FakeAws) -> None:
    write_env(root, env(aws.url, AWS_SESSION_TOKEN=GIVEN[1]))
    aws.queue("AssumeRole", refusal("SignatureDoesNotMatch", f"{SECRET} {GIVEN[1]}", status=403))


def another_account(_root: Path, aws: FakeAws) -> None:
    aws.queue("AssumeRole", granted("arn:aws:iam::444455556666:role/dev"))


def portal_page(_root: Path, aws: FakeAws) -> None:
    aws.queue("AssumeRole", page())


def doubled(_root: Path, aws: FakeAws) -> None:
    whole = granted("arn:aws:iam::111122223333:role/dev").body
    aws.queue(
        "AssumeRole",
        Reply(200, whole.replace("<SessionToken>", "<SecretAccessKey>x</SecretAccessKey><SessionToken>")),
    )


def unfinished(_root: Path, aws: FakeAws) -> None:
    whole = granted("arn:aws:iam::111122223333:role/dev").body
    aws.queue("AssumeRole", Reply(200, whole[:-40]))


def without_user(_root: Path, aws: FakeAws) -> None:
    whole = granted("arn:aws:iam::111122223333:role/dev").body
    aws.queue("AssumeRole", Reply(200, whole.replace("AssumedRoleUser", "Nobody")))


def cut(_root: Path, aws: FakeAws) -> None:
    whole = granted("arn:aws:iam::111122223333:role/dev").body
    aws.queue("AssumeRole", *[Reply(200, whole, is_cut=True)] * 9)


def unwritable(root: Path, _aws: FakeAws) -> None:
    Path(place_of(root).folder, "dev.env").mkdir(parents=True)


def profile(root: Path, aws: FakeAws) -> None:
    folder = Path(os.environ["HOME"], ".aws")
    folder.mkdir()
    (folder / "credentials").write_text(
        f"[ann]\naws_access_key_id={KEY_ID}\naws_secret_access_key={SECRET}\n"
    )
    write_env(root, f"AWS_PROFILE=ann\nAWS_ENDPOINT_URL={aws.url}\n")
    denied(root, aws)


def web_identity(root: Path, aws: FakeAws) -> None:
    (root / "token").write_text(TOKEN)
    more = {"AWS_WEB_IDENTITY_TOKEN_FILE": str(root / "token")}
    write_env(root, env(aws.url, **more))
    aws.queue("AssumeRoleWithWebIdentity", refusal("InvalidIdentityToken", f"not {TOKEN}"))


def mfa(root: Path, aws: FakeAws) -> None:
    path = root / "envrc.d/roles.toml"
    path.write_text(path.read_text().replace('duration = "1h"', "mfa = true"))
    write_env(root, env(aws.url, AWS_MFA_PROCESS=f"echo {CODE}"))
    denied(root, aws)


BREAKS: tuple[Callable[[Path, FakeAws], None], ...] = (
    wrong_line, secret_on_the_wrong_line, not_utf8, broken_roles, wrong_default, half_a_pair, unlistened,
    wrong_endpoint, odd_token, denied, quoted, another_account, portal_page, doubled, unfinished,
    without_user, cut, unwritable, profile, web_identity, mfa,
)  # fmt: skip


@pytest.mark.parametrize("broken", BREAKS, ids=lambda one: one.__name__)
def test_obtain_when_it_breaks_then_no_frame_shows_a_secret(
    shop: Path, aws: FakeAws, broken: Callable[[Path, FakeAws], None]
) -> None:
    """From `.env` over the signature to the session file, and whatever comes back."""
    broken(shop, aws)
    with pytest.raises(Exception) as caught:  # noqa: PT011 - each its own
        obtain(shop, "dev", seconds=3)
    text = everything(caught.value)
    assert leaks(text) == []
    assert isinstance(caught.value, RolecallError), text


@pytest.mark.parametrize("value", ["'se cret'", "'secrét'", "'a\tb'"])
def test_keys_when_a_character_can_stand_in_no_request_then_said(
    shop: Path, aws: FakeAws, value: str
) -> None:
    """A blank or an accent in a pasted secret is no bug of rolecall's."""
    write_env(shop, env(aws.url).replace(SECRET, value))
    with pytest.raises(CredentialError) as caught:
        obtain(shop, "dev", seconds=3)
    assert caught.value.code == "keys-malformed"
    assert aws.seen == []


def test_keyring_when_its_entry_is_odd_then_no_frame_shows_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Neither on the way in nor on the way out."""
    import keyring as package

    from support.file_keyring import FileKeyring

    monkeypatch.setenv("FILE_KEYRING", str(tmp_path / "keyring.json"))
    package.set_keyring(FileKeyring())  # type: ignore[no-untyped-call] # the library has no types
    name = keyring.store(KEY_ID, Secret(SECRET))
    package.set_password(keyring.SERVICE, name, json.dumps({"secret": SECRET}))
    with pytest.raises(CredentialError) as caught:
        keyring.read(name)
    assert leaks(everything(caught.value)) == []
    monkeypatch.setenv("FILE_KEYRING_FORGETS", "1")
    with pytest.raises(CredentialError) as caught:
        keyring.store(KEY_ID, Secret(SECRET))
    assert leaks(everything(caught.value)) == []


TESTS = """\
import rolecall, logging

def test_user(aws_user_session):
    aws_user_session.client("sts", endpoint_url="http://127.0.0.1:9").get_caller_identity()

def test_role(assume_role_session):
    assume_role_session.client("sts", endpoint_url="http://127.0.0.1:9").get_caller_identity()

def test_both():
    session = rolecall.session("dev")
    keys = session.get_credentials().get_frozen_credentials()
    mine = rolecall.frozen_credentials("dev")
    print(keys)
    assert keys.secret_key == "x", mine
"""


def test_pytest_when_a_test_fails_in_the_sdk_then_its_locals_show_no_secret(shop: Path) -> None:
    """`pytest -l` shows botocore's frames: they hold the keys as plain text."""
    (shop / "test_it.py").write_text(TESTS)
    (shop / "pytest.ini").write_text("[pytest]\n")
    environ = {**os.environ, "AWS_MAX_ATTEMPTS": "1"}
    words = [
        sys.executable,
        "-m",
        "pytest",
        "-l",
        "--tb=long",
        "-vv",
        "--log-level=DEBUG",
        "-p",
        "no:cacheprovider",
    ]
    junit = shop / "junit.xml"
    done = subprocess.run(
        [*words, f"--junitxml={junit}"], cwd=shop, env=environ, capture_output=True, text=True, check=False
    )
    assert "3 failed" in done.stdout, done.stdout
    text = done.stdout + done.stderr + junit.read_text()
    assert leaks(text) == []
    assert "botocore" in text


def test_invoke_when_debugging_then_sts_answer_is_not_printed(shop: Path, aws: FakeAws) -> None:
    """INVOKE_DEBUG=1 turns every logger on, botocore's too; it printed the answer of STS."""
    folder = Path(os.environ["HOME"], ".aws")
    folder.mkdir()
    (folder / "credentials").write_text(
        f"[ann]\naws_access_key_id={KEY_ID}\naws_secret_access_key={SECRET}\n"
    )
    (folder / "config").write_text(
        "[profile hub]\nrole_arn = arn:aws:iam::111122223333:role/hub\nsource_profile = ann\n"
    )
    write_env(shop, f"AWS_PROFILE=hub\nAWS_ENDPOINT_URL={aws.url}\n")
    (shop / "tasks.py").write_text("from rolecall.tasks import namespace as namespace\n")
    for words, more in ((["assume"], {"INVOKE_DEBUG": "1"}), (["-d", "whoami"], {})):
        done = subprocess.run(
            [sys.executable, "-m", "invoke", *words],
            cwd=shop, env={**os.environ, **more}, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        text = done.stdout + done.stderr
        assert leaks(text) == []
        assert "invoke" in text
