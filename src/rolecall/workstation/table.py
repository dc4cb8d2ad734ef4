"""The table: everything a ready machine has, in order. setup, its plan, doctor and teardown all read it.

Owns: the order.
Must not: know how any step works.
Called by: planning, and the tasks setup, doctor and teardown.
"""

from rolecall.workstation import (
    approval,
    completion,
    dependencies,
    envrc,
    ignored,
    personal,
    prerequisites,
    proof,
    sample,
    sandboxed,
    shells,
)
from rolecall.workstation.sandboxed import Sandbox
from rolecall.workstation.steps import Context, Step


def build(context: Context, *, sandbox: Sandbox | None = None) -> tuple[Step, ...]:
    """Return the steps for this run, in the order they are applied. Starts and changes nothing."""
    door = sandbox or Sandbox()
    return (
        dependencies.step(),
        *prerequisites.steps(context),
        ignored.step(),
        sample.step(),
        *([sandboxed.step(door)] if context.answers.sandbox else []),
        personal.step(door.values),
        envrc.step(),
        approval.step(),
        *shells.wiring(context),
        completion.step(),
        proof.step(),
    )


def undoing(context: Context, *, sandbox: Sandbox | None = None) -> tuple[Step, ...]:
    """Return every step that may stand in the journal, in the order of undoing.

    The rc blocks come first: a shell that starts in the middle of a teardown must not call what is gone.
    """
    door = sandbox or Sandbox()
    return (
        *shells.every_step(context),
        completion.step(),
        proof.step(),
        approval.step(),
        envrc.step(),
        sandboxed.step(door),
        personal.step(door.values),
        sample.step(),
        ignored.step(),
        *prerequisites.every_step(context),
        dependencies.step(),
    )
