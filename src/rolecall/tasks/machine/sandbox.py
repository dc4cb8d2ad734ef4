"""The task `sandbox`, and the sandbox as the steps of setup take it.

Parses, calls and prints. Only here do the service and the steps meet: they do not know each other.
"""

import json as jsonlib
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from rolecall.project import config
from rolecall.system.person import person
from rolecall.system.programs import direnv
from rolecall.tasks import door

if TYPE_CHECKING:
    from rolecall.services.sandbox.sandbox import Sandbox as Running
    from rolecall.workstation.steps.sandbox import Sandbox
    from rolecall.workstation.steps.step import Context


@door.task(help={"stop": "end it, and put .env back as it was before it", "json": "print JSON"})
def sandbox(_c: object, stop: bool = False, json: bool = False) -> None:
    """Start a private AWS on this machine (moto) that has the project's roles."""
    from rolecall.workstation.steps.journal import Journal
    from rolecall.workstation.steps.step import Answers, Context

    root = door.root()
    journal = Journal(root, os.environ)
    context = Context(root, Answers(sandbox=not stop, yes=True), say=person.say, journal=journal.append)
    (_stop if stop else _start)(context, for_steps(), as_json=json)


def for_steps() -> "Sandbox":
    """Return the sandbox as the steps of setup take it: start, values for `.env`, stop.

    The secret of a sandbox just started is known here and, once `.env` is written, there; nowhere else.
    """
    from rolecall.services.sandbox import sandbox as service
    from rolecall.workstation.steps.sandbox import Sandbox

    fresh: dict[Path, Mapping[str, str]] = {}

    def start(root: Path, say: Callable[[str], None]) -> None:
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

    def lacks(root: Path) -> list[str]:
        running = service.running(root)
        known = running.roles if running else ()
        return [role.name for role in config.load(root).roles.values() if role.role_arn not in known]

    return Sandbox(start=start, values=values, stop=stop, lacks=lacks)


def _start(context: "Context", sandbox: "Sandbox", *, as_json: bool) -> None:
    from rolecall.services.sandbox import sandbox as service
    from rolecall.workstation.envfile import step as env_step
    from rolecall.workstation.steps import sandbox as sandbox_step

    before = sandbox.values(context.root)
    sandbox_step.step(sandbox).apply(context)
    if sandbox.values(context.root) == before:
        person.say("the sandbox is already running")
    env_step.step(sandbox.values).apply(context)
    running = service.running(context.root)
    if running:
        _print(running, as_json=as_json)
    if not direnv.is_loaded(context.root):
        person.say("next: invoke assume")


def _stop(context: "Context", sandbox: "Sandbox", *, as_json: bool) -> None:
    from rolecall.workstation.envfile import account
    from rolecall.workstation.envfile import step as env_step

    was_running = sandbox.stop(context.root)
    had_account = account.is_sandboxed(context.root)
    if had_account:
        env_step.step(sandbox.values).apply(context)
    if as_json:
        person.put(jsonlib.dumps({"stopped": was_running, "env_restored": had_account}))
        return
    person.say("the sandbox has stopped" if was_running else "no sandbox was running")
    if had_account:
        has_values = account.values_of(account.read(context.root / account.FILE) or "")
        now = (
            "is as it was before the sandbox"
            if has_values
            else "no longer names the sandbox; it sets nothing"
        )
        person.say(f".env {now}")


def _print(running: "Running", *, as_json: bool) -> None:
    if as_json:
        person.put(jsonlib.dumps({"url": running.url, "pid": running.pid, "roles": running.roles}, indent=2))
        return
    person.put(f"url    {running.url}\npid    {running.pid}")
    for arn in running.roles:
        person.put(f"role   {arn}")
