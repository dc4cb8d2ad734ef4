"""Web identity: a CI system's token instead of keys.

Reads the token (a file, or GitHub Actions' own request) and assumes a role with it. Must not log or keep a
token.
"""

import base64
import json
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rolecall.credentials import failures
from rolecall.credentials.aws import sts
from rolecall.credentials.aws.query.signature import Keys
from rolecall.credentials.failures.explained import explained
from rolecall.credentials.model import Identity
from rolecall.project import roles
from rolecall.project.roles import Role
from rolecall.system.clock import Deadline
from rolecall.system.text.secret import Secret

AUDIENCE = "sts.amazonaws.com"
MOST_SECONDS = 10.0


def assume(
    who: Identity,
    role: Role,
    *,
    environ: Mapping[str, str],
    project_name: str,
    region: str | None,
    deadline: Deadline,
) -> Mapping[str, Any]:
    """Return STS's answer for `role`, taken with the token of `who`. Raises CredentialError."""
    wanted = sts.request(role, seconds=role.duration_seconds, project_name=project_name, environ=who.environ)
    for name in ("ExternalId", "Tags", "TransitiveTagKeys", "SourceIdentity"):  # the token carries these
        wanted.pop(name, None)
    client = sts.client(None, region=region, environ=environ, deadline=deadline, arn=role.role_arn)
    wanted["WebIdentityToken"] = token(who, deadline=deadline)
    with explained(sts.about(client, role, who.label)):
        return client.assume_role_with_web_identity(wanted)


def base_keys(who: Identity, *, environ: Mapping[str, str], deadline: Deadline) -> Keys:
    """Return keys of the role that the token is for. Raises CredentialError where it is for none."""
    if who.role_arn is None:
        raise failures.error("identity-missing")
    region = environ.get("AWS_REGION") or environ.get("AWS_DEFAULT_REGION")
    role = roles.from_arn(who.role_arn)
    answer = assume(who, role, environ=environ, project_name="rolecall", region=region, deadline=deadline)
    return sts.keys_of(answer)


def token(who: Identity, *, deadline: Deadline) -> Secret:
    """Return the token of `who`. Raises CredentialError where the file or the CI system gives none."""
    if who.kind == "github":
        return _github_token(who.environ, deadline)
    path = Path(who.environ["AWS_WEB_IDENTITY_TOKEN_FILE"])
    try:
        return Secret(path.read_text(encoding="utf-8").strip())
    except (OSError, UnicodeDecodeError) as problem:
        raise failures.error("web-identity-file", detail=f"{path}: {problem}") from problem


def subject(token: Secret) -> str:
    """Return the subject that `token` (a JWT, RFC 7519) names. Raises CredentialError where it names none."""
    try:
        claims = token.reveal().split(".")[1]
        return str(json.loads(base64.urlsafe_b64decode(claims + "=" * (-len(claims) % 4)))["sub"])
    except (ValueError, KeyError, IndexError, TypeError) as problem:
        raise failures.error("oidc-unavailable", detail="the token names no subject") from problem


def _github_token(environ: Mapping[str, str], deadline: Deadline) -> Secret:
    url = environ["ACTIONS_ID_TOKEN_REQUEST_URL"]
    if not url.startswith(("https://", "http://127.0.0.1:", "http://localhost:")):
        raise failures.error(
            "oidc-unavailable", detail="ACTIONS_ID_TOKEN_REQUEST_URL is not an https address"
        )
    joined = f"{url}{'&' if '?' in url else '?'}audience={AUDIENCE}"
    request = urllib.request.Request(  # noqa: S310 - the scheme is checked above
        joined, headers={"Authorization": f"bearer {environ['ACTIONS_ID_TOKEN_REQUEST_TOKEN']}"}
    )
    try:
        with urllib.request.urlopen(request, timeout=min(MOST_SECONDS, deadline.seconds_left)) as answer:  # noqa: S310 - as above
            return Secret(str(json.load(answer)["value"]))
    except (OSError, ValueError, KeyError, TypeError) as problem:
        if isinstance(problem, urllib.error.HTTPError):
            problem.close()  # it holds the connection
        raise failures.error("oidc-unavailable", detail=f"{type(problem).__name__}: {problem}") from problem
