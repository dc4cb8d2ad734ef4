"""Sessions on disk: one file a role, private, replaced whole.

Owns: reading and publishing session files, and their lock's place.
Must not: call AWS, or decide whether a session will do (the broker does).
Called by: the broker, status, lock.
"""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from rolecall.credentials.model import Session
from rolecall.credentials.store import session_file
from rolecall.system import files, paths


@dataclass(frozen=True, slots=True)
class Entry:
    """A session file: the session, and the state of the declarations and environment it was made for."""

    session: Session
    inputs: str
    environ_mark: str


def session_path(folder: Path, role: str) -> Path:
    """Return the session file of `role` in the project's runtime folder."""
    return folder / f"{paths.file_name(role)}.env"


def lock_path(folder: Path, role: str) -> Path:
    """Return the lock that whoever fetches `role`'s session holds."""
    return folder / f"{paths.file_name(role)}.lock"


def read(folder: Path, role: str) -> Entry | None:
    """Return the entry of `role`; None where there is none, or it is not whole (a miss, never a crash)."""
    text = files.read_text(session_path(folder, role))
    values = session_file.parse(text or "")
    try:
        return _entry(values) if values.get("ROLECALL_ROLE") == role else None
    except (KeyError, ValueError):
        return None


def publish(folder: Path, entry: Entry) -> None:
    """Replace the session file of the entry's role. Raises MachineError where it cannot be written."""
    session = entry.session
    values = {
        "AWS_ACCESS_KEY_ID": session.key_id,
        "AWS_SECRET_ACCESS_KEY": session.secret,
        "AWS_SESSION_TOKEN": session.token,
        "AWS_CREDENTIAL_EXPIRATION": session.expiration.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "AWS_REGION": session.region or "",
        "AWS_DEFAULT_REGION": session.region or "",
        "AWS_ACCOUNT_ID": session.account,
        "ROLECALL_ROLE": session.role,
        "ROLECALL_ROLE_ARN": session.role_arn,
        "ROLECALL_ASSUMED_ARN": session.assumed_arn,
        "ROLECALL_ASSUMED_ID": session.assumed_id,
        "ROLECALL_EXPIRES": str(session.expires),
        "ROLECALL_RENEW_AT": str(session.renew_at),
        "ROLECALL_INPUTS": entry.inputs,
        "ROLECALL_ENVIRON": entry.environ_mark,
        "ROLECALL_FINGERPRINT": session.fingerprint,
        "ROLECALL_PROTECTED": "1" if session.protected else "",
    }
    files.write_private(session_path(files.private_dir(folder), session.role), session_file.dump(values))


def remove(folder: Path, role: str) -> bool:
    """Remove the session of `role`; whether there was one."""
    path = session_path(folder, role)
    existed = path.exists()
    path.unlink(missing_ok=True)
    return existed


def _entry(values: dict[str, str]) -> Entry:
    session = Session(
        role=values["ROLECALL_ROLE"],
        role_arn=values["ROLECALL_ROLE_ARN"],
        account=values["AWS_ACCOUNT_ID"],
        assumed_arn=values["ROLECALL_ASSUMED_ARN"],
        assumed_id=values["ROLECALL_ASSUMED_ID"],
        key_id=values["AWS_ACCESS_KEY_ID"],
        secret=values["AWS_SECRET_ACCESS_KEY"],
        token=values["AWS_SESSION_TOKEN"],
        expiration=datetime.fromisoformat(values["AWS_CREDENTIAL_EXPIRATION"]),
        renew_at=int(values["ROLECALL_RENEW_AT"]),
        region=values["AWS_REGION"] or None,
        fingerprint=values["ROLECALL_FINGERPRINT"],
        protected=values["ROLECALL_PROTECTED"] == "1",
    )
    if session.expires != int(values["ROLECALL_EXPIRES"]):
        raise ValueError("the two expiries disagree")
    return Entry(session, values["ROLECALL_INPUTS"], values["ROLECALL_ENVIRON"])
