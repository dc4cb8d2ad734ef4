"""Whether STS can be reached as an SDK would reach it, and whether the clocks agree.

Owns: the symptoms sts-reachable, clock-skew, proxy-loopback.
Must not: send a credential: the question it asks is unsigned.
Called by: doctor.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

from rolecall.errors import RolecallError
from rolecall.project import config
from rolecall.project.config import Project
from rolecall.system import direnv
from rolecall.system.clock import human
from rolecall.workstation.doctor.symptom import Level, Symptom
from rolecall.workstation.steps.step import Context

PATIENCE_SECONDS = 4
SKEW_PROBLEM_SECONDS = 300  # SigV4 refuses beyond five minutes
SKEW_NOTE_SECONDS = 60
PROXIES = ("https_proxy", "HTTPS_PROXY", "http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY")


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back: the Date header, or why nothing did."""

    date: str = ""
    problem: str = ""
    is_certificate: bool = False


def look(
    context: Context,
    *,
    ask: Callable[[str, Mapping[str, str]], Reply] | None = None,
    clock: Callable[[], float] = time.time,
) -> Iterator[Symptom]:
    """Yield one symptom for each question of this module."""
    environ = direnv.reverted(context.environ)
    try:
        project = config.load(context.root, environ=environ)
    except RolecallError as problem:
        yield Symptom("config", Level.PROBLEM, problem.message, problem.hint)
        return
    url = _url(project)
    yield _loopback(url, environ)
    reply = (ask or _ask)(url, environ)
    yield _reachable(url, reply, project, environ)
    if reply.date:
        yield _skew(reply.date, clock())


def _url(project: Project) -> str:
    region = project.region or "us-east-1"
    suffix = "amazonaws.com.cn" if region.startswith("cn-") else "amazonaws.com"
    return project.endpoint or f"https://sts.{region}.{suffix}/"


def _loopback(url: str, environ: Mapping[str, str]) -> Symptom:
    """A proxy that catches loopback too keeps every SDK from the sandbox."""
    from botocore.utils import should_bypass_proxies

    proxies = [name for name in PROXIES if environ.get(name)]
    host = urlsplit(url).hostname or ""
    if proxies and host in ("127.0.0.1", "localhost", "::1") and not should_bypass_proxies(url):
        return Symptom(
            "proxy-loopback",
            Level.PROBLEM,
            f"{proxies[0]} also catches {host}",
            f"export NO_PROXY={host},$NO_PROXY",
        )
    return Symptom(
        "proxy-loopback", Level.OK, f"proxy: {proxies[0]} is set" if proxies else "no proxy is set"
    )


def _reachable(url: str, reply: Reply, project: Project, environ: Mapping[str, str]) -> Symptom:
    host = urlsplit(url).netloc
    if not reply.problem:
        return Symptom("sts-reachable", Level.OK, f"{host} answers")
    if reply.is_certificate:
        fix = "export AWS_CA_BUNDLE=/path/to/your/company's-ca.pem"
        return Symptom("sts-reachable", Level.PROBLEM, f"{host} shows a certificate that is not trusted", fix)
    if project.endpoint and (urlsplit(url).hostname or "") in ("127.0.0.1", "localhost", "::1"):
        return Symptom("sts-reachable", Level.PROBLEM, f"the sandbox at {host} is down", "invoke sandbox")
    proxies = [name for name in PROXIES if environ.get(name)]
    through = f" through {proxies[0]}" if proxies else ""
    return Symptom(
        "sts-reachable",
        Level.PROBLEM,
        f"{host} cannot be reached{through}: {reply.problem}",
        f"curl -v https://{host}",
    )


def _skew(date: str, now: float) -> Symptom:
    try:
        skew = now - parsedate_to_datetime(date).timestamp()
    except ValueError:
        return Symptom("clock-skew", Level.NOTE, "the answer has no date to compare with")
    if abs(skew) < SKEW_NOTE_SECONDS:
        return Symptom("clock-skew", Level.OK, "this clock agrees with AWS's")
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
    except SSLError as problem:
        return Reply(problem=_reason(problem), is_certificate=True)
    except (BotoCoreError, OSError, ValueError) as problem:
        return Reply(problem=_reason(problem))
    return Reply(date=response.headers.get("Date", ""))


def _reason(problem: Exception) -> str:
    return str(problem).splitlines()[0][:120] if str(problem) else type(problem).__name__
