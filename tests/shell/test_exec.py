"""`exec` in a shell that direnv loaded: another role, and everything else as the project has it."""

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

from support import ROLES_TOML, write_env
from support.terminals import Rendered, allow


def run(rendered: Rendered, *words: str, **environ: str) -> "subprocess.CompletedProcess[str]":
    """Run a command in the environment that a `cd` gives."""
    return subprocess.run(
        ["direnv", "exec", str(rendered.root), *words],
        cwd=rendered.root,
        env={**os.environ, **environ},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def child(rendered: Rendered, *flags: str, **environ: str) -> dict[str, str]:
    """Return the environment that `exec` gives a command there."""
    done = run(rendered, ".venv/bin/invoke", "exec", *flags, "--", "env", "-0", **environ)
    assert done.returncode == 0, done.stderr
    lines = (line.partition("=") for line in done.stdout.split("\0") if line)
    return {name: value for name, _, value in lines}


def test_exec_when_direnv_loaded_the_project_then_keeps_its_python_and_its_exports(
    rendered: Rendered,
) -> None:
    """The command finds the project's programs, and what the fragments export."""
    path = rendered.root / ".envrc"
    path.write_text(f"{path.read_text()}\nexport COLOUR=green\n")
    allow(rendered.root)
    found = child(rendered, "--role", "prod")
    assert found["PATH"].startswith(f"{rendered.root}/.venv/bin:")
    assert (found["COLOUR"], found["ROLECALL_ROLE"], found["AWS_ACCOUNT_ID"]) == (
        "green",
        "prod",
        "444455556666",
    )


def test_exec_when_the_shell_holds_a_role_then_nothing_of_it_or_of_an_identity_is_left(
    rendered: Rendered,
) -> None:
    """No profile, nothing of direnv's, nothing of the role that the shell holds."""
    env = rendered.root / ".env"
    write_env(rendered.root, f"{env.read_text()}AWS_DEFAULT_PROFILE=mine\n")
    found = child(rendered, "--role", "prod", AWS_PROFILE="other", AWS_DEFAULT_PROFILE="other")
    left = [name for name in found if name.startswith("DIRENV_") or name.endswith("_PROFILE")]
    assert left == []
    assert [name for name in found if name.startswith("ROLECALL_")] == ["ROLECALL_ROLE"]


def test_exec_when_direnv_has_not_loaded_the_folder_then_no_profile_stands_beside_the_role(
    rendered: Rendered,
) -> None:
    """In an editor or a script nobody else has taken the person's profile out."""
    done = subprocess.run(
        [".venv/bin/invoke", "exec", "--", "env"],
        cwd=rendered.root,
        env={**os.environ, "AWS_PROFILE": "mine", "AWS_DEFAULT_PROFILE": "mine"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert "ROLECALL_ROLE=dev\n" in done.stdout
    assert "_PROFILE=" not in done.stdout


def test_exec_when_the_role_has_no_region_then_not_that_of_the_role_before(
    make_rendered: Callable[..., Rendered], tmp_path: Path
) -> None:
    """What the shell's own role brought goes with it."""
    roles = ROLES_TOML.replace('region = "eu-west-1"\n', "").replace(
        "[roles.prod]", 'region = "us-east-2"\n[roles.prod]'
    )
    rendered = make_rendered(tmp_path / "shop", roles=roles, AWS_REGION="")
    assert rendered.cd().exports["AWS_REGION"] == "us-east-2"
    found = child(rendered, "--role", "prod")
    assert (found["ROLECALL_ROLE"], found.get("AWS_REGION", "")) == ("prod", "")


def test_debug_when_direnv_loaded_the_project_then_keeps_its_python_and_its_exports(
    rendered: Rendered,
) -> None:
    """The AWS CLI that runs is the project's own, with what the fragments export."""
    path = rendered.root / ".envrc"
    path.write_text(f"{path.read_text()}\nexport COLOUR=green\n")
    allow(rendered.root)
    aws = rendered.root / ".venv/bin/aws"
    aws.write_text("#!/bin/sh\nexec env\n")
    aws.chmod(0o755)
    done = run(rendered, ".venv/bin/invoke", "debug", "--role", "prod", "--", "aws", "x")
    lines = done.stdout.splitlines()
    assert {"COLOUR=green", "ROLECALL_ROLE=prod"} <= {*lines}, done.stderr
    assert any(line.startswith(f"PATH={rendered.root}/.venv/bin:") for line in lines)
    assert not [line for line in lines if line.startswith("DIRENV_")]


def test_exec_when_another_project_is_loaded_then_nothing_of_that_one(
    rendered: Rendered, tmp_path: Path
) -> None:
    """What the other project's `.envrc` exported does not follow into this one."""
    other = tmp_path / "other"
    other.mkdir()
    (other / ".envrc").write_text("export COLOUR=red AWS_ENDPOINT_URL_S3=http://127.0.0.1:1\n")
    allow(other)
    loaded = Rendered(other, rendered.folder)
    words = ["sh", "-c", f"cd '{rendered.root}' && .venv/bin/invoke exec -- env"]
    done = run(loaded, *words)
    assert done.returncode == 0, done.stderr
    assert "COLOUR" not in done.stdout
    assert "AWS_ENDPOINT_URL_S3" not in done.stdout


def test_exec_when_there_is_no_such_program_then_127(rendered: Rendered) -> None:
    """As every shell says it."""
    done = run(rendered, ".venv/bin/invoke", "exec", "--", "no-such-program-here")
    assert done.returncode == 127
