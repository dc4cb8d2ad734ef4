"""The environment as it was before rolecall: what an SDK, and a credential_process, may see of it.

Tells what rolecall exported from what the person did. Must not change os.environ, or decide who assumes.
"""

import os

from rolecall.project.env_file import own_exports
from rolecall.project.env_file.dotenv import IDENTITY, NETWORK
from rolecall.system.text.secret import Hidden

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
GITHUB = ("GITHUB_REPOSITORY", "GITHUB_REF", "AWS_ROLE_ARN")
DIGITS = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"  # bash's; then @ and _
BASE, CHUNK, FACTOR, PRIME = 64, 10, 257, 1_099_511_627_689


def of(project: "Project") -> dict[str, str]:
    """Return the environment an SDK should see: the plain one, `.env` but for its identity, the region."""
    own = {name: value for name, value in project.env.items() if name.startswith("AWS_")}
    network = {name: value for name, value in project.env.items() if name.upper() in NETWORK}
    both = network | {name.lower(): value for name, value in network.items()}  # readers disagree on the case
    kept = {name: value for name, value in own.items() if name not in IDENTITY}
    region = {"AWS_REGION": project.region} if project.region else {}
    return Hidden(plain(project.place.environ) | kept | region | both)


def plain(environ: "Mapping[str, str]") -> dict[str, str]:
    """Return `environ` without anything rolecall exported."""
    return Hidden(own_exports.removed(environ))


def mark(project: "Project") -> str:
    """Return what of the environment decides who assumes; empty where the project does, or nothing.

    Part of the session file's name: two identities never share one. `envrc.d/49-environ.cold.sh` has the
    same rule.
    """
    if project.identity == "token":
        return ""
    before = plain(project.place.environ)
    if before.get("AWS_WEB_IDENTITY_TOKEN_FILE"):
        return f"{before['AWS_WEB_IDENTITY_TOKEN_FILE']}:{before.get('AWS_ROLE_ARN', '')}"
    if before.get("ACTIONS_ID_TOKEN_REQUEST_URL") and before.get("ACTIONS_ID_TOKEN_REQUEST_TOKEN"):
        return ":".join(("github", *(before.get(name, "") for name in GITHUB)))
    if project.identity == "named":
        return ""
    profile, key = before.get("AWS_PROFILE") or before.get("AWS_DEFAULT_PROFILE") or "", ""
    if project.identity == "profile" or (profile and _is_own(project, profile)):
        profile = ""
    if project.identity != "profile" and before.get("AWS_ACCESS_KEY_ID"):
        key = str(key_number(before["AWS_ACCESS_KEY_ID"]))
    parts = [profile, key, *(before.get(name, "") for name in CHAIN_FILES)]
    return ":".join(parts) if any(parts) else ""


def _is_own(project: "Project", profile: str) -> bool:
    """Return whether a profile is one of those that setup wrote for this project: no identity, then."""
    from rolecall.project import own_profiles

    return profile in own_profiles.read(project.place).values()


def key_number(key_id: str) -> int:
    """Return a number by which to tell one access key from another, from which none can be told.

    Half as many bits as a key id has. Ten characters at a time, as digits to the base 64: bash needs no loop
    over characters for that.
    """
    number = 0
    values = [DIGITS.find(chr(code)) for code in os.fsencode(key_id)]
    for at in range(0, len(values), CHUNK):
        chunk = 0
        for value in values[at : at + CHUNK]:
            chunk = chunk * BASE + (value if value >= 0 else BASE - 1)
        number = (number * FACTOR + chunk) % PRIME
    return number
