"""One call to STS at a time: AssumeRole and GetCallerIdentity.

Owns: the only requests to STS, and turning what botocore raises into our errors.
Must not: cache, lock, or know where the identity came from.
Called by: the broker, whoami.
"""

import getpass
import re
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from rolecall.errors import CredentialError
from rolecall.project.roles import Chain, Role

if TYPE_CHECKING:
    import botocore.session

DEFAULT_REGIONS = {"aws": "us-east-1", "aws-cn": "cn-north-1", "aws-us-gov": "us-gov-west-1"}
NAME_MOST = 64  # AssumeRole, API reference: RoleSessionName, 2 to 64 of [\w+=,.@-]


@dataclass(frozen=True, slots=True)
class Caller:
    """What GetCallerIdentity answers."""

    account: str
    arn: str
    user_id: str


def client(
    session: "botocore.session.Session", *, region: str | None, endpoint: str | None, timeout_seconds: float, arn: str = ""
) -> Any:
    """Return an STS client of `session` that gives up after `timeout_seconds` for each try."""
    from botocore.config import Config

    partition = arn.split(":")[1] if arn.startswith("arn:") else "aws"
    return session.create_client(
        "sts",
        region_name=region or session.get_config_variable("region") or DEFAULT_REGIONS.get(partition, "us-east-1"),
        endpoint_url=endpoint,
        config=Config(
            connect_timeout=timeout_seconds,
            read_timeout=timeout_seconds,
            retries={"mode": "standard", "total_max_attempts": 3},
        ),
    )


def assume(sts: Any, chain: Chain, role: Role, *, project_name: str) -> Mapping[str, Any]:
    """Return STS's answer for one hop. Raises CredentialError."""
    wanted: dict[str, Any] = {
        "RoleArn": role.role_arn,
        "RoleSessionName": session_name(project_name),
        "DurationSeconds": chain.duration_seconds if role is chain.role else min(role.duration_seconds, 3600),
    }
    if role.external_id:
        wanted["ExternalId"] = role.external_id
    with explained(role.name):
        answer: Mapping[str, Any] = sts.assume_role(**wanted)
    return answer


def caller(sts: Any) -> Caller:
    """Return who the client's credentials are. Raises CredentialError."""
    with explained(None):
        answer = sts.get_caller_identity()
    return Caller(answer["Account"], answer["Arn"], answer["UserId"])


def session_name(project_name: str) -> str:
    """Return `<user>@<project>` in STS's alphabet and length, so that CloudTrail shows who."""
    try:
        user = getpass.getuser()
    except (KeyError, OSError):
        user = socket.gethostname()
    cleaned = re.sub(r"[^\w+=,.@-]", "-", f"{user}@{project_name}", flags=re.ASCII)
    return cleaned[:NAME_MOST]


class explained:  # noqa: N801 - reads as a word in a with statement
    """A block in which what botocore raises becomes a CredentialError about `role`."""

    def __init__(self, role: str | None) -> None:
        self.about = f"role {role}: " if role else ""

    def __enter__(self) -> None:
        """Nothing to prepare."""

    def __exit__(self, kind: object, problem: BaseException | None, trace: object) -> None:
        """Translate."""
        from botocore.exceptions import BotoCoreError, ClientError

        if isinstance(problem, ClientError):
            error = problem.response.get("Error", {})
            raise CredentialError(
                f"sts-{error.get('Code', 'error')}",
                f"{self.about}STS refused: {error.get('Code')}: {error.get('Message', '')}",
                hint="invoke whoami",
            ) from problem
        if isinstance(problem, BotoCoreError):
            raise CredentialError(
                "sts-unreachable", f"{self.about}cannot talk to STS: {problem}", hint="invoke doctor"
            ) from problem


def expiration(answer: Mapping[str, Any]) -> datetime:
    """Return the expiration in an AssumeRole answer as an aware UTC datetime, in whole seconds."""
    moment: datetime = answer["Credentials"]["Expiration"]
    return moment.astimezone(UTC).replace(microsecond=0)
