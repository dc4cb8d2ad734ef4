"""Whether STS can be reached as an SDK would reach it, and whether the clocks agree.

Sends no credential: its one question is unsigned.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

from rolecall.credentials.aws import endpoint
from rolecall.credentials.aws.query.errors import AwsUnreachableError
from rolecall.errors import RolecallError
from rolecall.project import config
from rolecall.project.declared import Project
from rolecall.system.clock import human
from rolecall.system.loopback import is_loopback
from rolecall.system.programs import direnv
from rolecall.workstation.doctor.symptom import Level, Symptom, fine, note, problem
from rolecall.workstation.steps.step import Context

PATIENCE_SECONDS = 4
SKEW_PROBLEM_SECONDS = 300  # SigV4 refuses beyond five minutes
SKEW_NOTE_SECONDS = 60
PROXIES = ("https_proxy", "HTTPS_PROXY", "http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY")


@dataclass(frozen=True, slots=True)
class Reply:
    """The answer to the question: its Date header, or why none came."""

    date: str = ""
    problem: str = ""
    is_certificate: bool = False


def look(
    context: Context,
    *,
    ask: Callable[[str, Mapping[str, str]], Reply] | None = None,
    clock: Callable[[], float] = time.time,
) -> Iterator[Symptom]:
    """Yield proxy-loopback, sts-reachable and clock-skew; only config where that cannot be read."""
    environ = direnv.reverted(context.environ)
    try:
        project = config.load(context.root, environ=environ)
        url = _url(project, environ)
    except RolecallError as cause:
        yield problem("config", cause.message, cause.hint)
        return
    except AwsUnreachableError:
        yield problem("config", f"no region of AWS can be called {project.region}", "${EDITOR:-vi} .env")
        return
    proxy = next((name for name in PROXIES if environ.get(name)), "")
    yield _loopback(url, proxy)
    reply = (ask or _ask)(url, environ)
    yield _reachable(url, reply, proxy, is_sandbox=bool(project.endpoint) and is_loopback(url))
    if reply.date:
        yield _skew(reply.date, clock())


def _url(project: Project, environ: Mapping[str, str]) -> str:
    """Return where sessions are asked for. Raises what `endpoint.of` raises."""
    own = {"AWS_ENDPOINT_URL": project.endpoint} if project.endpoint else {}
    return endpoint.of(project.region or "us-east-1", {**environ, **own}).url.text


def _loopback(url: str, proxy: str) -> Symptom:
    """See whether a proxy catches loopback too: it keeps every SDK from the sandbox."""
    from botocore.utils import should_bypass_proxies

    host = urlsplit(url).hostname
    if proxy and is_loopback(url) and not should_bypass_proxies(url):
        return problem("proxy-loopback", f"{proxy} also catches {host}", f"export NO_PROXY={host},$NO_PROXY")
    return fine("proxy-loopback", f"proxy: {proxy} is set" if proxy else "no proxy is set")


def _reachable(url: str, reply: Reply, proxy: str, *, is_sandbox: bool) -> Symptom:
    host = urlsplit(url).netloc.rpartition("@")[2]
    if not reply.problem:
        return fine("sts-reachable", f"{host} answers")
    if reply.is_certificate:
        fix = "export AWS_CA_BUNDLE=/path/to/company-ca.pem"
        return problem("sts-reachable", f"{host} shows a certificate that is not trusted", fix)
    if is_sandbox:
        return problem("sts-reachable", f"the sandbox at {host} is down", "invoke sandbox")
    through = f" through {proxy}" if proxy else ""
    detail = f"{host} cannot be reached{through}: {reply.problem}"
    return problem("sts-reachable", detail, f"curl -v https://{host}")


def _skew(date: str, now: float) -> Symptom:
    try:
        skew = now - parsedate_to_datetime(date).timestamp()
    except ValueError:
        return note("clock-skew", "the answer has no date to compare with")
    if abs(skew) < SKEW_NOTE_SECONDS:
        return fine("clock-skew", "this clock agrees with AWS's")
    side = "ahead of" if skew > 0 else "behind"
    level = Level.PROBLEM if abs(skew) >= SKEW_PROBLEM_SECONDS else Level.NOTE
    detail = f"this clock is {human(abs(skew))} {side} AWS's; from 5m on AWS refuses every call"
    return Symptom("clock-skew", level, detail, "sudo timedatectl set-ntp true")


def _ask(url: str, environ: Mapping[str, str]) -> Reply:
    """Ask as botocore does: its proxies and its certificates, an unsigned GET, no redirect followed."""
    from botocore.awsrequest import AWSRequest
    from botocore.exceptions import BotoCoreError, SSLError
    from botocore.httpsession import URLLib3Session
    from botocore.utils import get_environ_proxies

    session = URLLib3Session(
        verify=environ.get("AWS_CA_BUNDLE") or environ.get("REQUESTS_CA_BUNDLE") or True,
        proxies=get_environ_proxies(url),
        timeout=PATIENCE_SECONDS,
    )
    try:
        response = session.send(AWSRequest(method="GET", url=url).prepare())
    except (BotoCoreError, OSError, ValueError) as cause:
        reason = str(cause).splitlines()[0][:120] if str(cause) else type(cause).__name__
        return Reply(problem=reason, is_certificate=isinstance(cause, SSLError))
    return Reply(date=response.headers.get("Date", ""))
