"""Tasks about services: sandbox, debug.

Owns: parsing, calling, printing. Data on stdout, talk on stderr.
Must not: compute anything a library user could want too, or import more than it needs before it is called.
Called by: people, through `invoke`; setup takes `hands`.
"""

import json as jsonlib
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from rolecall.project import config
from rolecall.system import direnv, paths, person
from rolecall.tasks import door
from rolecall.tasks import session as session_tasks

if TYPE_CHECKING:
    from rolecall.services.sandbox.sandbox import Sandbox
    from rolecall.workstation.steps import sandbox as sandbox_step
    from rolecall.workstation.steps.step import Context

SECRET_NAMES = ("AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")


@door.task(help={"stop": "end it, and give .env its account back", "json": "print JSON"})
def sandbox(_c: object, stop: bool = False, json: bool = False) -> None:
    """Start a private AWS on this machine (moto) that has the project's roles."""
    from rolecall.services.sandbox import sandbox as service
    from rolecall.workstation.envfile import step as env_step
    from rolecall.workstation.steps import sandbox as sandbox_step
    from rolecall.workstation.steps.journal import Journal
    from rolecall.workstation.steps.step import Answers, Context

    root = paths.project_root()
    hand = hands(person.say)
    journal = Journal(root, os.environ)
    context = Context(root, Answers(sandbox=not stop, yes=True), say=person.say, journal=journal.append)
    if stop:
        _stop(context, hand, as_json=json)
        return
    was_running = hand.values(root)
    sandbox_step.step(hand).apply(context)
    if hand.values(root) == was_running:
        person.say("the sandbox is already running")
    env_step.step(hand.values).apply(context)
    running = service.running(root)
    if running:
        _print(running, as_json=json)
    if not direnv.is_loaded(root):
        person.say("next: invoke assume")


@door.task(
    help={
        "role": "the role to run it in (default: this terminal's role)",
        "file": "where the log goes (default: a new file in your state folder)",
        "all": "put what the command prints into the log too",
    }
)
def debug(_c: object, role: str = "", file: str = "", all: bool = False) -> None:
    """Run an AWS CLI command with --debug in a role; write its log to a file, without secrets."""
    from rolecall.credentials import formats
    from rolecall.credentials.model import SessionRequest
    from rolecall.credentials.store import choice
    from rolecall.services.debug_log import run as debug_log

    words = debug_log.argv(door.command("debug"))
    project = door.here()
    session = session_tasks.obtain(project, SessionRequest(choice.chain(project, role)))
    log = Path(file).expanduser().absolute() if file else debug_log.default_path()
    secrets = [session.secret, session.token, *(project.env.get(name, "") for name in SECRET_NAMES)]
    environ = formats.child_environ(project, session, direnv.reverted(os.environ))
    outcome = debug_log.run(words, log, environ=environ, secrets=secrets, has_stdout=all)
    if outcome.code and outcome.last_words:
        person.say(outcome.last_words)
    if outcome.problem:
        person.say(outcome.problem)
    person.say(f"exit code {outcome.code}; the debug log, secrets taken out, is in {log}")
    raise SystemExit(outcome.code)


def hands(say: Callable[[str], None]) -> "sandbox_step.Sandbox":
    """Return the sandbox as the steps of setup take it: start, values for `.env`, stop.

    The secret of a sandbox just started is known here and, once `.env` is written, there; nowhere else.
    """
    from rolecall.services.sandbox import sandbox as service
    from rolecall.workstation.steps import sandbox as sandbox_step

    fresh: dict[Path, Mapping[str, str]] = {}

    def start(root: Path) -> None:
        project = config.load(root)
        arns = {role.name: role.role_arn for role in project.roles.values()}
        region = project.region or service.REGION
        fresh[root] = service.start(root, arns or None, region=region, say=say).values

    def values(root: Path) -> Mapping[str, str] | None:
        if root in fresh:
            return fresh[root]
        running = service.running(root)
        return running.values if running and "AWS_SECRET_ACCESS_KEY" in running.values else None

    def stop(root: Path) -> bool:
        fresh.pop(root, None)
        return service.stop(root)

    return sandbox_step.Sandbox(start=start, values=values, stop=stop)


def _stop(context: "Context", hand: "sandbox_step.Sandbox", *, as_json: bool) -> None:
    from rolecall.workstation.envfile import account
    from rolecall.workstation.envfile import step as env_step

    was_running = bool(hand.stop(context.root))
    had_account = account.is_sandboxed(context.root)
    if had_account:
        env_step.step(hand.values).apply(context)
    if as_json:
        print(jsonlib.dumps({"stopped": was_running, "env_restored": had_account}))
        return
    person.say("the sandbox has stopped" if was_running else "no sandbox was running")
    if had_account:
        person.say(".env has its account back")


def _print(running: "Sandbox", *, as_json: bool) -> None:
    if as_json:
        print(jsonlib.dumps({"url": running.url, "pid": running.pid, "roles": running.roles}, indent=2))
        return
    print(f"url    {running.url}\npid    {running.pid}")
    for arn in running.roles:
        print(f"role   {arn}")
