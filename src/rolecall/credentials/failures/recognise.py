"""From what an SDK or our own client raises to the failure it means.

Must not word a message (the table does), retry, or ask AWS anything.
"""

import re
import time
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

from rolecall.credentials.aws.query.errors import AwsUnreachableError
from rolecall.credentials.failures import table
from rolecall.credentials.failures.about import About
from rolecall.credentials.model import masked
from rolecall.errors import RolecallError
from rolecall.system.clock import human
from rolecall.system.loopback import is_loopback
from rolecall.system.text import quoting, redaction

SESSION = re.compile(r"arn:(aws[a-z-]*):sts::(\d{12}):assumed-role/([^/]+)/.*")
USER = re.compile(r"User: (\S+) is not authorized to perform: (\S+)(?: on resource: (arn:\S+))?")
SKEW_LEAST_SECONDS = 60


def explain(
    problem: BaseException,
    about: About = About(),
    *,
    clock: Callable[[], float] = time.time,
) -> RolecallError | None:
    """Return the failure that `problem` means; None where it is none that the table knows: a bug, then."""
    if isinstance(problem, RolecallError):
        return problem
    response = getattr(problem, "response", None)
    if isinstance(response, dict):
        facts = _facts(about) | _refusal_facts(response, clock)
        facts["you"] = trusted(facts["you"], about.you)
        return table.error(_blamed(code_of(problem), about), **facts)
    code = code_of(problem)
    return table.error(code, **_facts(about) | _raised_facts(problem, about)) if code else None


def trusted(arn: str, known: str = "") -> str:
    """Return the ARN that a trust policy names: of a role's session, the role (`known`, where it is that).

    A session's ARN leaves out the path of its role, and that of an Identity Center role nobody can guess.
    """
    found = SESSION.fullmatch(arn)
    if found is None or found[3].startswith("AWSReservedSSO_"):
        return arn
    partition, account, name = found.groups()
    start = f"arn:{partition}:iam::{account}:role/"
    is_it = known.startswith(start) and known.rpartition("/")[2] == name
    return known if is_it else f"{start}{name}"


def _blamed(code: str, about: About) -> str:
    """AWS says of a stray token beside a long-lived key what it says of an unknown key."""
    is_stray = about.has_token and about.key_id.startswith("AKIA")
    return "token-invalid" if code == "key-unknown" and is_stray else code


def code_of(problem: BaseException) -> str:
    """Return the table's code for `problem`, or nothing where it is no failure of an SDK."""
    response = getattr(problem, "response", None)
    if isinstance(response, dict):
        return _refusal(response)
    if isinstance(problem, AwsUnreachableError):
        return problem.code
    name, text = type(problem).__name__, str(problem)
    if name == "EndpointConnectionError":
        return _unreachable(problem)
    if name == "CredentialRetrievalError":
        return _unretrieved(problem, text)
    if name == "ResponseParserError" and re.search(r"<!doctype html|<html", text, re.IGNORECASE):
        name = "a web page"
    if name == "SSLError" and "EOF occurred" in text:
        name = "ConnectionClosedError"
    is_sdk = type(problem).__module__.startswith("botocore.")
    return table.raised(name) or ("refused" if is_sdk else "")


def is_refusal(problem: BaseException) -> bool:
    """Return whether a service said no, rather than not being reached or being out of order for a moment."""
    return isinstance(getattr(problem, "response", None), dict) and not is_transient(problem)


def is_transient(problem: BaseException) -> bool:
    """Return whether the same request may well succeed in a moment."""
    row = table.ROWS.get(code_of(problem))
    return row is not None and row.is_transient


def _refusal(response: Mapping[str, Any]) -> str:
    error, meta = response.get("Error", {}), response.get("ResponseMetadata", {})
    code, message = str(error.get("Code", "")), str(error.get("Message", ""))
    status = int(meta.get("HTTPStatusCode", 0) or 0)
    if status == 429:  # noqa: PLR2004 - Too Many Requests
        return "throttled"
    if ours := table.answered(code, message):
        return ours
    if status == 407:  # noqa: PLR2004 - Proxy Authentication Required
        return "proxy-failed"
    return "aws-down" if status >= 500 else "refused"  # noqa: PLR2004 - the server's fault


def _unretrieved(problem: BaseException, text: str) -> str:
    if "from rolecall, which needs them" in text:
        return "identity-loop"
    return table.unprovided(getattr(problem, "kwargs", {}).get("provider", "")) or "process-failed"


def _unreachable(problem: BaseException) -> str:
    kwargs = getattr(problem, "kwargs", {})
    text = f"{kwargs.get('error', '')} {problem.__cause__ or ''} {problem}"
    if re.search(r"[Nn]ame or service not known|NameResolution|nodename|getaddrinfo|name resolution", text):
        return "dns-failed"
    if is_loopback(str(kwargs.get("endpoint_url", ""))):
        return "sandbox-down"
    return "connection-refused"


def _facts(about: About) -> dict[str, str]:
    role = about.role
    facts = {
        "label": about.label,
        "key": masked(about.key_id) if about.key_id else "",
        "region": about.region,
    }
    facts |= {
        "you": about.you,
        "endpoint": about.endpoint or "the endpoint",
        "host": _host(about.endpoint) or "AWS",
    }
    if about.sso_session:
        facts |= {"session": about.sso_session, "flag": f" --session {quoting.shell(about.sso_session)}"}
    if role is None:
        return facts
    unsent = [name for name, value in (("external_id", role.external_id), ("MFA", role.mfa)) if not value]
    causes = [f"it may want {' or '.join(unsent)}, which the role does not declare"] if unsent else []
    causes += ["it may want another external_id"] if role.external_id else []
    facts["unsent"] = f" ({', or '.join(causes)})" if causes else ""
    facts["duration"] = human(role.duration_seconds)
    own = {"role": role.name, "arn": role.role_arn, "account": role.account}
    return facts | own | {"serial": role.mfa_serial or ""}


def _refusal_facts(response: Mapping[str, Any], clock: Callable[[], float]) -> dict[str, str]:
    message = str(response.get("Error", {}).get("Message", ""))
    code = str(response.get("Error", {}).get("Code", ""))
    you = USER.search(message)
    headers = response.get("ResponseMetadata", {}).get("HTTPHeaders", {})
    facts = {"detail": _one_line(f"{code}: {message}" if message else code), "skew": _skew(headers, clock)}
    if you:
        facts |= {"you": you[1]}
    if you and you[3]:  # a profile may take roles of its own
        facts |= {"arn": you[3], "account": you[3].split(":")[4]}
    return facts


def _raised_facts(problem: BaseException, about: About) -> dict[str, str]:
    kwargs: Mapping[str, Any] = getattr(problem, "kwargs", {})
    url = redaction.redacted(str(kwargs.get("endpoint_url") or about.endpoint))
    detail = kwargs.get("error_msg") or kwargs.get("error") or kwargs.get("profile") or problem
    facts = {"detail": _one_line(str(detail)), "proxy": _one_line(str(kwargs.get("proxy_url", "")))}
    return facts | ({"endpoint": url, "host": _host(url)} if url else {})


def _skew(headers: Mapping[str, str], clock: Callable[[], float]) -> str:
    """Return how far our clock is from the Date of the answer, in words."""
    from email.utils import parsedate_to_datetime

    try:
        seconds = clock() - parsedate_to_datetime(headers.get("date", "")).timestamp()
    except (TypeError, ValueError):
        return "off"
    if abs(seconds) < SKEW_LEAST_SECONDS:
        return "off"
    return f"{human(abs(seconds))} {'fast' if seconds > 0 else 'slow'}"


def _host(url: str) -> str:
    return urlsplit(url).hostname or ""


def _one_line(text: str, most: int = 300) -> str:
    """Return `text` as one line, short, with what looks like a key or a token taken out."""
    line = redaction.shown(" ".join(text.split()))
    return re.sub(r"[A-Za-z0-9/+=_.-]{80,}", "[removed]", line)[:most]
