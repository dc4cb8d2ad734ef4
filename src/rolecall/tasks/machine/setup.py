"""Tasks about the machine: setup, render, doctor, teardown.

They parse, call and print. Each imports what it needs when it is called, to keep the other tasks fast.
"""

from pathlib import Path

from rolecall.system.person import person
from rolecall.tasks import door
from rolecall.tasks.machine.sandbox import for_steps


@door.task(
    help={
        "sandbox": "use a private AWS on this machine (moto) instead of an account",
        "plan": "show what would change, and change nothing (exit 0: nothing, 2: changes, 1: cannot know)",
        "json": "print the plan as JSON",
        "yes": "never ask: yes to everything",
        "profile": "the profile of your AWS config that assumes the role",
        "access-key-id": "the key that assumes the role; its secret from AWS_SECRET_ACCESS_KEY or stdin",
        "secret-from-stdin": "read the secret access key from one line of stdin",
        "role-arn": "the role, where envrc.d/roles.toml declares none",
        "role-from": "in a new project: declare the role of this AWS profile (may be repeated)",
        "ignore-in": "name personal files in gitignore (the team's) or exclude (this clone's own)",
        "python": "in a new Python project: also a development dependency, and tasks.py",
        "keyring": "keep the keys in the OS keyring, not in .env",
        "hooks": "let git refuse a commit with a credential in it (a pre-commit hook)",
        "profiles": "write a profile for each role into your AWS config, for programs that read that",
        "no-profiles": "write no profiles, and take back those of an earlier run",
        "prompt": "let starship and powerlevel10k show the role's name",
        "no-prompt": "keep the role's name out of the prompt, and undo an earlier --prompt",
        "quiet-direnv": "let direnv no longer list every variable on cd (a setting in direnv.toml)",
        "no-quiet-direnv": "leave direnv.toml alone, and undo an earlier --quiet-direnv",
        "region": "the region, such as eu-west-1",
        "tool": "also install aws, jq or session-manager-plugin (may be repeated)",
        "on-edit": "what to do with an .envrc that you edited: merge (default), keep, or replace",
        "envrc": "how .envrc loads the role: rendered, or line in your own file (default: what suits it)",
        "ask": "ask again for what .env already answers",
        "picture": "also write what is shown to this SVG file",
        "ci": "on a runner: take the role and say who this job is; ask nothing, and set nothing up",
    },
    iterable=["tool", "role_from"],
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
    envrc: str = "",
    ask: bool = False,
    picture: str = "",
    role_from: list[str] | None = None,
    ignore_in: str = "",
    python: bool = False,
    keyring: bool = False,
    hooks: bool = False,
    profiles: bool = False,
    no_profiles: bool = False,
    prompt: bool = False,
    no_prompt: bool = False,
    quiet_direnv: bool = False,
    no_quiet_direnv: bool = False,
    ci: bool = False,
) -> None:
    """Make this machine ready for the project, then prove it in fresh shells."""
    from rolecall.workstation.project import place
    from rolecall.workstation.setup import run
    from rolecall.workstation.setup.options import SetupOptions

    options = SetupOptions(
        sandbox=sandbox,
        plan=plan,
        json=json,
        yes=yes,
        profile=profile,
        access_key_id=access_key_id,
        secret_from_stdin=secret_from_stdin,
        role_arn=role_arn,
        region=region,
        tools=tuple(tool or ()),
        on_edit=on_edit,
        envrc=envrc,
        ask_again=ask,
        picture=Path(picture) if picture else None,
        role_from=tuple(role_from or ()),
        ignore_in=ignore_in,
        python=python,
        keyring=keyring,
        hooks=hooks,
        profiles=profiles,
        no_profiles=no_profiles,
        prompt=prompt,
        no_prompt=no_prompt,
        quiet_direnv=quiet_direnv,
        no_quiet_direnv=no_quiet_direnv,
    )
    root = place.to_set_up(door.start())
    options.validated()
    if ci:
        from rolecall.tasks.machine import ci as runner

        runner.set_up(root, is_plan=plan)
        return
    code = run.setup(root, options, for_steps())
    if code:
        raise SystemExit(code)


@door.task(
    help={
        "check": "write nothing; exit 1 with the difference where a file is not as rendered",
        "yes": "never ask: yes to everything",
        "on-edit": "what to do with a file that you edited: merge (default; only .envrc), keep, or replace",
        "envrc": "how .envrc loads the role: rendered, or line in your own file (default: as it is)",
        "ci": "only the GitHub Actions workflow that takes a role with OIDC",
        "devcontainer": "only the dev container's script, and a devcontainer.json where there is none",
        "role": "with --ci: the role that the job takes (default: deploy, ci, or the default role)",
        "package": "with --ci or --devcontainer: what is installed there (default: as this rolecall)",
    }
)
def render(  # noqa: PLR0917 - Invoke makes a flag of each
    _c: object,
    check: bool = False,
    yes: bool = False,
    on_edit: str = "",
    envrc: str = "",
    ci: bool = False,
    devcontainer: bool = False,
    role: str = "",
    package: str = "",
) -> None:
    """Write .envrc and .env anew from templates/ and envrc.d/, or the files for CI and dev containers."""
    from rolecall.workstation.setup import rendering
    from rolecall.workstation.setup.options import RenderOptions

    root = door.root()
    chosen = RenderOptions(
        on_edit=on_edit,
        envrc=envrc,
        yes=yes,
        ci=ci,
        devcontainer=devcontainer,
        role=role,
        package=package,
    ).validated()
    if not check:
        rendering.render(root, chosen)
        return
    drifted = rendering.drift(root, chosen)
    for text in drifted:
        person.put(text)
    raise SystemExit(1 if drifted else 0)


@door.task(
    help={
        "json": "print JSON",
        "fix": "also do what is safe to do unasked",
        "picture": "also write what is shown to this SVG file",
    }
)
def doctor(_c: object, json: bool = False, fix: bool = False, picture: str = "") -> None:
    """Check everything; show for each finding the command that fixes it."""
    from rolecall.workstation.doctor import report
    from rolecall.workstation.setup import run, screen

    found, mended = run.examine(door.root(), for_steps(), is_mending=fix)
    for name in mended:
        person.say(f"mended: {name}")
    if json:
        person.put(report.as_json(found))
    else:
        screen.report(report.as_lines(found), picture=Path(picture) if picture else None)
    raise SystemExit(report.exit_code(found))


@door.task(
    help={
        "plan": "show what would go, paths and lines, and change nothing (exit 2: something would)",
        "yes": "do not ask",
        "committed": "also take back what the team has committed: roles.toml, lines of .gitignore, tasks.py",
    }
)
def teardown(_c: object, plan: bool = False, yes: bool = False, committed: bool = False) -> None:
    """Remove everything that setup added to this machine, and nothing else."""
    from rolecall.workstation.setup import run

    root = door.root()
    if plan:
        lines = run.teardown_plan(root, for_steps(), is_committed=committed)
        shown = "\n".join(line if line.startswith(" ") else f"- {line}" for line in lines)
        person.put(shown or "nothing to take back")
        raise SystemExit(2 if lines else 0)
    run.teardown(root, for_steps(), is_yes=yes, is_committed=committed)
