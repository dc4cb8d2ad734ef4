"""The SDK's clients of Identity Center, and trying their requests again while there is time."""

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from rolecall.credentials.failures import recognise
from rolecall.credentials.failures.about import About
from rolecall.project.roles import Role, SsoSession
from rolecall.system.clock import Deadline

if TYPE_CHECKING:
    import botocore.session

T = TypeVar("T")
TRY_MOST_SECONDS = 10.0
ROOM_SECONDS = 0.5  # for the next try itself: the reason AWS gave says more than "no answer in time"
PAUSES = (0.2, 0.4, 0.8, 1.6, 3.2)


def create(
    session: "botocore.session.Session",
    service: str,
    *,
    region: str,
    timeout_seconds: float = TRY_MOST_SECONDS,
) -> Any:
    """Return a client that signs nothing and tries each request once."""
    from botocore import UNSIGNED
    from botocore.config import Config

    seconds = max(0.1, min(TRY_MOST_SECONDS, timeout_seconds))
    config = Config(
        connect_timeout=seconds,
        read_timeout=seconds,
        retries={"total_max_attempts": 1},
        signature_version=UNSIGNED,
    )
    return session.create_client(service, region_name=region, config=config)


def about(client: Any, portal: SsoSession, role: Role | None = None) -> About:
    """Return what an explanation may say of a request of `client` to `portal`."""
    return About(role, endpoint=client.meta.endpoint_url, region=portal.region, sso_session=portal.name)


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
