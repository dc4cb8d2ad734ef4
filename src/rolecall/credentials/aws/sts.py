"""The requests to STS in rolecall's own words: take a role, get an MFA session, ask who somebody is.

Must not cache, lock, or know where the identity came from.
"""

import os

from rolecall.credentials.aws import endpoint
from rolecall.credentials.aws.query.client import Client
from rolecall.credentials.aws.query.signature import Keys
from rolecall.credentials.failures.about import About
from rolecall.credentials.failures.explained import explained, raise_explained
from rolecall.system.clock import Deadline
from rolecall.system.python.frozen import dataclass, field
from rolecall.system.text.secret import Secret

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from rolecall.project.roles import Role

RUNS = {  # the variables in which CI systems tell a job its run
    "GITHUB_RUN_ID": "github",
    "CI_JOB_ID": "gitlab",
    "BUILDKITE_BUILD_ID": "buildkite",
    "CIRCLE_WORKFLOW_ID": "circleci",
    "BITBUCKET_BUILD_NUMBER": "bitbucket",
    "BUILD_BUILDID": "azure",
    "CODEBUILD_BUILD_ID": "codebuild",
    "BUILD_TAG": "jenkins",
}
NAME_MOST = 64  # AssumeRole, API reference: RoleSessionName, 2 to 64 of [\w+=,.@-]
NAME_LETTERS = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+=,.@-")
ROOM_SECONDS = 0.2


@dataclass(frozen=True, slots=True)
class Caller:
    """The answer of GetCallerIdentity."""

    account: str
    arn: str
    user_id: str


@dataclass(frozen=True, slots=True)
class Code:
    """An MFA code for one request."""

    serial: str
    code: str = field(repr=False)


def client(
    keys: Keys | None,
    *,
    region: str | None,
    environ: "Mapping[str, str]",
    deadline: Deadline,
    arn: str = "",
) -> Client:
    """Return a client of the STS that `environ` names, in `region` or in that of the partition of `arn`."""
    return Client(keys, endpoint.region_for(arn, region), deadline, environ)


def keys_of(answer: "Mapping[str, Any]") -> Keys:
    """Return the keys in an answer of STS."""
    given = answer["Credentials"]
    return Keys(given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"])


def assume(
    sts: Client,
    role: "Role",
    *,
    seconds: int,
    project_name: str,
    code: Code | None = None,
    label: str = "",
    you: str = "",
) -> "Mapping[str, Any]":
    """Return STS's answer for one hop; `you` is the role that takes it, where one does.

    Raises CredentialError or LoginNeededError.
    """
    wanted = {**request(role, seconds=seconds, project_name=project_name, environ=sts.environ), **_code(code)}
    try:
        return sts.assume_role(wanted)
    except Exception as problem:
        raise_explained(problem, about(sts, role, label, you=you or _you(sts, problem)))
        raise


def request(
    role: "Role", *, seconds: int, project_name: str, environ: "Mapping[str, str]"
) -> dict[str, "Any"]:
    """Return the parameters of AssumeRole for `role`; what the role does not declare is left out."""
    wanted = {
        "RoleArn": role.role_arn,
        "RoleSessionName": session_name(project_name, environ=environ),
        "DurationSeconds": seconds,
        "ExternalId": role.external_id,
        "Policy": role.session_policy,
        "PolicyArns": [{"arn": arn} for arn in role.narrowing_arns],
        "Tags": [{"Key": key, "Value": value} for key, value in role.tags.items()],
        "TransitiveTagKeys": list(role.transitive_tags),
        "SourceIdentity": role.source_identity,
    }
    return {name: value for name, value in wanted.items() if value}


def session_token(sts: Client, code: Code, *, seconds: int, role: "Role") -> "Mapping[str, Any]":
    """Return the answer of GetSessionToken with an MFA code. Raises CredentialError or LoginNeededError."""
    with explained(about(sts, role)):
        return sts.get_session_token({"DurationSeconds": seconds, **_code(code)})


def caller(sts: Client, *, label: str = "") -> Caller:
    """Return who the client's credentials are. Raises CredentialError."""
    with explained(about(sts, None, label)):
        answer = sts.get_caller_identity()
    return Caller(answer["Account"], answer["Arn"], answer["UserId"])


def session_name(project_name: str, *, environ: "Mapping[str, str]" = os.environ) -> str:
    """Return `<user>@<project>` in STS's alphabet and length, so that CloudTrail shows who.

    On a runner the user is nobody: the run stands there, such as `github-1234567@shop`.
    """
    run = next((f"{system}-{environ[name]}" for name, system in RUNS.items() if environ.get(name)), "")
    plain = f"{run or _user(environ)}@{project_name}"
    return "".join(character if character in NAME_LETTERS else "-" for character in plain)[:NAME_MOST]


def about(sts: Client, role: "Role | None", label: str = "", *, you: str = "") -> About:
    """Return what an explanation may say of a request of `sts`."""
    key_id = sts.keys.key_id if sts.keys else ""
    has_token = bool(sts.keys and sts.keys.token)
    return About(role, label, key_id, has_token, endpoint=sts.endpoint_url, region=sts.region, you=you)


def _user(environ: "Mapping[str, str]") -> str:
    """Return the user's name as getpass.getuser does, without its imports; else the machine's name."""
    for name in ("LOGNAME", "USER", "LNAME", "USERNAME"):
        if environ.get(name):
            return environ[name]
    import pwd

    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return os.uname().nodename


def _code(code: Code | None) -> dict[str, str | Secret]:
    return {"SerialNumber": code.serial, "TokenCode": Secret(code.code)} if code else {}


def _you(sts: Client, problem: Exception) -> str:
    """Return who we are, where a denial does not say it: nothing where even that cannot be had."""
    from rolecall.credentials.failures import recognise

    is_silent = recognise.code_of(problem) == "trust-denied" and not recognise.USER.search(str(problem))
    if not is_silent or sts.deadline.seconds_left < ROOM_SECONDS:
        return ""
    try:
        return str(sts.get_caller_identity()["Arn"])
    except Exception:  # noqa: BLE001 - the failure being explained matters, not this one
        return ""
