"""The table: everything a ready machine has, in order. setup, its plan, doctor and teardown all read it.

Must not know how any step works.
"""

from rolecall.errors import ConfigError
from rolecall.workstation.direnv_lib import step as direnv_lib
from rolecall.workstation.envfile import step as env_step
from rolecall.workstation.envrc import approval, way
from rolecall.workstation.envrc import step as envrc
from rolecall.workstation.profiles import step as profiles
from rolecall.workstation.programs import lasting
from rolecall.workstation.programs import step as programs
from rolecall.workstation.project import devcontainer, python, roles_file, workflow
from rolecall.workstation.prompt import name, quiet
from rolecall.workstation.proof import step as proof
from rolecall.workstation.shells import completion
from rolecall.workstation.shells import step as shells
from rolecall.workstation.steps import commit_hook, git_exclude
from rolecall.workstation.steps import sandbox as sandbox_step
from rolecall.workstation.steps.sandbox import NO_SANDBOX, Sandbox
from rolecall.workstation.steps.step import Context, Step
from rolecall.workstation.venv import on_path
from rolecall.workstation.venv import step as venv_step


def build(context: Context, *, sandbox: Sandbox = NO_SANDBOX) -> tuple[Step, ...]:
    """Return the steps for this run, in the order they are applied. Starts and changes nothing."""
    return (
        *lasting.steps(context),
        venv_step.step(),
        *programs.steps(context),
        git_exclude.step(),
        roles_file.step(),
        *([python.step()] if context.answers.python else []),
        *([sandbox_step.step(sandbox)] if context.answers.sandbox else []),
        env_step.step(sandbox.values),
        envrc.step(),
        *with_line(context),
        approval.step(),
        on_path.step(),
        *shells.wiring(context),
        completion.step(),
        *([profiles.step()] if profiles.concerns(context) else []),
        *([name.step()] if name.concerns(context) else []),
        *([quiet.step()] if quiet.concerns(context) else []),
        *([commit_hook.step()] if context.answers.hooks else []),
        proof.step(),
    )


def with_line(context: Context) -> tuple[Step, ...]:
    """Return the step that `use rolecall` needs, where `.envrc` has that line or would get it."""
    try:
        return (direnv_lib.step(),) if way.wanted(context) is way.Way.LINE else ()
    except ConfigError:
        return ()  # the step `envrc` says it


def undoing(context: Context, *, sandbox: Sandbox = NO_SANDBOX) -> tuple[Step, ...]:
    """Return every step that may stand in the journal, in the order of undoing.

    The rc blocks come first: a shell that starts in the middle of a teardown must not call what is gone.
    """
    return (
        *shells.every_step(context),
        completion.step(),
        proof.step(),
        commit_hook.step(),
        profiles.step(),
        name.step(),
        quiet.step(),
        on_path.step(),
        approval.step(),
        envrc.step(),
        direnv_lib.step(),
        sandbox_step.step(sandbox),
        env_step.step(sandbox.values),
        workflow.step(),
        devcontainer.step(),
        python.step(),
        roles_file.step(),
        git_exclude.step(),
        *programs.every_step(context),
        venv_step.step(),
    )
