"""The environment as it was before rolecall: no role, no key and no region that rolecall itself exported.

Must not change os.environ, or decide who assumes. A `cd` loads this module.
"""

from rolecall.system.programs import direnv

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

SIGNS = ("ROLECALL_ROLE", "AWS_ACCOUNT_ID", "AWS_CREDENTIAL_EXPIRATION")
KEYS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_CREDENTIAL_EXPIRATION")
NAMES = (*KEYS, "AWS_ACCOUNT_ID", "AWS_REGION", "AWS_DEFAULT_REGION")
ENDPOINT = (
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
)
OWN_ENDPOINT = "ROLECALL_ENDPOINT"  # beside them: they are ours, and no identity (`exec --serve`)
PROFILE = ("AWS_PROFILE", "AWS_DEFAULT_PROFILE")
OWN_PROFILE = "ROLECALL_PROFILE"  # beside AWS_PROFILE: that is ours


def removed(environ: "Mapping[str, str]") -> dict[str, str]:
    """Return `environ` without anything rolecall exported.

    Where direnv's own record is missing (sudo, a container, an editor, `exec`) what stands beside
    ROLECALL_ROLE still tells: a person who sets that by hand does not set AWS_ACCOUNT_ID and an expiry too.
    `envrc.d/49-environ.cold.sh` knows the same signs.
    """
    before, is_ours = direnv.reverted(environ), False
    if is_served(before):
        before = {name: value for name, value in before.items() if name not in (*ENDPOINT, OWN_ENDPOINT)}
        is_ours = not before.get("AWS_ACCESS_KEY_ID")  # else a person put other keys beside it
    if is_profiled(before):
        before = {name: value for name, value in before.items() if name not in (*PROFILE, OWN_PROFILE)}
        is_ours = not before.get("AWS_ACCESS_KEY_ID")
    if is_ours or before.get("ROLECALL_RENEW_AT") or all(before.get(name) for name in SIGNS):
        theirs = [name for name in before if name not in NAMES and not name.startswith("ROLECALL_")]
        return {name: before[name] for name in theirs}
    return before


def is_served(environ: "Mapping[str, str]") -> bool:
    """Return whether a program here gets its role from rolecall's own endpoint (`exec --serve`)."""
    return bool(environ.get(OWN_ENDPOINT)) and environ.get(OWN_ENDPOINT) == environ.get(ENDPOINT[0])


def is_profiled(environ: "Mapping[str, str]") -> bool:
    """Return whether a program here gets its role through a profile that rolecall exported."""
    return bool(environ.get(OWN_PROFILE)) and environ.get(OWN_PROFILE) == environ.get("AWS_PROFILE")


def region(environ: "Mapping[str, str]") -> str | None:
    """Return the region that the person's environment names, or None."""
    before = removed(environ)
    return before.get("AWS_REGION") or before.get("AWS_DEFAULT_REGION") or None
