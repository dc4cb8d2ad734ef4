"""When an open shell renews, also after somebody sets the clock, or what stands in for one."""

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from support.terminals import OLD_BASH, Rendered, Terminal, needs_old_bash, put_first

Open = Callable[[str], Terminal]


@pytest.fixture(params=["new", pytest.param("old", marks=needs_old_bash)])
def clockless(
    request: pytest.FixtureRequest, rendered: Rendered, open_terminal: Open, home: Path
) -> Terminal:
    """Open a bash that has no clock, in the project."""
    if request.param == "old":
        put_first(OLD_BASH, home)
    terminal = open_terminal("bash")
    terminal.run("unset EPOCHSECONDS")
    terminal.run(f"cd '{rendered.root}'")
    terminal.run("true")
    return terminal


@pytest.mark.parametrize("seconds", ["-7200", "-1"])
def test_renewal_when_bash_has_no_clock_and_seconds_is_set_then_still_comes(
    clockless: Terminal, seconds: str
) -> None:
    """A person measures something with `SECONDS=0`: the time of renewal stays what it is."""
    asked = str(int(time.time()) - 1)
    clockless.run(f"SECONDS=$((SECONDS {seconds})); export ROLECALL_RENEW_AT={asked}")
    assert clockless.value("ROLECALL_RENEW_AT") not in ("", asked)


def test_renewal_when_bash_has_no_clock_and_it_is_not_due_then_waits(clockless: Terminal) -> None:
    """SECONDS set forward renews nothing early."""
    asked = str(int(time.time()) + 3600)
    clockless.run(f"SECONDS=99999; export ROLECALL_RENEW_AT={asked}")
    assert clockless.value("ROLECALL_RENEW_AT") == asked


def test_renewal_when_bash_has_no_clock_and_the_clock_is_set_forward_then_comes(clockless: Terminal) -> None:
    """Half a minute after somebody set the clock, `date` is asked again."""
    asked = str(int(time.time()) + 3600)
    clockless.run("date() { echo $(($(command date +%s) + 7200)); }")
    clockless.run(f"SECONDS=$((SECONDS + 31)); export ROLECALL_RENEW_AT={asked}")
    assert clockless.value("ROLECALL_RENEW_AT") not in ("", asked)


def test_renewal_when_the_clock_is_set_forward_then_fish_sees_it(
    rendered: Rendered, open_terminal: Open
) -> None:
    """Uptime does not go with the clock: half a minute later fish looks at the clock too."""
    terminal = open_terminal("fish")
    terminal.run(f"cd '{rendered.root}'")
    asked = str(int(time.time()) + 3600)
    terminal.run(f"set -gx ROLECALL_RENEW_AT {asked}")
    terminal.run("true")
    assert terminal.value("ROLECALL_RENEW_AT") == asked
    terminal.run("function path; contains -- -R $argv; and echo 99999999999; or builtin path $argv; end")
    look = terminal.run("read up rest </proc/uptime; math $_rolecall_look - $up")
    assert float(look.split()[-1]) <= 30, "it would look at the clock in an hour only"
    terminal.run("set -q _rolecall_look; and set -g _rolecall_look 0")
    assert terminal.value("ROLECALL_RENEW_AT") not in ("", asked)


@pytest.mark.parametrize("form", ["string", "array"])
def test_prompt_when_bash_has_other_entries_then_they_see_the_commands_status(
    open_terminal: Open, form: str
) -> None:
    """`$?` in a prompt is that of the person's command, not of rolecall."""
    terminal = open_terminal("bash")
    terminal.run("shown() { last=$?; }")
    terminal.run(
        'PROMPT_COMMAND="_rolecall_prompt;shown"'
        if form == "string"
        else "PROMPT_COMMAND=(_rolecall_prompt shown)"
    )
    terminal.child.sendline("(exit 7)")
    assert "<7>" in terminal.run('echo "<$last>"')
    terminal.run("export ROLECALL_RENEW_AT=1")
    terminal.child.sendline("(exit 8)")
    assert "<8>" in terminal.run('echo "<$last>"')
