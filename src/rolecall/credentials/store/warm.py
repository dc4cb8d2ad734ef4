"""A warm session without the rest of rolecall: what the shell decides with builtins, decided in Python.

Must not import tomllib, dotenv or an SDK: the SDK that called `credential_process` waits for it.
"""

from rolecall.credentials.store import held, locked, session_file
from rolecall.project import snapshot
from rolecall.system.disk import files, paths

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from rolecall.system.disk.place import Place

HARD_SECONDS = 120
TOKENS = ("AWS_WEB_IDENTITY_TOKEN_FILE", "ACTIONS_ID_TOKEN_REQUEST_URL")


def read(where: "Place", role: str) -> dict[str, str]:
    """Return the session file of `role` if it is true and fresh enough to hand out; else nothing.

    Nothing, too, where whoever fetches this very session is asking: a role must not become its own source.
    """
    if f"{where.key}/{role}" in where.environ.get("ROLECALL_RESOLVING", "").split(","):
        return {}
    if locked.is_locked(where):
        return {}
    head = snapshot.head(where)
    if head is None or not _is_the_projects(where, head.identity):
        return {}
    for place, kind in held.for_programs(where):
        values = session_file.session(files.read_own(f"{place.folder}/{paths.file_name(role)}.env") or "")
        if _kind(values) == kind and _is_true(values, role, head.digest) and _will_do(where, role, values):
            return values
    return {}


def process_reply(values: "Mapping[str, str]") -> str:
    """Return the reply of `credential_process`, version 1 (AWS SDKs Reference: process credentials).

    Every value is of the session file's plain characters, so JSON needs no escaping.
    """
    names = {
        "AccessKeyId": "AWS_ACCESS_KEY_ID",
        "SecretAccessKey": "AWS_SECRET_ACCESS_KEY",
        "SessionToken": "AWS_SESSION_TOKEN",
        "Expiration": "AWS_CREDENTIAL_EXPIRATION",
    }
    pairs = ", ".join(f'"{theirs}": "{values[ours]}"' for theirs, ours in names.items())
    return '{"Version": 1, ' + pairs + "}\n"


def _kind(values: "Mapping[str, str]") -> str:
    """Return in which kind of folder a session may lie."""
    if values.get("ROLECALL_RIGHTS") == held.ELEVATED:
        return held.ELEVATED
    return held.PROTECTED if values.get("ROLECALL_PROTECTED") else ""


def _is_true(values: "Mapping[str, str]", role: str, digest: str) -> bool:
    """Return whether a file is that of `role` and of the project's identity, and as declared now."""
    if values.get("ROLECALL_ROLE") != role or values.get("ROLECALL_ENVIRON"):
        return False
    return values.get("ROLECALL_INPUTS") == digest


def _is_the_projects(where: "Place", identity: str) -> bool:
    """Return whether the project itself says who assumes, whatever the environment holds."""
    if identity != "profile":
        return identity == "token" or (identity == "named" and not any(map(where.environ.get, TOKENS)))
    from rolecall.credentials.aws.environment import CHAIN_FILES

    return not any(map(where.environ.get, (*TOKENS, *CHAIN_FILES)))


def _will_do(where: "Place", role: str, values: "Mapping[str, str]") -> bool:
    """Return whether the session may be handed out as it is.

    It has time enough for an SDK; or it is valid, and it is not to be renewed here, or that just failed.
    """
    try:
        expires = session_file.epoch(values.get("ROLECALL_EXPIRES", ""))
        renew_at = session_file.epoch(values.get("ROLECALL_RENEW_AT", ""))
    except ValueError:
        return False
    left = expires - where.clock()
    if left >= max(HARD_SECONDS, session_file.in_use_seconds(expires, renew_at)):
        return True
    if values.get("ROLECALL_RIGHTS") == held.ELEVATED:
        return left > 1  # nothing takes its place before its end
    if values.get("ROLECALL_PROTECTED"):
        return left >= HARD_SECONDS
    from rolecall.credentials.store import recent_failure

    return left > 1 and recent_failure.read(where, role) is not None
