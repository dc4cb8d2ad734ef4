"""Setup, render and teardown as whole runs: context, table, engine and screen brought together.

Owns: one run at a time for each folder, and how a run begins and ends.
Must not: parse a command line, or know a step beyond its name.
Called by: the tasks of the machine.
"""

import os
import shlex
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from rolecall.errors import UsageError
from rolecall.system import direnv
from rolecall.workstation.doctor import report as doctor_report
from rolecall.workstation.doctor.symptom import Symptom
from rolecall.workstation.envfile import account, questions
from rolecall.workstation.envfile import step as env_step
from rolecall.workstation.envrc import approval
from rolecall.workstation.envrc import step as envrc
from rolecall.workstation.proof import step as proof
from rolecall.workstation.setup import table
from rolecall.workstation.setup import teardown as undoing
from rolecall.workstation.setup.screen import Screen, recording
from rolecall.workstation.steps import engine
from rolecall.workstation.steps.engine import Kind, Outcome, StoppedError
from rolecall.workstation.steps.journal import Journal
from rolecall.workstation.steps.sandbox import Sandbox
from rolecall.workstation.steps.step import Answers, Context, State, Step
from rolecall.workstation.venv import ensure

Hands = Callable[[Callable[[str], None]], Sandbox]


def answers(
    values: Mapping[str, str], *, is_sandbox: bool, is_yes: bool, tools: tuple[str, ...] = ()
) -> Answers:
    """Return the answers of one run."""
    return Answers(sandbox=is_sandbox, yes=is_yes, values=values, tools=tools)


def stays_sandboxed(root: Path, *, is_yes: bool) -> bool:
    """Whether a setup that names neither goes on with the sandbox: it runs, and no account is known."""
    if not account.is_sandboxed(root) or questions.has_account(root):
        return False
    screen = Screen()
    if is_yes or not screen.can_ask():
        screen.say("staying on the sandbox; for a real account: --profile NAME or --access-key-id AKIA…")
        return True
    return not screen.confirm("This project is on the sandbox. Set up a real account instead?")


def run(root: Path, given: Answers, hands: Hands, *, picture: Path | None = None) -> None:
    """Bring every step of the table about, and show how it ended; in `picture` too."""
    screen = Screen(given.yes, console=recording(sys.stderr)) if picture else Screen(given.yes)
    context = _context(root, given, screen)
    steps = table.build(context, sandbox=hands(screen.say))
    outcomes = _applied(steps, context, screen)
    if any(outcome.step.name == proof.NAME and outcome.kind is Kind.APPLIED for outcome in outcomes):
        screen.table(("shell", "role", "identity", ".venv", "gone after `cd ..`"), _proved(context))
    screen.summary(outcomes, _next(context))
    if picture:
        screen.save_picture(picture, "python3 tasks.py setup")


def render(root: Path, values: Mapping[str, str], *, is_yes: bool) -> None:
    """Bring `.envrc`, `.env` and the approval about."""
    screen = Screen(is_yes=is_yes)
    context = _context(root, _kept(root, values, is_yes=is_yes), screen)
    screen.summary(_applied(_rendered(root), context, screen), [])


def drift(root: Path, values: Mapping[str, str]) -> list[str]:
    """Return one line for each rendered file that is not what it would be rendered to."""
    context = Context(root, _kept(root, values, is_yes=True))
    steps = [step for step in _rendered(root) if step.name != approval.NAME]
    found = [finding for _, finding in engine.plan(steps, context) if finding.state is not State.DONE]
    return [f"{finding.detail}\n{finding.diff}".rstrip() for finding in found]


def examine(root: Path, hands: Hands, *, is_mending: bool) -> tuple[list[Symptom], list[str]]:
    """Return doctor's findings, and the ids of what was mended before they were looked for again."""
    given = answers({}, is_sandbox=account.is_sandboxed(root), is_yes=True)
    context = Context(root, given)
    steps = table.build(context, sandbox=hands(lambda _: None))
    found = doctor_report.examine(steps, context)
    mended = doctor_report.mend(steps, context, found) if is_mending else []
    return (doctor_report.examine(steps, context) if mended else found), mended


def teardown(root: Path, hands: Hands, *, is_yes: bool) -> None:
    """Take back what the journal says."""
    screen = Screen(is_yes=is_yes)
    context = _context(root, Answers(yes=is_yes), screen)
    steps = table.undoing(context, sandbox=hands(screen.say))
    names = undoing.plan(steps, context)
    if names and not screen.confirm(f"Take back {', '.join(names)}?"):
        raise UsageError("not-confirmed", "nothing was taken back", hint="invoke teardown --plan")
    with ensure.locked(root):
        undoing.run(steps, context, on_end=lambda name, line: screen.say(f"{name}: {line}"))
    screen.say("this machine is as it was before" if names else "there was nothing to take back")


def teardown_plan(root: Path, hands: Hands) -> list[str]:
    """Return the names of the steps that would be taken back."""
    context = Context(root)
    return undoing.plan(table.undoing(context, sandbox=hands(lambda _: None)), context)


def _applied(steps: tuple[Step, ...], context: Context, screen: Screen) -> list[Outcome]:
    journal = Journal(context.root, context.environ)
    try:
        with ensure.locked(context.root):
            return engine.apply(steps, context, journal, on_begin=screen.begin, on_end=screen.end)
    except StoppedError as problem:
        screen.stopped(problem.done, [problem.step, *problem.left])
        raise
    except KeyboardInterrupt:
        screen.close()
        screen.say(f"interrupted in step {screen.step}; the same command goes on from here")
        raise
    finally:
        screen.close()


def _context(root: Path, given: Answers, screen: Screen) -> Context:
    journal = Journal(root, os.environ)
    return Context(
        root,
        given,
        say=screen.say,
        confirm=screen.confirm,
        show=screen.show,
        paused=screen.paused,
        journal=journal.append,
    )


def _rendered(root: Path) -> tuple[Step, ...]:
    """The steps of render. `.env` keeps its values, whatever account it speaks of, and is not made here."""
    present = account.read(root / account.FILE)
    kept = account.values_of(present or "")
    env = (env_step.step(lambda _root: kept),) if present is not None else ()
    return (*env, envrc.step(), approval.step())


def _kept(root: Path, values: Mapping[str, str], *, is_yes: bool) -> Answers:
    return answers(values, is_sandbox=account.is_sandboxed(root), is_yes=is_yes)


def _proved(context: Context) -> list[tuple[str, ...]]:
    """Return what each fresh shell showed, in words."""
    words = {True: "yes", False: "no"}
    return [
        (row.shell, row.role, row.identity.rpartition(":")[2], words[row.has_venv], words[row.is_clean_after])
        for row in proof.rows(context)
    ]


def _next(context: Context) -> list[str]:
    shell = Path(context.environ.get("SHELL", "bash")).name
    if direnv.is_loaded(context.root, environ=context.environ):
        return ["invoke whoami"]
    lines = [f"exec {shell}    # or a new terminal: this one does not know direnv yet"]
    if "DIRENV_DIR" in context.environ or not sys.stderr.isatty():
        lines = []
    return [*lines, f"cd {_typed(context)}", "invoke whoami"]


def _typed(context: Context) -> str:
    """The project's folder as a person would type it: below home with a tilde."""
    home = Path(context.environ.get("HOME", "/nowhere"))
    if context.root != home and context.root.is_relative_to(home):
        return f"~/{shlex.quote(str(context.root.relative_to(home)))}"
    return shlex.quote(str(context.root))
