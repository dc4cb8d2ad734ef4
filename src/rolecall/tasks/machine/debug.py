"""The task `debug`: run an AWS CLI command in a role, its debug log in a file without secrets."""

import os
from pathlib import Path

from rolecall.system.person import person
from rolecall.tasks import door, usage
from rolecall.tasks.sessions import obtain


@door.task(
    help={
        "role": "the role to run it in (default: this terminal's role)",
        "file": "where the log goes (default: a new file in your state folder)",
    }
)
def debug(_c: object, role: str | None = None, file: str = "") -> None:
    """Run an AWS CLI command with --debug in a role; write its log to a file, without secrets."""
    from rolecall.credentials import variables
    from rolecall.credentials.model import SessionRequest
    from rolecall.credentials.store import choice
    from rolecall.services.debug_log import run

    name = usage.name_of(role)
    words = run.argv(door.command("debug"))
    project = door.here()
    held = obtain.obtain(project, SessionRequest(choice.chain(project, name)), is_retry=False)
    log = Path(file).expanduser().absolute() if file else run.default_path()
    environ = variables.child_environ(project, held, os.environ)
    outcome = run.run(words, log, environ=environ)
    for line in (outcome.last_words if outcome.code else "", outcome.problem):
        if line:
            person.say(line)
    person.say(f"exit code {outcome.code}; the debug log, without values and bodies, is in {log}")
    raise SystemExit(outcome.code)
