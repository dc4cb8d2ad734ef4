"""One attempt at a session: what is remembered of a failure, and by whom it is met again."""

from pathlib import Path
from typing import Any

import pytest

from rolecall.credentials.attempt import Attempt
from rolecall.credentials.identity import sources
from rolecall.credentials.model import SessionRequest
from rolecall.credentials.store import audit, cache, choice, locked, recent_failure
from rolecall.credentials.store.cache import Entry
from rolecall.errors import CredentialError, LoginNeededError
from rolecall.project import config
from rolecall.system.clock import Deadline
from rolecall.system.disk import locks
from rolecall.system.python.frozen import replace
from support.credentials import SESSION, obtain, place_of
from support.fake_aws import FakeAws, granted, refusal


def test_attempt_when_refused_then_whoever_waited_reads_why_and_does_not_ask(
    shop: Path, aws: FakeAws
) -> None:
    """A program hears it for three seconds more: hundreds of them do not begin at the same time."""
    aws.queue("AssumeRole", refusal("AccessDenied", "no"))
    with pytest.raises(CredentialError) as first:
        obtain(shop, "dev")
    kept = recent_failure.read(place_of(shop), "dev")
    assert kept
    assert kept.code == first.value.code
    with pytest.raises(CredentialError) as second:
        obtain(shop, "dev", by_program=True)
    assert second.value.code == first.value.code
    assert first.value.message in second.value.message
    assert len(aws.asked("AssumeRole")) == 1
    assert obtain(shop, "dev").role == "dev"
    assert recent_failure.read(place_of(shop), "dev") is None


def test_attempt_when_a_person_is_refused_then_nobody_else_is_told(shop: Path, aws: FakeAws) -> None:
    """Who typed the role's name reads it at once; a `cd` beside it tries for itself."""
    aws.queue("AssumeRole", refusal("AccessDenied", "no"))
    with pytest.raises(CredentialError):
        obtain(shop, "dev", is_confirmed=True)
    assert recent_failure.read(place_of(shop), "dev") is None


def test_attempt_when_the_failure_cannot_be_remembered_then_it_is_said_all_the_same(
    shop: Path, aws: FakeAws
) -> None:
    """What STS said matters more than the file that would hold it."""
    aws.queue("AssumeRole", refusal("AccessDenied", "no"))
    Path(recent_failure.path_of(place_of(shop), "dev")).mkdir(parents=True)
    with pytest.raises(CredentialError, match="may not take"):
        obtain(shop, "dev")


def test_attempt_when_the_account_is_another_than_the_arns_then_refused(shop: Path, aws: FakeAws) -> None:
    """The account is pinned by the ARN, and both are named."""
    aws.queue("AssumeRole", granted("arn:aws:iam::444455556666:role/dev"))
    with pytest.raises(CredentialError) as caught:
        obtain(shop, "dev")
    assert caught.value.code == "account-mismatch"
    says = "role dev: STS answered for account 444455556666, its ARN says 111122223333;"
    assert caught.value.message.startswith(says)


def attempt(root: Path, **facts: Any) -> tuple[Attempt, Path]:
    """Return an attempt at dev, and the file of a session of `facts` that lies in its place."""
    project = config.load(root)
    request = SessionRequest(choice.chain(project, "dev"))
    made = Attempt(project, request, sources.find(project), "f", project.place)
    cache.publish(project.place, Entry(replace(SESSION, **facts), "", ""))
    return made, Path(cache.session_path(project.place, "dev"))


@pytest.mark.parametrize(
    ("declared", "facts", "stays"),
    [
        ("", {}, True),
        ("", {"role_arn": "arn:aws:iam::111122223333:role/other"}, False),
        ("protected = true", {}, False),
        ("protected = true", {"protected": True}, True),
        ("", {"protected": True}, True),
        ("read_only = true", {}, False),
        ("read_only = true", {"rights": "read-only"}, True),
        ("", {"rights": "read-only"}, True),
    ],
)
def test_session_when_of_another_role_or_with_more_rights_then_removed(
    shop: Path, declared: str, facts: dict[str, Any], *, stays: bool
) -> None:
    """A `cd` would fall back on it; any other stays until there is a new one."""
    path = shop / "envrc.d/roles.toml"
    path.write_text(path.read_text().replace('duration = "1h"', declared))
    made, kept = attempt(shop, **facts)
    made.remove_another_roles()
    assert kept.exists() is stays


def test_audit_when_an_attempt_writes_then_who_took_which_role(shop: Path) -> None:
    """The session's name, the identity, and four characters of the key."""
    made, _ = attempt(shop)
    made.write_down(replace(SESSION, rights="read-only"), "assume", None)
    (line,) = audit.read(place_of(shop))
    assert {name: line[name] for name in ("who", "identity", "rights", "expires", "key_id", "event")} == {
        "who": "me@shop",
        "identity": "keys …1234 in .env",
        "rights": "read-only",
        "expires": "2033-05-18T03:33:20Z",
        "key_id": "MPLE",
        "event": "assume",
    }


def test_publish_when_the_project_was_locked_meanwhile_then_nothing_is_left(shop: Path) -> None:
    """`lock` may have looked before the session was there; by hand it is taken all the same."""
    made, kept = attempt(shop)
    made.publish(SESSION)
    locked.mark(place_of(shop), is_all=False)
    replace(made, request=replace(made.request, by_hand=True)).publish(SESSION)
    assert kept.exists()
    with pytest.raises(LoginNeededError, match="is locked"):
        made.publish(SESSION)
    assert not kept.exists()


def test_audit_when_a_session_is_written_down_then_its_role_and_account(shop: Path) -> None:
    """By name and by ARN."""
    made, _ = attempt(shop)
    made.write_down(SESSION, "renew", None)
    (line,) = audit.read(place_of(shop))
    assert (line["role"], line["role_arn"], line["account"]) == (
        "dev",
        "arn:aws:iam::111122223333:role/dev",
        "111122223333",
    )


def test_session_when_somebody_is_at_it_then_not_marked_and_not_waited_for(
    shop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They are about to publish a newer one; a `cd` goes on."""
    made, kept = attempt(shop, fingerprint="f")
    entry = cache.read(place_of(shop), "dev")
    assert entry
    text = kept.read_text()
    waited = list[float]()
    usual = {"on_wait": lambda: None, "sleep": waited.append}
    monkeypatch.setattr(locks.exclusive.__init__, "__kwdefaults__", usual)
    with locks.exclusive(made.lock, deadline=Deadline.after(0)):
        made.mark_current(entry)
    assert (kept.read_text(), waited) == (text, [])
    made.mark_current(entry)
    marked = cache.read(place_of(shop), "dev")
    assert marked
    assert (marked.session, marked.inputs) == (entry.session, made.project.digest)
