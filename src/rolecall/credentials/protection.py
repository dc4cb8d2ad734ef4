"""Who may have the session of a protected role, or of an elevated one: the one rule, at whatever door.

Whoever typed its name, and every process of the same terminal; of a protected role a program elsewhere, too,
where the person gave it to programs. Must not fetch, or read a session: the broker does.
"""

from rolecall.credentials.store import held
from rolecall.errors import LoginNeededError
from rolecall.system.person import terminal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from rolecall.credentials.model import SessionRequest
    from rolecall.system.disk.place import Place


def places(where: "Place", request: "SessionRequest") -> "list[Place]":
    """Return where a session for `request` may lie; the last one is where a new one is put.

    No name of the role is a way around: the chain knows what it is, and what it leads through.
    """
    if not (request.chain.is_protected or request.elevate_seconds):
        return [where]
    if request.is_confirmed:
        kind, leader = held.ELEVATED if request.elevate_seconds else held.PROTECTED, terminal.leader()
        return [held.by_terminal(where, leader, kind)] if leader else []
    own = held.here(where)
    return [*([own] if own else []), *([held.by_programs(where)] if request.by_program else [])]


def is_held_back(request: "SessionRequest") -> bool:
    """Return whether only the cache may serve it: nobody typed the name of a role that asks for it."""
    return (request.chain.is_protected or request.elevate_seconds > 0) and not request.is_confirmed


def refusal(request: "SessionRequest") -> LoginNeededError:
    """Return the error for a protected role where nobody typed its name."""
    role = request.chain.role.name
    if request.by_program and request.chain.is_protected:
        return LoginNeededError(
            "role-protected",
            f"role {role} is protected: it is taken by hand only; a program has it in the terminal where that"
            " was done, or anywhere once it was given to programs",
            hint=f"invoke assume --role {role} --for-programs",
        )
    return LoginNeededError(
        "role-protected",
        f"role {role} is protected: it is taken by hand only",
        hint=f"invoke assume --role {role}",
    )


def without_terminal(role: str) -> LoginNeededError:
    """Return the error for a protected role that is typed where there is no terminal to hold it."""
    return LoginNeededError(
        "role-protected",
        f"role {role} is protected: its session belongs to the terminal where it is taken, and there is none",
        hint=f"invoke assume --role {role}",
    )
