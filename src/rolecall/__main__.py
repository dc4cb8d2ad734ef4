"""The machines' door: `python -m rolecall …`, for `credential_process` and for renewal behind the prompt.

Answers from a warm session with next to nothing imported. Must not import invoke, or prompt.
"""

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from rolecall.system.place import Place

USAGE = "usage: python -m rolecall credential-process ROLE [PROJECT] | renew ROLE [PROJECT]"


def main(words: list[str]) -> int:
    """Run the verb; return the exit code."""
    verbs = {"credential-process": _answer, "renew": _renew}
    if not 2 <= len(words) <= 3 or words[0] not in verbs:  # noqa: PLR2004 - verb, role, project
        sys.stderr.write(f"{USAGE}\n")
        return 2
    from rolecall.errors import RolecallError

    try:
        verbs[words[0]](words[1], _place(words[2:]))
    except RolecallError as problem:
        sys.stderr.write(f"rolecall: {problem}\n")
        return problem.exit_code
    return 0


def _answer(role: str, where: "Place") -> None:
    """Print the reply of `credential_process` (AWS SDKs Reference, "Process credential provider")."""
    from rolecall.credentials.store import warm

    values = warm.read(where, role) or _fetched(role, where)
    sys.stdout.write(warm.process_reply(values))


def _fetched(role: str, where: "Place") -> dict[str, str]:
    from rolecall.credentials import broker, formats
    from rolecall.credentials.store import choice
    from rolecall.project import config

    project = config.read(where)
    return formats.environment(broker.obtain(project, broker.unattended(choice.chain(project, role))))


def _renew(role: str, where: "Place") -> None:
    """Renew `role` behind the prompt: in a session of our own, so that a Ctrl-C at the prompt is not ours."""
    if os.getpid() != os.getsid(0):
        os.setsid()
    from rolecall.credentials import on_cd
    from rolecall.project import config

    on_cd.renew(config.read(where), role)


def _place(words: list[str]) -> "Place":
    from rolecall.system import paths, place

    return place.at(words[0] if words else paths.project_root())


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
