"""The values that cross the credential path: a session, and the identity that assumes it.

Owns: what a session is, when it should be renewed, and when it is too old to hand out.
Must not: read, write or fetch anything.
Called by: every module of this package and above.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

SOFT_SHARE = 0.25
SOFT_MOST_SECONDS = 15 * 60
HARD_SECONDS = 120


@dataclass(frozen=True, slots=True)
class Session:
    """A role session as STS gave it; `expiration` is an aware UTC datetime, `renew_at` epoch seconds.

    `notes` is what a person should know about how it was made (a clamped duration); it is not kept.
    """

    role: str
    role_arn: str
    account: str
    assumed_arn: str
    assumed_id: str
    key_id: str = field(repr=False)
    secret: str = field(repr=False)
    token: str = field(repr=False)
    expiration: datetime
    renew_at: int
    region: str | None
    fingerprint: str
    protected: bool = False
    notes: tuple[str, ...] = field(default=(), compare=False)

    @property
    def expires(self) -> int:
        """The expiration in epoch seconds."""
        return int(self.expiration.timestamp())

    def seconds_left(self, now: float) -> float:
        """Seconds until the expiration at epoch `now`; negative once it has passed."""
        return self.expires - now


@dataclass(frozen=True, slots=True)
class Identity:
    """Who assumes. Static keys, or a profile, or neither: then boto3's own chain decides.

    `fingerprint` names the identity without telling a secret; `label` is for people; `environ_mark` is
    what of the environment decided it (empty where `.env` did); `environ` is what an SDK may see of it;
    `role_arn` is the role that a web identity token is for, `keyring_name` the OS keyring's entry.
    """

    kind: str
    label: str
    fingerprint: str
    key_id: str | None = field(default=None, repr=False)
    secret: str | None = field(default=None, repr=False)
    token: str | None = field(default=None, repr=False)
    profile: str | None = None
    environ_mark: str = ""
    environ: Mapping[str, str] = field(default_factory=dict, repr=False)
    role_arn: str | None = None
    keyring_name: str | None = None


def renew_at(issued: float, expires: int) -> int:
    """Return the epoch from which a session issued at `issued` should be renewed behind the prompt.

    Under a quarter of the lifetime, at most fifteen minutes, before it expires.
    """
    return int(expires - min(SOFT_MOST_SECONDS, SOFT_SHARE * max(0.0, expires - issued)))


def masked(key_id: str) -> str:
    """Return the last four characters of a key id: all that is ever shown."""
    return f"…{key_id[-4:]}"
