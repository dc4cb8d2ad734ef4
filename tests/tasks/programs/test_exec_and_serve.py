"""`exec --serve` and `serve`, with real SDKs against a real STS."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from rolecall.project.env_file import own_exports
from support import Sts
from support.invoked import invoke
from support.terminals import await_condition

WHO = """
import boto3, json, os
print(json.dumps({"arn": boto3.client("sts").get_caller_identity()["Arn"], "environ": dict(os.environ)}))
"""
TWICE = """
import boto3, json, os, pathlib
first = boto3.Session().get_credentials().get_frozen_credentials()
for path in pathlib.Path(os.environ["XDG_RUNTIME_DIR"]).rglob("dev.env"):
    path.unlink()
second = boto3.Session().get_credentials().get_frozen_credentials()
print(json.dumps([first.access_key, second.access_key, bool(second.token)]))
"""


def servers() -> set[str]:
    """Return the pids of the endpoints that run here."""
    found = set()
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = path.read_bytes().split(b"\0")
        except OSError:
            continue
        if b"rolecall.services.endpoint.server" in words and os.fsencode(os.environ["HOME"]) in environ(path):
            found.add(path.parent.name)
    return found


def environ(path: Path) -> bytes:
    """Return the environment of the process of `path`."""
    try:
        return (path.parent / "environ").read_bytes()
    except OSError:
        return b""


def test_exec_when_it_serves_then_the_sdk_holds_the_role_and_the_environment_no_key(shop: Path) -> None:
    """Keys in the environment would win over the endpoint, and end in an hour."""
    done = invoke(shop, "exec", "--serve", "--", sys.executable, "-c", WHO)
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    assert ":assumed-role/dev/" in answer["arn"]
    assert not set(own_exports.KEYS) & set(answer["environ"])
    assert answer["environ"]["ROLECALL_ROLE"] == "dev"
    await_condition(lambda: not servers())


def test_exec_when_the_session_is_gone_then_the_endpoint_gets_another(shop: Path) -> None:
    """The endpoint asks the broker each time."""
    done = invoke(shop, "exec", "--serve", "--", sys.executable, "-c", TWICE)
    first, second, has_token = json.loads(done.stdout)
    assert first != second
    assert has_token


def test_exec_when_its_command_is_killed_then_the_endpoint_ends(shop: Path) -> None:
    """It works for one process, and ends with it however that ends."""
    words = [sys.executable, "-m", "invoke", "exec", "--serve", "--", "sh", "-c", "echo ready; cat"]
    with subprocess.Popen(words, cwd=shop, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == b"ready\n"
        await_condition(lambda: bool(servers()))
        child.kill()
    await_condition(lambda: not servers())


def test_exec_when_rolecall_runs_inside_then_the_endpoint_is_no_identity(shop: Path) -> None:
    """A role must never become its own source."""
    inner = [sys.executable, "-m", "invoke", "assume", "--role", "prod", "--refresh", "--format", "json"]
    done = invoke(shop, "exec", "--serve", "--", *inner)
    assert ":assumed-role/prod/" in json.loads(done.stdout)["AssumedRoleUser"]["Arn"]
    inner = [sys.executable, "-m", "invoke", "whoami"]
    done = invoke(shop, "exec", "--serve", "--", *inner)
    assert ":assumed-role/dev/" in done.stdout, done.stderr


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_serve_when_it_is_ended_then_its_token_file_is_gone(shop: Path, number: int) -> None:
    """No secret is printed: the token is in a private file, and only while the endpoint serves."""
    words = [sys.executable, "-m", "invoke", "serve"]
    with subprocess.Popen(words, cwd=shop, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        lines: list[str] = []
        while not any("ROLECALL_ENDPOINT" in line for line in lines):
            lines.append(child.stdout.readline())
        values = dict(line.removeprefix("export ").strip().split("=", 1) for line in lines)
        path = Path(values["AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"])
        assert path.stat().st_mode & 0o777 == 0o600
        assert path.read_text() not in "".join(lines)
        done = subprocess.run(
            [sys.executable, "-c", WHO],
            env={**os.environ, **values},
            capture_output=True,
            text=True,
            check=False,
        )
        child.send_signal(number)
        child.wait()
    assert ":assumed-role/dev/" in done.stdout, done.stderr
    assert not path.exists()


def test_compose_example_when_its_environment_is_all_that_a_program_has_then_it_holds_the_role(
    shop: Path, sts: Sts
) -> None:
    """What the example passes into the container is what an SDK there needs; nothing else is passed."""
    page = (Path(__file__).resolve().parents[3] / "docs/consumers.md").read_text()
    example = page.partition("<!-- compose -->\n```yaml\n")[2].partition("```")[0]
    app = yaml.safe_load(example)["services"]["app"]
    assert app["network_mode"] == "host"
    passed = " ".join(f'"{name}=${name}"' for name in app["environment"])
    script = f'env -i {passed} AWS_ENDPOINT_URL={sts.url} AWS_DEFAULT_REGION="$AWS_REGION" "$0" -c "$1"'
    done = invoke(shop, "exec", "--serve", "--", "bash", "-c", script, sys.executable, WHO)
    assert done.returncode == 0, done.stderr
    assert ":assumed-role/dev/" in json.loads(done.stdout)["arn"]


def test_exec_when_it_runs_then_keeps_quoting_exit_code_and_role(shop: Path) -> None:
    """Each word arrives as it was quoted, the exit code comes back, the environment is the role's."""
    script = 'printf "%s|" "$@" "$ROLECALL_ROLE" "${AWS_PROFILE-none}"; exit 7'
    words = ("exec", "--role", "prod", "--", "bash", "-c", script, "x", "a b", "", "--flag", "$HOME", "é")
    done = invoke(shop, *words, AWS_PROFILE="mine")
    assert done.stdout == "a b||--flag|$HOME|é|prod|none|"
    assert done.returncode == 7


def test_exec_when_signalled_then_the_command_gets_the_signal(shop: Path) -> None:
    """The command takes our place: a signal to us is its own."""
    words = [
        sys.executable,
        "-m",
        "invoke",
        "exec",
        "--",
        "bash",
        "-c",
        "trap 'exit 9' TERM; echo up; read -r",
    ]
    process = subprocess.Popen(words, cwd=shop, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout
    assert process.stdout.readline() == "up\n"
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=60)
    assert process.returncode == 9


@pytest.mark.parametrize("name", ["PIPE", "XFSZ"])
def test_exec_when_python_ignores_a_signal_then_the_command_does_not(shop: Path, name: str) -> None:
    """`exec -- producer | head` ends: the command meets signals as in a shell."""
    done = invoke(shop, "exec", "--", "sh", "-c", f"kill -{name} $$; echo survived")
    assert done.stdout == ""
    assert done.returncode == -getattr(signal, f"SIG{name}")
