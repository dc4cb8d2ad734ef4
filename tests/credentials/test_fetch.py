"""One session through every hop: how long, from which region, by whose clock, and what is said about it."""

import time
from contextlib import nullcontext
from datetime import datetime
from email.utils import formatdate
from pathlib import Path

import pytest

from rolecall.credentials import broker, fetch
from rolecall.credentials.aws.query.signature import Keys
from rolecall.credentials.aws.sts import Code
from rolecall.credentials.identity import keys, mfa, sources
from rolecall.credentials.model import FetchRequest, SessionRequest
from rolecall.credentials.store import choice
from rolecall.errors import CredentialError
from rolecall.project import config
from rolecall.system.clock import Deadline
from rolecall.system.person import person
from rolecall.system.python.frozen import replace
from rolecall.system.text.secret import Secret
from support.credentials import obtain
from support.fake_aws import KEY_ID, FakeAws, granted, refusal

CHAIN = """\
[project]
name = "shop"
region = "{region}"
[roles.dev]
role_arn = "arn:aws:iam::111122223333:role/dev"
{more}
[roles.end]
role_arn = "arn:aws:iam::111122223333:role/end"
source = "dev"
"""


def declare(shop: Path, *, region: str = "eu-west-1", more: str = "") -> None:
    (shop / "envrc.d/roles.toml").write_text(CHAIN.format(region=region, more=more))


@pytest.mark.parametrize(("minutes", "says"), [(-17, "17m fast"), (17, "17m slow")])
def test_fetch_when_the_clock_is_off_then_said_once_for_all_hops(
    shop: Path, aws: FakeAws, minutes: int, says: str
) -> None:
    """AWS's own Date tells; each hop meets it anew, and a person reads it once."""
    declare(shop)
    date = formatdate(time.time() + minutes * 60 + (5 if minutes > 0 else -5), usegmt=True)
    refused = refusal("SignatureDoesNotMatch", "Signature expired: a is now earlier than b", Date=date)
    dev = granted("arn:aws:iam::111122223333:role/dev")
    aws.queue("AssumeRole", refused, dev, refused)
    assert obtain(shop, "end").notes == (f"this machine's clock is {says}; please set it",)


def test_fetch_when_the_clock_is_right_then_nothing_is_said(shop: Path, aws: FakeAws) -> None:
    """Through one hop and through two."""
    declare(shop)
    assert (obtain(shop, "dev").notes, obtain(shop, "end").notes) == ((), ())


@pytest.mark.parametrize(("left", "is_refused"), [(0, True), (-1, True), (1, False)])
def test_fetch_when_aws_gives_what_has_ended_then_refused(
    shop: Path, aws: FakeAws, left: int, *, is_refused: bool
) -> None:
    """Also at the very second of its end: whoever takes it up has no second of it."""
    reply = granted("arn:aws:iam::111122223333:role/dev")
    aws.queue("AssumeRole", reply)
    ends = datetime.fromisoformat(reply.body.partition("<Expiration>")[2][:20]).timestamp()
    project = config.load(shop)
    project = replace(project, place=replace(project.place, clock=lambda: ends - left))
    wanted = SessionRequest(choice.chain(project, "dev"), min_ttl_seconds=0)
    with pytest.raises(CredentialError, match="has expired already") if is_refused else nullcontext():
        assert broker.obtain(project, wanted).expires == ends


@pytest.mark.parametrize(
    ("more", "region", "signed_for"),
    [
        ("", "eu-west-1", "eu-west-1"),
        ('region = "us-east-2"', "eu-west-1", "us-east-2"),
    ],
)
def test_fetch_when_the_role_has_a_region_then_it_goes_before_the_projects(
    shop: Path, aws: FakeAws, more: str, region: str, signed_for: str
) -> None:
    """For the question to STS, and in the session."""
    declare(shop, region=region, more=more)
    assert obtain(shop, "dev").region == signed_for
    asked = next(one for one in aws.seen if one.operation == "AssumeRole")
    assert f"/{signed_for}/sts/aws4_request" in asked.headers["authorization"]


def test_fetch_when_given_then_the_session_says_whose_it_is_and_for_how_long(
    shop: Path, aws: FakeAws
) -> None:
    """Each fact that the session file has, and a program or a person reads."""
    moment = int(time.time())
    session = obtain(shop, "dev")
    assert (session.role, session.account) == ("dev", "111122223333")
    assert session.role_arn == "arn:aws:iam::111122223333:role/dev"
    assert session.assumed_arn.startswith("arn:aws:sts::111122223333:assumed-role/dev/")
    assert session.assumed_id.startswith("AROAFAKE:")
    assert (session.key_id, session.secret.reveal()) == (KEY_ID, "secret/of+role=")
    assert session.token.reveal() == "token/of+session="
    assert (session.protected, session.rights, session.profile_region) == (False, "", None)
    assert moment <= session.issued <= moment + 60
    assert session.expires - 900 <= session.renew_at < session.expires
    assert aws.asked("AssumeRole")


def test_chain_when_a_token_gives_the_first_role_then_that_role_takes_the_next(
    shop: Path, aws: FakeAws, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The token speaks once; without keys in between, nothing is signed by anybody else."""
    declare(shop)
    (shop / "token").write_text("the-token")
    monkeypatch.setenv("AWS_WEB_IDENTITY_TOKEN_FILE", str(shop / "token"))
    obtain(shop, "end")
    assert [one.operation for one in aws.seen] == ["AssumeRoleWithWebIdentity", "AssumeRole"]
    assert KEY_ID in aws.seen[1].headers["authorization"]


def test_fetch_when_refused_without_mfa_then_what_aws_said(shop: Path, aws: FakeAws) -> None:
    """No MFA session has to be forgotten."""
    aws.queue("AssumeRole", refusal("MalformedPolicyDocument", "Syntax errors in policy."))
    with pytest.raises(CredentialError, match="Syntax errors") as caught:
        obtain(shop, "dev")
    assert caught.value.code == "policy-malformed"


ASKING = "profile", "chain"


@pytest.mark.parametrize("is_there", [True, False])
@pytest.mark.parametrize("kind", [*ASKING, "keys"])
def test_deadline_when_a_profile_may_ask_a_person_then_it_is_theirs(
    shop: Path, aws: FakeAws, monkeypatch: pytest.MonkeyPatch, kind: str, *, is_there: bool
) -> None:
    """Where somebody sits; for keys and for a script it stays the one that was given."""
    heard = list[object]()

    def can_ask(*, environ: object = None) -> bool:
        heard.append(environ)
        return is_there

    monkeypatch.setattr(person, "can_ask", can_ask)
    project = config.load(shop)
    who = replace(sources.find(project), kind=kind)
    seen = list[float]()
    monkeypatch.setattr(keys, "opened", lambda *_words, **more: seen.append(more["deadline"].seconds_left))
    wanted = FetchRequest(project, choice.chain(project, "dev"), who, Deadline.after(5))
    with pytest.raises(AttributeError):  # there is no source to go on with
        fetch.session(wanted, "f")
    assert (seen[0] > 60) is (is_there and kind in ASKING)
    assert all(one is project.place.environ for one in heard)


def test_session_when_fetched_then_its_rights_are_those_of_the_request(shop: Path, aws: FakeAws) -> None:
    """Plain where nothing else is asked."""
    project = config.load(shop)
    wanted = FetchRequest(project, choice.chain(project, "dev"), sources.find(project), Deadline.after(20))
    found = fetch.session(wanted, "f")
    assert (found.rights, found.fingerprint) == ("", "f")
    assert fetch.session(replace(wanted, is_elevated=True), "f").rights == "elevated"


@pytest.mark.parametrize("by_code", [True, False], ids=["code", "session"])
def test_mfa_when_proven_then_the_first_role_hears_of_it_and_a_refusal_is_told(
    shop: Path, aws: FakeAws, monkeypatch: pytest.MonkeyPatch, *, by_code: bool
) -> None:
    """A code goes along, a session signs; that a session was refused is told to whoever keeps it."""
    declare(shop, more="mfa = true")
    project, told = config.load(shop), list[str]()
    given = Keys("ASIAMFAMFAMFAMFA0001", Secret("s"), Secret("t"))
    proof = mfa.Proof(
        Deadline.after(20),
        code=Code("arn:aws:iam::111122223333:mfa/ann", "123456") if by_code else None,
        keys=None if by_code else given,
        notes=("proven",),
    )
    monkeypatch.setattr(mfa, "proof", lambda *_: proof)
    monkeypatch.setattr(mfa, "forget_if_refused", lambda _, problem: told.append(problem.code))
    wanted = FetchRequest(project, choice.chain(project, "end"), sources.find(project), Deadline.after(20))
    assert fetch.session(wanted, "f").notes[0] == "proven"
    first, second = aws.asked("AssumeRole")
    assert (first.get("TokenCode"), second.get("TokenCode")) == ("123456" if by_code else None, None)
    assert (given.key_id in aws.seen[0].headers["authorization"]) is not by_code
    assert told == []
    aws.queue("AssumeRole", refusal("ExpiredToken", status=403))
    with pytest.raises(CredentialError):
        fetch.session(wanted, "f")
    assert told == ([] if by_code else ["token-expired"])
