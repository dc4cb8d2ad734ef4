"""`invoke login` and `invoke roles`, as a person types them."""

import json
import os
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path

import pexpect
import pytest

import support
from rolecall.project.env_file import dotenv
from rolecall.project.roles_toml import json_schema, reader
from rolecall.system.disk import paths
from rolecall.workstation.envfile import known
from support import ROLES_TOML, invoked, write_env
from support.fake_aws import FakeAws, json_refusal

HERE = Path(support.__file__).parent

Run = Callable[..., "subprocess.CompletedProcess[str]"]
KEYS = "AWS_ACCESS_KEY_ID=AKIAFAKEFAKEFAKE1234\nAWS_SECRET_ACCESS_KEY=secret-of-ann\n"
SSO = """\
[project]
default_role = "desk"
region = "eu-west-1"
[roles.desk]
sso = { session = "corp", account_id = "111122223333", role_name = "Admin" }
[sso.corp]
start_url = "https://corp.awsapps.com/start"
region = "eu-west-1"
"""


@pytest.fixture
def shop(tmp_path: Path, aws: FakeAws) -> Path:
    """Make a project with keys for the scripted AWS."""
    root = tmp_path / "shop"
    (root / "envrc.d").mkdir(parents=True)
    (root / "envrc.d/roles.toml").write_text(ROLES_TOML)
    (root / "tasks.py").write_text("from rolecall.tasks import namespace as namespace\n")
    write_env(root, f"{KEYS}AWS_ENDPOINT_URL={aws.url}\n# mine\nCOLOUR=green\n")
    return root


@pytest.fixture
def invoke(shop: Path, tmp_path: Path) -> Run:
    """Return a function that runs `invoke` in the project, without a terminal."""

    def run(*words: str, **more: str) -> "subprocess.CompletedProcess[str]":
        environ = {
            "PYTHON_KEYRING_BACKEND": "file_keyring.FileKeyring",
            "PYTHONPATH": str(HERE),
            "FILE_KEYRING": str(tmp_path / "keyring.json"),
            **more,
        }
        return invoked.invoke(shop, *words, **environ)

    return run


def test_login_when_identity_center_then_code_address_and_role(shop: Path, aws: FakeAws, invoke: Run) -> None:
    """The login is shown, waited for, kept; the role then comes, on `cd` too."""
    (shop / "envrc.d/roles.toml").write_text(SSO)
    write_env(shop, f"AWS_ENDPOINT_URL={aws.url}\n")
    before = invoke("assume")
    assert (before.returncode, "try: invoke login" in before.stderr) == (4, True)
    aws.queue("POST /token", json_refusal("AuthorizationPendingException"))
    done = invoke("login")
    assert (done.returncode, done.stdout) == (0, "")
    assert "confirm the code ABCD-EFGH at https://device.example/" in done.stderr
    assert "logged in to corp, for 7h59m" in done.stderr or "logged in to corp, for 8h00m" in done.stderr
    assert "access-1" not in done.stderr
    assert invoke("assume", DIRENV_IN_ENVRC="1").returncode == 0
    assert "already logged in to corp" in invoke("login").stderr


def test_login_when_nothing_needs_it_then_said(invoke: Run) -> None:
    """Keys that need no person say so."""
    done = invoke("login")
    assert (
        done.returncode,
        "nothing to log in to: roles are assumed with keys …1234 in .env" in done.stderr,
    ) == (0, True)


def test_login_when_a_role_wants_mfa_then_asked_on_the_terminal(shop: Path, aws: FakeAws) -> None:
    """In a real terminal the code is asked for there, also where the sessions of before are still valid."""
    path = shop / "envrc.d/roles.toml"
    path.write_text(path.read_text().replace('duration = "1h"', "mfa = true"))
    for code in ("123456", "654321"):
        log_in_with(code, shop)
        shutil.rmtree(paths.state_dir() / "mfa")  # half a minute is over: the device has another code
    assert [one["TokenCode"] for one in aws.asked("GetSessionToken")] == ["123456", "654321"]


def log_in_with(code: str, root: Path) -> None:
    """Type `invoke login` and a code."""
    with_terminal = pexpect.spawn(
        sys.executable,
        ["-m", "invoke", "login"],
        cwd=str(root),
        env=dict(os.environ),
        encoding="utf-8",
        timeout=30,
    )
    with_terminal.expect("MFA code for arn:aws:iam::111122223333:mfa/ann: ")
    with_terminal.sendline(code)
    with_terminal.expect("one MFA session serves every role")
    with_terminal.expect("dev: MFA is proven")
    with_terminal.expect(pexpect.EOF)
    with_terminal.close()
    assert with_terminal.exitstatus == 0


def test_keyring_when_keys_are_moved_then_gone_from_the_file_and_still_used(
    shop: Path, aws: FakeAws, invoke: Run
) -> None:
    """The keys leave `.env`, the rest of it stays, and the role is taken with the keyring's."""
    done = invoke("login", "--keyring")
    assert done.returncode == 0, done.stderr
    text = (shop / ".env").read_text()
    assert "secret-of-ann" not in text
    assert "AKIAFAKEFAKEFAKE1234" not in text
    assert "# mine\nCOLOUR=green\n" in text
    assert (shop / ".env").stat().st_mode & 0o777 == 0o600
    taken = invoke("assume")
    assert taken.returncode == 0, taken.stderr
    assert known.has_account(shop)
    assert "ROLECALL_KEYRING" not in dotenv.for_shell(dotenv.read(shop / ".env").plain)
    assert "AKIAFAKEFAKEFAKE1234" in aws.seen[-1].headers["authorization"]


def test_keyring_when_it_forgets_then_the_file_is_untouched(shop: Path, invoke: Run) -> None:
    """Keys are taken out of `.env` only once the keyring has given them back."""
    before = (shop / ".env").read_text()
    done = invoke("login", "--keyring", FILE_KEYRING_FORGETS="1")
    assert done.returncode == 1
    assert (shop / ".env").read_text() == before


def test_keyring_when_the_entry_is_gone_then_said(shop: Path, invoke: Run, tmp_path: Path) -> None:
    """A keyring without the key that `.env` names is an error with a next step."""
    invoke("login", "--keyring")
    (tmp_path / "keyring.json").unlink()
    done = invoke("assume")
    assert (done.returncode, "the OS keyring holds no access key …1234" in done.stderr) == (1, True)


def test_keyring_when_there_are_no_keys_then_usage(shop: Path, invoke: Run) -> None:
    """There must be something to move."""
    write_env(shop, "COLOUR=green\n")
    assert invoke("login", "--keyring").returncode == 2


def test_roles_when_listed_then_default_chain_and_traits(shop: Path, invoke: Run) -> None:
    """Every role with its ARN, what it is reached through, and how long it lasts."""
    path = shop / "envrc.d/roles.toml"
    path.write_text(f'{path.read_text()}source = "dev"\nprotected = true\n')
    assert invoke("roles").stdout.splitlines() == [
        "* dev   arn:aws:iam::111122223333:role/dev  default  1h00m",
        "  prod  arn:aws:iam::444455556666:role/prod  through dev  protected  1h00m",
    ]
    dev, prod = json.loads(invoke("roles", "--json").stdout)
    assert (dev["is_default"], prod["through"], prod["account"]) == (True, ["dev"], "444455556666")


AWS_CONFIG = """\
[default]
region = eu-west-1

[profile base]
aws_access_key_id = AKIABASEBASEBASE0001
aws_secret_access_key = do-not-print

[profile hub]
role_arn = arn:aws:iam::111122223333:role/hub
source_profile = base
duration_seconds = 5400
mfa_serial = arn:aws:iam::111122223333:mfa/ann

[profile "spoke one"]
role_arn = arn:aws:iam::444455556666:role/spoke
source_profile = hub
external_id = ext-1
region = eu-central-1

[profile known]
role_arn = arn:aws:iam::111122223333:role/dev
source_profile = base

[profile desk]
sso_session = corp
sso_account_id = 111122223333
sso_role_name = Admin

[profile old]
sso_start_url = https://old.awsapps.com/start
sso_region = eu-west-1
sso_account_id = 444455556666
sso_role_name = ReadOnly

[sso-session corp]
sso_start_url = https://corp.awsapps.com/start
sso_region = eu-west-1
"""


def test_roles_when_imported_then_a_proposal_that_roles_toml_understands(
    shop: Path, home: Path, invoke: Run, tmp_path: Path
) -> None:
    """The AWS config file's roles come out as valid entries; nothing is written, no secret shown."""
    (home / ".aws").mkdir()
    (home / ".aws/config").write_text(AWS_CONFIG)
    before = (shop / "envrc.d/roles.toml").read_text()
    done = invoke("roles", "--import")
    assert done.returncode == 0, done.stderr
    assert (shop / "envrc.d/roles.toml").read_text() == before
    assert "do-not-print" not in done.stdout
    (tmp_path / "roles.toml").write_text(done.stdout)
    found = reader.read(tmp_path / "roles.toml")
    assert set(found.roles) == {"hub", "spoke-one", "desk", "old"}
    assert (found.roles["hub"].duration_seconds, found.roles["hub"].mfa) == (5400, True)
    assert (found.roles["spoke-one"].source, found.roles["spoke-one"].external_id) == ("hub", "ext-1")
    assert set(found.sso) == {"corp", "old"}
    assert "# profile known: its role is declared already" in done.stdout


def test_roles_when_there_is_no_config_file_then_nothing_to_propose(invoke: Run) -> None:
    """Without an AWS config file the proposal is empty, and no error."""
    done = invoke("roles", "--import")
    assert (done.returncode, tomllib.loads(done.stdout)) == (0, {})


def test_roles_when_the_config_file_is_broken_then_said(home: Path, invoke: Run) -> None:
    """A broken AWS config file is not an empty one."""
    (home / ".aws").mkdir()
    (home / ".aws/config").write_text("[profile x\n")
    done = invoke("roles", "--import")
    assert (done.returncode, "the AWS config file cannot be followed" in done.stderr) == (1, True)


def test_roles_when_the_schema_is_asked_for_then_printed(invoke: Run) -> None:
    """Editors get their schema from here."""
    assert invoke("roles", "--schema").stdout == json_schema.json_schema()


def test_assume_when_the_duration_is_clamped_then_told(shop: Path, invoke: Run) -> None:
    """What was cut short is said on stderr, once: when the session is made."""
    path = shop / "envrc.d/roles.toml"
    path.write_text(f'{path.read_text()}source = "dev"\nduration = "2h"\n')
    assert "prod lasts 1h, not 2h00m" in invoke("assume", "--role", "prod").stderr
    assert "lasts 1h, not" not in invoke("assume", "--role", "prod").stderr
