"""The endpoint's answers: credentials, or an error, as JSON.

The names are those of the AWS SDKs Reference, "Container credential provider". Must not know HTTP.
"""

from dataclasses import dataclass, field

from rolecall.credentials.failures import network
from rolecall.credentials.model import Session
from rolecall.errors import RolecallError
from rolecall.system.clock import iso

OK, DENIED, AWAY, BUG = 200, 403, 503, 500


@dataclass(frozen=True, slots=True)
class Reply:
    """A status and a document; `headers` are more than the usual ones."""

    status: int
    document: dict[str, str] = field(repr=False)
    headers: dict[str, str] = field(default_factory=dict)


def credentials(session: Session) -> Reply:
    """Return the credentials of `session`, under the names that SDKs read."""
    document = {
        "AccessKeyId": session.key_id,
        "SecretAccessKey": session.secret.reveal(),
        "Token": session.token.reveal(),
        "Expiration": iso(session.expires),
        "RoleArn": session.role_arn,
        "AccountId": session.account,
    }
    return Reply(OK, document)


def problem(met: RolecallError) -> Reply:
    """Return the error for `met`. An SDK tries again after 5xx, and shows code and message."""
    return Reply(AWAY if met.code in network.ROWS else DENIED, {"code": met.code, "message": str(met)})


def refused(status: int, code: str, message: str, **headers: str) -> Reply:
    """Return the error for a request that is not served."""
    return Reply(status, {"code": code, "message": message}, headers)
