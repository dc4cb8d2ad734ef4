"""The step `sandbox`: the local AWS of `invoke sandbox` is running.

Services and workstation do not import each other, so the tasks pass the sandbox's functions in.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from rolecall.workstation.steps.step import Context, Finding, Record, State, Step, record

NAME = "sandbox"


@dataclass(frozen=True, slots=True)
class Sandbox:
    """The functions of the sandbox; each takes the project's folder.

    `start` also takes the function that shows its progress. `values` returns the values for `.env` while the
    sandbox runs, else None. `lacks` returns the roles of the project that the running one does not know.
    `stop` returns whether it ran.
    """

    start: Callable[[Path, Callable[[str], None]], object] = lambda _root, _say: None
    values: Callable[[Path], Mapping[str, str] | None] = lambda _root: None
    stop: Callable[[Path], bool] = lambda _root: False
    lacks: Callable[[Path], Sequence[str]] = lambda _root: ()


NO_SANDBOX = Sandbox()


def step(sandbox: Sandbox) -> Step:
    """Return the step of the table."""
    return Step(
        name=NAME,
        reason="a local AWS on this machine, with the roles of roles.toml",
        hint="invoke sandbox",
        check=partial(_check, sandbox),
        apply=partial(_apply, sandbox),
        undo=partial(_undo, sandbox),
    )


def _check(sandbox: Sandbox, context: Context) -> Finding:
    values = sandbox.values(context.root)
    if values is None:
        return Finding(State.CHANGE, "the sandbox is not running")
    if unknown := sandbox.lacks(context.root):
        return Finding(State.CHANGE, f"the sandbox does not know {', '.join(unknown)} yet")
    return Finding(State.DONE, f"the sandbox runs at {values.get('AWS_ENDPOINT_URL', 'loopback')}")


def _apply(sandbox: Sandbox, context: Context) -> None:
    context.journal(record(NAME))
    sandbox.start(context.root, context.say)


def _undo(sandbox: Sandbox, context: Context, _record: Record) -> str:
    if sandbox.values(context.root) is None:
        return ""
    sandbox.stop(context.root)
    return "stopped the sandbox"
