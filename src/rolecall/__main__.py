"""The machines' door: `python -m rolecall …`, for `credential_process` and for renewal behind the prompt.

Owns: answering from a warm session with next to nothing imported.
Must not: import invoke, or prompt.
Called by: AWS SDKs through `credential_process`; `envrc.d/50-session.sh`.
"""

import os
import sys

USAGE = "usage: python -m rolecall credential-process ROLE [PROJECT] | renew ROLE [PROJECT]"
VERBS = ("credential-process", "renew")


def main(words: list[str]) -> int:
    """Run the verb; return the exit code."""
    if not 2 <= len(words) <= 3 or words[0] not in VERBS:  # noqa: PLR2004 - verb, role, project
        sys.stderr.write(f"{USAGE}\n")
        return 2
    from rolecall.errors import RolecallError

    try:
        return (_answer if words[0] == "credential-process" else _renew)(words[1], words[2:])
    except RolecallError as problem:
        sys.stderr.write(f"rolecall: {problem}\n")
        return problem.exit_code


def _answer(role: str, where: list[str]) -> int:
    """Print the reply of `credential_process` (AWS SDKs Reference, "Process credential provider")."""
    from rolecall.credentials.store import warm

    root = _root(where)
    values = warm.read(root, role) or _fetched(root, role)
    sys.stdout.write(warm.process_reply(values))
    return 0


def _fetched(root: str, role: str) -> dict[str, str]:
    from pathlib import Path

    from rolecall.credentials import broker, formats
    from rolecall.project import config, roles

    project = config.load(Path(root))
    wanted = roles.resolve(project.roles, role).role
    return formats.environment(broker.obtain(project, broker.unattended(wanted)))


def _renew(role: str, where: list[str]) -> int:
    """Renew `role` behind the prompt: in a session of our own, so that a Ctrl-C at the prompt is not ours."""
    if os.getpid() != os.getsid(0):
        os.setsid()
    from pathlib import Path

    from rolecall.credentials import on_cd
    from rolecall.project import config

    on_cd.renew(config.load(Path(_root(where))), role)
    return 0


def _root(where: list[str]) -> str:
    if where:
        return where[0]
    from rolecall.system import paths

    return str(paths.project_root())


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
