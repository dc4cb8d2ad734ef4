"""The step `sandbox`: the embedded STS runs.

Owns: when the sandbox is started and stopped by setup and teardown.
Must not: import the sandbox: services and workstation are peers, so the tasks hand its functions in.
Called by: the table.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from rolecall.workstation.steps import step as steps
from rolecall.workstation.steps.step import Context, Finding, Record, State, Step

NAME = "sandbox"


@dataclass(frozen=True, slots=True)
class Sandbox:
    """The sandbox as the tasks hand it in, each a function of the project's folder.

    `start` also takes where to say how it goes; `values` returns the sandbox's values for `.env` while it
    runs, else None; `stop` returns whether one ran.
    """

    start: Callable[[Path, Callable[[str], None]], object] = lambda _root, _say: None
    values: Callable[[Path], Mapping[str, str] | None] = lambda _root: None
    stop: Callable[[Path], bool] = lambda _root: False


NO_SANDBOX = Sandbox()


def step(sandbox: Sandbox) -> Step:
    """Return the step of the table."""
    return Step(
        name=NAME,
        reason="an AWS of your own on loopback, with the roles of roles.toml",
        hint="invoke sandbox",
        check=partial(_check, sandbox),
        apply=partial(_apply, sandbox),
        undo=partial(_undo, sandbox),
    )


def _check(sandbox: Sandbox, context: Context) -> Finding:
    values = sandbox.values(context.root)
    if values is None:
        return Finding(State.CHANGE, "the sandbox is not running")
    return Finding(State.DONE, f"the sandbox runs at {values.get('AWS_ENDPOINT_URL', 'loopback')}")


def _apply(sandbox: Sandbox, context: Context) -> None:
    context.journal(steps.record(NAME))
    sandbox.start(context.root, context.say)


def _undo(sandbox: Sandbox, context: Context, _record: Record) -> str:
    if sandbox.values(context.root) is None:
        return ""
    sandbox.stop(context.root)
    return "stopped the sandbox"
