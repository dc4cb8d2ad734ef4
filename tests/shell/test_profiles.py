"""`delivery = "profile"`: the shell gets AWS_PROFILE and no key, and the real AWS CLI asks rolecall by it."""

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from rolecall.project import own_profiles
from rolecall.system.disk import place
from rolecall.workstation.envrc import use_line
from rolecall.workstation.profiles import step
from rolecall.workstation.steps.journal import Journal
from rolecall.workstation.steps.step import Answers, Context
from support import ROLES_TOML
from support.sts_gate import Gate
from support.terminals import PAIRS, Rendered, Terminal, executed

ROLES = ROLES_TOML.replace("[project]", '[project]\ndelivery = "profile"')
KEYS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_CREDENTIAL_EXPIRATION")
WHO = "aws sts get-caller-identity --query Arn --output text"


def write_profiles(root: Path) -> None:
    """Bring the block about, as setup does."""
    step.apply(Context(root, Answers(yes=True), journal=Journal(root, os.environ).append))


@pytest.fixture(params=["", f"{use_line.LINE}\n"], ids=["rendered", "line"])
def delivered(
    request: pytest.FixtureRequest, make_rendered: Callable[..., Rendered], tmp_path: Path
) -> Rendered:
    """A project that delivers by profiles, in a folder of an awkward name."""
    made = make_rendered(tmp_path / "mein Läden #1", roles=ROLES, envrc=request.param)
    write_profiles(made.root)
    return made


def test_cd_when_delivered_by_profile_then_exports_it_and_no_key(delivered: Rendered, gate: Gate) -> None:
    """Never both; a profile of the person's shell and its keys are unset."""
    loaded = delivered.cd(AWS_PROFILE="other", AWS_ACCESS_KEY_ID="AKIAIOSFODNN7EXAMPLE")
    assert loaded.exports["AWS_PROFILE"] == "shop-dev"
    assert [name for name in KEYS if loaded.exports.get(name)] == []
    assert loaded.exports["AWS_ACCESS_KEY_ID"] is None
    assert loaded.exports["ROLECALL_ROLE"] == "dev"
    assert loaded.exports["AWS_REGION"] == "eu-west-1"
    assert loaded.exports["AWS_ACCOUNT_ID"] == "111122223333"
    assert loaded.lines == ["rolecall: dev · 111122223333 · profile shop-dev · 1h00m left"]
    assert gate.assumed == 1


def test_cd_when_warm_by_profile_then_starts_what_a_cd_by_keys_starts(
    make_rendered: Callable[..., Rendered], tmp_path: Path
) -> None:
    """Builtins alone read the profile's name."""
    found = []
    for name, roles in (("keys", ROLES_TOML), ("profile", ROLES)):
        made = make_rendered(tmp_path / name, roles=roles)
        write_profiles(made.root)
        made.cd()
        made.cd()
        found.append([line.partition("[")[0] for line in executed(made.root, tmp_path)])
    assert len(found[0]) == len(found[1])


def test_cd_when_the_block_is_not_there_then_says_the_command_and_exports_keys(
    make_rendered: Callable[..., Rendered], tmp_path: Path
) -> None:
    """A colleague's shell works before their setup has run again; and after it, at the next prompt."""
    made = make_rendered(tmp_path / "shop", roles=ROLES)
    loaded = made.cd()
    assert str(loaded.exports["AWS_ACCESS_KEY_ID"]).startswith("ASIA")
    assert "AWS_PROFILE" not in loaded.exports
    assert "role dev has no profile in your AWS config" in loaded.lines[0]
    assert loaded.lines[0].endswith("setup --profiles)")
    write_profiles(made.root)
    assert made.cd().exports["AWS_PROFILE"] == "shop-dev"


def test_cd_when_sts_is_down_then_the_profile_stands_and_says_why(delivered: Rendered, gate: Gate) -> None:
    """No other profile is taken in its place, and a program that was started now works later."""
    gate.mode = "500"
    loaded = delivered.cd()
    assert loaded.exports["AWS_PROFILE"] == "shop-dev"
    assert "ROLECALL_ROLE" not in loaded.exports


def test_cd_when_a_profile_of_ours_is_the_persons_own_then_no_session_of_its_own_is_taken(
    delivered: Rendered, gate: Gate
) -> None:
    """It says nothing about who assumes."""
    env = delivered.root / ".env"
    lines = [line for line in env.read_text().splitlines() if "KEY" not in line]
    keys = {line.partition("=")[0]: line.partition("=")[2] for line in env.read_text().splitlines()}
    env.write_text("\n".join(lines) + "\n")
    plain = {name: keys[name] for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")}
    words = [".venv/bin/invoke", "assume", "--role", "dev"]
    subprocess.run(words, cwd=delivered.root, env={**os.environ, **plain}, check=True, capture_output=True)
    assert delivered.cd(**plain, AWS_PROFILE="shop-dev").exports["ROLECALL_ROLE"] == "dev"
    assert gate.assumed == 1


@pytest.mark.client("aws")
@pytest.mark.parametrize(("delivered", "shell"), PAIRS, indirect=["delivered"])
def test_terminal_when_the_aws_cli_asks_then_it_is_the_terminals_role_and_another_after_assume(
    delivered: Rendered, open_terminal: Callable[[str], Terminal], shell: str, gate: Gate
) -> None:
    """The CLI gets its keys by the profile, from the session that is there: each role asks STS once."""
    terminal = open_terminal(shell)
    terminal.run(f'cd "{delivered.root}"')
    assert terminal.value("AWS_PROFILE") == "shop-dev"
    assert terminal.value("AWS_ACCESS_KEY_ID") == ""
    assert ":assumed-role/dev/" in terminal.run(WHO)
    terminal.run(".venv/bin/invoke assume --role prod")
    assert terminal.value("AWS_PROFILE") == "shop-prod"
    assert ":assumed-role/prod/" in terminal.run(WHO)
    assert ":assumed-role/prod/" in terminal.run(".venv/bin/invoke whoami")
    assert gate.assumed == 2
    terminal.run("cd /")
    assert terminal.value("AWS_PROFILE") == ""
    assert terminal.value("ROLECALL_PROFILE") == ""


def run(made: Rendered, *words: str) -> str:
    done = subprocess.run(
        ["direnv", "exec", str(made.root), *words],
        cwd=made.root,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_exec_when_delivered_by_profile_then_the_command_gets_that_roles_profile(delivered: Rendered) -> None:
    """And an endpoint, where that was asked for, gets no profile beside it."""
    invoke = ".venv/bin/invoke"
    found = run(delivered, invoke, "exec", "--role", "prod", "--", "env").splitlines()
    assert "AWS_PROFILE=shop-prod" in found
    assert [line for line in found if line.startswith(KEYS)] == []
    served = run(delivered, invoke, "exec", "--serve", "--", "env")
    assert "AWS_CONTAINER_CREDENTIALS_FULL_URI=" in served
    assert "AWS_PROFILE" not in served


def test_whoami_when_delivered_by_profile_then_is_the_role_with_its_time(delivered: Rendered) -> None:
    """Also where direnv's own record is missing, as in an editor: our profile is no identity."""
    answer = json.loads(run(delivered, ".venv/bin/invoke", "whoami", "--json"))
    assert answer["Role"] == "dev"
    assert answer["SecondsLeft"] > 3000
    bare = ["env", "-u", "DIRENV_DIFF", ".venv/bin/invoke", "whoami", "--json"]
    assert json.loads(run(delivered, *bare))["Role"] == "dev"
    rows = json.loads(run(delivered, ".venv/bin/invoke", "status", "--json"))
    assert [row["profile"] for row in rows] == ["shop-dev", "shop-prod"]


def test_profiles_when_the_file_is_not_the_persons_alone_then_it_counts_for_nothing(
    delivered: Rendered,
) -> None:
    """A name that others may write is no name; keys come in its place."""
    kept = Path(place.at(delivered.root).state, own_profiles.NAME)
    text = kept.read_text()
    kept.unlink()
    kept.with_suffix(".other").write_text(text)
    kept.symlink_to(kept.with_suffix(".other"))
    assert "AWS_PROFILE" not in delivered.cd().exports
