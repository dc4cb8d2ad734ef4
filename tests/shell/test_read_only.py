"""A read-only role: it reads until a person elevates it, in one terminal, for a while."""

import os
import re
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from support import ROLES_TOML, invoked
from support.sts_gate import Gate
from support.terminals import Rendered, Terminal

ROLES = ROLES_TOML.replace('duration = "1h"', "read_only = true")
POLICY = "arn:aws:iam::aws:policy/ReadOnlyAccess"
PROCESS = "{python} -m rolecall credential-process dev '{root}'"
Open = Callable[[str], Terminal]


@pytest.fixture
def reading(make_rendered: Callable[..., Rendered], tmp_path: Path) -> Rendered:
    """Render a project whose dev is read-only."""
    return make_rendered(tmp_path / "a shop é", roles=ROLES)


def elevate(terminal: Terminal, *, typed: str = "dev", flags: str = "--elevate 15m") -> str:
    """Type `invoke assume --elevate`, answer its question, and return what it said."""
    question = "is read-only. Type its name to elevate it for 15m: "
    return terminal.confirm(f"invoke assume {flags}", question, typed)


def test_cd_when_the_role_is_read_only_then_sts_narrows_it_and_the_line_says_so(
    reading: Rendered, gate: Gate
) -> None:
    """AWS's own policy, and every list shows it."""
    loaded = reading.cd()
    assert loaded.lines == ["rolecall: dev · 111122223333 · read-only · 1h00m left"]
    assert gate.policies == [POLICY]
    shown = {"AWS_SESSION_TOKEN": "", **{name: value or "" for name, value in loaded.exports.items()}}
    assert "rights   read-only" in invoke(reading, "whoami", **shown)
    assert "protected" not in (listed := invoke(reading, "roles"))
    assert "read-only" in listed.splitlines()[0]
    assert "read-only" in invoke(reading, "status").splitlines()[0]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_elevate_when_a_person_types_the_name_then_this_terminal_alone_is_elevated(
    reading: Rendered, open_terminal: Open, gate: Gate, shell: str
) -> None:
    """From the next prompt on, for its programs too; other terminals, and a `cd` without one, only read."""
    one, other = open_terminal(shell), open_terminal("bash")
    for terminal in (one, other):
        terminal.run(f"cd '{reading.root}'")
    before = one.value("AWS_ACCESS_KEY_ID")
    assert "dev · 111122223333 · elevated · until" in elevate(one)
    assert gate.policies == [POLICY, ""]
    mine = one.value("AWS_ACCESS_KEY_ID")
    assert mine != before
    assert other.value("AWS_ACCESS_KEY_ID") == before == reading.cd().exports["AWS_ACCESS_KEY_ID"]
    asked = PROCESS.format(python=sys.executable, root=reading.root)
    assert mine in one.run(asked)
    assert before in other.run(asked)
    assert "elevated" in one.run("invoke status")
    assert "rights   elevated" in one.run("invoke whoami")
    assert "elevated" not in other.run("invoke status")


def test_elevate_when_its_time_is_over_then_the_next_prompt_is_read_only_again(
    reading: Rendered, open_terminal: Open, gate: Gate
) -> None:
    """It is held to its end, renewed by nobody, and then the terminal has what all others have."""
    terminal = open_terminal("bash")
    terminal.run(f"cd '{reading.root}'")
    before = terminal.value("AWS_ACCESS_KEY_ID")
    elevate(terminal)
    mine = terminal.value("AWS_ACCESS_KEY_ID")
    path = next(reading.folder.glob("elevated/*/dev.env"))
    expires = int(terminal.value("ROLECALL_RENEW_AT"))
    assert 13 * 60 < expires - time.time() <= 15 * 60
    move(path, int(time.time()) + 100)
    assert terminal.value("AWS_ACCESS_KEY_ID") == mine
    assert mine in terminal.run(PROCESS.format(python=sys.executable, root=reading.root))
    move(path, int(time.time()) - 1)
    terminal.run("export ROLECALL_RENEW_AT=1")
    assert terminal.value("AWS_ACCESS_KEY_ID") == before
    assert "read-only" in terminal.run("invoke status")
    assert gate.assumed == 2


def move(path: Path, expires: int) -> None:
    """Make an elevated session end at epoch `expires`."""
    moment = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(expires))
    text = re.sub(r"(?m)^ROLECALL_EXPIRES=.*$", f"ROLECALL_EXPIRES={expires}", path.read_text())
    text = re.sub(r"(?m)^AWS_CREDENTIAL_EXPIRATION=.*$", f"AWS_CREDENTIAL_EXPIRATION={moment}", text)
    path.write_text(text)
    moved = time.time() + 5
    os.utime(path, (moved, moved))


@pytest.mark.parametrize("words", ["invoke assume --role dev", "invoke assume --unset"])
def test_elevate_when_the_role_is_taken_again_or_let_go_then_it_only_reads(
    reading: Rendered, open_terminal: Open, words: str
) -> None:
    """Whoever is done need not wait for the end."""
    terminal = open_terminal("bash")
    terminal.run(f"cd '{reading.root}'")
    before = terminal.value("AWS_ACCESS_KEY_ID")
    elevate(terminal)
    assert terminal.value("AWS_ACCESS_KEY_ID") != before
    terminal.run(words)
    assert terminal.value("AWS_ACCESS_KEY_ID") == before


def test_elevate_when_the_declaration_changes_then_the_elevated_session_is_gone(
    reading: Rendered, open_terminal: Open
) -> None:
    """It was made of another role than the one that is declared."""
    terminal = open_terminal("bash")
    terminal.run(f"cd '{reading.root}'")
    elevate(terminal)
    path = reading.root / "envrc.d/roles.toml"
    path.write_text(path.read_text().replace("role/dev", "role/developer"))
    moment = time.time() + 5
    os.utime(path, (moment, moment))
    terminal.run("true")
    said = terminal.run("cd / && cd -")
    assert "elevated" not in said
    assert not list(reading.folder.glob("elevated/*/dev.env"))


@pytest.mark.parametrize(
    ("flags", "says"),
    [
        ("--role prod --elevate 15m", "role prod is not read-only, so there is nothing to elevate"),
        ("--elevate 5m", "must lie between 15m and 12h"),
        ("--elevate 2h", "role dev lasts 1h00m at most"),
        ("--elevate soon", "must be a duration"),
        ("--elevate 15m --for-programs", "an elevated session is for one terminal"),
        ("--elevate 15m", "nobody can answer here"),
    ],
)
def test_elevate_when_it_makes_no_sense_then_says_why_and_asks_nobody(
    reading: Rendered, gate: Gate, flags: str, says: str
) -> None:
    """Wrong usage, and a script that nobody watches."""
    done = invoked.invoke(reading.root, "assume", *flags.split())
    assert (done.returncode, gate.assumed) == (2, 0)
    assert says in done.stderr


def test_elevate_when_anything_else_is_typed_then_the_role_only_reads(
    reading: Rendered, open_terminal: Open, gate: Gate
) -> None:
    """A yes is not its name."""
    terminal = open_terminal("bash")
    terminal.run(f"cd '{reading.root}'")
    assert "was not taken" in elevate(terminal, typed="yes")
    assert gate.policies == [POLICY]


def test_read_only_when_another_role_is_taken_through_it_then_only_the_last_one_is_narrowed(
    make_rendered: Callable[..., Rendered], tmp_path: Path, gate: Gate
) -> None:
    """AWS's policy for reading does not let a session take a role: passing through stays possible."""
    roles = ROLES.replace('role/prod"', 'role/prod"\nsource = "dev"\nread_only = true')
    rendered = make_rendered(tmp_path / "shop", roles=roles)
    assert rendered.cd(ROLECALL_ROLE="prod").exports["AWS_ACCOUNT_ID"] == "444455556666"
    assert gate.policies == ["", POLICY]


def invoke(rendered: Rendered, *words: str, **environ: str) -> str:
    """Return what a task prints."""
    return invoked.invoke(rendered.root, *words, **environ).stdout
