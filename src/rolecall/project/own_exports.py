"""The environment as it was before rolecall: no role, no key and no region that rolecall itself exported.

Must not change os.environ, or decide who assumes. A `cd` loads this module.
"""

from rolecall.system import direnv

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

SIGNS = ("ROLECALL_ROLE", "AWS_ACCOUNT_ID", "AWS_CREDENTIAL_EXPIRATION")
NAMES = (
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_CREDENTIAL_EXPIRATION",
    "AWS_ACCOUNT_ID",
    "AWS_REGION",
    "AWS_DEFAULT_REGION",
)


def removed(environ: "Mapping[str, str]") -> dict[str, str]:
    """Return `environ` without anything rolecall exported.

    Where direnv's own record is missing (sudo, a container, an editor, `exec`) what stands beside
    ROLECALL_ROLE still tells: a person who sets that by hand does not set AWS_ACCOUNT_ID and an expiry too.
    `envrc.d/50-session.sh` knows the same signs.
    """
    before = direnv.reverted(environ)
    if before.get("ROLECALL_RENEW_AT") or all(before.get(name) for name in SIGNS):
        theirs = [name for name in before if name not in NAMES and not name.startswith("ROLECALL_")]
        return {name: before[name] for name in theirs}
    return before


def region(environ: "Mapping[str, str]") -> str | None:
    """Return the region that the person's environment names, or None."""
    before = removed(environ)
    return before.get("AWS_REGION") or before.get("AWS_DEFAULT_REGION") or None
