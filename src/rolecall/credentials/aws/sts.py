"""One call to STS at a time: AssumeRole, GetSessionToken, GetCallerIdentity.

The only requests to STS, tried again while there is time. Must not cache, lock, or know where the identity
came from.
"""

import getpass
import re
import socket
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TypeVar

from rolecall.credentials.failures import recognise
from rolecall.credentials.failures.recognise import About
from rolecall.project.roles import Role
from rolecall.system.clock import Deadline

if TYPE_CHECKING:
    import botocore.session

T = TypeVar("T")
DEFAULT_REGIONS = {"aws": "us-east-1", "aws-cn": "cn-north-1", "aws-us-gov": "us-gov-west-1"}
PARTITIONS = {
    "cn-": "aws-cn",
    "us-gov-": "aws-us-gov",
    "us-iso-": "aws-iso",
    "us-isob-": "aws-iso-b",
    "eusc-": "aws-eusc",
}
NAME_MOST = 64  # AssumeRole, API reference: RoleSessionName, 2 to 64 of [\w+=,.@-]
TRY_MOST_SECONDS = 10.0
ROOM_SECONDS = 0.5  # for the next try itself: the reason AWS gave says more than "no answer in time"
PAUSES = (0.2, 0.4, 0.8, 1.6, 3.2)


@dataclass(frozen=True, slots=True)
class Caller:
    """What GetCallerIdentity answers."""

    account: str
    arn: str
    user_id: str


@dataclass(frozen=True, slots=True)
class Code:
    """An MFA code for one request."""

    serial: str
    code: str


def client(
    session: "botocore.session.Session",
    *,
    region: str | None,
    endpoint: str | None,
    timeout_seconds: float,
    arn: str = "",
    keys: Mapping[str, str] | None = None,
) -> Any:
    """Return an STS client of `session` (or of `keys`, as STS gave them) that tries each request once.

    Raises CredentialError where the identity's own files or programs fail.
    """
    with explained(About(region=region or "")):
        return session.create_client(
            "sts",
            region_name=region_for(arn, region or session.get_config_variable("region")),
            endpoint_url=endpoint,
            config=settings(timeout_seconds),
            **_as_options(keys),
        )


def unsigned_client(
    session: "botocore.session.Session", *, region: str | None, timeout_seconds: float, arn: str
) -> Any:
    """Return an STS client that signs nothing: a web identity token speaks for itself."""
    from botocore import UNSIGNED

    where = region_for(arn, region or session.get_config_variable("region"))
    with explained(About(region=where)):
        return session.create_client(
            "sts", region_name=where, config=settings(timeout_seconds, signature_version=UNSIGNED)
        )


def settings(timeout_seconds: float, **more: Any) -> Any:
    """Return a client's settings: one try, of at most `timeout_seconds`; insisting is ours."""
    from botocore.config import Config

    seconds = max(0.1, min(TRY_MOST_SECONDS, timeout_seconds))
    return Config(connect_timeout=seconds, read_timeout=seconds, retries={"total_max_attempts": 1}, **more)


def region_for(arn: str, wanted: str | None) -> str:
    """Return `wanted` where it lies in the ARN's partition, else that partition's own default region."""
    partition = arn.split(":")[1] if arn.startswith("arn:") else ""
    if wanted and (not partition or _partition(wanted) == partition):
        return wanted
    return DEFAULT_REGIONS.get(partition or "aws", wanted or "us-east-1")


def assume(
    sts: Any,
    role: Role,
    *,
    seconds: int,
    project_name: str,
    deadline: Deadline,
    code: Code | None = None,
    label: str = "",
) -> Mapping[str, Any]:
    """Return STS's answer for one hop. Raises CredentialError or LoginNeededError."""
    wanted = {**request(role, seconds=seconds, project_name=project_name), **_code(code)}
    try:
        answer: Mapping[str, Any] = retried(lambda: sts.assume_role(**wanted), deadline)
    except Exception as problem:
        is_silent = recognise.code_of(problem) == "trust-denied" and not recognise.USER.search(str(problem))
        you = _arn(sts, deadline) if is_silent else ""
        raise_explained(problem, _about(sts, role, label, you=you))
        raise
    return answer


def request(role: Role, *, seconds: int, project_name: str) -> dict[str, Any]:
    """Return the parameters of AssumeRole for `role`; what the role does not declare is left out."""
    wanted = {
        "RoleArn": role.role_arn,
        "RoleSessionName": session_name(project_name),
        "DurationSeconds": seconds,
        "ExternalId": role.external_id,
        "Policy": role.session_policy,
        "PolicyArns": [{"arn": arn} for arn in role.policy_arns],
        "Tags": [{"Key": key, "Value": value} for key, value in role.tags.items()],
        "TransitiveTagKeys": list(role.transitive_tags),
        "SourceIdentity": role.source_identity,
    }
    return {name: value for name, value in wanted.items() if value}


def session_token(sts: Any, code: Code, *, seconds: int, deadline: Deadline, role: Role) -> Mapping[str, Any]:
    """Return the answer of GetSessionToken with an MFA code. Raises CredentialError or LoginNeededError."""
    with explained(_about(sts, role)):
        answer: Mapping[str, Any] = retried(
            lambda: sts.get_session_token(DurationSeconds=seconds, **_code(code)), deadline
        )
    return answer


def caller(sts: Any, *, deadline: Deadline | None = None, label: str = "") -> Caller:
    """Return who the client's credentials are. Raises CredentialError."""
    with explained(_about(sts, None, label)):
        answer = retried(sts.get_caller_identity, deadline or Deadline.after(TRY_MOST_SECONDS))
    return Caller(answer["Account"], answer["Arn"], answer["UserId"])


def session_name(project_name: str) -> str:
    """Return `<user>@<project>` in STS's alphabet and length, so that CloudTrail shows who."""
    try:
        user = getpass.getuser()
    except (KeyError, OSError):
        user = socket.gethostname()
    cleaned = re.sub(r"[^\w+=,.@-]", "-", f"{user}@{project_name}", flags=re.ASCII)
    return cleaned[:NAME_MOST]


def retried(call: Callable[[], T], deadline: Deadline, *, sleep: Callable[[float], None] = time.sleep) -> T:
    """Return what `call` returns, trying again after throttling and AWS's own errors while there is time."""
    for pause in PAUSES:
        try:
            return call()
        except Exception as problem:
            if not recognise.is_transient(problem) or deadline.seconds_left <= pause + ROOM_SECONDS:
                raise
        sleep(pause)
    return call()


class explained:  # noqa: N801 - reads as a word in a with statement
    """A block in which what an SDK raises becomes a CredentialError of the table of failures."""

    def __init__(self, about: About) -> None:
        self.about = about

    def __enter__(self) -> None:
        """Nothing to prepare."""

    def __exit__(self, kind: object, problem: BaseException | None, trace: object) -> None:
        """Translate."""
        if isinstance(problem, Exception):
            raise_explained(problem, self.about)


def raise_explained(problem: Exception, about: About) -> None:
    """Raise the failure that `problem` means; return where it is none we know."""
    found = recognise.explain(problem, about)
    if found is not None and found is not problem:
        raise found from problem


def expiration(answer: Mapping[str, Any]) -> datetime:
    """Return the expiration in an AssumeRole answer as an aware UTC datetime, in whole seconds."""
    moment: datetime = answer["Credentials"]["Expiration"]
    return moment.astimezone(UTC).replace(microsecond=0)


def _partition(region: str) -> str:
    return next((partition for prefix, partition in PARTITIONS.items() if region.startswith(prefix)), "aws")


def _as_options(keys: Mapping[str, str] | None) -> dict[str, str]:
    if keys is None:
        return {}
    names = {"aws_access_key_id": "AccessKeyId", "aws_secret_access_key": "SecretAccessKey"}
    return {ours: keys[theirs] for ours, theirs in {**names, "aws_session_token": "SessionToken"}.items()}


def _code(code: Code | None) -> dict[str, str]:
    return {"SerialNumber": code.serial, "TokenCode": code.code} if code else {}


def _about(sts: Any, role: Role | None, label: str = "", *, you: str = "") -> About:
    signer = getattr(sts, "_request_signer", None)  # the key id is for the message alone
    key_id = getattr(getattr(signer, "_credentials", None), "access_key", "") or ""
    return About(role, label, key_id, endpoint=sts.meta.endpoint_url, region=sts.meta.region_name, you=you)


def _arn(sts: Any, deadline: Deadline) -> str:
    """Who we are, for a message: nothing where even that cannot be had."""
    if deadline.seconds_left < PAUSES[0]:
        return ""
    try:
        return str(sts.get_caller_identity()["Arn"])
    except Exception:  # noqa: BLE001 - the failure being explained matters, not this one
        return ""
