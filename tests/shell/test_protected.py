"""A protected role: typed by its name, in this terminal only, never on `cd`, never renewed silently."""

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from support import ROLES_TOML
from support.sts_gate import Gate
from support.terminals import PATIENCE_SECONDS, Rendered, Terminal

ROLES = ROLES_TOML.replace('role/prod"\n', 'role/prod"\nprotected = true\n')
Open = Callable[[str], Terminal]


@pytest.fixture
def guarded(make_rendered: Callable[..., Rendered], tmp_path: Path) -> Rendered:
    """Render a project whose prod is protected."""
    return make_rendered(tmp_path / "shop", roles=ROLES)


def take_prod(terminal: Terminal, *, typed: str = "prod", flags: str = "") -> str:
    """Type `invoke assume --role prod`, answer its question, and return what it said."""
    return terminal.confirm(f"invoke assume --role prod {flags}", "Type its name to take it: ", typed)


def test_protected_when_its_name_is_typed_then_only_this_terminal_has_it(
    guarded: Rendered, open_terminal: Open
) -> None:
    """The person who typed it has it; another terminal that names it gets a line, not the role."""
    one = open_terminal("bash")
    one.run(f"cd '{guarded.root}'")
    take_prod(one, typed="prod")
    assert one.value("ROLECALL_ROLE") == "prod"
    loaded = guarded.cd(ROLECALL_ROLE="prod")
    assert "AWS_SESSION_TOKEN" not in loaded.exports
    assert loaded.lines == [
        "rolecall: role prod is protected: it is taken by hand only (invoke assume --role prod)"
    ]


def test_protected_when_anything_else_is_typed_then_is_not_taken(
    guarded: Rendered, open_terminal: Open
) -> None:
    """A yes is not its name."""
    terminal = open_terminal("bash")
    terminal.run(f"cd '{guarded.root}'")
    assert "was not taken" in take_prod(terminal, typed="y")
    assert terminal.value("ROLECALL_ROLE") == "dev"


def test_protected_when_another_role_leads_through_it_then_that_ones_name_is_asked_for(
    make_rendered: Callable[..., Rendered], tmp_path: Path, open_terminal: Open, gate: Gate
) -> None:
    """An unprotected role behind it is no way around the question."""
    arn = "arn:aws:iam::123456789012:role/through"
    roles = f'{ROLES}[roles.through]\nrole_arn = "{arn}"\nsource = "prod"\n'
    rendered = make_rendered(tmp_path / "shop", roles=roles)
    terminal = open_terminal("bash")
    terminal.run(f"cd '{rendered.root}'")
    said = terminal.confirm("invoke assume --role through", "Type its name to take it: ", "y")
    assert "was not taken" in said
    assert gate.assumed == 1


def test_protected_when_it_expires_then_is_gone_and_nobody_renews_it(
    guarded: Rendered, open_terminal: Open, gate: Gate
) -> None:
    """Near its end it is kept while valid and renewed by nobody; after it, it is gone."""
    terminal = open_terminal("bash")
    terminal.run(f"cd '{guarded.root}'")
    take_prod(terminal, typed="prod")
    assert terminal.value("ROLECALL_ROLE") == "prod"
    asked = gate.assumed
    guarded.move_times("prod", expires=int(time.time()) + 300, renew_at=1)
    terminal.run("export ROLECALL_RENEW_AT=1")
    assert terminal.value("ROLECALL_ROLE") == "prod"
    guarded.move_times("prod", expires=int(time.time()) - 5)
    terminal.run("export ROLECALL_RENEW_AT=1")
    assert terminal.value("ROLECALL_ROLE") == ""
    assert terminal.value("AWS_SESSION_TOKEN") == ""
    assert gate.assumed == asked


def test_protected_when_nobody_can_answer_then_is_refused(guarded: Rendered) -> None:
    """A script cannot take it."""
    done = subprocess.run(
        [".venv/bin/invoke", "assume", "--role", "prod"],
        cwd=guarded.root,
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        start_new_session=True,
        check=False,
    )
    assert done.returncode == 2
    assert "nobody can answer here" in done.stderr


PROCESS = "{python} -m rolecall credential-process {role} '{root}'"
SDK = (
    "{python} -c 'import rolecall; "
    'print(rolecall.session("{role}").client("sts").get_caller_identity()["Arn"])\''
)
REFUSED = "is protected: it is taken by hand only"
PROD = "arn:aws:iam::444455556666:role/prod"


def asked(terminal: Terminal, root: Path, command: str, role: str = "prod") -> str:
    """Run a program in the terminal that asks for `role`; return what it printed."""
    return terminal.run(command.format(python=sys.executable, role=role, root=root))


@pytest.mark.parametrize("command", [PROCESS, SDK], ids=["credential_process", "sdk"])
def test_protected_when_a_program_asks_then_it_has_it_in_that_terminal_only(
    guarded: Rendered, open_terminal: Open, gate: Gate, command: str
) -> None:
    """A session that was typed in one terminal serves that terminal's programs, and no program elsewhere."""
    one, other = open_terminal("bash"), open_terminal("bash")
    for terminal in (one, other):
        terminal.run(f"cd '{guarded.root}'")
    take_prod(one)
    counted = gate.assumed
    assert re.search("AccessKeyId|assumed-role/prod/", asked(one, guarded.root, command))
    assert REFUSED in asked(other, guarded.root, command)
    assert REFUSED in asked(other, guarded.root, command, PROD)
    detached = f"setsid -w {command}"
    assert REFUSED in asked(one, guarded.root, detached)
    assert gate.assumed == counted


def test_protected_when_given_to_programs_then_they_have_it_and_a_cd_has_not(
    guarded: Rendered, open_terminal: Open, gate: Gate
) -> None:
    """The person's word reaches an editor and another terminal's programs; it is shown, and taken back."""
    one, other = open_terminal("bash"), open_terminal("bash")
    for terminal in (one, other):
        terminal.run(f"cd '{guarded.root}'")
    said = take_prod(one, flags="--for-programs")
    assert "your programs may have prod for 1h00m, also outside this terminal" in said
    for command in (PROCESS, SDK, f"setsid -w {PROCESS}"):
        assert re.search("AccessKeyId|assumed-role/prod/", asked(other, guarded.root, command))
    assert "AWS_SESSION_TOKEN" not in guarded.cd(ROLECALL_ROLE="prod").exports
    assert other.value("ROLECALL_ROLE") == "dev"
    shown = other.run("invoke status")
    assert "protected  held in 1 other terminal  for programs: 1h00m" in shown
    assert "programs outside the terminal that took it" in other.run("invoke assume --unset --for-programs")
    assert REFUSED in asked(other, guarded.root, PROCESS)
    assert "AccessKeyId" in asked(one, guarded.root, PROCESS)


def test_protected_when_two_terminals_take_it_then_each_has_its_own(
    guarded: Rendered, open_terminal: Open, gate: Gate
) -> None:
    """The second one types the name too, and gets a session of its own; letting one go leaves the other."""
    one, other = open_terminal("bash"), open_terminal("zsh")
    for terminal in (one, other):
        terminal.run(f"cd '{guarded.root}'")
        take_prod(terminal)
    keys = {terminal.value("AWS_ACCESS_KEY_ID") for terminal in (one, other)}
    assert (len(keys), gate.assumed) == (2, 3)
    one.run("invoke assume --unset")
    assert one.value("ROLECALL_ROLE") == "dev"
    assert REFUSED in asked(one, guarded.root, PROCESS)
    assert other.value("AWS_ACCESS_KEY_ID") in keys
    shown = guarded.root.parent / "status"
    one.run(f"invoke status --json >'{shown}'")
    rows = {row["role"]: row for row in json.loads(shown.read_text())}
    assert (rows["prod"]["other_terminals"], rows["prod"]["seconds_left"]) == (1, None)


def test_protected_when_its_terminal_is_closed_then_its_session_is_removed(
    guarded: Rendered, open_terminal: Open
) -> None:
    """Nobody can use it any more; the next cold `cd` sweeps it away."""
    one = open_terminal("bash")
    one.run(f"cd '{guarded.root}'")
    take_prod(one)
    held = guarded.session("prod")
    assert "held/" in str(held)
    one.close()
    guarded.session().unlink()
    guarded.cd()
    assert not held.parent.exists()


def test_protected_when_the_mark_is_taken_off_then_the_common_session_serves(
    guarded: Rendered, open_terminal: Open, gate: Gate
) -> None:
    """What the terminal held is not exported beside it, and no `cd` starts Python for ever after."""
    one = open_terminal("bash")
    one.run(f"cd '{guarded.root}'")
    take_prod(one)
    before = one.value("AWS_ACCESS_KEY_ID")
    path = guarded.root / "envrc.d/roles.toml"
    path.write_text(ROLES.replace("protected = true\n", ""))
    moment = time.time() + 5
    os.utime(path, (moment, moment))
    one.run("cd /")
    one.run(f"cd '{guarded.root}'")
    assert one.value("ROLECALL_ROLE") == "prod"
    assert one.value("AWS_ACCESS_KEY_ID") != before
    assert not list(guarded.folder.glob("held/*/prod.env"))


@pytest.mark.parametrize("line", [f"ROLE_ARN={PROD}", "ROLE_ARN=arn:aws:iam::444455556666:role/PROD"])
def test_protected_when_role_arn_in_env_names_it_then_is_as_protected(
    make_rendered: Callable[..., Rendered], tmp_path: Path, gate: Gate, line: str
) -> None:
    """IAM tells no two roles apart by case; neither does protection."""
    name, _, value = line.partition("=")
    rendered = make_rendered(tmp_path / "shop", roles=ROLES, **{name: value})
    assert REFUSED in rendered.cd().lines[0]
    done = subprocess.run(
        [sys.executable, "-m", "rolecall", "credential-process", value, str(rendered.root)],
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )
    assert (done.returncode, gate.assumed) == (4, 0)
    assert REFUSED in done.stderr
