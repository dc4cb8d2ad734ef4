"""When a session on disk will do, and when STS is asked again."""

import json
import re
from pathlib import Path

import pytest

from rolecall.credentials.store import cache, held, warm
from support import write_env
from support.credentials import obtain, place_of
from support.fake_aws import FakeAws


@pytest.fixture
def with_policy(shop: Path) -> Path:
    """Give dev a session policy."""
    (shop / "envrc.d/dev.json").write_text('{"Version": "2012-10-17"}')
    roles = shop / "envrc.d/roles.toml"
    roles.write_text(roles.read_text().replace('duration = "1h"', 'session_policy = "dev.json"'))
    return shop


def test_session_when_nothing_changed_then_is_kept(with_policy: Path, aws: FakeAws) -> None:
    """The control for what follows: the same question twice is one call."""
    obtain(with_policy, "dev")
    obtain(with_policy, "dev")
    assert len(aws.asked("AssumeRole")) == 1


def test_session_when_the_policys_text_changed_then_is_another(with_policy: Path, aws: FakeAws) -> None:
    """A session that may do more, or less, than the policy now says is not used."""
    obtain(with_policy, "dev")
    (with_policy / "envrc.d/dev.json").write_text('{"Version": "2012-10-17", "Statement": []}')
    obtain(with_policy, "dev")
    policies = [json.loads(asked["Policy"]) for asked in aws.asked("AssumeRole")]
    assert policies == [{"Version": "2012-10-17"}, {"Version": "2012-10-17", "Statement": []}]


def test_session_when_the_projects_region_changed_then_has_the_new_one(shop: Path, aws: FakeAws) -> None:
    """The region is exported with the keys, so an older session does not bring the older region."""
    assert obtain(shop, "dev").region == "eu-west-1"
    roles = shop / "envrc.d/roles.toml"
    roles.write_text(roles.read_text().replace("eu-west-1", "us-east-2"))
    assert obtain(shop, "dev").region == "us-east-2"


@pytest.mark.parametrize("name", ["AWS_ENDPOINT_URL_STS", "AWS_USE_FIPS_ENDPOINT"])
def test_session_when_another_endpoint_gives_it_then_is_another(shop: Path, aws: FakeAws, name: str) -> None:
    """What one STS gave is not what the other would."""
    obtain(shop, "dev")
    value = aws.url if name.endswith("STS") else "false"
    write_env(shop, f"{(shop / '.env').read_text()}{name}={value}\n")
    obtain(shop, "dev")
    assert len(aws.asked("AssumeRole")) == 2


@pytest.mark.parametrize(
    ("seconds", "lines", "is_given"),
    [
        (3000, {}, True),
        (300, {}, False),
        (121, {"ROLECALL_PROTECTED": "1"}, True),
        (119, {"ROLECALL_PROTECTED": "1"}, False),
        (121, {"ROLECALL_RENEW_AT": "expires"}, True),
        (119, {"ROLECALL_RENEW_AT": "expires"}, False),
    ],
)
def test_warm_when_a_session_is_about_to_end_then_hands_out_nothing(
    shop: Path, aws: FakeAws, seconds: int, lines: dict[str, str], *, is_given: bool
) -> None:
    """An SDK gets what will last it; a protected role, which nobody renews, and any other: two minutes."""
    session = obtain(shop, "dev")
    path = Path(cache.session_path(place_of(shop), "dev"))
    if "ROLECALL_PROTECTED" in lines:
        given = held.by_programs(place_of(shop))
        held.make(given)
        path = path.rename(cache.session_path(given, "dev"))
    for name, value in lines.items():
        line = f"{name}={value.replace('expires', str(session.expires))}"
        path.write_text(re.sub(rf"(?m)^{name}=.*$", line, path.read_text()))
    now = session.expires - seconds
    assert bool(warm.read(place_of(shop, clock=lambda: now), "dev")) is is_given


def test_warm_when_the_environment_decides_then_leaves_it_to_the_broker(
    shop: Path, aws: FakeAws, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Keys of the environment made the session; whether they still stand there is not asked here."""
    write_env(shop, f"AWS_ENDPOINT_URL={aws.url}\n")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "s")
    for key_id in ("AKIAFIRSTFIRST000001", "AKIASECONDSECOND0002"):
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", key_id)
        assert warm.read(place_of(shop), "dev") == {}
        obtain(shop, "dev")
    signers = [one.headers["authorization"] for one in aws.seen if one.operation == "AssumeRole"]
    assert [name.partition("Credential=")[2][:20] for name in signers] == [
        "AKIAFIRSTFIRST000001",
        "AKIASECONDSECOND0002",
    ]
