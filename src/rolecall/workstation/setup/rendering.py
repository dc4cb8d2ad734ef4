"""The task `render`: `.envrc` and its approval, the files for CI and containers, and their drift."""

import shlex
from pathlib import Path

from rolecall.system import command
from rolecall.workstation.envfile import account
from rolecall.workstation.envfile import step as env_step
from rolecall.workstation.envrc import approval
from rolecall.workstation.envrc import step as envrc
from rolecall.workstation.project import devcontainer, workflow
from rolecall.workstation.setup import applying, table
from rolecall.workstation.setup.options import RenderOptions
from rolecall.workstation.setup.screen import Screen
from rolecall.workstation.steps import engine
from rolecall.workstation.steps.step import Context, State, Step
from rolecall.workstation.venv import on_path


def render(root: Path, options: RenderOptions) -> None:
    """Bring about what is rendered: `.envrc` and its approval, or the files that were asked for by name."""
    screen = Screen(is_yes=options.yes, yes_hint="invoke render --yes")
    answers = applying.as_it_is(root, options.on_edit, options.envrc, is_yes=options.yes)
    context = applying.context(root, answers, screen)
    steps = _committed(options) or _rendered(context)
    screen.summary(applying.applied(steps, context, screen), _to_commit(root, options))


def drift(root: Path, options: RenderOptions) -> list[str]:
    """Return a text for each rendered file that is not what it would be rendered to: name and difference.

    Without a choice, all that is rendered: also the files for CI and containers, where they are there.
    """
    context = Context(root, applying.as_it_is(root, options.on_edit, options.envrc, is_yes=True))
    steps = [*_committed(options)]
    if not steps:
        steps = [step for step in _rendered(context) if step.name != approval.NAME]
        steps += [workflow.step()] if workflow.is_there(root) else []
        steps += [devcontainer.step()] if devcontainer.is_there(root) else []
    found = [finding for _, finding in engine.plan(steps, context) if finding.state is not State.DONE]
    return [f"{finding.detail}\n{finding.diff}".rstrip() for finding in found]


def _rendered(context: Context) -> tuple[Step, ...]:
    """Return the steps of render: `.env` keeps its values, and is not made where there is none."""
    path = context.root / account.FILE
    kept = account.values_of(account.read(path) or "")
    env = (env_step.step(lambda _root: kept),) if path.exists() else ()
    return (*env, envrc.step(), *table.with_line(context), approval.step(), on_path.step())


def _committed(options: RenderOptions) -> tuple[Step, ...]:
    """Return the steps of the files for CI and containers that were asked for by name."""
    return (
        *([workflow.step(options.role, options.package)] if options.ci else []),
        *([devcontainer.step(options.package)] if options.devcontainer else []),
    )


def _to_commit(root: Path, options: RenderOptions) -> list[str]:
    """Return what to do with files that the team commits, and what lets GitHub take the role."""
    lines = ["git add .devcontainer"] if options.devcontainer else []
    if not options.ci:
        return lines
    role, subject = workflow.taken(root), shlex.quote(workflow.subject(root))
    return [
        *lines,
        f"git add {workflow.FOLDER}",
        f"{command.used()}roles --trust-policy {role} --subject {subject}    # for the owner of the account",
    ]
