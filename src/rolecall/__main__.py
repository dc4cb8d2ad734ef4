"""The machines' door: what direnv, an SDK and a renewal behind the prompt call.

Answers with next to nothing imported. Must not import invoke, prompt, or run anything from the project's
folder; a task for people is handed on, where `python -P -m rolecall` was typed. direnv starts this file
itself, with the Python that `.envrc` names and `-I -S`: then neither the environment, nor a `.venv`, nor the
current folder has a say in what is imported, and Python starts in 8 ms
instead of 15 with `-m` and the site module.
"""

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from rolecall.system.disk.place import Place

USAGE = """\
usage: python -P -m rolecall credential-process ROLE [PROJECT]
       python -P -m rolecall assume [PROJECT]
       python -P -m rolecall renew ROLE [PROJECT]
       python -P -m rolecall leaks [PROJECT]
"""
NO_DESCRIPTORS = (23, 24)  # ENFILE and EMFILE, on Linux and macOS
MOST_WORDS = {"credential-process": 3, "assume": 2, "renew": 3, "leaks": 2}
WITHOUT_ROLE = ("assume", "leaks")


def main(words: list[str]) -> int:
    """Run the verb; return the exit code."""
    verb, rest = (words[0], words[1:]) if words else ("", [])
    if __package__ and verb not in MOST_WORDS:
        return _people(words)
    least = 1 if verb in WITHOUT_ROLE else 2
    if not least <= len(words) <= MOST_WORDS.get(verb, 0):
        sys.stderr.write(USAGE)
        return 2
    from rolecall.errors import RolecallError
    from rolecall.system import command

    command.use(os.environ.get(command.VARIABLE) or command.usual())
    try:
        if verb == "assume":
            _assume(_place(rest))
        elif verb == "leaks":
            _refuse_leaks(_place(rest))
        else:
            (_answer if verb == "credential-process" else _renew)(rest[0], _place(rest[1:]))
    except RolecallError as problem:
        from rolecall.system.person import person

        person.say(str(problem))
        return problem.exit_code
    except Exception as problem:  # noqa: BLE001 - the last line of defence writes the log
        if getattr(problem, "errno", 0) in NO_DESCRIPTORS:  # wherever it was met, also in an import
            sys.stderr.write("rolecall: no file can be opened: too many are open here (ulimit -n)\n")
            return 1
        from rolecall.system import bug_report

        return bug_report.write(problem)
    return 0


def _people(words: list[str]) -> int:
    """Become the program `rolecall`, where Python was told `-m rolecall` with a task that is for people."""
    from rolecall.tasks.command import program

    program.main(["rolecall", *words])
    return 0


def _assume(where: "Place") -> None:
    """Get the session of this terminal's role, as `invoke assume` does; `.envrc` reads it from its file."""
    from rolecall.credentials import on_cd
    from rolecall.system.person import person

    on_cd.obtain(where, say=person.say)


def _refuse_leaks(where: "Place") -> None:
    """Refuse a commit that holds a credential; git's own hook calls this."""
    from pathlib import Path

    from rolecall.credentials.leaks import guard

    guard.refuse(guard.find(Path(where.root), environ=where.environ))


def _answer(role: str, where: "Place") -> None:
    """Print the reply of `credential_process` (AWS SDKs Reference, "Process credential provider")."""
    from rolecall.credentials.store import warm

    values = warm.read(where, role) or _fetched(role, where)
    sys.stdout.write(warm.process_reply(values))


def _fetched(role: str, where: "Place") -> dict[str, str]:
    from rolecall.credentials import renewal, variables
    from rolecall.credentials.model import SessionRequest
    from rolecall.credentials.store import choice
    from rolecall.project import config

    project = config.read(where)
    wanted = SessionRequest(choice.chain(project, role), by_program=True)
    return variables.environment(renewal.obtain(project, wanted))


def _renew(role: str, where: "Place") -> None:
    """Renew `role` behind the prompt: in a session of our own, so that a Ctrl-C at the prompt is not ours."""
    if os.getpid() != os.getsid(0):
        os.setsid()
    from rolecall.credentials import on_cd
    from rolecall.project import config

    on_cd.renew(config.read(where), role)


def _place(words: list[str]) -> "Place":
    from rolecall.system.disk import paths, place

    return place.at(words[0] if words else paths.project_root())


def _be_the_package() -> None:
    """Make `import rolecall.X` find this package, and nothing else beside it, where this file was started."""
    package = type(sys)("rolecall")
    package.__path__ = [os.path.dirname(os.path.abspath(__file__))]
    sys.modules["rolecall"] = package


if __name__ == "__main__":
    if not __package__:
        _be_the_package()
    sys.exit(main(sys.argv[1:]))
