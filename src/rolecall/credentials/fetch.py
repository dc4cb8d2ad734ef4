"""Fetching one session: from the identity through every hop of the chain.

Owns: the walk along the chain, and what is said about how long the session may be.
Must not: cache, lock, or ask a person (mfa does).
Called by: the broker alone.
"""

import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from rolecall.credentials.aws import sdk, sts
from rolecall.credentials.failures import table as failures
from rolecall.credentials.failures.recognise import About
from rolecall.credentials.identity import sdk_session as identity
from rolecall.credentials.model import Identity, Session, renew_at
from rolecall.project.config import Project
from rolecall.project.roles import CHAINED_MOST_SECONDS, Chain, Role
from rolecall.system import person
from rolecall.system.clock import Deadline, human, within

if TYPE_CHECKING:
    import botocore.session

    from rolecall.credentials.identity.mfa import Proof

ASKING_SECONDS = 120.0  # a profile may have an MFA device of its own, and a person takes their time


@dataclass(frozen=True, slots=True)
class Fetch:
    """What is to be fetched: the chain, by whom, and until when."""

    project: Project
    chain: Chain
    who: Identity
    deadline: Deadline
    environ: Mapping[str, str] = field(default_factory=lambda: os.environ, repr=False)
    mfa_code: str = field(default="", repr=False)

    @property
    def guard(self) -> str:
        """What the credential processes of this fetch carry; see `guard` below."""
        return guard(self.project, self.chain)

    @property
    def is_direct(self) -> bool:
        """Whether Identity Center or a web identity token gives the first hop itself."""
        first, kind = self.chain.hops[0], self.who.kind
        is_token_for_it = kind in ("web-identity", "github") and self.who.role_arn in (None, first.role_arn)
        return first.sso is not None or is_token_for_it


def guard(project: Project, chain: Chain) -> str:
    """Return the word by which a credential_process that calls us for this very role is recognised."""
    return f"{project.key}/{chain.role.name}"


def session(wanted: Fetch, fingerprint: str, *, clock: Callable[[], float] = time.time) -> Session:
    """Return a new session of the chain's role.

    Raises CredentialError or LoginNeededError, and TimeoutError where the deadline passed unexplained.
    """
    if wanted.who.kind in ("profile", "chain") and person.can_ask(environ=wanted.environ):
        wanted = replace(wanted, deadline=Deadline.after(ASKING_SECONDS))
    source = within(wanted.deadline, lambda: _source(wanted))
    proof = _proof(wanted, source)
    asked = replace(wanted, deadline=proof.deadline) if proof else wanted
    answer, notes = within(asked.deadline, lambda: _walk(asked, source, proof))
    return _session(answer, wanted, fingerprint, clock(), notes)


@dataclass(frozen=True, slots=True)
class Source:
    """A botocore session that can begin the chain; `is_temporary`: its credentials carry a token."""

    session: "botocore.session.Session"
    is_temporary: bool


def _source(wanted: Fetch) -> Source:
    if wanted.is_direct:
        return Source(sdk.bare(wanted.who.environ), is_temporary=False)
    with sts.explained(_about(wanted)):
        opened = identity.sdk_session(
            wanted.who,
            environ=wanted.environ,
            ask_mfa=_asker(wanted),
            guard=wanted.guard,
            deadline=wanted.deadline,
        )
        return Source(opened, bool(opened.get_credentials().get_frozen_credentials().token))


def _asker(wanted: Fetch) -> Callable[[str], str]:
    """Answer botocore's question for the code of a profile that has an MFA device of its own."""

    def ask(question: str) -> str:
        from rolecall.credentials.identity import mfa_code

        serial = question.removeprefix("Enter MFA code for ").rstrip(": ")
        return mfa_code.code(wanted, serial, wanted.project.mfa_process or "").code

    return ask


def _proof(wanted: Fetch, source: Source) -> "Proof | None":
    if wanted.is_direct or not any(hop.mfa for hop in wanted.chain.hops):
        return None
    from rolecall.credentials.identity import mfa

    if source.is_temporary:
        raise failures.error("identity-temporary", role=wanted.chain.role.name, label=wanted.who.label)
    return mfa.proof(wanted, source.session)


def _walk(wanted: Fetch, source: Source, proof: "Proof | None") -> tuple[Mapping[str, Any], tuple[str, ...]]:
    """Take every hop; return the last answer, and what there is to say."""
    answer: Mapping[str, Any] | None = None
    keys = proof.keys if proof else None
    notes = list(proof.notes) if proof else []
    for hop in wanted.chain.hops:
        if answer is None and wanted.is_direct:
            answer = _direct(wanted, hop, source)
        else:
            is_borrowed = answer is not None or source.is_temporary or keys is not None
            said = notes if hop is wanted.chain.role else []
            seconds = _seconds(hop, said, is_borrowed=is_borrowed)
            code = proof.code if proof and answer is None else None
            answer = _assume(wanted, hop, source, keys=keys, seconds=seconds, code=code)
        keys = answer["Credentials"]
    return answer or {}, tuple(notes)


def _seconds(hop: Role, notes: list[str], *, is_borrowed: bool) -> int:
    """How long to ask for. AWS: what takes a role with temporary credentials gets an hour at most."""
    if not is_borrowed or hop.duration_seconds <= CHAINED_MOST_SECONDS:
        return hop.duration_seconds
    notes.append(
        f"{hop.name} lasts 1h, not {human(hop.duration_seconds)}: it is taken with temporary credentials, "
        "and AWS gives such a session an hour at most"
    )
    return CHAINED_MOST_SECONDS


def _assume(
    wanted: Fetch,
    hop: Role,
    source: Source,
    *,
    keys: Mapping[str, str] | None,
    seconds: int,
    code: sts.Code | None,
) -> Mapping[str, Any]:
    client = sts.client(
        source.session,
        region=hop.region or wanted.project.region,
        endpoint=None,
        timeout_seconds=wanted.deadline.seconds_left,
        arn=hop.role_arn,
        keys=keys,
    )
    return sts.assume(
        client,
        hop,
        seconds=seconds,
        project_name=wanted.project.name,
        deadline=wanted.deadline,
        code=code,
        label=wanted.who.label,
    )


def _direct(wanted: Fetch, hop: Role, source: Source) -> Mapping[str, Any]:
    if hop.sso:
        from rolecall.credentials.identity_center import portal as identity_center

        return identity_center.role_credentials(wanted, hop.sso, source.session)
    from rolecall.credentials.identity import web_identity

    answer: Mapping[str, Any] = web_identity.assume(
        wanted.who,
        hop,
        source.session,
        project_name=wanted.project.name,
        region=hop.region or wanted.project.region,
        deadline=wanted.deadline,
    )
    return answer


def _about(wanted: Fetch) -> About:
    return About(wanted.chain.role, wanted.who.label, region=wanted.project.region or "")


def _session(
    answer: Mapping[str, Any], wanted: Fetch, fingerprint: str, now: float, notes: tuple[str, ...]
) -> Session:
    keys, user, role = answer["Credentials"], answer["AssumedRoleUser"], wanted.chain.role
    expiration = sts.expiration(answer)
    return Session(
        role=role.name,
        role_arn=role.role_arn,
        account=user["Arn"].split(":")[4],
        assumed_arn=user["Arn"],
        assumed_id=user["AssumedRoleId"],
        key_id=keys["AccessKeyId"],
        secret=keys["SecretAccessKey"],
        token=keys["SessionToken"],
        expiration=expiration,
        renew_at=renew_at(now, int(expiration.timestamp())),
        region=role.region or wanted.project.region,
        fingerprint=fingerprint,
        protected=role.protected,
        notes=notes,
    )
