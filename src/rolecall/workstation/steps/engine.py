"""Run the steps of setup: plan them, apply them, undo them.

The engine knows no particular step and prints nothing: its callers pass functions that do.
"""

import enum
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from rolecall.errors import MachineError, RolecallError
from rolecall.workstation.steps.journal import Journal
from rolecall.workstation.steps.step import Context, Finding, Record, State, Step


class Kind(enum.StrEnum):
    """How a step ended."""

    ALREADY = "already"
    APPLIED = "applied"
    SKIPPED = "skipped"  # optional, and it did not work


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one step ended, and the line that says so."""

    step: Step
    kind: Kind
    detail: str
    hint: str = ""


class StoppedError(RolecallError):
    """A step failed: `done` came before it, `left` was not tried."""

    def __init__(
        self, step: Step, cause: RolecallError, done: Sequence[Outcome], left: Sequence[Step]
    ) -> None:
        super().__init__(cause.code, f"step {step.name}: {cause.message}", hint=cause.hint or step.hint)
        self.exit_code = cause.exit_code
        self.step = step
        self.done = tuple(done)
        self.left = tuple(left)


def plan(steps: Iterable[Step], context: Context) -> list[tuple[Step, Finding]]:
    """Return what every step's check finds. Changes nothing."""
    return [(step, find(step, context)) for step in steps]


def find(step: Step, context: Context) -> Finding:
    """Return what a step's check finds; where it cannot know, the reason."""
    try:
        return step.check(context)
    except ModuleNotFoundError as problem:
        return Finding(State.UNKNOWN, f"cannot be checked before .venv exists (needs {problem.name})")
    except RolecallError as problem:
        return Finding(State.UNKNOWN, problem.message, hint=problem.hint)


def apply(
    steps: Sequence[Step],
    context: Context,
    journal: Journal,
    *,
    on_begin: Callable[[Step, Finding], None] = lambda _step, _finding: None,
    on_end: Callable[[Outcome], None] = lambda _: None,
) -> list[Outcome]:
    """Apply every step that is not done, in order, and journal each record as it happens.

    Raises StoppedError at the first failure; a second run continues from there.
    """
    context = replace(context, journal=journal.append)
    outcomes: list[Outcome] = []
    for at, step in enumerate(steps):
        try:
            outcome = _apply_one(step, context, on_begin)
        except RolecallError as problem:
            if not step.optional:
                raise StoppedError(step, problem, outcomes, steps[at + 1 :]) from problem
            outcome = Outcome(step, Kind.SKIPPED, problem.message, problem.hint or step.hint)
        outcomes.append(outcome)
        on_end(outcome)
    return outcomes


def undo(
    steps: Iterable[Step],
    records: Sequence[Record],
    context: Context,
    *,
    on_end: Callable[[str, str], None] = lambda _step, _line: None,
) -> None:
    """Undo `records`: the steps in the given order, and within a step the latest record first.

    A step that cannot be undone does not stop the others. Raises MachineError at the end where one failed.
    """
    failed: list[str] = []
    for step in steps:
        for record in reversed([record for record in records if record.step == step.name]):
            try:
                line = step.undo(context, record)
            except RolecallError as problem:
                failed.append(step.name)
                line = f"not undone: {problem}"
            if line:
                on_end(step.name, line)
    if failed:
        message = f"could not undo: {', '.join(failed)}; the lines above say why"
        raise MachineError("teardown-incomplete", message, hint="invoke teardown")


def _apply_one(step: Step, context: Context, on_begin: Callable[[Step, Finding], None]) -> Outcome:
    finding = step.check(context)
    if finding.state is State.DONE:
        return Outcome(step, Kind.ALREADY, finding.detail)
    on_begin(step, finding)
    step.apply(context)
    after = step.check(context)
    if after.state is State.CHANGE:
        raise MachineError("step-ineffective", f"it ran, but still: {after.detail}", hint=step.hint)
    if step.optional and State.DONE not in {finding.state, after.state}:  # what is left is the person's to do
        return Outcome(step, Kind.SKIPPED, after.detail, "" if step.hint in after.detail else step.hint)
    return Outcome(step, Kind.APPLIED, after.detail if after.state is State.DONE else finding.detail)
