"""The plan: what setup would change, as lines or as JSON, with an exit code that scripts can use.

Changes nothing, and needs only the standard library: bootstrap shows a plan before there is a `.venv`.
"""

import json
import os
from collections.abc import Sequence
from pathlib import Path

from rolecall.system import command
from rolecall.system.person import person
from rolecall.workstation.setup import table
from rolecall.workstation.steps import engine
from rolecall.workstation.steps.sandbox import NO_SANDBOX, Sandbox
from rolecall.workstation.steps.step import Answers, Context, Finding, State, Step

EXIT_NOTHING, EXIT_UNKNOWN, EXIT_CHANGES = 0, 1, 2
SIGNS = {State.DONE: "ok", State.CHANGE: "+ ", State.UNKNOWN: "? "}
Plan = Sequence[tuple[Step, Finding]]


def show(root: Path, answers: Answers, *, is_json: bool, sandbox: Sandbox = NO_SANDBOX) -> int:
    """Print what setup would do in `root`, and return the plan's exit code."""
    context = Context(root, answers, environ=dict(os.environ))
    found = engine.plan(table.build(context, sandbox=sandbox), context)
    person.put((as_json(found) if is_json else as_lines(found)).rstrip("\n"))
    return exit_code(found)


def exit_code(plan: Plan) -> int:
    """Return 2 where something would change, else 1 where something cannot be known, else 0."""
    states = {finding.state for _, finding in plan}
    if State.CHANGE in states:
        return EXIT_CHANGES
    return EXIT_UNKNOWN if State.UNKNOWN in states else EXIT_NOTHING


def as_lines(plan: Plan) -> str:
    """Return one line for each step, its difference below it, and a last line with the totals."""
    width = max((len(step.name) for step, _ in plan), default=0)
    lines = []
    for step, finding in plan:
        lines.append(f"{SIGNS[finding.state]} {step.name:<{width}}  {command.spoken(finding.detail)}")
        lines += [f"     {line}" for line in (finding.diff or finding.words).splitlines()]
        lines += [f"     try: {command.spoken(finding.hint)}"] if finding.hint else []
    changes = sum(finding.state is State.CHANGE for _, finding in plan)
    unknown = sum(finding.state is State.UNKNOWN for _, finding in plan)
    total = f"{changes} to change, {len(plan) - changes - unknown} as they should be"
    lines.append(total + (f", {unknown} cannot be known yet" if unknown else "") + "; nothing was changed")
    return "\n".join(lines) + "\n"


def as_json(plan: Plan) -> str:
    """Return the plan for scripts."""
    steps = [
        {
            "name": step.name,
            "reason": command.spoken(step.reason),
            "state": str(finding.state),
            "detail": command.spoken(finding.detail),
            "diff": finding.diff,
            "words": finding.words,
            "hint": command.spoken(step.hint),
        }
        for step, finding in plan
    ]
    return json.dumps({"steps": steps, "exit_code": exit_code(plan)}, indent=2) + "\n"
