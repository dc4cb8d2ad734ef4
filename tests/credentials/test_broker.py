"""When a session on disk will do, and when STS is asked again."""

import json
import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from rolecall.credentials import broker
from rolecall.credentials.model import SessionRequest
from rolecall.credentials.store import audit, cache, choice, held, warm
from rolecall.errors import CredentialError, LoginNeededError, MachineError
from rolecall.project import config
from rolecall.project.approved import record
from rolecall.system.clock import Deadline
from rolecall.system.disk import locks
from rolecall.system.person import terminal
from rolecall.system.person.terminal import Leader
from support import write_env
from support.credentials import obtain, place_of
from support.fake_aws import FakeAws, Reply
from support.upstream import upstream_of

PROD = 'role_arn = "arn:aws:iam::444455556666:role/prod"'
DEV = 'role_arn = "arn:aws:iam::111122223333:role/dev"'
Enter = Callable[[str], None]


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


@pytest.fixture
def enter(monkeypatch: pytest.MonkeyPatch) -> Enter:
    """Return a function that puts this process into a terminal: "one", "another", or "" for none."""
    pids = {"one": os.getpid(), "another": os.getppid()}

    def enter(name: str) -> None:
        started = terminal.started_at(pids[name]) if name else None
        leader = Leader(pids[name], started) if started else None
        monkeypatch.setattr(terminal, "leader", lambda: leader)

    enter("one")
    return enter


@pytest.fixture
def guarded(shop: Path) -> Path:
    """Make prod protected, and let dev only read."""
    roles = shop / "envrc.d/roles.toml"
    text = roles.read_text().replace(PROD, f"{PROD}\nprotected = true")
    roles.write_text(text.replace(DEV, f"{DEV}\nread_only = true"))
    return shop


def test_protected_when_its_name_was_typed_then_that_terminal_alone_has_it(
    guarded: Path, aws: FakeAws, enter: Enter
) -> None:
    """Also its programs; another terminal, and a process without one, ask in vain and never STS."""
    session = obtain(guarded, "prod", is_confirmed=True)
    assert obtain(guarded, "prod") == session
    assert obtain(guarded, "prod", by_program=True) == session
    for name in ("another", ""):
        enter(name)
        with pytest.raises(LoginNeededError, match=r"taken by hand only \(") as caught:
            obtain(guarded, "prod")
        assert caught.value.hint == "invoke assume --role prod"
        with pytest.raises(LoginNeededError, match="or anywhere once it was given to programs") as caught:
            obtain(guarded, "prod", by_program=True)
        assert caught.value.hint == "invoke assume --role prod --for-programs"
    assert len(aws.asked("AssumeRole")) == 1


def test_protected_when_given_to_programs_then_those_of_any_terminal_have_it(
    guarded: Path, aws: FakeAws, enter: Enter
) -> None:
    """A `cd` elsewhere still has not, and the audit log says both."""
    session = obtain(guarded, "prod", is_confirmed=True, for_programs=True)
    enter("another")
    assert obtain(guarded, "prod", by_program=True) == session
    with pytest.raises(LoginNeededError):
        obtain(guarded, "prod")
    assert [entry["event"] for entry in audit.read(place_of(guarded))] == ["assume", "for-programs"]
    assert len(aws.asked("AssumeRole")) == 1


def test_protected_when_typed_without_a_terminal_then_refused(
    guarded: Path, aws: FakeAws, enter: Enter
) -> None:
    """A session that no terminal holds would be anybody's."""
    enter("")
    with pytest.raises(LoginNeededError, match="and there is none") as caught:
        obtain(guarded, "prod", is_confirmed=True)
    assert caught.value.hint == "invoke assume --role prod"
    assert aws.asked("AssumeRole") == []


def test_protected_when_the_mark_is_taken_off_then_the_common_session_serves(
    guarded: Path, aws: FakeAws, enter: Enter
) -> None:
    """What the terminal held goes: a `cd` reads it first."""
    obtain(guarded, "prod", is_confirmed=True)
    roles = guarded / "envrc.d/roles.toml"
    roles.write_text(roles.read_text().replace("protected = true", ""))
    obtain(guarded, "prod")
    own = held.here(place_of(guarded))
    assert own
    assert cache.read(own, "prod") is None
    enter("another")
    obtain(guarded, "prod")
    assert len(aws.asked("AssumeRole")) == 2


def test_elevated_when_its_name_was_typed_then_that_terminal_alone_may_write(
    guarded: Path, aws: FakeAws, enter: Enter
) -> None:
    """Without the policy that lets it only read; every other one has that policy."""
    session = obtain(guarded, "dev", elevate_seconds=900, is_confirmed=True)
    assert obtain(guarded, "dev") == session
    enter("another")
    assert obtain(guarded, "dev") != session
    policies = [
        [name for name in asked if name.startswith("PolicyArns")] for asked in aws.asked("AssumeRole")
    ]
    assert [len(names) for names in policies] == [0, 1]


def test_elevated_when_the_role_is_read_only_no_more_then_the_elevated_session_is_gone(
    guarded: Path, aws: FakeAws, enter: Enter
) -> None:
    """It is of another declaration."""
    obtain(guarded, "dev", elevate_seconds=900, is_confirmed=True)
    roles = guarded / "envrc.d/roles.toml"
    roles.write_text(roles.read_text().replace("read_only = true", ""))
    obtain(guarded, "dev")
    own = held.here(place_of(guarded), held.ELEVATED)
    assert own
    assert cache.read(own, "dev") is None
    assert len(aws.asked("AssumeRole")) == 2


def test_session_when_only_the_cache_may_serve_and_has_none_then_nobody_is_asked(
    shop: Path, aws: FakeAws
) -> None:
    """Where to get one is said; what is there is given."""
    with pytest.raises(LoginNeededError):
        obtain(shop, "dev", from_cache=True)
    assert aws.asked("AssumeRole") == []
    session = obtain(shop, "dev")
    assert obtain(shop, "dev", from_cache=True) == session
    assert len(aws.asked("AssumeRole")) == 1


def test_session_when_another_process_is_at_it_then_that_is_said_and_waited_for(
    shop: Path, aws: FakeAws
) -> None:
    """A person sees why nothing happens; at the deadline, whose lock it is."""
    project, waits = config.load(shop), list[int]()
    wanted = SessionRequest(choice.chain(project, "dev"))
    Path(place_of(shop).folder).mkdir(mode=0o700, parents=True)
    with (
        locks.exclusive(cache.lock_path(place_of(shop), "dev"), deadline=Deadline.after(0)),
        pytest.raises(MachineError, match="another process holds dev"),
    ):
        broker.obtain(project, wanted, deadline=Deadline.after(0.2), on_wait=lambda: waits.append(1))
    assert (waits, aws.asked("AssumeRole")) == ([1], [])


def test_session_when_sts_is_silent_then_the_message_names_the_role_and_aws(shop: Path, aws: FakeAws) -> None:
    """Whoever waited for it reads what did not answer."""
    aws.queue("AssumeRole", *[Reply(pause_seconds=5)] * 3)
    with pytest.raises(CredentialError, match=r"^role dev: \S+ did not answer in time") as caught:
        obtain(shop, "dev", seconds=0.3)
    assert caught.value.code == "timeout"


def test_session_when_a_pull_moves_the_role_then_the_earlier_one_is_all_there_is(
    shop: Path, aws: FakeAws
) -> None:
    """What was approved is used, and said; where it does not last as long as asked, nothing is."""
    upstream = upstream_of(shop)
    record.accept(config.load(shop))
    session = obtain(shop, "dev")
    roles = (shop / "envrc.d/roles.toml").read_text()
    upstream.pull({"envrc.d/roles.toml": roles.replace("111122223333:role/dev", "444455556666:role/dev")})
    later = obtain(shop, "dev")
    assert (later.role_arn, later.key_id) == (session.role_arn, session.key_id)
    assert ["until you approve it, the earlier session is used" in note for note in later.notes] == [True]
    for more in ({"min_ttl_seconds": 4000}, {"refresh": True}):
        with pytest.raises(LoginNeededError, match="444455556666"):
            obtain(shop, "dev", **more)
    cache.remove(place_of(shop), "dev")
    with pytest.raises(LoginNeededError, match="444455556666"):
        obtain(shop, "dev")
    assert len(aws.asked("AssumeRole")) == 1
