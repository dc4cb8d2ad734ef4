"""Roles of terminals: real bash, zsh and fish under ptys, real direnv, real STS."""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from rolecall.credentials.store import choice
from rolecall.system.person import terminal as machine_terminal
from rolecall.system.person.terminal import Leader
from support.sts_gate import Gate
from support.terminals import PAIRS, SHELLS, Rendered, Terminal, await_condition

Open = Callable[[str], Terminal]
FRAGMENTS = Path(__file__).resolve().parents[2] / "envrc.d"
BY_PROC_SH, BY_PS_SH = FRAGMENTS / "10-terminal.sh", FRAGMENTS / "31-terminal.cold.sh"


@pytest.fixture(params=SHELLS)
def shell(request: pytest.FixtureRequest) -> str:
    """Name each shell in turn."""
    return str(request.param)


@pytest.mark.parametrize(("either", "shell"), PAIRS, indirect=["either"])
def test_terminal_when_entering_and_leaving_then_holds_the_role_and_nothing(
    either: Rendered, open_terminal: Open, shell: str
) -> None:
    """The whole day in one terminal: enter, be dev, leave, have nothing."""
    terminal = open_terminal(shell)
    terminal.run(f"cd '{either.root}'")
    assert terminal.value("ROLECALL_ROLE") == "dev"
    terminal.run("cd /")
    held = terminal.run("env | grep -e '^AWS_[ACDERS]' -e ROLECALL | grep -v METADATA")
    assert "=" not in held.split("METADATA")[-1]


@pytest.mark.parametrize(("either", "shell"), PAIRS, indirect=["either"])
def test_terminal_when_it_takes_a_role_then_others_keep_theirs(
    either: Rendered, open_terminal: Open, shell: str
) -> None:
    """`invoke assume --role prod` changes this terminal at its next prompt, and no other one."""
    one, two = open_terminal(shell), open_terminal(shell)
    for terminal in (one, two):
        terminal.run(f"cd '{either.root}'")
    one.run("invoke assume --role prod")
    assert one.value("ROLECALL_ROLE") == "prod"
    assert two.value("ROLECALL_ROLE") == "dev"


@pytest.mark.parametrize(("either", "shell"), PAIRS, indirect=["either"])
def test_terminal_when_it_leaves_and_comes_back_then_keeps_its_role(
    either: Rendered, open_terminal: Open, shell: str
) -> None:
    """The choice survives leaving the folder."""
    terminal = open_terminal(shell)
    terminal.run(f"cd '{either.root}'")
    terminal.run("invoke assume --role prod")
    terminal.run("cd /")
    assert terminal.value("ROLECALL_ROLE") == ""
    terminal.run(f"cd '{either.root}'")
    assert terminal.value("ROLECALL_ROLE") == "prod"


def test_terminal_when_shells_nest_then_the_role_is_the_terminals(
    rendered: Rendered, open_terminal: Open, shell: str
) -> None:
    """A shell in the shell is the same terminal."""
    terminal = open_terminal("bash")
    terminal.run(f"cd '{rendered.root}'")
    terminal.run("invoke assume --role prod")
    terminal.nest(shell)
    assert terminal.value("ROLECALL_ROLE") == "prod"


def test_terminal_when_a_pane_opens_inside_then_it_starts_with_the_default(
    rendered: Rendered, open_terminal: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A terminal that inherits another one's environment (a tmux pane) is a terminal of its own."""
    prod = rendered.cd(ROLECALL_ROLE="prod").exports
    for name, value in prod.items():
        if value is not None:
            monkeypatch.setenv(name, value)
    monkeypatch.chdir(rendered.root)
    pane = open_terminal("bash")
    assert pane.value("ROLECALL_ROLE") == "dev"


def test_terminal_when_two_switches_come_in_one_second_then_the_last_holds(
    rendered: Rendered, open_terminal: Open, shell: str
) -> None:
    """Direnv sees whole seconds of mtime: every switch must show all the same."""
    terminal = open_terminal(shell)
    terminal.run(f"cd '{rendered.root}'")
    for role in ("prod", "dev", "prod"):
        terminal.run(f"invoke assume --role {role}")
        assert terminal.value("ROLECALL_ROLE") == role


def test_choice_when_pid_is_reused_then_inherits_nothing(rendered: Rendered) -> None:
    """A session leader of the same pid and another start is another terminal."""
    choice.record(rendered.place, "prod", Leader(os.getpid(), "1"))
    now = Leader(os.getpid(), str(machine_terminal.started_at(os.getpid())))
    assert choice.read(rendered.place, now) is None


def test_choice_when_terminals_are_dead_then_is_cleaned_up(rendered: Rendered) -> None:
    """Recording a choice forgets those of terminals that are gone."""
    gone = subprocess.Popen(["true"])
    gone.wait()
    choice.record(rendered.place, "prod", Leader(os.getpid(), str(machine_terminal.started_at(os.getpid()))))
    stale = rendered.folder / choice.FOLDER / f"{gone.pid}-17"
    stale.write_text("prod\n")
    choice.record(rendered.place, "dev", Leader(os.getpid(), str(machine_terminal.started_at(os.getpid()))))
    assert not stale.exists()


def test_assume_when_there_is_no_terminal_then_changes_nothing_and_says_how(rendered: Rendered) -> None:
    """An editor or CI gets no hidden state: the default role goes on."""
    done = subprocess.run(
        [".venv/bin/invoke", "assume", "--role", "prod"],
        cwd=rendered.root,
        capture_output=True,
        text=True,
        check=True,
        start_new_session=True,
    )
    assert "no terminal" in done.stderr
    assert rendered.cd().exports["ROLECALL_ROLE"] == "dev"


def test_assume_when_default_is_asked_then_every_terminal_without_a_choice_has_it(
    rendered: Rendered, open_terminal: Open
) -> None:
    """`--default` changes the project's default for this user, at the next prompt of open terminals too."""
    open_one = open_terminal("bash")
    open_one.run(f"cd '{rendered.root}'")
    assert open_one.value("ROLECALL_ROLE") == "dev"
    subprocess.run(
        [".venv/bin/invoke", "assume", "--role", "prod", "--default"],
        cwd=rendered.root,
        check=True,
        capture_output=True,
        start_new_session=True,
    )
    assert rendered.cd().exports["ROLECALL_ROLE"] == "prod"
    open_one.run("true")
    assert open_one.value("ROLECALL_ROLE") == "prod"


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_renewal_when_expiry_passed_while_idle_then_the_first_command_is_fresh(
    either: Rendered, open_terminal: Open, gate: Gate, tmp_path: Path, shell: str
) -> None:
    """In zsh and fish even the first command after a long sleep sees new credentials."""
    terminal = open_terminal(shell)
    terminal.run(f"cd '{either.root}'")
    old = terminal.value("AWS_SESSION_TOKEN")
    expire_while_idle(either, terminal, tmp_path)
    assert terminal.value("AWS_SESSION_TOKEN") not in ("", old)
    assert gate.assumed == 2


def test_renewal_when_expiry_passed_while_idle_then_bash_is_fresh_after_one_prompt(
    rendered: Rendered, open_terminal: Open, gate: Gate, tmp_path: Path
) -> None:
    """Bash has no hook before a command: pressing Enter once renews."""
    terminal = open_terminal("bash")
    terminal.run(f"cd '{rendered.root}'")
    old = terminal.value("AWS_SESSION_TOKEN")
    expire_while_idle(rendered, terminal, tmp_path)
    assert terminal.value("AWS_SESSION_TOKEN") not in ("", old)
    assert gate.assumed == 2


def test_renewal_when_the_time_has_come_then_tcsh_is_fresh_at_its_next_prompt(
    rendered: Rendered, open_terminal: Open, gate: Gate
) -> None:
    """Tcsh as far as it goes: its prompt renews as bash's does."""
    terminal = open_terminal("tcsh")
    terminal.run(f"cd '{rendered.root}'")
    old = terminal.value("AWS_SESSION_TOKEN")
    rendered.move_times(expires=int(time.time()) - 5)
    terminal.run("setenv ROLECALL_RENEW_AT 1")
    assert terminal.value("AWS_SESSION_TOKEN") not in ("", old)
    assert gate.assumed == 2


def test_rc_when_read_twice_then_the_prompt_is_not_doubled(rendered: Rendered, open_terminal: Open) -> None:
    """`source ~/.bashrc` again, with PROMPT_COMMAND a string or an array, adds nothing."""
    terminal = open_terminal("bash")
    for _ in range(2):
        terminal.run("source ~/.bashrc")
        assert terminal.run('echo "${PROMPT_COMMAND[*]}"').count("_rolecall_prompt") == 1
        terminal.run("PROMPT_COMMAND=(_rolecall_prompt _direnv_hook true)")


def test_renewal_when_another_terminal_renewed_then_all_have_it(
    rendered: Rendered, open_terminal: Open, shell: str
) -> None:
    """A session renewed anywhere is noticed everywhere at the next prompt."""
    one, two = open_terminal(shell), open_terminal("bash")
    for terminal in (one, two):
        terminal.run(f"cd '{rendered.root}'")
    old = one.value("AWS_SESSION_TOKEN")
    two.run("invoke assume --refresh")
    one.run("true")
    assert one.value("AWS_SESSION_TOKEN") == two.value("AWS_SESSION_TOKEN") != old


def test_terminal_key_when_bash_and_python_compute_it_then_they_agree(
    rendered: Rendered, open_terminal: Open
) -> None:
    """The rule that is written twice gives one answer, with /proc and with ps."""
    terminal = open_terminal("bash")
    terminal.run(f"source '{BY_PROC_SH}'; source '{BY_PS_SH}'; _rolecall_path=$PATH; cd /")
    terminal.run("export BY_PROC=$_rolecall_terminal")
    terminal.run("_rolecall_find_terminal_by_ps; export BY_PS=$_rolecall_terminal")
    python = (
        "import pathlib; from rolecall.system.person import terminal as t; print('<' + t.leader().key + '>');"
    )
    python += "t.PROC = pathlib.Path('/nowhere'); print('{' + t.leader().key + '}')"
    out = terminal.run(f'"{rendered.root}/.venv/bin/python" -c "{python}"')
    assert f"<{terminal.value('BY_PROC')}>" in out
    assert "{" + terminal.value("BY_PS") + "}" in out


FAKE_PS = """\
#!/bin/sh
case "$*" in *=,*) echo "ps: one title, one column" >&2; exit 1 ;; esac
exec '{ps}' "$@"
"""
BY_PS = "import pathlib; from rolecall.system.person import terminal as t; t.PROC = pathlib.Path('/nowhere');"
BY_PS += "print('<' + t.leader().key + '>')"


def test_terminal_key_when_the_time_zone_changes_then_stays(
    rendered: Rendered, open_terminal: Open, home: Path
) -> None:
    """Without /proc, by a ps as strict as BSD's: a traveller keeps the terminal's role."""
    (home / "bin/ps").write_text(FAKE_PS.format(ps=shutil.which("ps")))
    (home / "bin/ps").chmod(0o755)
    terminal = open_terminal("bash")
    terminal.run(f"source '{BY_PS_SH}'; _rolecall_path=$PATH; cd /")
    keys = set()
    for zone in ("Asia/Tokyo", "America/New_York", "Europe/Zurich"):
        terminal.run(f"export TZ={zone}; _rolecall_find_terminal_by_ps; export BY_PS=$_rolecall_terminal")
        out = terminal.run(f'"{rendered.root}/.venv/bin/python" -c "{BY_PS}"')
        keys |= {terminal.value("BY_PS"), out.rpartition("<")[2].partition(">")[0]}
    (key,) = keys
    assert key.startswith(f"{terminal.child.pid}-")


@pytest.mark.parametrize(
    ("tty", "key"), [("-", ""), ("??", ""), ("?", ""), ("pts/3", "-Tue_Nov_24_10_00_00_2026")]
)
def test_terminal_key_when_ps_shows_no_terminal_then_is_none(tty: str, key: str) -> None:
    """FreeBSD writes a dash where a process has no terminal, Linux and macOS question marks."""
    rows = f"echo \"$$ 1 {tty} Tue Nov 24 10:00:00 2026\"; echo '1 0 - x'"
    script = f"ps() {{ {rows}; }}\n. '{BY_PS_SH}'\n_rolecall_find_terminal_by_ps; echo $$ $_rolecall_terminal"
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=True)
    pid, _, found = done.stdout.strip().partition(" ")
    assert found == (f"{pid}{key}" if key else "")


def expire_while_idle(rendered: Rendered, terminal: Terminal, tmp_path: Path) -> None:
    """Let the session's time pass at an idle prompt: a signal moves the terminal's own copy of it."""
    done = tmp_path / "signalled"
    body = f"ROLECALL_RENEW_AT=1; : > '{done}'"
    if terminal.shell == "fish":
        body = f"set -gx ROLECALL_RENEW_AT 1; echo > '{done}'"
    head = {"fish": "function moved --on-signal USR1; {}; end", "zsh": "TRAPUSR1() {{ {}; }}"}
    terminal.run(head.get(terminal.shell, 'trap "{}" USR1').format(body))
    rendered.move_times(expires=int(time.time()) - 5)
    os.kill(terminal.child.pid, signal.SIGUSR1)
    if terminal.shell == "bash":  # bash runs a trap only once a line is read: this is the one prompt
        terminal.run("true")
    await_condition(done.exists)
