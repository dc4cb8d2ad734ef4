"""`needs_role` over a project's own tasks, with real Invoke, a real STS, real boto3 and real commands."""

import json
import os
import re
import sys
from pathlib import Path
from typing import Any

import pexpect
import pytest

from support import ROLES_TOML
from support.invoked import invoke

TASKS = """
import functools, json, os, sys
from invoke import task, Collection
from rolecall.tasks import needs_role

NAMES = ("AWS_ACCESS_KEY_ID", "AWS_SESSION_TOKEN", "AWS_PROFILE", "ROLECALL_ROLE", "AWS_ACCOUNT_ID")
ASK = "import json, os; print(json.dumps({n: os.environ.get(n, '') for n in %r}))" % (NAMES,)

def show(c, **more):
    seen = json.loads(c.run(f'"{sys.executable}" -c "{ASK}"', hide=True).stdout)
    here = {n: os.environ.get(n, "") for n in NAMES}
    print(json.dumps({"command": seen, "here": here, **more}))

def arn():
    import boto3
    return boto3.client("sts").get_caller_identity()["Arn"]

def loud(function):
    @functools.wraps(function)
    def inner(*words, **flags):
        print("loud")
        return function(*words, **flags)
    return inner

@task
def before(c):
    "Build."
    show(c, task="before")

@task(pre=[before], positional=["stage"], help={"stage": "where to"})
@needs_role("dev", min_ttl="45m")
@loud
def deploy(c, stage="test", force=False):
    "Deploy it."
    show(c, task="deploy", stage=stage, force=force)

@needs_role("dev")
@task(pre=[before], positional=["stage"], help={"stage": "where to"})
@loud
def above(c, stage="test", force=False):
    "Deploy it."
    show(c, task="above", stage=stage, force=force)

@task
@needs_role("dev")
def named(c, stage):
    print("named", stage)

@task
@needs_role("prod")
def inner(c):
    show(c, task="inner", arn=arn())

@task
@needs_role("dev")
def outer(c):
    arn()
    inner(c)
    show(c, task="outer", arn=arn())

@task
@needs_role
def plain(c):
    import boto3
    print(boto3.client("sts").get_caller_identity()["Arn"])
    c.run("exit 7")

@task
@needs_role("dev", min_ttl="2h")
def long(c):
    print("ran")

@task
@needs_role("dev", min_ttl="a while")
def wrong(c):
    print("ran")

@task
@needs_role("guarded")
def guarded(c):
    show(c, task="guarded")

@task
@needs_role("dev", serve=True)
def served(c):
    import boto3
    print(boto3.client("sts").get_caller_identity()["Arn"], bool(os.environ.get("AWS_ACCESS_KEY_ID")))

@task
def after(c):
    show(c, task="after")

ns = Collection.from_module(sys.modules[__name__])
ns.configure({"run": {"env": {"AWS_PROFILE": "theirs", "COLOUR": "green"}}})
deep = Collection("deep", deploy)
ns.add_collection(deep)
"""
GUARDED = """
[roles.guarded]
role_arn = "arn:aws:iam::111122223333:role/guarded"
protected = true
"""


@pytest.fixture
def own(project: Path) -> Path:
    """Give the project tasks of its own."""
    (project / "tasks.py").write_text(TASKS)
    (project / "envrc.d/roles.toml").write_text(ROLES_TOML + GUARDED)
    return project


def shown(out: str) -> dict[str, dict[str, Any]]:
    """Return what each task saw: in its own process, and in a command's."""
    lines = [json.loads(line) for line in out.splitlines() if line.startswith("{")]
    return {line["task"]: line for line in lines}


@pytest.mark.parametrize("name", ["deploy", "above", "deep.deploy"])
def test_task_when_it_needs_a_role_then_its_body_alone_is_in_it(own: Path, name: str) -> None:
    """Under `@task` or above it, as a sub-collection's, with other decorators; neighbours keep theirs."""
    done = invoke(own, name, "--stage", "prod", "--force", "after", AWS_PROFILE="mine")
    assert done.returncode == 0, done.stderr
    seen = shown(done.stdout)
    task = seen[name.rpartition(".")[2]]
    assert (task["stage"], task["force"]) == ("prod", True)
    assert task["command"] == task["here"]
    assert task["here"]["ROLECALL_ROLE"] == "dev"
    assert task["here"]["AWS_ACCOUNT_ID"] == "111122223333"
    assert task["here"]["AWS_PROFILE"] == ""
    assert task["here"]["AWS_SESSION_TOKEN"]
    for other in ("before", "after"):
        assert seen[other]["here"] == {**dict.fromkeys(task["here"], ""), "AWS_PROFILE": "mine"}
        assert seen[other]["command"]["AWS_PROFILE"] == "theirs"
        assert seen[other]["command"]["AWS_SESSION_TOKEN"] == ""
    assert "loud" in done.stdout


@pytest.mark.parametrize("name", ["deploy", "above"])
def test_help_when_asked_then_is_that_of_the_task(own: Path, name: str) -> None:
    """Signature, flags and docstring are the body's own."""
    out = invoke(own, "--help", name).stdout
    assert "Deploy it." in out
    assert "where to" in out
    assert "--[no-]force" not in out
    assert "--force" in out


def test_task_when_its_argument_has_no_default_then_is_given_by_its_place(own: Path) -> None:
    """Invoke takes that from the body's signature."""
    assert "named prod" in invoke(own, "named", "prod").stdout


def test_task_when_one_calls_another_then_each_has_its_own_role(own: Path) -> None:
    """The inner body's role ends with it."""
    done = invoke(own, "outer")
    seen = shown(done.stdout)
    assert seen["inner"]["command"]["AWS_ACCOUNT_ID"] == "444455556666", done.stderr
    assert seen["outer"]["command"]["AWS_ACCOUNT_ID"] == "111122223333"
    assert ":assumed-role/prod/" in seen["inner"]["arn"], (
        "boto3's default session keeps the keys it found first"
    )
    assert ":assumed-role/dev/" in seen["outer"]["arn"]


def test_task_when_its_command_fails_then_boto3_had_the_role_and_the_failure_is_its_own(own: Path) -> None:
    """Without a name and parentheses it is this terminal's role; Invoke's own failures stay as they are."""
    done = invoke(own, "plain")
    assert ":assumed-role/dev/" in done.stdout, done.stderr
    assert done.returncode == 7


def test_task_when_no_session_lasts_so_long_then_its_body_does_not_begin(own: Path) -> None:
    """Two hours of a role that lasts one: said before anything happens, with the longest there can be."""
    done = invoke(own, "long")
    assert done.returncode == 1
    assert "ran" not in done.stdout
    assert re.search(r"2h.*1h|1h.*2h", done.stderr), done.stderr


def test_task_when_min_ttl_is_no_duration_then_says_where(own: Path) -> None:
    """Only when the task runs: a typo must not take every other task away."""
    assert invoke(own, "--list").returncode == 0
    done = invoke(own, "wrong")
    assert done.returncode == 2
    assert "needs_role(min_ttl='a while')" in done.stderr


def test_task_when_the_role_is_protected_then_fails_without_a_terminal(own: Path) -> None:
    """Nobody can type its name."""
    done = invoke(own, "guarded")
    assert done.returncode == 2
    assert "protected" in done.stderr
    assert not shown(done.stdout)


def test_task_when_the_role_is_protected_then_asks_on_a_terminal(own: Path) -> None:
    """Whoever types its name has it for the body."""
    words = ["-m", "invoke", "guarded", "after"]
    child = pexpect.spawn(
        sys.executable,
        words,
        cwd=str(own),
        env={**os.environ, "COLUMNS": "200"},
        encoding="utf-8",
        timeout=30,
    )
    child.expect("Type its name")
    child.sendline("guarded")
    child.expect(pexpect.EOF)
    seen = shown(str(child.before).replace("\r", ""))
    assert seen["guarded"]["here"]["ROLECALL_ROLE"] == "guarded"
    assert seen["after"]["here"]["ROLECALL_ROLE"] == ""


def test_task_when_it_serves_then_boto3_asks_the_endpoint(own: Path) -> None:
    """An endpoint renews the role for a body that runs longer than a session; no key stands beside it."""
    done = invoke(own, "served")
    assert re.search(r":assumed-role/dev/\S+ False", done.stdout), done.stderr
