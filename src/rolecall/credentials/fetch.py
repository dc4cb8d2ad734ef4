"""Fetching one session: from the identity through every hop of the chain.

Also says how long the session may be. Must not cache, lock, or ask a person (mfa_code does).
"""

from rolecall.credentials import failures
from rolecall.credentials.aws import sts
from rolecall.credentials.failures.about import About
from rolecall.credentials.failures.explained import explained
from rolecall.credentials.identity import keys
from rolecall.credentials.model import ELEVATED, READ_ONLY, Session, renew_at
from rolecall.errors import CredentialError
from rolecall.project.roles import CHAINED_MOST_SECONDS
from rolecall.system.clock import Deadline, human, within
from rolecall.system.person import person
from rolecall.system.python.frozen import replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from rolecall.credentials.aws.query.signature import Keys
    from rolecall.credentials.identity.keys import Source
    from rolecall.credentials.identity.mfa import Proof
    from rolecall.credentials.model import FetchRequest
    from rolecall.project.roles import Role

ASKING_SECONDS = 120.0  # a profile may have an MFA device of its own, and a person takes their time


def session(wanted: "FetchRequest", fingerprint: str) -> Session:
    """Return a new session of the chain's role.

    Raises CredentialError or LoginNeededError, and TimeoutError where the deadline passed unexplained.
    """
    if wanted.who.kind in ("profile", "chain") and person.can_ask(environ=wanted.project.place.environ):
        wanted = replace(wanted, deadline=Deadline.after(ASKING_SECONDS))
    try:
        source = within(wanted.deadline, lambda: _source(wanted))
    except TimeoutError:
        if wanted.who.kind in ("profile", "chain"):
            raise _too_slow(wanted) from None
        raise
    proof = _proof(wanted, source)
    asked = replace(wanted, deadline=proof.deadline) if proof else wanted
    try:
        answer, notes = within(asked.deadline, lambda: _walk(asked, source, proof))
    except CredentialError as problem:
        _forget_mfa(wanted, proof, problem)
        raise
    profile_region = source.profile.get("region") or None
    return _session(answer, wanted, fingerprint, (*wanted.who.notes, *notes), profile_region)


def _too_slow(wanted: "FetchRequest") -> CredentialError:
    """Return what is said of an SDK that gave no keys in time; without a profile, the machine is asked."""
    from rolecall.credentials.identity import profile_text, sources

    who = wanted.who
    is_bare = who.label == sources.CHAIN_LABEL and not profile_text.settings(sources.DEFAULT, who.environ)
    code = "metadata-slow" if is_bare else "identity-slow"
    return failures.error(code, role=wanted.role_name, label=who.label)


def _source(wanted: "FetchRequest") -> "Source":
    if wanted.is_direct:
        return keys.silent(wanted.who)
    about = About(wanted.chain.role, wanted.who.label, region=wanted.project.region or "")
    with explained(about):
        return keys.opened(
            wanted.who,
            environ=wanted.project.place.environ,
            deadline=wanted.deadline,
            ask_mfa=_asker(wanted),
            guard=wanted.guard,
        )


def _asker(wanted: "FetchRequest") -> "Callable[[str], str]":
    """Return what answers botocore's question for the code of a profile with an MFA device of its own."""

    def ask(question: str) -> str:
        from rolecall.credentials.identity import mfa_code

        serial = question.removeprefix("Enter MFA code for ").rstrip(": ")
        return mfa_code.code(wanted, serial, wanted.project.mfa_process or "").code

    return ask


def _proof(wanted: "FetchRequest", source: "Source") -> "Proof | None":
    if wanted.is_direct or not any(hop.mfa for hop in wanted.chain.hops):
        return None
    from rolecall.credentials.identity import mfa

    if source.is_temporary:
        raise failures.error("identity-temporary", role=wanted.role_name, label=wanted.who.label)
    return mfa.proof(wanted, source)


def _forget_mfa(wanted: "FetchRequest", proof: "Proof | None", problem: CredentialError) -> None:
    if proof and proof.keys:
        from rolecall.credentials.identity import mfa

        mfa.forget_if_refused(wanted, problem)


def _walk(
    wanted: "FetchRequest", source: "Source", proof: "Proof | None"
) -> "tuple[Mapping[str, Any], tuple[str, ...]]":
    """Take every hop; return the last answer, and what there is to say."""
    answer: Mapping[str, Any] | None = None
    borrowed, trusted = proof.keys if proof else None, ""
    notes = list(proof.notes) if proof else []
    for hop in wanted.chain.hops:
        if answer is None and wanted.is_direct:
            answer = _direct(wanted, hop, source)
        else:
            said = notes if hop is wanted.chain.role else []
            seconds = _seconds(hop, said, is_borrowed=source.is_temporary or borrowed is not None)
            code = proof.code if proof and answer is None else None
            answer = _assume(
                wanted, hop, source, borrowed or source.keys, seconds=seconds, code=code, you=trusted
            )
        borrowed, trusted = sts.keys_of(answer), hop.role_arn
        _note_skew(answer, notes)
    return answer or {}, tuple(notes)


def _note_skew(answer: "Mapping[str, Any]", notes: list[str]) -> None:
    """Say once that our clock is off, where AWS's answer had to be signed by its own."""
    skew = answer.get("ResponseMetadata", {}).get("ClockSkewSeconds", 0)
    says = f"this machine's clock is {human(abs(skew))} {'slow' if skew > 0 else 'fast'}; please set it"
    if skew and says not in notes:
        notes.append(says)


def _seconds(hop: "Role", notes: list[str], *, is_borrowed: bool) -> int:
    """Return the seconds to ask for. AWS gives temporary credentials that take a role an hour at most."""
    if not is_borrowed or hop.duration_seconds <= CHAINED_MOST_SECONDS:
        return hop.duration_seconds
    notes.append(
        f"{hop.name} lasts 1h, not {human(hop.duration_seconds)}: it is taken with temporary credentials, "
        "and AWS gives such a session an hour at most"
    )
    return CHAINED_MOST_SECONDS


def _assume(
    wanted: "FetchRequest",
    hop: "Role",
    source: "Source",
    signer: "Keys | None",
    *,
    seconds: int,
    code: sts.Code | None,
    you: str,
) -> "Mapping[str, Any]":
    client = sts.client(
        signer,
        region=_region(hop, source),
        environ=source.environ,
        deadline=wanted.deadline,
        arn=hop.role_arn,
    )
    name = wanted.project.name
    return sts.assume(
        client, hop, seconds=seconds, project_name=name, code=code, label=wanted.who.label, you=you
    )


def _direct(wanted: "FetchRequest", hop: "Role", source: "Source") -> "Mapping[str, Any]":
    if hop.sso:
        from rolecall.credentials.identity_center import portal as identity_center

        return identity_center.role_credentials(wanted, hop.sso, source)
    from rolecall.credentials.identity import web_identity

    return web_identity.assume(
        wanted.who,
        hop,
        environ=source.environ,
        project_name=wanted.project.name,
        region=_region(hop, source),
        deadline=wanted.deadline,
    )


def _region(hop: "Role", source: "Source") -> str | None:
    return hop.region or source.region


def _session(
    answer: "Mapping[str, Any]",
    wanted: "FetchRequest",
    fingerprint: str,
    notes: tuple[str, ...],
    profile_region: str | None,
) -> Session:
    given, user, role = sts.keys_of(answer), answer["AssumedRoleUser"], wanted.chain.role
    expires, now = int(answer["Credentials"]["Expiration"].timestamp()), wanted.project.place.clock()
    if expires <= now:
        raise failures.error("answer-expired", role=role.name, arn=role.role_arn)
    return Session(
        role=role.name,
        role_arn=role.role_arn,
        account=user["Arn"].split(":")[4],
        assumed_arn=user["Arn"],
        assumed_id=user["AssumedRoleId"],
        key_id=given.key_id,
        secret=given.secret,
        token=given.token,
        expires=expires,
        renew_at=renew_at(now, expires),
        region=role.region or wanted.project.declared_region,
        fingerprint=fingerprint,
        protected=wanted.chain.is_protected,
        profile_region=profile_region,
        issued=int(now),
        rights=ELEVATED if wanted.is_elevated else READ_ONLY if role.read_only else "",
        notes=notes,
    )
