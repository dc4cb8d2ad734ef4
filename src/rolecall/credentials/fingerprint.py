"""The fingerprint: one word for everything that determines what STS answers.

A session made with another one is another session. Must not hold a secret, or read one.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from rolecall.credentials.model import Identity
    from rolecall.project.declared import Project
    from rolecall.project.roles import Chain, Role

FORMAT = "4"
DECIDING = ("AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_STS", "AWS_ENDPOINT_URL_SSO", "AWS_USE_FIPS_ENDPOINT")


def of(project: "Project", chain: "Chain", who: "Identity") -> str:
    """Return the word for the session of `chain` that `who` takes."""
    from hashlib import sha256

    facts = (
        FORMAT,
        who.fingerprint,
        project.name,
        project.declared_region,
        *(who.environ.get(name) for name in DECIDING),
        chain.duration_seconds,
        *(_hop_facts(hop) for hop in chain.hops),
    )
    return sha256(repr(facts).encode()).hexdigest()[:32]


def _hop_facts(hop: "Role") -> tuple[object, ...]:
    return (
        hop.role_arn,
        hop.region,
        hop.external_id,
        hop.mfa,
        hop.protected,
        hop.read_only,
        hop.policy_arns,
        hop.session_policy,
        sorted(hop.tags.items()),
        hop.transitive_tags,
        hop.source_identity,
        hop.mfa_serial,
        (hop.sso.session, hop.sso.account_id, hop.sso.role_name) if hop.sso else None,
    )
