"""The values that cross the credential path: a session, the identity that assumes it, and what is asked for.

Must not read, write or fetch anything.
"""

from rolecall.system.python.frozen import dataclass, field
from rolecall.system.text.secret import NONE, Secret

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from rolecall.project.declared import Project
    from rolecall.project.roles import Chain
    from rolecall.system.clock import Deadline

SOFT_SHARE = 0.25
SOFT_MOST_SECONDS = 15 * 60
HARD_SECONDS = 120
KEY_ID_LEAST = 16  # GetAccessKeyInfo, API reference: AccessKeyId has 16 to 128 characters


@dataclass(frozen=True, slots=True)
class Session:
    """A role session as STS gave it; `issued`, `expires` and `renew_at` are epoch seconds.

    `region` is what the project declares; `profile_region`, that of the profile that assumes, is for a shell
    that has none of its own. `rights` is "read-only", "elevated" (a read-only role without that), or nothing
    of the two. `notes` is what a person should know about how it was made (a clamped
    duration); it is not kept.
    """

    role: str
    role_arn: str
    account: str
    assumed_arn: str
    assumed_id: str
    key_id: str = field(repr=False)
    secret: Secret
    token: Secret
    expires: int
    renew_at: int
    region: str | None
    fingerprint: str
    protected: bool = False
    profile_region: str | None = None
    issued: int = 0
    rights: str = ""
    notes: tuple[str, ...] = field(default=(), compare=False)

    @property
    def expiration(self) -> "datetime":
        """The expiration as an aware UTC datetime."""
        from datetime import UTC, datetime

        return datetime.fromtimestamp(self.expires, UTC)

    def seconds_left(self, now: float) -> float:
        """Seconds until the expiration at epoch `now`; negative once it has passed."""
        return self.expires - now


@dataclass(frozen=True, slots=True)
class Identity:
    """Who assumes. Static keys, or a profile, or neither: then boto3's own chain decides.

    `fingerprint` names the identity without telling a secret; `label` is for people; `environ_mark` is
    what of the environment decided it (empty where `.env` did); `environ` is what an SDK may see of it;
    `role_arn` is the role that a web identity token is for, `keyring_name` the OS keyring's entry,
    `notes` what a person should know about the choice; `without_files`: the SDK's chain, but for what the
    AWS files say.
    """

    kind: str
    label: str
    fingerprint: str
    key_id: str | None = field(default=None, repr=False)
    secret: Secret = NONE
    token: Secret = NONE
    profile: str | None = None
    environ_mark: str = ""
    environ: "Mapping[str, str]" = field(default_factory=dict, repr=False)
    role_arn: str | None = None
    keyring_name: str | None = None
    notes: tuple[str, ...] = ()
    without_files: bool = False


@dataclass(frozen=True, slots=True)
class SessionRequest:
    """A session somebody wants: of which role, and how fresh. Durations in seconds.

    `renew`: only if the session has reached its soft window and nobody else is at it. `from_cache`: only
    if nothing has to be fetched. `is_confirmed`: a person typed the name of a protected role; without that,
    its session is handed out only where one did. `for_programs`: they gave it to programs as well;
    `by_program`: a program asks, not a `cd`. `elevate_seconds`: without the role's `read_only`, for so long.
    `by_hand`: a person assumes it, which unlocks a locked project.
    """

    chain: "Chain"
    min_ttl_seconds: float = HARD_SECONDS
    refresh: bool = False
    renew: bool = False
    from_cache: bool = False
    is_confirmed: bool = False
    for_programs: bool = False
    by_program: bool = False
    elevate_seconds: int = 0
    by_hand: bool = False
    mfa_code: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class FetchRequest:
    """A session to be fetched: along which chain, by whom, until when.

    `is_anew`: with MFA proven anew. `is_elevated`: of a read-only role, without that.
    """

    project: "Project"
    chain: "Chain"
    who: Identity
    deadline: "Deadline"
    mfa_code: str = field(default="", repr=False)
    is_anew: bool = False
    is_elevated: bool = False

    @property
    def role_name(self) -> str:
        """The name of the role at the end of the chain."""
        return self.chain.role.name

    @property
    def guard(self) -> str:
        """The word by which a credential_process that calls us for this very role is recognised."""
        return f"{self.project.place.key}/{self.role_name}"

    @property
    def is_direct(self) -> bool:
        """Whether Identity Center or a web identity token gives the first hop itself."""
        first, kind = self.chain.hops[0], self.who.kind
        is_token_for_it = kind in ("web-identity", "github") and self.who.role_arn in (None, first.role_arn)
        return first.sso is not None or is_token_for_it


ELEVATED, READ_ONLY = "elevated", "read-only"


def renew_at(issued: float, expires: int) -> int:
    """Return the epoch from which a session issued at `issued` should be renewed behind the prompt.

    Under a quarter of the lifetime, at most fifteen minutes, before it expires.
    """
    return int(expires - min(SOFT_MOST_SECONDS, SOFT_SHARE * max(0.0, expires - issued)))


def masked(key_id: str) -> str:
    """Return the last four characters of a key id, all that is ever shown; nothing of what is none.

    A secret pasted in its place must not show its end.
    """
    is_key_id = key_id.isascii() and key_id.isalnum() and key_id.isupper() and key_id.startswith("A")
    return f"…{key_id[-4:]}" if is_key_id and len(key_id) >= KEY_ID_LEAST else "(no key id)"
