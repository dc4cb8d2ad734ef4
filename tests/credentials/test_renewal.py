"""When a session is renewed before it is handed out, and what is handed out where that fails."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from rolecall.credentials import renewal
from rolecall.credentials.model import Session, SessionRequest
from rolecall.credentials.store import audit, cache, choice, recent_failure
from rolecall.errors import CredentialError
from rolecall.project import config
from rolecall.project.declared import Project
from rolecall.system.clock import Deadline
from rolecall.system.disk import locks
from rolecall.system.python import frozen
from support import ROLES_TOML
from support.credentials import place_of
from support.fake_aws import FakeAws, granted, refusal

MINUTE = 60
DEV = "arn:aws:iam::111122223333:role/dev"


def renewed(
    shop: Path, *, on_wait: Callable[[], None] = lambda: None, warn: Any = None, **wanted: Any
) -> Session:
    """Ask for dev as a program does; `wanted` are fields of the request."""
    own = config.load(shop)
    request = SessionRequest(choice.chain(own, "dev"), **wanted)
    return renewal.obtain(own, request, on_wait=on_wait, warn=warn)


@pytest.mark.parametrize("has_one", [False, True])
def test_min_ttl_when_the_new_session_is_shorter_than_asked_then_refused_with_the_longest(
    shop: Path, aws: FakeAws, *, has_one: bool
) -> None:
    """The account's owner lets the role last an hour, whatever roles.toml says."""
    (shop / "envrc.d/roles.toml").write_text(ROLES_TOML.replace('"1h"', '"8h"'))
    if has_one:
        where, session = place_of(shop), renewed(shop)
        entry = cache.read(where, "dev")
        assert entry
        aged = frozen.replace(session, expires=int(time.time()) + 5 * MINUTE, issued=0)
        cache.publish(where, frozen.replace(entry, session=aged))
    aws.queue("AssumeRole", granted(DEV))
    with pytest.raises(
        CredentialError, match="dev lasts 1h00m at most, so none can have 2h00m left"
    ) as caught:
        renewed(shop, min_ttl_seconds=120 * MINUTE)
    assert (caught.value.code, caught.value.hint) == (
        "min-ttl-too-long",
        "invoke assume --role dev --min-ttl 59m",
    )


@pytest.mark.parametrize(
    ("minutes_left", "wanted"),
    [
        (0, {}),
        (50, {"refresh": True}),
        (5, {}),
        (5, {"min_ttl_seconds": 45 * MINUTE}),
    ],
    ids=["none", "refresh", "soft", "as long as asked"],
)
def test_renewal_when_another_is_at_it_and_the_log_is_unwritable_then_both_are_said(
    shop: Path, aws: FakeAws, minutes_left: int, wanted: dict[str, Any]
) -> None:
    """By whatever way a session comes: a person sees why they wait, and what is not written down."""
    where, heard, waits = place_of(shop), list[str](), list[int]()
    session = renewed(shop)
    entry = cache.read(where, "dev")
    assert entry
    expires = int(time.time()) + minutes_left * MINUTE
    aged = frozen.replace(
        session, expires=expires, renew_at=expires - 15 * MINUTE, issued=expires - 60 * MINUTE
    )
    cache.publish(where, frozen.replace(entry, session=aged))
    log = Path(audit.path_of(where))
    log.unlink()
    log.mkdir()
    lock = locks.exclusive(cache.lock_path(where, "dev"), deadline=Deadline.after(0))
    lock.__enter__()

    def let_go() -> None:
        waits.append(1)
        lock.__exit__(None, None, None)

    found = renewed(shop, on_wait=let_go, warn=heard.append, **wanted)
    assert found.expires > expires
    assert waits == [1]
    assert [one.partition(":")[0] for one in heard] == ["this session is not in the audit log"]


def at(root: Path, now: float) -> Project:
    """Return the project at `root` at another time."""
    project = config.load(root)
    return frozen.replace(project, place=frozen.replace(project.place, clock=lambda: now))


def had(project: Project) -> Session:
    return renewal.obtain(project, SessionRequest(choice.chain(project, "dev")))


def test_renewal_when_refused_then_the_old_one_with_a_note_and_remembered(shop: Path, aws: FakeAws) -> None:
    """The next program does not ask again at once, and says nothing about it."""
    old = had(config.load(shop))
    aws.queue("AssumeRole", refusal("AccessDenied", status=403))
    project = at(shop, old.expires - 600)
    kept = had(project)
    assert kept == old
    assert "the session could not be renewed" in kept.notes[0]
    assert "10m" in kept.notes[0]
    assert recent_failure.read(project.place, "dev")
    assert (had(project), had(project).notes) == (old, ())
    assert len(aws.asked("AssumeRole")) == 2


def test_renewal_when_somebody_is_at_it_then_the_old_one(
    shop: Path, aws: FakeAws, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And nothing is remembered."""
    monkeypatch.setattr(renewal, "RENEW_SECONDS", 0.0)
    old = had(config.load(shop))
    project = at(shop, old.expires - 600)
    with locks.exclusive(cache.lock_path(project.place, "dev"), deadline=Deadline.after(0)):
        assert had(project) == old
    assert recent_failure.read(project.place, "dev") is None
    assert len(aws.asked("AssumeRole")) == 1


@pytest.mark.parametrize(("seconds", "is_refused"), [(59 * MINUTE, False), (59 * MINUTE + 1, True)])
def test_min_ttl_when_at_the_longest_that_can_be_then_taken(
    shop: Path, aws: FakeAws, seconds: int, *, is_refused: bool
) -> None:
    """A minute is the room that a session of an hour has; a second more is refused without a request."""
    if is_refused:
        with pytest.raises(CredentialError, match="dev lasts 1h00m at most"):
            renewed(shop, min_ttl_seconds=seconds)
    else:
        assert renewed(shop, min_ttl_seconds=seconds).role == "dev"
    assert len(aws.asked("AssumeRole")) == (0 if is_refused else 1)


@pytest.mark.parametrize(("lifetime", "longest"), [(40 * MINUTE, "40m"), (90 * MINUTE, "1h00m")])
def test_min_ttl_when_aws_made_the_present_one_shorter_then_that_is_the_longest(
    shop: Path, aws: FakeAws, lifetime: int, longest: str
) -> None:
    """What is declared, or what AWS gave: the shorter of the two."""
    where, session = place_of(shop), renewed(shop)
    entry = cache.read(where, "dev")
    assert entry
    aged = frozen.replace(session, issued=session.expires - lifetime)
    cache.publish(where, frozen.replace(entry, session=aged))
    with pytest.raises(CredentialError, match=f"dev lasts {longest} at most"):
        renewed(shop, min_ttl_seconds=61 * MINUTE)
    assert len(aws.asked("AssumeRole")) == 1


def test_min_ttl_when_nobody_set_it_then_a_session_of_two_minutes_is_none_too_short(
    shop: Path, aws: FakeAws
) -> None:
    """A sandbox, or an STS of one's own, may give such: it is renewed, not refused."""
    where, session = place_of(shop), renewed(shop)
    entry = cache.read(where, "dev")
    assert entry
    short = frozen.replace(session, expires=int(time.time()) + 100, issued=int(time.time()) - 20)
    cache.publish(where, frozen.replace(entry, session=short))
    assert renewed(shop).expires > short.expires
