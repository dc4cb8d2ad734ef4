"""Run setup, doctor or teardown as a whole: context, table, engine and screen brought together.

One run at a time for each folder. Must not parse a command line, or know a step beyond its name.
"""

import os
import shlex
import sys
from dataclasses import replace
from pathlib import Path

from rolecall.errors import UsageError
from rolecall.system import command
from rolecall.system.disk import paths
from rolecall.system.person.person import PERSON, Person
from rolecall.system.programs import direnv
from rolecall.system.text.secret import Hidden
from rolecall.workstation.doctor import report as doctor_report
from rolecall.workstation.doctor.symptom import Symptom
from rolecall.workstation.envfile import account, known, questions
from rolecall.workstation.programs import lasting
from rolecall.workstation.project import adoption, place
from rolecall.workstation.project.adoption import Adoption
from rolecall.workstation.proof import step as proof
from rolecall.workstation.setup import applying, first, offers, plan, removals, table
from rolecall.workstation.setup import screen as shown
from rolecall.workstation.setup import teardown as undoing
from rolecall.workstation.setup.options import SetupOptions
from rolecall.workstation.setup.screen import Screen
from rolecall.workstation.steps.engine import Kind
from rolecall.workstation.steps.sandbox import Sandbox
from rolecall.workstation.steps.step import Answers, Context
from rolecall.workstation.venv import ensure, state

EXAMPLE_ARN = "arn:aws:iam::111122223333:role/NAME"


def setup(root: Path, options: SetupOptions, sandbox: Sandbox) -> int:
    """Make this machine ready for the project at `root`, or show how; return the exit code."""
    if (handed := lasting.answered()) is not None:
        _bring_about(root, handed, sandbox, picture=options.picture)
        return 0
    is_sandbox = options.sandbox or (
        not options.account and stays_sandboxed(root, is_yes=options.yes or options.plan)
    )
    answers = Answers(
        sandbox=is_sandbox,
        yes=options.yes or options.plan,
        values=options.account,
        tools=options.tools,
        on_edit=options.on_edit,
        gitignore=options.ignore_in == "gitignore",
        python=options.python,
        envrc=options.envrc,
        hooks=options.hooks,
        profiles=options.wants("profiles"),
        prompt=options.wants("prompt"),
        quiet_direnv=options.wants("quiet_direnv"),
    )
    asker = None if options.yes or options.plan or not PERSON.can_ask() else PERSON
    adopted = _adopted(root, replace(options, sandbox=is_sandbox), asker)
    if adopted is not None:
        answers = adopted.into(answers)
    if options.plan:
        return plan.show(root, answers, is_json=options.json, sandbox=sandbox)
    is_asked_next = asker is not None and not is_sandbox and _is_identity_open(root, options, adopted)
    if is_asked_next:
        _agree(root, answers, sandbox, is_asked_next=True)
    values = {} if is_sandbox else _account_values(root, options, adopted)
    answers = replace(answers, values=values)
    if not is_asked_next:
        _agree(root, answers, sandbox)
    offered = _offered(root, answers)
    lasting.become(sys.argv[1:], offered, Screen().say)
    _bring_about(root, offered, sandbox, picture=options.picture)
    return 0


def stays_sandboxed(root: Path, *, is_yes: bool) -> bool:
    """Whether a setup that names neither goes on with the sandbox: it runs, and no account is known."""
    if not account.is_sandboxed(root) or known.has_account(root):
        return False
    screen = Screen()
    if is_yes or not screen.can_ask():
        screen.say("staying on the sandbox; for a real account: --profile NAME or --access-key-id AKIA…")
        return True
    return not screen.confirm("This project is on the sandbox. Set up a real account instead?", default=False)


def examine(root: Path, sandbox: Sandbox, *, is_mending: bool) -> tuple[list[Symptom], list[str]]:
    """Return doctor's findings, and the ids of what was mended before they were looked for again."""
    context = Context(root, applying.as_it_is(root, is_yes=True))
    steps = table.build(context, sandbox=sandbox)
    found = doctor_report.examine(steps, context)
    mended = doctor_report.mend(steps, context, found) if is_mending else []
    return (doctor_report.examine(steps, context) if mended else found), mended


def teardown(root: Path, sandbox: Sandbox, *, is_yes: bool, is_committed: bool = False) -> None:
    """Take back everything in the journal. Raises UsageError where the person says no: Enter means no."""
    screen = Screen(is_yes=is_yes, yes_hint="invoke teardown --yes")
    context = applying.context(root, Answers(yes=is_yes, committed=is_committed), screen)
    steps = table.undoing(context, sandbox=sandbox)
    names = undoing.plan(steps, context)
    if names and not is_yes:
        screen.say("this would go:")
        screen.show("\n".join(f"- {line}" for line in removals.lines(steps, context)))
    if names and not screen.confirm("Take all of this back?", default=False):
        raise UsageError("not-confirmed", "nothing was taken back", hint="invoke teardown --plan")
    said: list[str] = []

    def tell(name: str, line: str) -> None:
        said.append(line)
        screen.say(f"{name}: {line}")

    with ensure.locked(root):
        undoing.run(steps, context, on_end=tell)
    if not names:
        screen.say("there was nothing to take back")
    elif any(line.startswith("kept ") for line in said):
        screen.say("this machine is as it was before, but for what was kept")
    else:
        screen.say("this machine is as it was before")


def teardown_plan(root: Path, sandbox: Sandbox, *, is_committed: bool = False) -> list[str]:
    """Return what would be taken back: paths, and the lines of files that stay."""
    context = Context(root, Answers(committed=is_committed))
    return removals.lines(table.undoing(context, sandbox=sandbox), context)


def _adopted(root: Path, options: SetupOptions, asker: Person | None) -> Adoption | None:
    """Return what a repository gets that rolecall is new in; None where it is known already."""
    if place.is_new(root):
        found = adoption.propose(root, options, environ=os.environ, person=asker)
        if found.unknown and not options.plan:
            says = f"which role this project uses is not known; {found.unknown}"
            raise UsageError("role-missing", says, hint=f"invoke setup --role-arn {EXAMPLE_ARN}")
        return found
    if options.role_from:
        says = "envrc.d/roles.toml is there already; --role-from is for a project without one"
        raise UsageError("roles-declared", says, hint="invoke roles --import")
    return None


def _is_identity_open(root: Path, options: SetupOptions, adopted: Adoption | None) -> bool:
    """Return whether a new repository's person is still asked who assumes the role, or a keyring gets keys.

    Then they see first what would be added: nobody should type a secret before that.
    """
    if adopted is None:
        return False
    given = adoption.names_role(adopted, options)
    return not questions.is_known(root, given, is_again=options.ask_again, roles=adopted.roles)


def _agree(root: Path, answers: Answers, sandbox: Sandbox, *, is_asked_next: bool = False) -> None:
    """Show a person what a new repository gets. Raises UsageError where they say no."""
    if answers.is_new:
        screen = _screen(answers)
        context = applying.context(root, answers, screen)
        first.agree(table.build(context, sandbox=sandbox), context, screen, is_asked_next=is_asked_next)


def _offered(root: Path, answers: Answers) -> Answers:
    """Return `answers` with those to the offers of setup."""
    screen = _screen(answers)
    context = applying.context(root, answers, screen)
    first.tell(context, screen)
    return offers.made(context, screen).answers


def _screen(answers: Answers, *, is_recorded: bool = False) -> Screen:
    console = shown.on(sys.stderr, is_recorded=is_recorded)
    return Screen(answers.yes, yes_hint="invoke setup --yes", console=console)


def _bring_about(root: Path, answers: Answers, sandbox: Sandbox, *, picture: Path | None) -> None:
    screen = _screen(answers, is_recorded=picture is not None)
    context = applying.context(root, answers, screen)
    steps = table.build(context, sandbox=sandbox)
    outcomes = applying.applied(steps, context, screen)
    if any(outcome.step.name == proof.NAME and outcome.kind is Kind.APPLIED for outcome in outcomes):
        screen.table(("shell", "role", "identity", ".venv", "gone after `cd ..`"), _proved(context))
    screen.summary(outcomes, next_lines(context))
    if picture:
        shown.save_picture(screen.console, picture, "python3 tasks.py setup")


def _account_values(root: Path, options: SetupOptions, adopted: Adoption | None) -> dict[str, str]:
    given = options.account if adopted is None else adoption.names_role(adopted, options)
    if options.secret_from_stdin:
        given = Hidden({**given, "AWS_SECRET_ACCESS_KEY": questions.secret_from_stdin()})
    return questions.answer(
        root,
        given,
        is_quiet=options.yes,
        is_again=options.ask_again,
        is_keyring=options.keyring,
        roles=adopted.roles if adopted else "",
        suggested=adopted.profile if adopted else "",
    )


def _proved(context: Context) -> list[tuple[str, ...]]:
    """Return a row for each fresh shell, as words for the screen's table."""
    words = {True: "yes", False: "no"}
    venv = words if state.programs(context.root) else {True: "none", False: "none"}
    return [
        (row.shell, row.role, row.identity.rpartition(":")[2], venv[row.has_venv], words[row.is_clean_after])
        for row in proof.rows(context)
    ]


def next_lines(context: Context) -> list[str]:
    """Return the commands to type next."""
    whoami = f"{command.used()}whoami"
    if direnv.is_loaded(context.root, environ=context.environ):
        has_role = bool(context.environ.get("ROLECALL_ROLE"))
        return [whoami] if has_role else ["direnv reload", whoami]
    folder = paths.short(context.root, environ=context.environ)
    typed = f"~/{shlex.quote(folder[2:])}" if folder.startswith("~/") else shlex.quote(folder)
    lines = [f"cd {typed}", whoami]
    if "DIRENV_DIR" in context.environ or not sys.stderr.isatty():
        return lines
    shell = Path(context.environ.get("SHELL", "bash")).name
    return [f"exec {shell}    # or open a new terminal: this one was started before setup", *lines]
