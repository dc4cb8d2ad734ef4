"""The first run in a repository: everything it would add is shown as a whole, and agreed to once.

Must not decide what is added, or write it.
"""

from collections.abc import Sequence

from rolecall.errors import UsageError
from rolecall.project.roles_toml import reader
from rolecall.system.disk import paths
from rolecall.workstation.envfile import readers
from rolecall.workstation.envfile import step as env_step
from rolecall.workstation.envrc import step as envrc
from rolecall.workstation.programs import lasting
from rolecall.workstation.project import python, roles_file
from rolecall.workstation.setup.screen import Screen
from rolecall.workstation.steps import engine, git_exclude, journal
from rolecall.workstation.steps.step import Context, State, Step

IDENTITY_NEXT = (
    "who assumes the role is asked next: a profile's name goes into .env, keys there or into the keyring"
)
SHOWN = (lasting.NAME, git_exclude.NAME, roles_file.NAME, python.NAME, env_step.NAME, envrc.NAME)


def agree(steps: Sequence[Step], context: Context, screen: Screen, *, is_asked_next: bool) -> None:
    """Show what the repository would get, and ask once. Raises UsageError where the person says no.

    With `is_asked_next`, it is still open who assumes the role. Where nobody can answer, `--sandbox` counts
    as a yes: what it adds is taken back by teardown.
    """
    added = [
        f"{step.name}: {finding.detail}\n{finding.diff}".rstrip()
        for step, finding in engine.plan([step for step in steps if step.name in SHOWN], context)
        if finding.state is not State.DONE
    ]
    if not added:  # a run of before was agreed to
        return
    screen.say(f"rolecall is new in {paths.short(context.root, environ=context.environ)}; it would add:")
    for text in added:
        screen.show(text)
    for line in python.advice(context.root) if python.is_python(context.root) else ():
        screen.say(line)
    if is_asked_next:
        screen.say(IDENTITY_NEXT)
    if context.answers.sandbox and not screen.can_ask():
        return
    if not screen.confirm("Add this?"):
        raise UsageError("not-confirmed", "nothing was added", hint="invoke setup --plan")


def tell(context: Context, screen: Screen) -> None:
    """Say once, at a person's first setup here, which of an app's settings their shell gets."""
    if journal.of(context).path.exists():
        return
    text = context.answers.roles
    path = context.root / roles_file.FILE
    notice = readers.notice(context.root, reader.parse(path, text) if text else reader.read(path))
    if notice:
        screen.say(notice)
