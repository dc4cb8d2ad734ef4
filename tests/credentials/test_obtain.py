"""The one way to a session: protection, the region, and that no session goes before there is another."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from rolecall.credentials import broker, on_cd, variables
from rolecall.credentials.attempt import Attempt
from rolecall.credentials.aws import sts
from rolecall.credentials.identity import sources
from rolecall.credentials.model import SessionRequest
from rolecall.credentials.store import cache, choice, recent_failure, warm
from rolecall.errors import LoginNeededError, MachineError, RolecallError
from rolecall.project import config
from rolecall.system.clock import Deadline
from rolecall.system.disk import files, locks
from rolecall.system.python.frozen import replace
from support import write_env
from support.credentials import obtain, place_of
from support.fake_aws import FakeAws, refusal

PROD = "arn:aws:iam::444455556666:role/prod"
PROTECTED = f"""\
[project]
name = "shop"
default_role = "dev"
[roles.dev]
role_arn = "arn:aws:iam::111122223333:role/dev"
[roles.again]
role_arn = "{PROD}"
[roles.prod]
role_arn = "{PROD}"
protected = true
[roles.through]
role_arn = "arn:aws:iam::123456789012:role/through"
source = "prod"
"""


@pytest.fixture
def guarded(shop: Path) -> Path:
    """Make a project with a protected role, a second alias of it, and a role behind it."""
    (shop / "envrc.d/roles.toml").write_text(PROTECTED)
    return shop


def append(path: Path, text: str) -> None:
    """Add `text` to a file, with an mtime that nobody can miss."""
    before = path.stat().st_mtime_ns
    path.write_text(path.read_text() + text)
    os.utime(path, ns=(before + 10**9, before + 10**9))


@pytest.mark.parametrize("role", ["prod", "again", PROD, PROD.replace("prod", "PROD"), "through"])
def test_obtain_when_the_arn_is_protected_and_nobody_typed_its_name_then_refused(
    guarded: Path, aws: FakeAws, role: str
) -> None:
    """An alias, the bare ARN and a chain through it are as protected as the role itself."""
    with pytest.raises(LoginNeededError, match="by hand only"):
        obtain(guarded, role)
    assert aws.asked("AssumeRole") == []


def test_obtain_when_role_arn_in_env_is_a_protected_one_then_refused(guarded: Path, aws: FakeAws) -> None:
    """The personal default is no way around it, also on `cd`."""
    append(guarded / ".env", f"ROLE_ARN={PROD}\n")
    with pytest.raises(LoginNeededError, match="by hand only"):
        on_cd.obtain(place_of(guarded), say=print)
    assert aws.asked("AssumeRole") == []


def test_obtain_when_its_name_is_typed_without_a_terminal_then_refused(guarded: Path, aws: FakeAws) -> None:
    """A session that no terminal holds would be anybody's."""
    script = (
        "from pathlib import Path; from support.credentials import obtain\n"
        f"obtain(Path({str(guarded)!r}), 'through', is_confirmed=True)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])},
        capture_output=True,
        text=True,
        start_new_session=True,
        check=False,
    )
    assert "its session belongs to the terminal where it is taken, and there is none" in done.stderr
    assert aws.asked("AssumeRole") == []


def test_cd_when_a_role_becomes_protected_then_its_older_session_is_gone(guarded: Path, aws: FakeAws) -> None:
    """A session that was taken without a word is not exported until it expires."""
    obtain(guarded, "dev")
    path = guarded / "envrc.d/roles.toml"
    path.write_text(path.read_text().replace('role/dev"', 'role/dev"\nprotected = true'))
    with pytest.raises(LoginNeededError):
        on_cd.obtain(place_of(guarded), say=print)
    assert cache.read(place_of(guarded), "dev") is None
    assert len(aws.asked("AssumeRole")) == 1


def test_obtain_when_a_definition_changes_and_sts_is_down_then_the_session_stays(
    shop: Path, aws: FakeAws
) -> None:
    """Its expiry is an hour off; STS may be back before."""
    session = obtain(shop, "dev")
    path = shop / "envrc.d/roles.toml"
    path.write_text(path.read_text().replace('duration = "1h"', 'duration = "2h"'))
    aws.shutdown()
    aws.server_close()
    with pytest.raises(RolecallError):
        obtain(shop, "dev", seconds=2)
    entry = cache.read(place_of(shop), "dev")
    assert entry
    assert entry.session == session


def test_obtain_when_the_identity_changes_and_sts_is_down_then_the_session_stays(
    shop: Path, aws: FakeAws, home: Path
) -> None:
    """Another line in the profile that assumes, or other keys in `.env`: the role is the same."""
    (home / ".aws").mkdir()
    profile = "[profile ann]\naws_access_key_id = AKIAPROFILEPROFILE77\naws_secret_access_key = s\n"
    (home / ".aws/config").write_text(profile)
    write_env(shop, f"AWS_PROFILE=ann\nAWS_ENDPOINT_URL={aws.url}\n")
    session = obtain(shop, "dev")
    keys = "AWS_ACCESS_KEY_ID=AKIAFAKEFAKEFAKE1234\nAWS_SECRET_ACCESS_KEY=secret\n"
    (home / ".aws/config").write_text(f"{profile}role_session_name = ann\n")
    aws.queue("AssumeRole", *[refusal("AccessDenied", "no")] * 2)
    for own in (f"AWS_PROFILE=ann\nAWS_ENDPOINT_URL={aws.url}\n", f"{keys}AWS_ENDPOINT_URL={aws.url}\n"):
        write_env(shop, own)
        with pytest.raises(RolecallError):
            obtain(shop, "dev")
        kept = cache.read(place_of(shop), "dev")
        assert kept
        assert kept.session == session
    assert obtain(shop, "dev") != session


def test_obtain_when_the_alias_is_moved_and_sts_is_down_then_the_other_roles_session_goes(
    shop: Path, aws: FakeAws
) -> None:
    """A `cd` falls back on what it finds under the role's name, and that is of another role."""
    obtain(shop, "dev")
    path = shop / "envrc.d/roles.toml"
    path.write_text(path.read_text().replace("111122223333:role/dev", "111122223333:role/other"))
    aws.queue("AssumeRole", refusal("AccessDenied", "no"))
    with pytest.raises(RolecallError):
        obtain(shop, "dev")
    assert cache.read(place_of(shop), "dev") is None


def test_session_when_two_terminals_have_aws_files_of_their_own_then_each_keeps_its_session(
    shop: Path, aws: FakeAws, tmp_path: Path
) -> None:
    """The profile that `.env` names is another one in another file."""
    write_env(shop, f"AWS_PROFILE=ann\nAWS_ENDPOINT_URL={aws.url}\n")
    for name in ("one", "two") * 2:
        (tmp_path / name).write_text(
            f"[profile ann]\naws_access_key_id = AKIA{name.upper()}00000000000\naws_secret_access_key = s\n"
        )
        environ = {**os.environ, "AWS_CONFIG_FILE": str(tmp_path / name)}
        project = config.load(shop, environ=environ)
        broker.obtain(project, SessionRequest(choice.chain(project, "dev")))
        assert warm.read(place_of(shop, environ=environ), "dev") == {}
    assert len(aws.asked("AssumeRole")) == 2


def test_obtain_when_the_text_changes_but_no_fact_then_marks_under_the_lock_only(shop: Path) -> None:
    """Whoever holds the lock is about to publish something newer."""
    obtain(shop, "dev")
    before = cache.read(place_of(shop), "dev")
    append(shop / "envrc.d/roles.toml", "# a remark\n")
    with locks.exclusive(cache.lock_path(place_of(shop), "dev"), deadline=Deadline.after(1)):
        assert before
        assert obtain(shop, "dev") == before.session
        assert cache.read(place_of(shop), "dev") == before
    obtain(shop, "dev")
    after = cache.read(place_of(shop), "dev")
    assert after
    assert after.inputs != before.inputs


def regionless(shop: Path, env: str = "") -> None:
    path = shop / "envrc.d/roles.toml"
    path.write_text(path.read_text().replace('region = "eu-west-1"\n', ""))
    append(shop / ".env", env)


@pytest.mark.parametrize(
    "sign", [{"ROLECALL_RENEW_AT": "1"}, {"AWS_ACCOUNT_ID": "1" * 12, "AWS_CREDENTIAL_EXPIRATION": "x"}]
)
def test_region_when_rolecall_exported_it_then_it_is_no_source_of_one(
    shop: Path, sign: dict[str, str]
) -> None:
    """The last role's region is not the next one's."""
    regionless(shop)
    held = {"ROLECALL_ROLE": "prod", "AWS_REGION": "us-east-2", "AWS_DEFAULT_REGION": "us-east-2"}
    environ = {**os.environ, **held, **sign}
    assert config.load(shop, environ=environ).region is None
    assert config.load(shop, environ={**os.environ, "AWS_DEFAULT_REGION": "us-east-2"}).region == "us-east-2"


def test_region_when_it_is_another_terminals_then_it_is_in_no_session(
    shop: Path, aws: FakeAws, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two terminals with regions of their own share a session, and each keeps its region."""
    regionless(shop)
    for region in ("us-east-2", "eu-north-1"):
        monkeypatch.setenv("AWS_REGION", region)
        session = obtain(shop, "dev")
        assert session.region is None
        environ = variables.child_environ(config.load(shop), session, os.environ)
        assert environ["AWS_REGION"] == environ["AWS_DEFAULT_REGION"] == region
    assert len(aws.asked("AssumeRole")) == 1


def test_region_when_env_has_only_the_default_region_then_it_wins_over_the_teams(shop: Path) -> None:
    """A personal value wins, under each of its names."""
    append(shop / ".env", "AWS_DEFAULT_REGION=ap-south-1\n")
    assert obtain(shop, "dev").region == "ap-south-1"


def test_region_when_only_the_profile_has_one_then_it_counts(shop: Path, aws: FakeAws, home: Path) -> None:
    """The profile that assumes says where its owner works."""
    regionless(shop)
    (home / ".aws").mkdir()
    (home / ".aws/config").write_text(
        "[profile ann]\nregion = ca-central-1\naws_access_key_id = AKIAPROFILEPROFILE77\n"
        "aws_secret_access_key = s\n"
    )
    write_env(shop, f"AWS_PROFILE=ann\nAWS_ENDPOINT_URL={aws.url}\n")
    session = obtain(shop, "dev")
    assert (session.region, session.profile_region) == (None, "ca-central-1")
    assert variables.child_environ(config.load(shop), session, {})["AWS_REGION"] == "ca-central-1"
    own = variables.child_environ(config.load(shop), session, {"AWS_REGION": "us-east-2"})
    assert own["AWS_REGION"] == "us-east-2"


def test_mark_current_when_a_newer_session_came_meanwhile_then_that_one_stays(
    shop: Path, aws: FakeAws
) -> None:
    """Another process may publish between the look and the lock: an old session never takes its place."""
    obtain(shop, "dev")
    where = place_of(shop)
    seen = cache.read(where, "dev")
    assert seen
    append(shop / "envrc.d/roles.toml", "# a word\n")
    project = config.load(shop)
    chain = choice.chain(project, "dev")
    who = sources.find(project, chain)
    newer = replace(seen, session=replace(seen.session, key_id="ASIANEWERNEWERNEWER1"))
    cache.publish(where, newer)
    Attempt(project, SessionRequest(chain), who, seen.session.fingerprint, where).mark_current(seen)
    assert cache.read(where, "dev") == newer


def test_default_when_the_project_removed_the_role_then_its_own_applies(shop: Path) -> None:
    """A default of last year breaks no command."""
    project = config.load(shop)
    choice.record_default(project, "prod")
    assert choice.default(project) == "prod"
    path = shop / "envrc.d/roles.toml"
    path.write_text(path.read_text().partition("[roles.prod]")[0])
    assert choice.chain(config.load(shop)).role.name == "dev"
    said: list[str] = []
    assert on_cd.obtain(place_of(shop), say=said.append).role == "dev"
    on_cd.obtain(place_of(shop), say=said.append)
    assert said == ["role prod is no longer in envrc.d/roles.toml; this terminal lets go of it"]


def test_cd_when_a_role_named_project_fails_then_no_other_is_held_up(shop: Path) -> None:
    """The marker of a failure before any role is known has a name that no role has."""
    problem = MachineError("x", "no")
    recent_failure.record(place_of(shop), "project", problem, since=0)
    assert recent_failure.path_of(place_of(shop), "project") != recent_failure.path_of(
        place_of(shop), recent_failure.PROJECT
    )
    assert recent_failure.read(place_of(shop), recent_failure.PROJECT) is None


def test_cd_when_the_failure_cannot_be_remembered_then_the_real_cause_is_said(
    shop: Path, aws: FakeAws, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full disk does not hide why there is no session."""
    obtain(shop, "prod")

    def refuse(path: str, _text: str) -> None:
        raise files.unwritable(OSError(28, "No space left on device"), path)

    aws.shutdown()
    aws.server_close()
    monkeypatch.setattr(files, "write_private", refuse)
    with pytest.raises(RolecallError) as caught:
        on_cd.obtain(place_of(shop), say=print)
    assert caught.value.code != "file-unwritable"


def test_request_when_two_identities_take_turns_then_each_keeps_its_session(
    shop: Path, aws: FakeAws, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two terminals with keys of their own ask STS once each, however often they take turns."""
    write_env(shop, f"AWS_ENDPOINT_URL={aws.url}\n")
    for key_id in ("AKIAFAKEFAKEANNS0001", "AKIAFAKEFAKEBOBS0001") * 3:  # alike in their last four
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", key_id)
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "s")
        project = config.load(shop)
        broker.obtain(project, SessionRequest(choice.chain(project, "dev")))
    assert len(aws.asked("AssumeRole")) == 2


@pytest.mark.parametrize("partition", ["aws", "aws-cn", "aws-us-gov"])
def test_obtain_when_the_role_is_read_only_then_the_policy_is_of_its_partition(
    shop: Path, aws: FakeAws, partition: str
) -> None:
    """The ARN of AWS's own policy begins as the role's does."""
    path = shop / "envrc.d/roles.toml"
    text = path.read_text().replace('duration = "1h"', "read_only = true")
    path.write_text(text.replace("arn:aws:", f"arn:{partition}:"))
    project = config.load(shop)
    wanted = sts.request(project.roles["dev"], seconds=900, project_name="shop", environ={})
    assert wanted["PolicyArns"] == [{"arn": f"arn:{partition}:iam::aws:policy/ReadOnlyAccess"}]


@pytest.mark.parametrize(
    "name", ["dev", "arn:aws:iam::111122223333:role/dev", "arn:aws:iam::111122223333:role/DEV"]
)
def test_obtain_when_the_role_becomes_read_only_then_no_wider_session_is_left(
    shop: Path, aws: FakeAws, name: str
) -> None:
    """Not under another name of the role, and not while STS is away."""
    obtain(shop, "dev")
    path = shop / "envrc.d/roles.toml"
    path.write_text(path.read_text().replace('duration = "1h"', "read_only = true"))
    assert obtain(shop, name).rights == "read-only"
    assert aws.asked("AssumeRole")[-1]["PolicyArns.member.1.arn"].endswith("policy/ReadOnlyAccess")
    path.write_text(path.read_text().replace("read_only = true", ""))
    obtain(shop, "dev")
    path.write_text(path.read_text().replace('role/dev"', 'role/dev"\nread_only = true'))
    aws.queue("AssumeRole", refusal("AccessDenied", status=403))
    with pytest.raises(RolecallError):
        obtain(shop, "dev")
    assert cache.read(place_of(shop), "dev") is None


def test_role_arn_when_it_names_a_read_only_role_in_another_case_then_it_only_reads(shop: Path) -> None:
    """The personal default is no way around it."""
    path = shop / "envrc.d/roles.toml"
    path.write_text(path.read_text().replace('duration = "1h"', "read_only = true"))
    append(shop / ".env", "ROLE_ARN=arn:aws:iam::111122223333:role/DEV\n")
    assert obtain(shop).rights == "read-only"
