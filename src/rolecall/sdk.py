"""The SDK side: a boto3 session that holds a role, and renews it as everything else here does.

Must not fetch on its own (the broker does, with its cache and lock), or change os.environ.
"""

import functools
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

from rolecall.credentials import broker, renewal
from rolecall.credentials.identity import sdk_session, sources
from rolecall.credentials.model import HARD_SECONDS, Session, SessionRequest
from rolecall.credentials.store import choice, locked, session_file
from rolecall.errors import RolecallError
from rolecall.project import config
from rolecall.project.declared import Project
from rolecall.system import command
from rolecall.system.clock import iso
from rolecall.system.disk import paths

if TYPE_CHECKING:
    import boto3
    import botocore.session

METHOD = "rolecall"
NO_PROFILE = {"profile": (None, None, None, None)}  # AWS_PROFILE must not decide endpoint or region here
ENDPOINT_AT = 5  # the place of endpoint_url among create_client's positional parameters after the service

P = ParamSpec("P")
T = TypeVar("T")


def _in_their_words(plain: Callable[P, T]) -> Callable[P, T]:
    """Name the person's command in what `plain` raises: no task said how it was called."""

    @functools.wraps(plain)
    def call(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return plain(*args, **kwargs)
        except RolecallError as problem:
            problem.message = command.spoken(problem.message, prefix=command.usual())
            problem.hint = command.spoken(problem.hint, prefix=command.usual())
            raise

    return call


@_in_their_words
def session(
    role: str | None = None, *, root: Path | None = None, region: str | None = None
) -> "boto3.Session":
    """Return a boto3 session in `role` (default: the one that applies here) that renews itself.

    Raises ConfigError (no project, unknown role), CredentialError, LoginNeededError.
    """
    import boto3
    import botocore.session
    from botocore.credentials import CredentialResolver, RefreshableCredentials

    top = paths.project_root(root)
    now = frozen_credentials(role, root=top, renew=False)
    held = RefreshableCredentials.create_from_metadata(
        _metadata(now),
        refresh_using=lambda: _metadata(frozen_credentials(now.role, root=top)),
        method=METHOD,
        advisory_timeout=max(HARD_SECONDS, session_file.in_use_seconds(now.expires, now.renew_at)),
        mandatory_timeout=HARD_SECONDS,
    )
    core = botocore.session.Session(NO_PROFILE)
    core.register_component("credential_provider", CredentialResolver([_Holder(held)]))
    project = config.load(top)
    return boto3.Session(
        botocore_session=_pointed(core, project), region_name=region or _region(now, project)
    )


@_in_their_words
def frozen_credentials(role: str | None = None, *, root: Path | None = None, renew: bool = True) -> Session:
    """Return the frozen session of `role`, a new one where the one there is will soon end.

    With `renew` off, one that is valid will do: its user renews it. A protected role is handed out only
    in the terminal where a person took it, or where they gave it to programs, and is never renewed from here.
    """
    project = config.load(paths.project_root(root))
    wanted = SessionRequest(choice.chain(project, role or ""), by_program=True)
    return renewal.obtain(project, wanted) if renew else broker.obtain(project, wanted)


@_in_their_words
def source_session(*, root: Path | None = None) -> "boto3.Session":
    """Return a boto3 session of the identity that assumes the roles, even where the shell holds a role."""
    import boto3

    project = config.load(paths.project_root(root))
    locked.refuse(project.place)
    core = sdk_session.opened(sources.find(project))
    return boto3.Session(botocore_session=_pointed(core, project), region_name=project.region)


def _region(now: Session, project: Project) -> str | None:
    """Return this terminal's region, else the declared one, the person's, or that of the source's profile."""
    return choice.region(project.place, now.role_arn) or now.region or project.region or now.profile_region


def _metadata(now: Session) -> dict[str, str]:
    """Return the values that botocore's RefreshableCredentials takes."""
    return {
        "access_key": now.key_id,
        "secret_key": now.secret.reveal(),
        "token": now.token.reveal(),
        "expiry_time": iso(now.expires),
    }


class _Holder:
    """A botocore credential provider that has what it was given."""

    METHOD = METHOD
    CANONICAL_NAME = METHOD

    def __init__(self, held: Any) -> None:
        self._held = held

    def load(self) -> Any:
        """Return the credentials, as botocore's resolver asks."""
        return self._held


def _pointed(
    core: "botocore.session.Session", project: Project, *, environ: Mapping[str, str] = os.environ
) -> "botocore.session.Session":
    """Make the clients of `core` use the endpoint in `.env`, which botocore would take from os.environ alone.

    Its config store is no help: each create_client sets the endpoint's provider anew. An `endpoint_url`
    that the program passes wins, then AWS_ENDPOINT_URL_<SERVICE>, as in the SDK.
    """
    plain: Callable[..., Any] = core.create_client
    known = {**environ, **project.env}

    @functools.wraps(plain)
    def create_client(service_name: str, *words: Any, **options: Any) -> Any:
        if len(words) < ENDPOINT_AT and options.get("endpoint_url") is None:
            options["endpoint_url"] = known.get(_endpoint_name(core, service_name)) or project.endpoint
        return plain(service_name, *words, **options)

    core.create_client = create_client
    return core


def _endpoint_name(core: "botocore.session.Session", service_name: str) -> str:
    """Return the variable for a service's endpoint: by its id, as the SDKs name it (AWS SDKs Reference).

    A service that botocore does not know, it refuses itself.
    """
    from botocore.exceptions import UnknownServiceError

    try:
        service = str(core.get_service_model(service_name).service_id)
    except UnknownServiceError:
        service = service_name
    return f"AWS_ENDPOINT_URL_{service.upper().replace(' ', '_').replace('-', '_')}"
