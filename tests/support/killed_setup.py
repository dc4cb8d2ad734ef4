"""Run the steps of setup and die at a point: `-m support.killed_setup ROOT SIGNAL`.

Each line of stdin is a point, for a child of its own; with --whole there is none. A point counts the renames
by which files are replaced; past the last one the run ends by itself with 0.
SIGNAL "INT" comes while a step is under way, "KILL" leaves no time for anything.
"""

import os
import signal
import sys
from pathlib import Path
from typing import Any

from rolecall.workstation.setup import table
from rolecall.workstation.steps import engine
from rolecall.workstation.steps.journal import Journal
from rolecall.workstation.steps.sandbox import Sandbox
from rolecall.workstation.steps.step import Answers, Context, Step
from support import forked

VALUES = {
    "AWS_ACCESS_KEY_ID": "AKIASANDBOX000000001",
    "AWS_SECRET_ACCESS_KEY": "sandbox-secret",
    "AWS_ENDPOINT_URL": "http://127.0.0.1:5000",
    "AWS_REGION": "eu-west-1",
}
SANDBOX = Sandbox(values=lambda _: VALUES)


def context(root: Path) -> Context:
    """Return the context of a run with --sandbox --yes --profiles."""
    return Context(
        root, Answers(sandbox=True, yes=True, profiles="yes"), journal=Journal(root, os.environ).append
    )


def steps(made: Context) -> list[Step]:
    """Return the steps without the proof, which starts shells and needs an STS."""
    return [step for step in table.build(made, sandbox=SANDBOX) if step.name != "proof"]


def _die_at(point: int, number: signal.Signals) -> None:
    seen = 0

    def hook(event: str, _arguments: tuple[Any, ...]) -> None:
        nonlocal seen
        if event == "os.rename":
            seen += 1
            if seen == point:
                os.kill(os.getpid(), number)

    sys.addaudithook(hook)


if __name__ == "__main__":
    if "--whole" not in sys.argv:
        import jinja2  # noqa: F401 - each child would load it

        _die_at(forked.point(), signal.Signals[f"SIG{sys.argv[2]}"])
    made = context(Path(sys.argv[1]))
    engine.apply(steps(made), made, Journal(made.root, os.environ))
