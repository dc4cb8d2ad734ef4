"""AssumeRole in full: what is asked of STS, through which roles, and for how long."""

import getpass
import json
import os
import pwd
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from rolecall.credentials.aws import sts
from rolecall.credentials.model import Session
from rolecall.errors import CredentialError
from support.credentials import obtain
from support.fake_aws import FakeAws, refusal

HEAD = '[project]\nname = "shop"\nregion = "eu-west-1"\n'
DEV = '[roles.dev]\nrole_arn = "arn:aws:iam::111122223333:role/dev"\n'


def declare(root: Path, text: str) -> None:
    (root / "envrc.d/roles.toml").write_text(HEAD + text)


def take(root: Path, role: str = "dev", **more: Any) -> Session:
    return obtain(root, role, **more)


def test_assume_when_role_declares_everything_then_sts_is_asked_for_all_of_it(
    shop: Path, aws: FakeAws
) -> None:
    """External id, policies, tags, transitive tags and source identity reach STS as declared."""
    (shop / "envrc.d/policies").mkdir()
    (shop / "envrc.d/policies/narrow.json").write_text('{ "Version": "2012-10-17",\n "Statement": [] }')
    declare(
        shop,
        DEV
        + """duration = "2h"
external_id = "ext-1"
policy_arns = ["arn:aws:iam::aws:policy/ReadOnlyAccess"]
session_policy = "policies/narrow.json"
tags = { team = "core", cost = "7" }
transitive_tags = ["team"]
source_identity = "ann"
""",
    )
    take(shop)
    (asked,) = aws.asked("AssumeRole")
    expected = {
        "RoleArn": "arn:aws:iam::111122223333:role/dev",
        "RoleSessionName": f"{getpass.getuser()}@shop",
        "DurationSeconds": "7200",
        "ExternalId": "ext-1",
        "Policy": json.dumps({"Version": "2012-10-17", "Statement": []}, separators=(",", ":")),
        "PolicyArns.member.1.arn": "arn:aws:iam::aws:policy/ReadOnlyAccess",
        "Tags.member.1.Key": "team",
        "Tags.member.1.Value": "core",
        "Tags.member.2.Key": "cost",
        "Tags.member.2.Value": "7",
        "TransitiveTagKeys.member.1": "team",
        "SourceIdentity": "ann",
    }
    assert expected == {name: asked[name] for name in expected}


def test_assume_when_role_declares_nothing_then_nothing_more_is_asked(shop: Path, aws: FakeAws) -> None:
    """A bare role asks for a name and an hour, no empty lists."""
    take(shop)
    asked = set(aws.asked("AssumeRole")[0])
    assert asked == {"Action", "Version", "RoleArn", "RoleSessionName", "DurationSeconds"}


def test_chain_when_three_roles_long_then_each_is_taken_with_the_one_before(shop: Path, aws: FakeAws) -> None:
    """The identity signs the first call only; later ones carry the previous role's token."""
    declare(
        shop,
        DEV
        + '[roles.mid]\nrole_arn = "arn:aws:iam::111122223333:role/mid"\nsource = "dev"\n'
        + '[roles.end]\nrole_arn = "arn:aws:iam::444455556666:role/end"\nsource = "mid"\n',
    )
    session = take(shop, "end")
    calls = [one for one in aws.seen if one.operation == "AssumeRole"]
    assert [one.asked["RoleArn"].rpartition("/")[2] for one in calls] == ["dev", "mid", "end"]
    assert ["x-amz-security-token" in one.headers for one in calls] == [False, True, True]
    assert session.account == "444455556666"


def test_chain_when_longer_than_an_hour_then_clamped_and_said(shop: Path, aws: FakeAws) -> None:
    """A chained role gets an hour, and a note that explains it."""
    declare(
        shop,
        DEV
        + '[roles.end]\nrole_arn = "arn:aws:iam::111122223333:role/end"\nsource = "dev"\nduration = "4h"\n',
    )
    session = take(shop, "end")
    assert [asked["DurationSeconds"] for asked in aws.asked("AssumeRole")] == ["3600", "3600"]
    assert "end lasts 1h, not 4h00m" in session.notes[0]


def test_first_hop_when_long_then_not_clamped(shop: Path, aws: FakeAws) -> None:
    """A role taken with lasting keys keeps its declared duration, and nothing is said."""
    declare(shop, DEV + 'duration = "12h"\n')
    assert take(shop).notes == ()
    assert aws.asked("AssumeRole")[0]["DurationSeconds"] == "43200"


def test_identity_when_temporary_then_clamped_too(shop: Path, aws: FakeAws) -> None:
    """Keys that carry a token are temporary: AWS counts what follows as chaining."""
    (shop / ".env").write_text(f"{(shop / '.env').read_text()}AWS_SESSION_TOKEN=token-of-ann\n")
    declare(shop, DEV + 'duration = "2h"\n')
    assert "lasts 1h" in take(shop).notes[0]
    assert aws.asked("AssumeRole")[0]["DurationSeconds"] == "3600"


@pytest.mark.parametrize(
    ("user", "project", "expected"),
    [("ann", "shop", "ann@shop"), ("DOM\\ann b", "sh op", "DOM-ann-b@sh-op"), ("ü", "shop", "-@shop")],
)
def test_session_name_when_odd_characters_then_cleaned(
    user: str, project: str, expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """CloudTrail shows who and where, in STS's alphabet."""
    monkeypatch.setenv("LOGNAME", user)
    assert expected == sts.session_name(project)


@pytest.mark.parametrize(
    ("variable", "run", "expected"),
    [
        ("GITHUB_RUN_ID", "1234567", "github-1234567@shop"),
        ("CI_JOB_ID", "88", "gitlab-88@shop"),
        ("CODEBUILD_BUILD_ID", "shop:1f-2e", "codebuild-shop-1f-2e@shop"),
    ],
)
def test_session_name_when_on_a_runner_then_carries_the_run(
    variable: str, run: str, expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The user there is nobody: CloudTrail leads to the job."""
    monkeypatch.setenv(variable, run)
    assert sts.session_name("shop") == expected


def test_session_name_when_long_then_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    """STS takes 64 characters."""
    monkeypatch.setenv("LOGNAME", "a" * 80)
    assert len(sts.session_name("shop")) == 64


def test_throttling_when_it_passes_then_the_session_comes(shop: Path, aws: FakeAws) -> None:
    """A throttled call is tried again inside the deadline."""
    aws.queue("AssumeRole", refusal("Throttling", status=400), refusal("Throttling", status=400))
    assert take(shop).role == "dev"
    assert len(aws.asked("AssumeRole")) == 3


def test_refusal_when_definite_then_asked_once(shop: Path, aws: FakeAws) -> None:
    """A no is a no: it is not asked again."""
    aws.queue(
        "AssumeRole",
        refusal("AccessDenied", "User: arn:x is not authorized to perform: sts:AssumeRole", status=403),
    )
    with pytest.raises(CredentialError):
        take(shop)
    assert len(aws.asked("AssumeRole")) == 1


def test_cache_when_identity_policy_or_region_differ_then_no_session_is_shared(
    shop: Path, aws: FakeAws
) -> None:
    """Whatever determines the answer is part of the cache's key."""
    take(shop)
    (shop / ".env").write_text((shop / ".env").read_text().replace("1234", "5678"))
    take(shop)
    declare(shop, DEV + 'policy_arns = ["arn:aws:iam::aws:policy/ReadOnlyAccess"]\n')
    take(shop)
    declare(shop, DEV + 'policy_arns = ["arn:aws:iam::aws:policy/AdministratorAccess"]\n')
    take(shop)
    declare(shop, DEV + 'region = "us-east-1"\n')
    take(shop)
    take(shop)
    assert len(aws.asked("AssumeRole")) == 5


def test_session_name_when_the_user_has_no_name_then_the_machines(monkeypatch: pytest.MonkeyPatch) -> None:
    """A container may run under a number that no file knows."""
    assert sts.session_name("shop", environ={}) == f"{pwd.getpwuid(os.getuid()).pw_name}@shop"
    monkeypatch.setattr(os, "getuid", lambda: 4_000_000_000)
    monkeypatch.setattr(os, "uname", lambda: SimpleNamespace(nodename="box-1"))
    assert sts.session_name("shop", environ={}) == "box-1@shop"


@pytest.mark.parametrize("name", ["LOGNAME", "USER", "LNAME", "USERNAME"])
def test_session_name_when_the_environment_names_the_user_then_that(name: str) -> None:
    """In getpass's order."""
    names = ["LOGNAME", "USER", "LNAME", "USERNAME"]
    environ = {one: one.lower() for one in names[names.index(name) :]}
    assert sts.session_name("shop", environ={"LOGNAME": "", **environ}) == f"{name.lower()}@shop"


@pytest.mark.parametrize("is_said", [True, False])
def test_denial_when_it_says_who_asked_then_nobody_else_is_asked(
    shop: Path, aws: FakeAws, *, is_said: bool
) -> None:
    """AWS's own word is enough; only where it leaves that out, it is asked whose the keys are."""
    arn = "arn:aws:iam::111122223333:user/bob"
    message = f"User: {arn} is not authorized to perform: sts:AssumeRole" if is_said else "no"
    aws.queue("AssumeRole", refusal("AccessDenied", message, status=403))
    with pytest.raises(CredentialError, match=f"{arn if is_said else aws.user_arn} may not take"):
        take(shop)
    assert len(aws.asked("GetCallerIdentity")) == (0 if is_said else 1)
