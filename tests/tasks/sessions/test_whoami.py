"""The tasks `whoami` and `status`, run as a person types them, against a real STS on loopback."""

import json
from pathlib import Path

import pytest

from rolecall.credentials.store import recent_failure
from rolecall.errors import CredentialError
from support import Sts
from support.credentials import place_of
from support.invoked import invoke


@pytest.mark.parametrize("says", ["role dev: AWS said no", "AWS said no"])
def test_status_when_a_role_failed_then_its_name_is_said_once(shop: Path, says: str) -> None:
    """A failure mostly names its role itself."""
    where = place_of(shop)
    recent_failure.record(where, "dev", CredentialError("x", says), since=where.clock())
    assert "rolecall: role dev: AWS said no\n" in invoke(shop, "status").stderr


def test_whoami_when_asked_as_json_then_tells_the_identity_and_no_secret(shop: Path, sts: Sts) -> None:
    """Without a role in the shell it is the source identity."""
    done = invoke(shop, "whoami", "--json")
    assert json.loads(done.stdout)["Arn"].endswith(":user/developer")
    assert sts.secret not in done.stdout + done.stderr
    assert "time     does not expire\n" in invoke(shop, "whoami").stdout


def test_status_when_asked_then_lists_every_role_with_time_left(shop: Path) -> None:
    """One row a role; the one that applies here is marked."""
    invoke(shop, "assume", "--role", "prod", "--format", "env")
    rows = {row["role"]: row for row in json.loads(invoke(shop, "status", "--json").stdout)}
    assert rows["dev"]["is_current"]
    assert rows["dev"]["seconds_left"] is None
    assert 3500 < rows["prod"]["seconds_left"] <= 3600


def test_whoami_when_the_keys_are_not_the_roles_then_reports_no_role(shop: Path) -> None:
    """ROLECALL_ROLE says dev, the keys say prod: the keys are what AWS sees."""
    held = json.loads(invoke(shop, "assume", "--role", "prod", "--format", "json").stdout)["Credentials"]
    environ = {
        "AWS_ACCESS_KEY_ID": held["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": held["SecretAccessKey"],
        "AWS_SESSION_TOKEN": held["SessionToken"],
        "AWS_CREDENTIAL_EXPIRATION": held["Expiration"],
        "ROLECALL_ROLE": "dev",
    }
    done = invoke(shop, "whoami", "--json", **environ)
    answer = json.loads(done.stdout)
    assert (answer["Account"], answer["Role"], answer["SecondsLeft"]) == ("444455556666", None, None)
    shown = invoke(shop, "whoami", **environ)
    assert "ROLECALL_ROLE says dev, but these keys are not of that role" in shown.stderr
    assert "time     not known here\n" in shown.stdout  # a session ends, whoever gave it
    own = invoke(shop, "whoami", "--json", **{**environ, "ROLECALL_ROLE": "prod"})
    assert json.loads(own.stdout)["Role"] == "prod"
    assert json.loads(own.stdout)["SecondsLeft"] > 3500


@pytest.mark.parametrize("expiry", ["soon", "2026-13-45T00:00:00Z", "123", "2026-11-24T15:05:00"])
def test_whoami_when_the_expiry_is_malformed_then_answers_without(shop: Path, expiry: str) -> None:
    """A variable that somebody else wrote is no bug of ours."""
    held = json.loads(invoke(shop, "assume", "--format", "json").stdout)["Credentials"]
    done = invoke(
        shop,
        "whoami",
        "--json",
        AWS_ACCESS_KEY_ID=held["AccessKeyId"],
        AWS_SECRET_ACCESS_KEY=held["SecretAccessKey"],
        AWS_SESSION_TOKEN=held["SessionToken"],
        AWS_CREDENTIAL_EXPIRATION=expiry,
        ROLECALL_ROLE="dev",
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["SecondsLeft"] is None


@pytest.mark.parametrize("task", ["roles", "status"])
def test_listing_when_printed_then_marks_this_terminals_role_and_protected_ones(
    shop: Path, task: str
) -> None:
    """`*` is the role that applies here, in each list; a protected role says so."""
    roles = shop / "envrc.d/roles.toml"
    roles.write_text(f"{roles.read_text()}protected = true\n")
    lines = invoke(shop, task, ROLECALL_ROLE="prod").stdout.splitlines()
    assert [line[:6] for line in lines] == ["  dev ", "* prod"]
    assert ["protected" in line for line in lines] == [False, True]


def test_status_when_history_is_asked_then_lists_what_was_taken_and_no_secret(shop: Path) -> None:
    """One line for each session, oldest first; as JSON for scripts; of another project, none."""
    assert "no session has been taken" in invoke(shop, "status", "--history").stderr
    for role in ("dev", "prod", "dev"):
        invoke(shop, "assume", "--role", role)
    taken = json.loads(invoke(shop, "status", "--history", "--json").stdout)
    assert [(entry["role"], entry["account"]) for entry in taken] == [
        ("dev", "111122223333"),
        ("prod", "444455556666"),
    ]
    lines = invoke(shop, "status", "--history").stdout.splitlines()
    assert [f"…{entry['key_id']}" in line for entry, line in zip(taken, lines, strict=True)] == [True, True]
    assert "ASIA" not in "".join(lines)
