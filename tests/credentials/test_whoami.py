"""`whoami` and `status`: whose the keys are, what each role has left, and plain words for a failure."""

import os
from pathlib import Path

import pytest

from rolecall.credentials import variables, whoami
from rolecall.credentials.store import cache, choice, held, recent_failure
from rolecall.credentials.store.cache import Entry
from rolecall.credentials.whoami import Row
from rolecall.errors import CredentialError, RolecallError
from rolecall.project import config, own_profiles, roles
from rolecall.project.declared import Project
from rolecall.system.disk.place import Place
from rolecall.system.person import terminal
from rolecall.system.person.terminal import Leader
from rolecall.system.python.frozen import replace
from support import write_env
from support.credentials import SESSION, obtain
from support.fake_aws import KEY_ID, FakeAws, Reply, refusal

HELD = {
    "AWS_ACCESS_KEY_ID": "ASIAROLEROLEROLE0009",
    "AWS_SECRET_ACCESS_KEY": "role-secret",
    "AWS_SESSION_TOKEN": "role-token",
    "AWS_CREDENTIAL_EXPIRATION": "2099-01-01T00:00:00Z",
    "AWS_ACCOUNT_ID": "111122223333",
    "ROLECALL_ROLE": "dev",
}


def ask(root: Path) -> whoami.Answer:
    return whoami.ask(config.load(root))


def test_whoami_when_the_held_role_has_expired_then_named(
    shop: Path, aws: FakeAws, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An expired role in the shell is called by its name."""
    for name, value in HELD.items():
        monkeypatch.setenv(name, value)
    aws.queue("GetCallerIdentity", refusal("ExpiredToken", status=403))
    with pytest.raises(CredentialError, match="role dev: its temporary credentials have expired"):
        ask(shop)


def test_whoami_when_the_config_file_is_broken_then_still_answers(shop: Path, home: Path) -> None:
    """A broken AWS config file does not keep the keys from saying who they are."""
    (home / ".aws").mkdir()
    (home / ".aws/config").write_text("[profile x\n")
    assert ask(shop).arn == "arn:aws:iam::111122223333:user/team/ann"


def test_whoami_when_sts_has_an_address_of_its_own_then_asked_there(shop: Path, aws: FakeAws) -> None:
    """AWS_ENDPOINT_URL_STS in `.env` goes before AWS_ENDPOINT_URL, here too."""
    text = (shop / ".env").read_text().replace("AWS_ENDPOINT_URL=", "AWS_ENDPOINT_URL=http://127.0.0.1:9 #")
    write_env(shop, f"{text}AWS_ENDPOINT_URL_STS={aws.url}\n")
    assert ask(shop).account == "111122223333"


def test_whoami_when_the_identity_is_a_hanging_program_then_ends(
    shop: Path, aws: FakeAws, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server that says nothing ends at the deadline, with the reason."""
    monkeypatch.setattr(whoami, "PATIENCE_SECONDS", 0.5)
    aws.queue("GetCallerIdentity", *[Reply(200, "", pause_seconds=5)] * 3)
    with pytest.raises(RolecallError) as caught:
        ask(shop)
    assert caught.value.code == "timeout"


def test_whoami_when_refused_then_not_taken_for_a_trust_policy(shop: Path, aws: FakeAws) -> None:
    """A denied GetCallerIdentity has nothing to do with a role."""
    message = "User: arn:aws:iam::111122223333:user/ann is not authorized to perform: sts:GetCallerIdentity"
    aws.queue("GetCallerIdentity", refusal("AccessDenied", message, status=403))
    with pytest.raises(CredentialError) as caught:
        ask(shop)
    assert caught.value.code == "refused"


DEV = "arn:aws:sts::111122223333:assumed-role/dev/ann@shop"
DESK = """\
[roles.desk]
sso = { session = "corp", account_id = "111122223333", role_name = "Admin" }
[roles."AWSReserved"]
role_arn = "arn:aws:iam::111122223333:role/AWSReserved"
"""


def hold(monkeypatch: pytest.MonkeyPatch, **changes: str) -> None:
    for name, value in {**HELD, **changes}.items():
        monkeypatch.setenv(name, value)


@pytest.mark.parametrize(
    ("role", "arn", "is_it"),
    [
        ("dev", DEV, True),
        ("dev", DEV.replace("111122223333", "444455556666"), False),
        ("dev", "arn:aws:iam::111122223333:user/dev", False),
        ("dev", DEV.replace("/dev/", "/dev_1/"), False),
        ("gone", DEV, False),
        ("desk", DEV.replace("/dev/", "/AWSReservedSSO_Admin_0123456789abcdef/"), True),
        ("desk", DEV.replace("/dev/", "/AWSReservedSSO_AdminToo_0123456789abcdef/"), False),
        ("AWSReserved", DEV.replace("/dev/", "/AWSReserved_1/"), False),
    ],
)
def test_whoami_when_a_role_is_held_then_sts_has_the_word_whose_the_keys_are(
    shop: Path, aws: FakeAws, monkeypatch: pytest.MonkeyPatch, role: str, arn: str, *, is_it: bool
) -> None:
    """A role by its name and account; a permission set has a suffix that only AWS knows."""
    with (shop / "envrc.d/roles.toml").open("a") as file:
        file.write(DESK)
    hold(monkeypatch, ROLECALL_ROLE=role)
    aws.user_arn = arn
    answer = ask(shop)
    assert (answer.role, answer.not_of) == ((role, "") if is_it else (None, role))
    assert (answer.account, answer.arn, answer.user_id) == (arn.split(":")[4], arn, "AIDAFAKE:ann")
    assert aws.seen[-1].headers["x-amz-security-token"] == "role-token"
    assert "/eu-west-1/sts/aws4_request" in aws.seen[-1].headers["authorization"]


@pytest.mark.parametrize(
    ("expires", "left"),
    [("2033-05-18T03:33:20Z", 60), ("2033-05-18T03:33:20", None), ("soon", None), ("", None)],
)
def test_whoami_when_the_keys_say_when_they_end_then_the_seconds_left(
    shop: Path, aws: FakeAws, monkeypatch: pytest.MonkeyPatch, expires: str, left: int | None
) -> None:
    """Whole ones; a moment without a zone is none."""
    hold(monkeypatch, AWS_CREDENTIAL_EXPIRATION=expires)
    aws.user_arn = DEV
    assert whoami.ask(at(config.load(shop), SESSION.expires - 60.5)).seconds_left == left


def test_whoami_when_only_the_name_of_a_role_is_there_then_the_source_identity(
    shop: Path, aws: FakeAws, monkeypatch: pytest.MonkeyPatch
) -> None:
    """ROLECALL_ROLE by hand, without keys: nobody is in it yet. STS is asked in the identity's region."""
    monkeypatch.setenv("ROLECALL_ROLE", "dev")
    path = shop / "envrc.d/roles.toml"
    path.write_text(path.read_text().replace('region = "eu-west-1"\n', ""))
    write_env(shop, (shop / ".env").read_text() + "AWS_DEFAULT_REGION=eu-west-3\n")
    answer = ask(shop)
    assert (answer.arn, answer.role, answer.not_of) == (aws.user_arn, None, "")
    assert "AKIAFAKEFAKEFAKE1234" in aws.seen[-1].headers["authorization"]
    assert "/eu-west-3/sts/aws4_request" in aws.seen[-1].headers["authorization"]


@pytest.mark.parametrize(
    "shown",
    [
        {"AWS_PROFILE": "shop-dev", "ROLECALL_PROFILE": "shop-dev"},
        {"AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://h/", "ROLECALL_ENDPOINT": "http://h/"},
    ],
    ids=["profile", "endpoint"],
)
def test_whoami_when_programs_ask_for_the_keys_then_those_on_disk_are_shown(
    shop: Path, aws: FakeAws, monkeypatch: pytest.MonkeyPatch, shown: dict[str, str]
) -> None:
    """The shell holds none itself; AWS would see the session's."""
    obtain(shop, "dev")
    for name, value in {**shown, "ROLECALL_ROLE": "dev"}.items():
        monkeypatch.setenv(name, value)
    aws.user_arn = DEV
    answer = ask(shop)
    assert (answer.role, answer.not_of) == ("dev", "")
    assert 3500 < (answer.seconds_left or 0) <= 3600
    assert KEY_ID in aws.seen[-1].headers["authorization"]
    assert len(aws.asked("AssumeRole")) == 1


@pytest.mark.parametrize(("key_id", "rights"), [(KEY_ID, "read-only"), (HELD["AWS_ACCESS_KEY_ID"], "")])
def test_whoami_when_the_keys_are_of_a_session_on_disk_then_its_rights(
    shop: Path, aws: FakeAws, monkeypatch: pytest.MonkeyPatch, key_id: str, rights: str
) -> None:
    """Of other keys of the same role nothing is known."""
    path = shop / "envrc.d/roles.toml"
    path.write_text(path.read_text().replace('duration = "1h"', "read_only = true"))
    hold(monkeypatch, **variables.environment(obtain(shop, "dev")) | {"AWS_ACCESS_KEY_ID": key_id})
    aws.user_arn = DEV
    assert ask(shop).rights == rights


def test_identity_when_asked_then_whoever_takes_that_role(
    shop: Path, aws: FakeAws, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A login is nobody by itself: the portal gives the role, and so does a token."""
    with (shop / "envrc.d/roles.toml").open("a") as file:
        file.write(DESK)
    project = config.load(shop)
    found = whoami.identity(project)
    assert found
    assert (found.arn, found.account) == (aws.user_arn, "111122223333")
    assert whoami.identity(project, chain=roles.resolve(project.roles, "desk")) is None
    monkeypatch.setenv("AWS_WEB_IDENTITY_TOKEN_FILE", "/t")
    assert whoami.identity(config.load(shop)) is None


def test_identity_when_sts_does_not_answer_then_ends_in_time(shop: Path, aws: FakeAws) -> None:
    """Whoever asks says how long."""
    aws.queue("GetCallerIdentity", Reply(200, "", pause_seconds=5))
    with pytest.raises(CredentialError, match="did not answer in time") as caught:
        whoami.identity(config.load(shop), seconds=0.1)
    assert caught.value.code == "timeout"


def test_identity_when_its_keys_are_malformed_then_named(shop: Path) -> None:
    """Before anything is asked; by the identity's own name."""
    write_env(shop, "AWS_ACCESS_KEY_ID=AKIAFAKEFAKEFAKE1234\nAWS_SECRET_ACCESS_KEY='a b'\n")
    with pytest.raises(CredentialError, match=r"keys …1234 in \.env: the secret holds"):
        whoami.identity(config.load(shop))


ROLES = """\
[project]
default_role = "dev"
region = "eu-west-1"
[roles.dev]
role_arn = "arn:aws:iam::111122223333:role/dev"
[roles.ops]
role_arn = "arn:aws:iam::111122223333:role/ops"
protected = true
[roles.look]
role_arn = "arn:aws-cn:iam::111122223333:role/look"
region = "cn-north-1"
read_only = true
[roles.gov]
role_arn = "arn:aws-us-gov:iam::111122223333:role/gov"
read_only = true
"""
ME = Leader(os.getpid(), terminal.started_at(os.getpid()) or "")
BESIDE = Leader(os.getppid(), terminal.started_at(os.getppid()) or "")
IAM = "arn:{}:iam::111122223333:role/{}"


def at(project: Project, now: float) -> Project:
    return replace(project, place=replace(project.place, clock=lambda: now))


def kept(where: Place, role: str, left: int) -> None:
    """Leave a session of `role` at `where` with so many seconds left at NOW."""
    held.make(where)
    session = replace(SESSION, role=role, expires=NOW + left, renew_at=NOW)
    cache.publish(where, Entry(session, "", ""))


NOW = 2_000_000_000


@pytest.fixture
def project(shop: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    """Make a project with four roles, in this terminal, at NOW."""
    (shop / "envrc.d/roles.toml").write_text(ROLES)
    monkeypatch.setattr(terminal, "leader", lambda: ME)
    return at(config.load(shop), NOW)


def test_overview_when_nothing_is_held_then_what_is_declared(project: Project) -> None:
    """The default is the one that applies here."""
    assert whoami.overview(project) == (
        Row("dev", IAM.format("aws", "dev"), None, True, True, False, "", region="eu-west-1"),
        Row("ops", IAM.format("aws", "ops"), None, False, False, True, "", region="eu-west-1"),
        Row(
            *("look", IAM.format("aws-cn", "look"), None, False, False, False, ""),
            rights="read-only",
            region="cn-north-1",
        ),
        Row(
            *("gov", IAM.format("aws-us-gov", "gov"), None, False, False, False, ""),
            rights="read-only",
            region="eu-west-1",
        ),
    )


def test_overview_when_sessions_are_held_then_whose_and_how_long(project: Project) -> None:
    """This terminal's, other terminals' and programs'; a failure, a chosen region, a profile."""
    where = project.place
    choice.record(where, "ops", ME)
    choice.record_region(where, "eu-west-3", IAM.format("aws", "dev"), ME)
    own_profiles.write(where, {"dev": "shop-dev"})
    for role, left in (("dev", 1800), ("ops", 7), ("gov", 0)):
        kept(where, role, left)
    recent_failure.record(where, "dev", RolecallError("x", "AWS said no"), since=NOW)
    kept(held.by_terminal(where, ME), "ops", 600)
    kept(held.by_terminal(where, BESIDE), "ops", 300)
    kept(held.by_terminal(where, Leader(ME.pid, "1")), "ops", 300)
    kept(held.by_programs(where), "ops", 900)
    kept(held.by_terminal(where, ME, held.ELEVATED), "look", 100)
    dev, ops, look, gov = whoami.overview(project)
    assert (dev.seconds_left, dev.failure, dev.profile) == (1800, "AWS said no", "shop-dev")
    assert (dev.region, dev.is_region_chosen, dev.other_terminals) == ("eu-west-3", True, 0)
    assert (dev.is_current, dev.is_default, dev.programs_seconds_left) == (False, True, None)
    assert (ops.seconds_left, ops.other_terminals, ops.programs_seconds_left) == (600, 1, 900)
    assert (ops.is_current, ops.is_default, ops.failure, ops.profile) == (True, False, "", "")
    assert (look.seconds_left, look.rights, look.is_region_chosen) == (100, "elevated", False)
    assert (gov.seconds_left, gov.rights) == (None, "read-only")


@pytest.mark.parametrize(("name", "region"), [(IAM.format("aws", "own"), "eu-west-1"), ("gone", "eu-west-1")])
def test_overview_when_the_role_here_is_not_declared_then_it_has_a_row_of_its_own(
    shop: Path, name: str, region: str
) -> None:
    """A bare ARN, or a name that the project has not: last, and marked."""
    *declared, last = whoami.overview(config.load(shop, environ={**os.environ, "ROLECALL_ROLE": name}))
    assert [(row.role, row.is_current) for row in declared] == [("dev", False), ("prod", False)]
    assert last == Row(name, name, None, True, False, False, "", region=region)


def test_row_when_listed_then_each_of_its_facts_once() -> None:
    """`roles --json` has them all."""
    assert sorted(whoami.ROW) == sorted(Row.__annotations__)


def test_timeout_when_said_then_names_who_did_not_answer(
    shop: Path, aws: FakeAws, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By its name or by its address: whichever limit of the two strikes first."""
    monkeypatch.setattr(whoami, "PATIENCE_SECONDS", 0.0)
    with pytest.raises(CredentialError, match=r"^(STS|127\.0\.0\.1) did not answer in time"):
        ask(shop)
    with pytest.raises(CredentialError, match=r"^(STS|127\.0\.0\.1) did not answer in time"):
        whoami.identity(config.load(shop), seconds=0.0)
