"""Locking: no session is left on disk, and none comes back until a person assumes a role by hand.

What a program holds already cannot be taken from it: it ends with the session. Must not ask AWS for anything.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from rolecall.credentials.aws import environment
from rolecall.credentials.identity_center import portal, token_files
from rolecall.credentials.store import audit, held, locked, session_file
from rolecall.errors import RolecallError
from rolecall.project import config
from rolecall.project.declared import Project
from rolecall.project.roles import SsoSession, resolve
from rolecall.system.disk import files, paths
from rolecall.system.disk.place import Place

SESSIONS = (".env", ".mfa")


@dataclass(frozen=True, slots=True)
class Locked:
    """What was removed: sessions, MFA sessions and logins; and the last second (epoch) that one holds."""

    sessions: int
    logins: int
    until: int
    problems: tuple[str, ...] = ()


def lock(where: Place, *, is_all: bool = False) -> Locked:
    """Lock the project at `where`, or all projects, and remove what there is. Raises MachineError.

    The mark comes first: whoever is fetching a session right now finds it after putting that on disk.
    """
    try:
        locked.mark(where, is_all=is_all)
    finally:  # a full disk does not keep them
        ends = [_end(text) for folder in list(_folders(where, is_all=is_all)) for text in _wiped(folder)]
    logins, problems = _logged_out(where, is_all=is_all)
    audit.record(where, "lock-all" if is_all else "lock", {}, warn=None)
    now = int(where.clock())
    return Locked(len(ends), logins, max((end for end in ends if end > now), default=0), problems)


def _folders(where: Place, *, is_all: bool) -> Iterator[Path]:
    """Yield each folder that may hold sessions: of a terminal, and of a program without XDG_RUNTIME_DIR."""
    for base in {Path(where.folder).parent, paths.cache_dir(environ=where.environ)}:
        projects = base.iterdir() if is_all and base.is_dir() else [base / where.key]
        for project in projects:
            yield project
            for kind in held.KINDS:
                yield from (project / kind).iterdir() if (project / kind).is_dir() else ()


def _wiped(folder: Path) -> Iterator[str]:
    """Remove what a folder holds of sessions, half-written ones too; yield the text of each whole one."""
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        is_part = path.name.startswith(".") and any(f"{suffix}." in path.name for suffix in SESSIONS)
        if is_part or path.suffix in SESSIONS:
            text = files.read_own(path) or ""
            if files.remove(path) and not is_part:
                yield text


def _end(text: str) -> int:
    try:
        return session_file.epoch(session_file.parse(text).get("ROLECALL_EXPIRES", ""))
    except ValueError:
        return 0


def _logged_out(where: Place, *, is_all: bool) -> tuple[int, tuple[str, ...]]:
    """Remove the logins at Identity Center that rolecall made; return how many, and what went wrong."""
    if is_all:
        return token_files.forget_own(environ=where.environ), ()
    try:
        project = config.read(where)
        portals = _portals(project)
        return sum(token_files.forget(one, environ=where.environ) for one in portals), ()
    except RolecallError as problem:
        return 0, (f"a login at Identity Center may be left: {problem.message}",)


def _portals(project: Project) -> list[SsoSession]:
    """Return each portal that a role of the project, or the profile that assumes them, logs in to."""
    environ = environment.of(project)
    chains = [None, *(resolve(project.roles, name) for name in project.roles)]
    found = [portal.needed(project, chain, "", environ=environ) for chain in chains]
    return list({one.name or one.start_url: one for one in found if one}.values())
