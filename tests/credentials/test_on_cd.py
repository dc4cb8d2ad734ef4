"""What a `cd` remembers, and how long it may take."""

import os
import time
from pathlib import Path
from typing import Any

import pytest

from rolecall.credentials import on_cd
from rolecall.credentials.model import Session
from rolecall.credentials.store import audit, cache, choice, held, locked, recent_failure
from rolecall.credentials.store.cache import Entry
from rolecall.errors import LoginNeededError, RolecallError
from rolecall.project import config
from rolecall.project.approved import record as approved
from rolecall.system.clock import Deadline
from rolecall.system.disk import locks
from rolecall.system.disk.place import Place
from rolecall.system.person import terminal
from rolecall.system.person.terminal import Leader
from rolecall.system.python.frozen import replace
from support.credentials import SESSION, obtain, place_of
from support.fake_aws import FakeAws, refusal

NOW = int(time.time())


def fails(root: Path, *, now: float) -> None:
    """Enter the project at `now`, to be refused."""
    with pytest.raises(RolecallError, match="role dev"):
        on_cd.obtain(place_of(root, clock=lambda: now), say=print)


def test_obtain_when_another_was_refused_meanwhile_then_does_not_ask_again(shop: Path, aws: FakeAws) -> None:
    """Whoever waited for the lock hears what its holder met; half a minute later it is a new question."""
    aws.queue("AssumeRole", *[refusal("AccessDenied", status=403)] * 3)
    fails(shop, now=NOW)
    fails(shop, now=NOW)
    assert len(aws.asked("AssumeRole")) == 1
    fails(shop, now=NOW + 31)
    assert len(aws.asked("AssumeRole")) == 2


@pytest.mark.parametrize(
    ("seconds", "is_remembered"), [(1, True), (30, True), (0, False), (31, False), (9999, False)]
)
def test_failure_when_its_end_is_past_or_too_far_off_then_is_none(
    shop: Path, seconds: int, *, is_remembered: bool
) -> None:
    """A clock that was set back does not make a failure last for hours."""
    where = place_of(shop, clock=lambda: NOW)
    recent_failure.record(where, "dev", RolecallError("code", "says"), since=NOW)
    path = Path(recent_failure.path_of(where, "dev"))
    path.write_text(path.read_text().replace(f"until={NOW + 30}", f"until={NOW + seconds}"))
    assert (recent_failure.read(where, "dev") is not None) is is_remembered


@pytest.mark.parametrize(
    ("started", "left"),
    [("1000.0", 3.8), ("998.5", 2.3), ("998,5", 2.3), ("900", 1.0), ("2000", 3.8), ("soon", 3.3), ("", 3.3)],
)
def test_deadline_when_some_of_the_cd_is_over_then_is_what_is_left(
    shop: Path, started: str, left: float
) -> None:
    """The four seconds count from the beginning of the `cd`, not from that of Python."""
    environ = {**os.environ, "ROLECALL_STARTED": started}
    deadline = on_cd._deadline(place_of(shop, environ=environ, clock=lambda: 1000.0))
    assert left - 0.5 < deadline.seconds_left <= left


ME = Leader(os.getpid(), terminal.started_at(os.getpid()) or "")


def renewed(root: Path, *, now: float | None = None) -> Session | None:
    project = config.load(root)
    place = project.place if now is None else replace(project.place, clock=lambda: now)
    return on_cd.renew(replace(project, place=place), "dev")


def test_renew_when_the_session_is_old_then_one_call_and_not_before(shop: Path, aws: FakeAws) -> None:
    """From its soft window on; until then the one there is."""
    kept = obtain(shop, "dev")
    assert renewed(shop, now=kept.renew_at - 1) == kept
    assert len(aws.asked("AssumeRole")) == 1
    later = renewed(shop, now=kept.renew_at)
    assert later
    assert (later.issued, len(aws.asked("AssumeRole"))) == (kept.renew_at, 2)


def test_renew_when_somebody_is_at_it_then_leaves_it_to_them(shop: Path, aws: FakeAws) -> None:
    """Nobody waits behind a prompt, and nothing is remembered."""
    place = place_of(shop)
    Path(place.folder).mkdir(parents=True, mode=0o700)
    with locks.exclusive(cache.lock_path(place, "dev"), deadline=Deadline.after(0)):
        assert renewed(shop) is None
    assert recent_failure.read(place, "dev") is None
    assert not aws.seen


def test_renew_when_refused_then_raised_and_remembered(shop: Path, aws: FakeAws) -> None:
    """The next prompts do not ask again at once."""
    aws.queue("AssumeRole", refusal("AccessDenied", status=403))
    with pytest.raises(RolecallError) as caught:
        renewed(shop)
    failure = recent_failure.read(place_of(shop), "dev")
    assert failure
    assert failure.code == caught.value.code == "trust-denied"


def test_obtain_when_the_project_is_locked_then_refused_and_not_remembered(shop: Path, aws: FakeAws) -> None:
    """The mark itself is read at each `cd`, and may be gone at the next."""
    locked.mark(place_of(shop), is_all=False)
    with pytest.raises(LoginNeededError, match="is locked"):
        on_cd.obtain(place_of(shop), say=print)
    assert recent_failure.read(place_of(shop), "dev") is None
    assert not aws.seen


def kept_at(where: Place, role: str, **facts: Any) -> Path:
    """Leave a session of `role` at `where`; return its file."""
    held.make(where)
    cache.publish(where, Entry(replace(SESSION, role=role, **facts), "", ""))
    return Path(cache.session_path(where, role))


def test_obtain_when_the_role_is_unknown_then_its_sessions_go_wherever_they_lie(
    shop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`.envrc` would go on exporting them; the failure is remembered under that name."""
    monkeypatch.setattr(terminal, "leader", lambda: ME)
    monkeypatch.setenv("ROLECALL_ROLE", "gone")
    where = place_of(shop)
    places = [where, *(held.by_terminal(where, ME, kind) for kind in held.KINDS)]
    files = [kept_at(place, "gone") for place in places]
    other = kept_at(where, "dev")
    with pytest.raises(RolecallError) as caught:
        on_cd.obtain(where, say=print)
    assert caught.value.code == "role-unknown"
    assert [path.exists() for path in (*files, other)] == [False, False, False, True]
    assert recent_failure.read(where, "gone")


@pytest.mark.parametrize("is_protected", [True, False])
def test_obtain_when_the_role_is_protected_then_only_a_session_from_before_goes(
    shop: Path, aws: FakeAws, *, is_protected: bool
) -> None:
    """What was taken without a word is not exported any more."""
    path = shop / "envrc.d/roles.toml"
    path.write_text(path.read_text().replace('duration = "1h"', "protected = true"))
    kept = kept_at(place_of(shop), "dev", protected=is_protected)
    with pytest.raises(LoginNeededError) as caught:
        on_cd.obtain(place_of(shop), say=print)
    assert caught.value.code == "role-protected"
    assert kept.exists() is is_protected
    assert not aws.asked("AssumeRole")


def test_obtain_when_the_terminals_role_is_removed_then_let_go_and_said(
    shop: Path, aws: FakeAws, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The default takes its place, in the same `cd`."""
    monkeypatch.setattr(terminal, "leader", lambda: ME)
    choice.record(place_of(shop), "gone", ME)
    kept, said = kept_at(place_of(shop), "gone"), list[str]()
    assert on_cd.obtain(place_of(shop), say=said.append).role == "dev"
    assert said == ["role gone is no longer in envrc.d/roles.toml; this terminal lets go of it"]
    assert (kept.exists(), choice.read(place_of(shop), ME)) == (False, None)


def test_obtain_when_nothing_names_a_role_then_remembered_for_the_project(shop: Path) -> None:
    """Before any role is known."""
    (shop / "envrc.d/roles.toml").unlink()
    with pytest.raises(RolecallError) as caught:
        on_cd.obtain(place_of(shop), say=print)
    failure = recent_failure.read(place_of(shop), recent_failure.PROJECT)
    assert failure
    assert failure.code == caught.value.code == "role-missing"


def moved(root: Path, name: str) -> None:
    """Approve the project as it is; then a pull moves the role `name` to another account."""
    approved.accept(config.load(root))
    path = root / "envrc.d/roles.toml"
    arn = {"dev": "arn:aws:iam::111122223333:role/dev", "prod": "arn:aws:iam::444455556666:role/prod"}[name]
    path.write_text(path.read_text().replace(arn, "arn:aws:iam::123456789012:role/evil"))


def test_obtain_when_the_role_waits_for_an_approval_then_refused(shop: Path, aws: FakeAws) -> None:
    """Nobody is asked for a role in an account that the person has not seen."""
    moved(shop, "dev")
    with pytest.raises(LoginNeededError) as caught:
        on_cd.obtain(place_of(shop), say=print)
    assert (caught.value.code, "123456789012" in caught.value.message) == ("approval-needed", True)
    assert not aws.asked("AssumeRole")


def test_obtain_when_a_pull_allows_more_then_said_with_the_default_that_waits(
    shop: Path, aws: FakeAws
) -> None:
    """In one line, and the command that shows the rest; the role itself is had."""
    path = shop / "envrc.d/roles.toml"
    text = path.read_text()
    path.write_text(text.replace('duration = "1h"', "read_only = true"))
    approved.accept(config.load(shop))
    path.write_text(text)
    said: list[str] = []
    assert on_cd.obtain(place_of(shop), say=said.append).role == "dev"
    assert [line.partition(": ")[0] for line in said] == ["envrc.d/roles.toml allows more than before"]
    path.write_text(text.replace('default_role = "dev"', 'default_role = "prod"'))
    assert on_cd.obtain(place_of(shop), say=said.append).role == "dev"
    assert "; that waits for your approval (" in said[-1]
    assert said[-1].endswith("review)")


def test_renew_when_the_role_is_unknown_then_remembered_too(shop: Path) -> None:
    """What fails before anybody is asked would fail at each prompt."""
    with pytest.raises(RolecallError) as caught:
        on_cd.renew(config.load(shop), "gone")
    failure = recent_failure.read(place_of(shop), "gone")
    assert failure
    assert failure.code == caught.value.code == "role-unknown"


def test_obtain_when_the_audit_log_cannot_be_written_then_a_cd_says_so(shop: Path, aws: FakeAws) -> None:
    """And has its session."""
    Path(audit.path_of(place_of(shop))).mkdir(parents=True)
    heard = list[str]()
    assert on_cd.obtain(place_of(shop), say=heard.append).role == "dev"
    assert [one.partition(":")[0] for one in heard] == ["this session is not in the audit log"]
