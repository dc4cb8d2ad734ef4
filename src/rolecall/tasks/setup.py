"""Tasks about the machine: setup, render, doctor, teardown.

Owns: parsing, calling, printing. Data on stdout, talk on stderr.
Must not: know how any step works, or import more than it needs before it is called.
Called by: people, through `invoke`.
"""

from pathlib import Path
from typing import Any

from rolecall.errors import UsageError
from rolecall.system import paths, person
from rolecall.tasks import door


@door.task(
    help={
        "sandbox": "use a private AWS on this machine (moto) instead of an account",
        "plan": "show what would change, and change nothing (exit 0: nothing, 2: changes, 1: cannot know)",
        "json": "print the plan as JSON",
        "yes": "never ask: yes to everything",
        "profile": "a profile of ~/.aws/config assumes the role",
        "access-key-id": "the key that assumes the role; its secret from AWS_SECRET_ACCESS_KEY or stdin",
        "secret-from-stdin": "read the secret access key from one line of stdin",
        "role-arn": "the role, where envrc.d/roles.toml declares none",
        "region": "the region, such as eu-west-1",
        "tool": "also install aws, jq or session-manager-plugin (may be repeated)",
        "on-edit": "what to do with an .envrc that you edited: merge (default), keep, or replace",
        "ask": "ask again for what .env already answers",
        "picture": "also write what is shown to this SVG file",
    },
    iterable=["tool"],
)
def setup(  # noqa: PLR0917 - Invoke makes a flag of each
    _c: object,
    sandbox: bool = False,
    plan: bool = False,
    json: bool = False,
    yes: bool = False,
    profile: str = "",
    access_key_id: str = "",
    secret_from_stdin: bool = False,
    role_arn: str = "",
    region: str = "",
    tool: list[str] | None = None,
    on_edit: str = "",
    ask: bool = False,
    picture: str = "",
) -> None:
    """Make this machine ready for the project, then prove it in fresh shells."""
    from rolecall.tasks import sandbox as sandbox_tasks
    from rolecall.workstation.envfile import answers as answers_
    from rolecall.workstation.envfile import questions
    from rolecall.workstation.setup import plan as setup_plan
    from rolecall.workstation.setup import run as setup_run

    given = {
        "AWS_PROFILE": profile,
        "AWS_ACCESS_KEY_ID": access_key_id,
        "ROLE_ARN": role_arn,
        "AWS_REGION": region,
    }
    if sandbox and any(given.values()):
        raise UsageError(
            "sandbox-or-account", "--sandbox brings its own identity and roles", hint="invoke setup --sandbox"
        )
    if json and not plan:
        raise UsageError("json-plan", "--json is for the plan", hint="invoke setup --plan --json")
    root = paths.project_root()
    edits = {"ON_EDIT": _edit_choice(on_edit)}
    tools = tuple(tool or ())
    sandbox = sandbox or (not any(given.values()) and setup_run.stays_sandboxed(root, is_yes=yes or plan))
    if plan:
        chosen = {name: value for name, value in given.items() if value}
        door_in = sandbox_tasks.hands(lambda _: None)
        code = setup_plan.show(
            root, is_sandbox=sandbox, is_json=json, values={**chosen, **edits}, tools=tools, sandbox=door_in
        )
        raise SystemExit(code)
    if secret_from_stdin:
        given["AWS_SECRET_ACCESS_KEY"] = answers_.secret_from()
    values = {} if sandbox else questions.answer(root, given, is_quiet=yes, is_again=ask)
    wanted = setup_run.answers(values | edits, is_sandbox=sandbox, is_yes=yes, tools=tools)
    setup_run.run(root, wanted, _hands, picture=Path(picture) if picture else None)


@door.task(
    help={
        "check": "write nothing; exit 2 where .envrc or .env is not what the templates make of it",
        "yes": "never ask: yes to everything",
        "on-edit": "what to do with an .envrc that you edited: merge (default), keep, or replace",
    }
)
def render(_c: object, check: bool = False, yes: bool = False, on_edit: str = "") -> None:
    """Write .envrc and .env anew from templates/ and envrc.d/, and approve the result."""
    from rolecall.workstation.setup import run as setup_run

    root = paths.project_root()
    edits = {"ON_EDIT": _edit_choice(on_edit)}
    if check:
        drifted = setup_run.drift(root, edits)
        for line in drifted:
            print(line)
        raise SystemExit(2 if drifted else 0)
    setup_run.render(root, edits, is_yes=yes)


@door.task(
    help={
        "json": "print JSON",
        "fix": "also do what is safe to do unasked",
        "picture": "also write what is shown to this SVG file",
    }
)
def doctor(_c: object, json: bool = False, fix: bool = False, picture: str = "") -> None:
    """Check everything; show for each finding the command that fixes it."""
    from rolecall.workstation.doctor import report as findings
    from rolecall.workstation.setup import run as setup_run
    from rolecall.workstation.setup import screen

    found, mended = setup_run.examine(paths.project_root(), _hands, is_mending=fix)
    for name in mended:
        person.say(f"mended: {name}")
    if json:
        print(findings.as_json(found))
    else:
        screen.report(findings.as_lines(found), picture=Path(picture) if picture else None)
    raise SystemExit(findings.exit_code(found))


@door.task(help={"plan": "show what would be taken back, and change nothing", "yes": "do not ask"})
def teardown(_c: object, plan: bool = False, yes: bool = False) -> None:
    """Remove everything that setup added to this machine, and nothing else."""
    from rolecall.workstation.setup import run as setup_run

    root = paths.project_root()
    if plan:
        names = setup_run.teardown_plan(root, _hands)
        print("\n".join(f"- {name}" for name in names) or "nothing to take back")
        raise SystemExit(2 if names else 0)
    setup_run.teardown(root, _hands, is_yes=yes)


def _edit_choice(choice: str) -> str:
    from rolecall.workstation.envrc import step as envrc

    if choice and choice not in envrc.CHOICES:
        raise UsageError(
            "on-edit", f"--on-edit {choice}: merge, keep or replace", hint="invoke render --on-edit merge"
        )
    return choice


def _hands(say: Any) -> Any:
    """The sandbox as setup's steps take it: workstation and services do not know each other."""
    from rolecall.tasks import sandbox as sandbox_tasks

    return sandbox_tasks.hands(say)
