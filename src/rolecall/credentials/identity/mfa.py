"""A second factor: one code proves the identity to every role of the project, for as long as AWS allows.

Keeps the shared MFA session (GetSessionToken), and knows when a code must go straight to a role instead.
Must not ask (mfa_code does), or take a role.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from rolecall.credentials import failures
from rolecall.credentials.aws import sts
from rolecall.credentials.aws.query.client import Client
from rolecall.credentials.aws.query.signature import Keys
from rolecall.credentials.aws.sts import Code
from rolecall.credentials.identity import mfa_code
from rolecall.credentials.identity.keys import Source
from rolecall.credentials.model import HARD_SECONDS, FetchRequest
from rolecall.credentials.store import session_file
from rolecall.errors import CredentialError
from rolecall.project.roles import CHAINED_MOST_SECONDS, Role
from rolecall.system.clock import Deadline, human, iso, within
from rolecall.system.disk import files, locks
from rolecall.system.person.person import PERSON, Person
from rolecall.system.text.secret import Secret

SESSION_SECONDS = 12 * 3600  # GetSessionToken, API reference: the default for a user, of at most 36 hours
PATIENCE_SECONDS = 20.0
REFUSED = ("key-unknown", "secret-wrong", "token-expired", "token-invalid")
DENIED = ("trust-denied", "explicitly-denied")  # also where the role wants a more recent MFA
KEYS = {
    "AccessKeyId": "AWS_ACCESS_KEY_ID",
    "SecretAccessKey": "AWS_SECRET_ACCESS_KEY",
    "SessionToken": "AWS_SESSION_TOKEN",
}


@dataclass(frozen=True, slots=True)
class Proof:
    """What proves the second factor to the first role: a code for it, or a shared session's keys."""

    deadline: Deadline
    code: Code | None = None
    keys: Keys | None = None
    notes: tuple[str, ...] = ()


def proof(wanted: FetchRequest, source: Source, *, person: Person = PERSON) -> Proof:
    """Return what proves the second factor. Raises LoginNeededError where a person is needed and not there.

    A shared session wherever that costs nothing. AWS counts its use as chaining, so it yields an hour at
    most: a single role that may last longer gets the code itself, and the next role asks again.
    """
    chain = wanted.chain
    if chain.is_chained or chain.role.duration_seconds <= CHAINED_MOST_SECONDS:
        return _shared(wanted, source, person)
    code = mfa_code.code(wanted, _serial(wanted, source), _process(wanted, source), person=person)
    says = (
        f"{chain.role.name} lasts {human(chain.role.duration_seconds)}, so the code went straight to it; "
        'with duration = "1h" one code would serve every role'
    )
    return Proof(Deadline.after(PATIENCE_SECONDS), code=code, notes=(says,))


def session_path(wanted: FetchRequest) -> Path:
    """Return the file of the MFA session of this identity and device, beside the project's role sessions."""
    declared = _declared_serial(wanted) or ""
    word = hashlib.sha256(f"{wanted.who.fingerprint}\0{declared}".encode()).hexdigest()[:16]
    return Path(wanted.project.place.folder, f"{word}.mfa")


def forget_if_refused(wanted: FetchRequest, problem: CredentialError, *, person: Person = PERSON) -> None:
    """Drop the MFA session that AWS refused, so that the next try asks for a code.

    A denial may lie with the role alone: only where a person can answer is it worth another code.
    """
    if problem.code in REFUSED or (problem.code in DENIED and person.can_ask()):
        files.remove(str(session_path(wanted)))


def _shared(wanted: FetchRequest, source: Source, person: Person) -> Proof:
    path = session_path(wanted)
    before = _read(path, person)
    if before and not wanted.is_anew:
        return Proof(wanted.deadline, keys=before, notes=_later_hops(wanted))
    files.private_dir(path.parent)
    with locks.exclusive(path.with_suffix(".mfa-lock"), deadline=wanted.deadline):
        found = _read(path, person)
        if found and found != before:  # another process has asked meanwhile
            return Proof(wanted.deadline, keys=found, notes=_later_hops(wanted))
        code = mfa_code.code(wanted, _serial(wanted, source), _process(wanted, source), person=person)
        deadline = Deadline.after(PATIENCE_SECONDS)
        answer = within(deadline, lambda: _session_token(wanted, source, code, deadline))
        _publish(path, answer)
    says = f"one MFA session serves every role of this project until {_clock_time(answer)}"
    return Proof(deadline, keys=sts.keys_of(answer), notes=(says, *_later_hops(wanted)))


def _session_token(wanted: FetchRequest, source: Source, code: Code, deadline: Deadline) -> Mapping[str, Any]:
    client = _client(source, deadline)
    return sts.session_token(client, code, seconds=SESSION_SECONDS, role=_asking(wanted))


def _client(source: Source, deadline: Deadline) -> Client:
    return sts.client(source.keys, region=source.region, environ=source.environ, deadline=deadline)


def _later_hops(wanted: FetchRequest) -> tuple[str, ...]:
    first, *later = wanted.chain.hops
    names = [hop.name for hop in later if hop.mfa]
    if not names or first.mfa:
        return ()
    return (f"the MFA of {', '.join(names)} is proven to {first.name}, where the chain begins",)


def _asking(wanted: FetchRequest) -> Role:
    return next(hop for hop in wanted.chain.hops if hop.mfa)


def _declared_serial(wanted: FetchRequest) -> str | None:
    return _asking(wanted).mfa_serial or wanted.project.mfa_serial


def _serial(wanted: FetchRequest, source: Source) -> str:
    """The device: as declared, as the profile says, or the one that bears the user's name."""
    declared = _declared_serial(wanted) or source.profile.get("mfa_serial")
    if declared:
        return declared
    client = _client(source, Deadline.after(PATIENCE_SECONDS))
    arn = sts.caller(client, label=wanted.who.label).arn
    head, kind, name = arn.partition(":user/")
    if not kind:
        raise failures.error("identity-temporary", role=wanted.chain.role.name, label=wanted.who.label)
    return f"{head}:mfa/{name.rpartition('/')[2]}"


def _process(wanted: FetchRequest, source: Source) -> str:
    return wanted.project.mfa_process or source.profile.get("mfa_process", "")


def _read(path: Path, person: Person) -> Keys | None:
    values = session_file.parse(files.read_own(path) or "")
    try:
        expires = session_file.epoch(values.get("ROLECALL_EXPIRES", ""))
    except ValueError:
        return None
    if expires - person.clock() < HARD_SECONDS or not values.keys() >= set(KEYS.values()):
        return None
    key_id, secret, token = (values[name] for name in KEYS.values())
    return Keys(key_id, Secret(secret), Secret(token))


def _publish(path: Path, answer: Mapping[str, Any]) -> None:
    given = sts.keys_of(answer)
    texts = (given.key_id, given.secret.reveal(), given.token.reveal())
    values = dict(zip(KEYS.values(), texts, strict=True))
    expires = int(answer["Credentials"]["Expiration"].timestamp())
    values |= {"AWS_CREDENTIAL_EXPIRATION": iso(expires), "ROLECALL_EXPIRES": str(expires)}
    files.write_private(path, session_file.dump(values))


def _clock_time(answer: Mapping[str, Any]) -> str:
    moment: datetime = answer["Credentials"]["Expiration"]
    return moment.astimezone().strftime("%H:%M")
