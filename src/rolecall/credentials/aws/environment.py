"""The environment as it was before rolecall: what an SDK, and a credential_process, may see of it.

Tells what rolecall exported from what the person did. Must not change os.environ, or decide who assumes.
"""

from rolecall.project.dotenv import IDENTITY
from rolecall.system import direnv, paths

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from rolecall.project.declared import Project

OURS = (
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_CREDENTIAL_EXPIRATION",
    "AWS_ACCOUNT_ID",
)
NETWORK = ("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY")
MARK_PLAIN = paths.LETTERS | frozenset("_./:@%+=,-")


def of(project: "Project") -> dict[str, str]:
    """Return the environment an SDK should see: the plain one, `.env` but for its identity, the region."""
    own = {name: value for name, value in project.env.items() if name.startswith("AWS_")}
    network = {name: value for name, value in project.env.items() if name.upper() in NETWORK}
    both = network | {name.lower(): value for name, value in network.items()}  # readers disagree on the case
    kept = {name: value for name, value in own.items() if name not in IDENTITY}
    region = {"AWS_REGION": project.region} if project.region else {}
    return plain(project.place.environ) | kept | region | both


def plain(environ: "Mapping[str, str]") -> dict[str, str]:
    """Return `environ` without anything rolecall exported.

    Where direnv's own record is missing (sudo, a container, an editor, `exec`) what stands beside
    ROLECALL_ROLE still tells: a person who sets that by hand does not set AWS_ACCOUNT_ID and an expiry too.
    """
    before = direnv.reverted(environ)
    ours = ("ROLECALL_ROLE", "AWS_ACCOUNT_ID", "AWS_CREDENTIAL_EXPIRATION")
    if before.get("ROLECALL_RENEW_AT") or all(before.get(name) for name in ours):
        theirs = [name for name in before if name not in OURS and not name.startswith("ROLECALL_")]
        return {name: before[name] for name in theirs}
    return before


def mark(environ: "Mapping[str, str]") -> str:
    """Return what of the environment decides the identity; `envrc.d/50-session.sh` writes the same."""
    before = plain(environ)
    parts = [before.get("AWS_PROFILE", ""), before.get("AWS_ACCESS_KEY_ID", "")[-4:]]
    if before.get("AWS_WEB_IDENTITY_TOKEN_FILE"):
        parts += [before["AWS_WEB_IDENTITY_TOKEN_FILE"], before.get("AWS_ROLE_ARN", "")]
    if before.get("ACTIONS_ID_TOKEN_REQUEST_URL"):
        parts += ["github"]
    return paths.plain(":".join(parts), MARK_PLAIN)
