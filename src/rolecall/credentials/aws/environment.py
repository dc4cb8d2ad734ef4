"""The environment as it was before rolecall: what an SDK, and a credential_process, may see of it.

Tells what rolecall exported from what the person did. Must not change os.environ, or decide who assumes.
"""

from rolecall.project import own_exports
from rolecall.project.dotenv import IDENTITY, NETWORK

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from rolecall.project.declared import Project

CHAIN_FILES = (
    "AWS_CONFIG_FILE",
    "AWS_SHARED_CREDENTIALS_FILE",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
)


def of(project: "Project") -> dict[str, str]:
    """Return the environment an SDK should see: the plain one, `.env` but for its identity, the region."""
    own = {name: value for name, value in project.env.items() if name.startswith("AWS_")}
    network = {name: value for name, value in project.env.items() if name.upper() in NETWORK}
    both = network | {name.lower(): value for name, value in network.items()}  # readers disagree on the case
    kept = {name: value for name, value in own.items() if name not in IDENTITY}
    region = {"AWS_REGION": project.region} if project.region else {}
    return plain(project.place.environ) | kept | region | both


def plain(environ: "Mapping[str, str]") -> dict[str, str]:
    """Return `environ` without anything rolecall exported."""
    return own_exports.removed(environ)


def mark(project: "Project") -> str:
    """Return what of the environment decides who assumes; empty where the project does, or nothing.

    Part of the session file's name: two identities never share one. `envrc.d/50-session.sh` writes it too.
    """
    if project.identity == "token":
        return ""
    before = plain(project.place.environ)
    if before.get("AWS_WEB_IDENTITY_TOKEN_FILE"):
        return f"{before['AWS_WEB_IDENTITY_TOKEN_FILE']}:{before.get('AWS_ROLE_ARN', '')}"
    if before.get("ACTIONS_ID_TOKEN_REQUEST_URL"):
        return "github"
    if project.identity:
        return ""
    profile = before.get("AWS_PROFILE") or before.get("AWS_DEFAULT_PROFILE") or ""
    parts = [
        profile,
        before.get("AWS_ACCESS_KEY_ID", "")[-4:],
        *(before.get(name, "") for name in CHAIN_FILES),
    ]
    return ":".join(parts) if any(parts) else ""
