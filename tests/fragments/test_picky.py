"""`21-project.cold.sh`: shells that cannot take every value, and a bash that compares whole seconds."""

import os
import subprocess
from pathlib import Path

import pytest

from support import fragments

FIND = """
_rolecall_env=("$LINE") _rolecall_picky=''
_rolecall_read_cold project
ps() { echo "direnv export $BY_PS"; }
_rolecall_find_picky "$SHELL_IS"
echo "<$_rolecall_picky>"
"""
REFUSED = """
_rolecall_read_cold project
_rolecall_picky=$SHELL_IS
_rolecall_is_refused "$NAME" "$VALUE" && echo refused
"""


@pytest.mark.parametrize(
    ("shell", "by_ps", "found"),
    [
        ("fish", "", "fish"),
        ("tcsh", "", "tcsh"),
        ("ps", "fish", "fish"),
        ("ps", "tcsh", "tcsh"),
        ("ps", "zsh", ""),
    ],
)
@pytest.mark.parametrize("line", ["A=a`b", 'A=a"b', "A=a$b", "A=a\\b", "A=ä", "version=1", "SHLVL=1", "_=1"])
def test_shell_when_a_value_may_be_odd_then_it_is_known(
    shell: str, by_ps: str, found: str, line: str
) -> None:
    """From direnv's command line, or by ps."""
    assert fragments.run(FIND, {"LINE": line, "SHELL_IS": shell, "BY_PS": by_ps}) == f"<{found}>"


@pytest.mark.parametrize("line", ["A=a b", "versions=1", "A=version=1"])
def test_shell_when_no_value_is_odd_then_nobody_asks(line: str) -> None:
    """One look at all lines serves nearly every project."""
    assert fragments.run(FIND, {"LINE": line, "SHELL_IS": "fish", "BY_PS": ""}) == "<>"


TCSH = "rolecall: {} in .env is not set: direnv cannot quote its value for tcsh\nrefused"
FISH = "rolecall: {} in .env is not set: fish keeps that name for itself\nrefused"


@pytest.mark.parametrize(
    ("shell", "name", "value", "says"),
    [
        ("tcsh", "A", "plain b", ""),
        ("tcsh", "A", "a`b", TCSH),
        ("tcsh", "A", "a$b", TCSH),
        ("tcsh", "A", "a\nb", TCSH),
        ("tcsh", "A", "é", TCSH),
        ("tcsh", "version", "1", ""),
        ("fish", "version", "1", FISH),
        ("fish", "_", "1", FISH),
        ("fish", "versions", "1", ""),
        ("fish", "A", "a`b é", ""),
        ("bash", "version", "a`b", ""),
    ],
)
def test_value_when_the_shell_cannot_take_it_then_it_is_named(
    shell: str, name: str, value: str, says: str
) -> None:
    """And all others are set."""
    own = {"SHELL_IS": shell, "NAME": name, "VALUE": value}
    assert fragments.run(REFUSED, own) == says.format(name)


def test_value_when_env_has_named_another_locale_before_then_it_is_looked_at_all_the_same() -> None:
    """There é is a printable character, and tcsh does not take it."""
    own = {"SHELL_IS": "tcsh", "NAME": "A", "VALUE": "é"}
    assert fragments.run(f"LC_ALL=C.UTF-8{REFUSED}", own) == TCSH.format("A")


@pytest.mark.parametrize(("apart", "told"), [(0, "same"), (1_000_000, "other"), (1_000_000_000, "other")])
def test_time_when_bash_compares_whole_seconds_then_stat_tells_the_rest(
    tmp_path: Path, apart: int, told: str
) -> None:
    """An edit in the same second is seen, to the nanoseconds that the disk keeps."""
    for name, moment in (("file", 10**18), ("stamp", 10**18 + apart)):
        (tmp_path / name).write_text("")
        os.utime(tmp_path / name, ns=(moment, moment))
    script = '_rolecall_read_cold project; _rolecall_has_same_time "$A" "$B" && echo same || echo other'
    assert fragments.run(script, {"A": str(tmp_path / "file"), "B": str(tmp_path / "stamp")}) == told


def test_time_when_stat_knows_neither_then_it_is_another() -> None:
    """In doubt the file is read again."""
    script = (
        "_rolecall_read_cold project; stat() { :; }; _rolecall_has_same_time a b && echo same || echo other"
    )
    assert fragments.run(script) == "other"


@pytest.mark.parametrize(
    ("program", "call"),
    [
        ("stat", '_rolecall_has_same_time "$ROOT/file" "$ROOT/file"'),
        ("ps", "_rolecall_find_picky ps"),
    ],
)
def test_program_when_the_project_has_one_of_that_name_first_on_path_then_the_systems_own_is_run(
    tmp_path: Path, program: str, call: str
) -> None:
    """What came with a pull would run on `cd`; afterwards PATH is the person's again."""
    (tmp_path / program).write_text(f"#!/bin/sh\n: >'{tmp_path}/ran'\n")
    (tmp_path / program).chmod(0o755)
    (tmp_path / "file").touch()
    script = f'PATH=$ROOT:$PATH _rolecall_env=(A=$); _rolecall_read_cold project; {call}; echo "$PATH"'
    told = fragments.run(script, {"ROOT": str(tmp_path)})
    assert told.splitlines()[-1].startswith(f"{tmp_path}:")
    assert not (tmp_path / "ran").exists()


ASKED = """
_rolecall_env=("$LINE") _rolecall_state=warm _rolecall_state_dir=/nowhere
_rolecall_read_cold() { echo "reads $1"; return 1; }
read_fragment 50-session.sh
"""


@pytest.mark.parametrize(
    ("shell", "line", "reads"),
    [
        ("fish", "A=https://plain.example/a-b_c,d%20@e+f:1", ""),
        ("fish", "A=a b", ""),
        ("fish", "A=a$b", "reads project"),
        ("fish", "version=1", "reads project"),
        ("fish", "SHLVL=1", "reads project"),
        ("fish", "_=1", "reads project"),
        ("tcsh", "A=a`b", "reads project"),
        ("tcsh", "A=a", ""),
        ("bash", "A=a$b", ""),
        ("zsh", "version=1", ""),
    ],
)
def test_values_when_the_shell_takes_them_all_then_a_warm_cd_reads_no_more(
    tmp_path: Path, shell: str, line: str, reads: str
) -> None:
    """Only fish and tcsh are picky, and only about few values: direnv's command line names the shell."""
    script = tmp_path / "script"
    script.write_text(fragments.AROUND + ASKED)
    environ = {"PATH": os.environ["PATH"], "FRAGMENTS": str(fragments.FOLDER), "LINE": line}
    words = ["bash", "-c", 'bash "$1"; true', "direnv", str(script), "export", shell]
    done = subprocess.run(words, env=environ, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == reads
