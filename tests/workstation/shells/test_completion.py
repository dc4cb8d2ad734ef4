"""Tab completion, by pressing tab in real shells."""

import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from rolecall.system import command
from rolecall.workstation.proof import pty_shell
from rolecall.workstation.proof.pty_shell import PtyShell
from rolecall.workstation.shells import body, completion
from rolecall.workstation.shells import step as shells
from rolecall.workstation.shells.dialects import DIALECTS
from rolecall.workstation.steps.step import Context, Record, State
from support import ROLES_TOML

SHELLS = {"bash": ["-i"], "zsh": ["-i"], "fish": ["--private", "-i"]}
PROGRAMS = Path(sys.executable).parent
QUIET_SECONDS = 0.4
TAB_SECONDS = 20
LAKE = "arn:aws:iam::111122223333:role/lake"
ASK = '; _rolecall_complete; echo "${COMPREPLY[@]}"'


@pytest.fixture
def completed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Context, list[Record]]:
    """Make a project whose completion is installed and read by every shell's rc block."""
    root = tmp_path / "my shop"
    (root / "envrc.d").mkdir(parents=True)
    (root / "envrc.d/roles.toml").write_text(
        f'{ROLES_TOML}\n[roles."data.lake"]\nrole_arn = "{LAKE}"\n\n[roles.dev.tags]\nteam = "x"\n'
    )
    (root / "tasks.py").write_text("from rolecall.tasks import namespace\n")
    monkeypatch.setenv("SHELL", shutil.which("bash") or "bash")
    monkeypatch.setenv("PATH", f"{sys.prefix}/bin{os.pathsep}{os.environ['PATH']}")
    records: list[Record] = []
    context = Context(root, journal=records.append)
    for step in (*shells.wiring(context), completion.step()):
        step.apply(context)
    return context, [record for record in records if record.step == completion.NAME]


def settle(shell: PtyShell) -> None:
    """Let the shell run until it has been quiet for a while."""
    before = None
    while before != shell.shown:
        before = shell.shown
        shell.wait(lambda: False, seconds=QUIET_SECONDS)


@pytest.fixture(params=SHELLS)
def shell(
    request: pytest.FixtureRequest, completed: tuple[Context, list[Record]], home: Path
) -> Iterator[PtyShell]:
    """Open one shell, at its prompt, in a folder of the project."""
    inside = completed[0].root / "deeper"
    inside.mkdir()
    environ = {**os.environ, "TERM": "xterm-256color", "SHELL_READY": str(home / "ready")}
    with pty_shell.opened([request.param, *SHELLS[request.param]], environ=environ, folder=inside) as opened:
        opened.type('touch "$SHELL_READY"')
        assert opened.wait((home / "ready").exists, seconds=TAB_SECONDS), opened.shown
        yield opened


TYPED = {
    "invoke who": "whoami",
    "invoke assume --role pr": "prod",
    "invoke assume -r da": "data.lake",
    "invoke assume --role=pr": "--role=prod",
    "invoke assume --min": "--min-ttl",
    "inv assume --role pr": "prod",
    "rolecall assume pr": "prod",
    "rolecall assume --format fi": "fish",
}


def test_tab_when_in_a_project_then_completes(shell: PtyShell, home: Path) -> None:
    """Tasks, flags of the task, their values, and roles (also after =, also quoted in TOML) complete."""
    log = home / "log"
    (home / "bin").mkdir()
    for program in ("invoke", "inv", "rolecall"):
        fake = home / "bin" / program
        fake.write_text(f'#!/bin/sh\nprintf "%s\\n" "$@" >"{log}.part"\nmv "{log}.part" "{log}"\n')
        fake.chmod(0o755)
    shell.type(f'export PATH="{home}/bin:$PATH"')
    completed = {}
    for typed in TYPED:
        settle(shell)
        shell.press(f"{typed}\t")
        settle(shell)
        shell.press("\r")
        assert shell.wait(log.exists, seconds=TAB_SECONDS), shell.shown
        completed[typed] = log.read_text().split()[-1]
        log.unlink()
    assert completed == TYPED


OFFERED = {
    "invoke assume --format fi": "fish",
    "invoke assume -f pw": "pwsh",
    "invoke render --on-edit k": "keep",
    "invoke setup --profile ": "default work",
    "invoke --help tea": "teardown",
    "invoke assume who": "whoami",
    "invoke assume --min-ttl 9": "",
    "rolecall who": "whoami",
    "rolecall assume --role pr": "prod",
    "rolecall assume ": "data.lake dev prod",
    "rolecall exec pr": "prod",
    "rolecall assume --refresh pr": "prod",
    "rolecall assume prod st": "",
    "rolecall console --service dyn": "dynamodb",
    "rolecall setup --tool j": "jq",
    "rolecall --help tea": "teardown",
    "rolecall --ver": "--version",
    "rolecall exec -- pr": "",
}
EACH = {
    "bash": """
        . {script}
        for typed in {typed}; do
            COMP_WORDS=($typed)
            [[ $typed != *' ' ]] || COMP_WORDS+=('')
            COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1)) COMPREPLY=()
            _rolecall_complete
            echo ${{COMPREPLY[@]}}
        done""",
    "zsh": """
        . {script}
        for typed in {typed}; do
            given=(${{=typed}})
            [[ $typed != *' ' ]] || given+=('')
            _rolecall_reply $#given "${{given[@]}}"
            print -r -- ${{(M)reply:#${{given[-1]}}*}}
        done""",
    "fish": "source {script}; for typed in {typed}; echo (complete -C $typed); end",
}


@pytest.mark.parametrize("shell", EACH)
def test_completion_when_a_value_or_a_role_stands_next_then_offers_that_alone(
    completed: tuple[Context, list[Record]], home: Path, shell: str
) -> None:
    """Formats, choices, profiles, a role by its place; never task names in their stead."""
    context, _ = completed
    (home / ".aws").mkdir()
    (home / ".aws/config").write_text("[default]\n[profile work]\nregion = eu-west-1\n[sso-session corp]\n")
    script = shlex.quote(str(body.completion_file(DIALECTS[shell], context)))
    asked = EACH[shell].format(script=script, typed=shlex.join(OFFERED))
    environ = {**os.environ, "PATH": "/usr/bin:/bin:/usr/local/bin"}
    done = subprocess.run(
        [shell, "-c", asked], cwd=context.root, env=environ, capture_output=True, text=True, check=True
    )
    answers = [" ".join(sorted(set(line.split()))) for line in done.stdout.splitlines()]
    assert dict(zip(OFFERED, answers, strict=True)) == OFFERED


def test_completion_when_rolecall_is_the_command_then_nothing_of_the_project_is_loaded(
    completed: tuple[Context, list[Record]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A `tasks.py` that came with a pull is not run to learn its words."""
    context, _ = completed
    monkeypatch.setattr(command, "_used", ["rolecall "])
    (context.root / "tasks.py").write_text("from pathlib import Path\nPath('ran').touch()\n")
    step = completion.step()
    assert step.check(context).state is State.DONE
    step.apply(context)
    assert not (context.root / "ran").exists()


def test_completion_when_undone_then_leaves_nothing(
    completed: tuple[Context, list[Record]], home: Path
) -> None:
    """The second run changes nothing; undo removes every file that was made."""
    context, records = completed
    step = completion.step()
    assert step.check(context).state is State.DONE
    assert {Path(record.facts["file"]).name for record in records} >= {
        "completion.bash",
        "completion.zsh",
        "completion.fish",
    }
    for record in reversed(records):
        step.undo(context, record)
    assert not [
        path for path in home.rglob("*") if path.is_file() and ("completion" in path.name or "%" in path.name)
    ]
    assert step.check(context).state is State.CHANGE


def test_completion_when_the_tasks_changed_then_would_be_written_again(
    completed: tuple[Context, list[Record]],
) -> None:
    """A new task in tasks.py is noticed by check, which does not run Invoke for it."""
    context, _ = completed
    with (context.root / "tasks.py").open("a") as file:
        file.write(
            "from invoke import task\n@task\ndef greet(c):\n    'Say hello.'\nnamespace.add_task(greet)\n"
        )
    step = completion.step()
    assert step.check(context).state is State.CHANGE
    step.apply(context)
    assert "greet" in completion.words_file(context).read_text()
    assert step.check(context).state is State.DONE


def test_completion_when_tab_is_pressed_in_bash_then_starts_no_python(
    completed: tuple[Context, list[Record]], tmp_path: Path
) -> None:
    """Pressing tab starts no program at all: no Python, no Invoke."""
    context, _ = completed
    script = body.completion_file(DIALECTS["bash"], context)
    trace = tmp_path / "trace"
    asked = f". '{script}'; COMP_WORDS=(invoke assume --role p); COMP_CWORD=3{ASK}"
    done = subprocess.run(
        ["strace", "-f", "-e", "trace=execve", "-o", str(trace), "bash", "--norc", "-c", asked],
        cwd=context.root,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "prod"
    assert trace.read_text().count("execve(") == 1


@pytest.mark.parametrize(
    ("shell", "asked"),
    [
        ("bash", f"COMP_WORDS=(invoke assume --role p); COMP_CWORD=3{ASK}"),
        ("zsh", "_rolecall_reply 4 invoke assume --role p; print -r -- $reply"),
        ("fish", "_rolecall_offer @roles (_rolecall_words invoke)[1]"),
    ],
)
def test_completion_when_there_is_no_roles_toml_then_prints_nothing(
    completed: tuple[Context, list[Record]], shell: str, asked: str
) -> None:
    """ROLE_ARN alone is a project too: nothing to offer, and no complaint on the command line."""
    context, _ = completed
    (context.root / "envrc.d/roles.toml").unlink()
    script = body.completion_file(DIALECTS[shell], context)
    done = subprocess.run(
        [shell, "-c", f". '{script}'; {asked}"], cwd=context.root, capture_output=True, text=True, check=False
    )
    assert (done.stdout.strip(), done.stderr) == ("", "")


def test_completion_when_outside_a_project_then_asks_invoke(
    completed: tuple[Context, list[Record]], home: Path, tmp_path: Path
) -> None:
    """Another project's tasks still complete, the way Invoke itself does it."""
    context, _ = completed
    fake = home / "invoke"
    fake.write_text('#!/bin/sh\n[ "$1" = --complete ] && echo elsewhere\n')
    fake.chmod(0o755)
    script = body.completion_file(DIALECTS["bash"], context)
    asked = f". '{script}'; COMP_WORDS=('{fake}' els); COMP_CWORD=1{ASK}"
    done = subprocess.run(["bash", "-c", asked], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "elsewhere"


@pytest.mark.parametrize("name", ["completion.bash"])
def test_completion_when_rendered_then_passes_shellcheck_and_shfmt(
    completed: tuple[Context, list[Record]], name: str
) -> None:
    """The script of bash is as clean as the fragments."""
    context, _ = completed
    script = body.completion_file(DIALECTS["bash"], context)
    assert script.name == name
    subprocess.run([PROGRAMS / "shellcheck", "-s", "bash", str(script)], check=True)
    subprocess.run([PROGRAMS / "shfmt", "-i", "2", "-d", str(script)], check=True)
