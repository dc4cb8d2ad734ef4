"""Sessions on disk: one file a role, private, replaced whole.

Must not call AWS, or decide whether a session will do (the broker does).
"""

from rolecall.credentials.model import Session
from rolecall.credentials.store import session_file
from rolecall.errors import MachineError
from rolecall.system.clock import iso
from rolecall.system.disk import files, paths
from rolecall.system.python.frozen import dataclass
from rolecall.system.text.secret import Secret

TYPE_CHECKING = False
if TYPE_CHECKING:
    from rolecall.system.disk.place import Place


@dataclass(frozen=True, slots=True)
class Entry:
    """A session file: the session, and the state of the declarations and environment it was made for."""

    session: Session
    inputs: str
    environ_mark: str


def session_path(where: "Place", role: str, mark: str = "") -> str:
    """Return the session file of `role`; `mark` is what of the environment decides who assumes it."""
    return f"{where.folder}/{paths.file_name(role, mark)}.env"


def lock_path(where: "Place", role: str, mark: str = "") -> str:
    """Return the lock that whoever fetches `role`'s session holds."""
    return f"{where.folder}/{paths.file_name(role, mark)}.lock"


def read(where: "Place", role: str, mark: str = "") -> Entry | None:
    """Return the entry of `role`; None where there is none, or it is not whole (a miss, never a crash)."""
    text = files.read_own(session_path(where, role, mark))
    values = session_file.session(text or "")
    is_it = values.get("ROLECALL_ROLE") == role and values.get("ROLECALL_ENVIRON") == _plain(mark)
    try:
        return _entry(values, mark) if is_it else None
    except (KeyError, ValueError):
        return None


def publish(where: "Place", entry: Entry) -> None:
    """Replace the session file of the entry's role. Raises MachineError where it cannot be written."""
    session = entry.session
    values = {
        "AWS_ACCESS_KEY_ID": session.key_id,
        "AWS_SECRET_ACCESS_KEY": session.secret.reveal(),
        "AWS_SESSION_TOKEN": session.token.reveal(),
        "AWS_CREDENTIAL_EXPIRATION": iso(session.expires),
        "AWS_REGION": session.region or "",
        "AWS_DEFAULT_REGION": session.region or "",
        "AWS_ACCOUNT_ID": session.account,
        "ROLECALL_ROLE": session.role,
        "ROLECALL_ROLE_ARN": session.role_arn,
        "ROLECALL_ASSUMED_ARN": session.assumed_arn,
        "ROLECALL_ASSUMED_ID": session.assumed_id,
        "ROLECALL_ISSUED": str(session.issued or ""),
        "ROLECALL_EXPIRES": str(session.expires),
        "ROLECALL_RENEW_AT": str(session.renew_at),
        "ROLECALL_INPUTS": entry.inputs,
        "ROLECALL_ENVIRON": _plain(entry.environ_mark),
        "ROLECALL_PROFILE_REGION": session.profile_region or "",
        "ROLECALL_FINGERPRINT": session.fingerprint,
        "ROLECALL_PROTECTED": "1" if session.protected else "",
        "ROLECALL_RIGHTS": session.rights,
    }
    files.private_dir(where.folder)
    path = session_path(where, session.role, entry.environ_mark)
    failed = None
    try:
        files.write_private(path, session_file.dump(values))
    except MachineError as problem:
        failed = problem
    if failed:  # without the frames that hold the file's text
        values.clear()
        failed.__cause__ = failed.__context__ = None
        raise failed.with_traceback(None)


def remove(where: "Place", role: str, mark: str = "") -> bool:
    """Remove the session of `role`; return whether there was one."""
    return files.remove(session_path(where, role, mark))


def _plain(mark: str) -> str:
    return paths.plain(mark, session_file.PLAIN)


def _entry(values: dict[str, str], mark: str) -> Entry:
    session = Session(
        role=values["ROLECALL_ROLE"],
        role_arn=values["ROLECALL_ROLE_ARN"],
        account=values["AWS_ACCOUNT_ID"],
        assumed_arn=values["ROLECALL_ASSUMED_ARN"],
        assumed_id=values["ROLECALL_ASSUMED_ID"],
        key_id=values["AWS_ACCESS_KEY_ID"],
        secret=Secret(values["AWS_SECRET_ACCESS_KEY"]),
        token=Secret(values["AWS_SESSION_TOKEN"]),
        expires=session_file.epoch(values["ROLECALL_EXPIRES"]),
        renew_at=session_file.epoch(values["ROLECALL_RENEW_AT"]),
        region=values["AWS_REGION"] or None,
        fingerprint=values["ROLECALL_FINGERPRINT"],
        protected=values["ROLECALL_PROTECTED"] == "1",
        issued=session_file.epoch(issued) if (issued := values.get("ROLECALL_ISSUED")) else 0,
        profile_region=values["ROLECALL_PROFILE_REGION"] or None,
        rights=values.get("ROLECALL_RIGHTS", ""),
    )
    if iso(session.expires) != values["AWS_CREDENTIAL_EXPIRATION"] or not session.account:
        raise ValueError("the two expiries disagree, or there is no account")
    return Entry(session, values["ROLECALL_INPUTS"], mark)
