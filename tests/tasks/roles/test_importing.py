"""`roles --import --sso` and `login --all`, against a portal of a company's size on loopback."""

import hashlib
import json
import sys
import time
import tomllib
from datetime import UTC, datetime
from pathlib import Path

import pexpect
import pytest

from support import write_env
from support.fake_aws import FakeAws, json_refusal
from support.invoked import invoke

ROLES = """\
# ours
[project]
default_role = "desk"
region = "eu-west-1"
[roles.desk] # kept
sso = { session = "corp", account_id = "111122223333", role_name = "Admin" }
[sso.corp]
start_url = "https://corp.awsapps.com/start"
region = "eu-west-1"
"""
COMPANY = {f"{100000000000 + number}": (f"Team {number:03}", ("Admin", "ReadOnly")) for number in range(499)}
THROTTLED = json_refusal("TooManyRequestsException", "HTTP 429 Unknown Code", status=429)


@pytest.fixture
def desk(tmp_path: Path, aws: FakeAws) -> Path:
    """Make a project in a folder with a space and an accent, with roles of a portal of 500 accounts."""
    aws.company = {"111122223333": ("Desk", ("Admin",)), **COMPANY}
    root = tmp_path / "café shop"
    (root / "envrc.d").mkdir(parents=True)
    (root / "envrc.d/roles.toml").write_text(ROLES)
    (root / "tasks.py").write_text("from rolecall.tasks import namespace\n")
    write_env(root, f"AWS_ENDPOINT_URL={aws.url}\n")
    return root


def log_in(home: Path, *names: str) -> None:
    """Leave logins as the AWS CLI does."""
    for name in names:
        path = (
            home / ".aws/sso/cache" / f"{hashlib.sha1(name.encode(), usedforsecurity=False).hexdigest()}.json"
        )
        path.parent.mkdir(parents=True, exist_ok=True)
        ends = datetime.fromtimestamp(time.time() + 3600, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        path.write_text(json.dumps({"accessToken": "access-0", "expiresAt": ends}))


def proposed(root: Path) -> dict[str, dict[str, object]]:
    """Return the roles that roles.toml declares."""
    return dict(tomllib.loads((root / "envrc.d/roles.toml").read_text())["roles"])


def test_import_when_the_company_has_500_accounts_then_every_page_is_read(
    desk: Path, home: Path, aws: FakeAws
) -> None:
    """Paged accounts, throttled twice; the file is written with what stood there, and its roles work."""
    log_in(home, "corp")
    aws.queue("GET /assignment/accounts", THROTTLED)
    aws.queue("GET /assignment/roles", THROTTLED, THROTTLED)
    done = invoke(desk, "roles", "--import", "--sso", "corp", "--yes")
    assert done.returncode == 0, done.stderr
    assert len(aws.asked("GET /assignment/accounts")) == 5 + 1
    assert len(aws.asked("GET /assignment/roles")) == 500 + 2
    assert "400 of 500 accounts" in done.stderr
    assert "found 999 permission sets" in done.stderr
    assert "the project declares 1 of them already" in done.stderr
    assert (desk / "envrc.d/roles.toml").read_text().startswith(ROLES)
    assert len(proposed(desk)) == 999
    assert "+[roles.Team-007-ReadOnly]" in done.stdout
    done = invoke(desk, "exec", "--role", "Team-007-ReadOnly", "--", "env")
    assert "ROLECALL_ROLE=Team-007-ReadOnly" in done.stdout, done.stderr
    (asked,) = aws.asked("GET /federation/credentials")
    assert (asked["account_id"], asked["role_name"]) == ("100000000007", "ReadOnly")


def test_import_when_a_page_of_roles_is_short_then_the_next_is_asked_for(
    desk: Path, home: Path, aws: FakeAws
) -> None:
    """An account may have more permission sets than one page holds."""
    log_in(home, "corp")
    aws.company = {"100000000000": ("One", tuple(f"Set{number}" for number in range(7)))}
    aws.most_in_page = 3
    invoke(desk, "roles", "--import", "--sso", "corp", "--yes")
    assert {f"One-Set{number}" for number in range(7)} < set(proposed(desk))


def test_import_when_filtered_then_other_accounts_are_not_asked_for(
    desk: Path, home: Path, aws: FakeAws
) -> None:
    """By an account's name or id, and by the permission set's name."""
    log_in(home, "corp")
    words = ["roles", "--import", "--sso", "corp", "--account", "Team 00?", "--permission-set", "Read*"]
    done = invoke(desk, *words, "--name", "{role}.{account_id}")
    assert len(aws.asked("GET /assignment/roles")) == 10
    assert done.stdout.count("+[roles.") == 10
    assert '+[roles."ReadOnly.100000000003"]' in done.stdout


def test_import_when_nobody_can_agree_then_nothing_is_written(desk: Path, home: Path) -> None:
    """The change is shown, and the flag that writes it."""
    log_in(home, "corp")
    done = invoke(desk, "roles", "--import", "--sso", "corp", "--account", "Team 001")
    assert done.returncode == 0
    assert "+[roles.Team-001-Admin]" in done.stdout
    assert "nothing was written; --yes writes it" in done.stderr
    assert (desk / "envrc.d/roles.toml").read_text() == ROLES


@pytest.mark.parametrize(("answer", "count"), [("y", 3), ("", 1)])
def test_import_when_on_a_terminal_then_asks(desk: Path, home: Path, answer: str, count: int) -> None:
    """Enter means no."""
    log_in(home, "corp")
    words = ["-m", "invoke", "roles", "--import", "--sso", "corp", "--account", "Team 001"]
    child = pexpect.spawn(sys.executable, words, cwd=str(desk), encoding="utf-8", timeout=30)
    child.expect("Add 2 roles to envrc.d/roles.toml")
    child.sendline(answer)
    child.expect(pexpect.EOF)
    assert len(proposed(desk)) == count


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (["--sso", "corp"], 4, "try: invoke login --session corp"),
        (["--account", "Team 001"], 2, "go with --import --sso SESSION"),
        (["--sso", "nowhere"], 1, "declared neither in envrc.d/roles.toml nor in ~/.aws/config"),
        (["--sso", "corp", "--name", "{account.name}"], 2, "it is made of {account}, {account_id}, {role}"),
    ],
)
def test_import_when_it_cannot_be_then_says_why_and_asks_nothing(
    desk: Path, aws: FakeAws, words: list[str], code: int, says: str
) -> None:
    """Not logged in: exit code 4, with the command."""
    done = invoke(desk, "roles", "--import", *words)
    assert done.returncode == code
    assert says in done.stderr
    assert not aws.seen


def test_import_when_the_session_is_the_persons_then_the_team_gets_it_too(desk: Path, home: Path) -> None:
    """A colleague's AWS config has no such session: roles.toml names the portal."""
    (home / ".aws").mkdir(exist_ok=True)
    (home / ".aws/config").write_text(
        "[sso-session mine]\nsso_start_url = https://mine.awsapps.com/start\nsso_region = eu-west-1\n"
    )
    log_in(home, "mine")
    invoke(desk, "roles", "--import", "--sso", "mine", "--account", "Team 001", "--yes")
    text = (desk / "envrc.d/roles.toml").read_text()
    assert tomllib.loads(text)["sso"]["mine"]["start_url"] == "https://mine.awsapps.com/start"


def test_login_when_all_is_asked_then_each_session_of_the_project_is_logged_in(
    desk: Path, home: Path, aws: FakeAws
) -> None:
    """One that is good is passed over; then every role is to be had."""
    path = desk / "envrc.d/roles.toml"
    path.write_text(
        ROLES + '[sso.labs]\nstart_url = "https://labs.awsapps.com/start"\nregion = "eu-west-1"\n'
    )
    log_in(home, "corp")
    done = invoke(desk, "login", "--all")
    assert done.returncode == 0, done.stderr
    assert "already logged in to corp" in done.stderr
    assert "logged in to labs, for" in done.stderr
    assert len(aws.asked("POST /device_authorization")) == 1


def test_login_when_no_session_is_declared_then_says_so(desk: Path) -> None:
    """Keys need no login."""
    (desk / "envrc.d/roles.toml").write_text('[roles.dev]\nrole_arn = "arn:aws:iam::111122223333:role/dev"\n')
    done = invoke(desk, "login", "--all")
    assert (done.returncode, "has no Identity Center session" in done.stderr) == (2, True)
