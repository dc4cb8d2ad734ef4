"""`51-session.cold.sh`: the time that is left, the claim of another shell."""

import os
from pathlib import Path

import pytest

from support import fragments

NOW = 1_800_000_000
FACTS = f"""
_rolecall_read_cold failing && _rolecall_read_cold session
_rolecall_now={NOW} _rolecall_dir=$FOLDER/run _rolecall_root=$FOLDER/root _rolecall_name=dev
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Make the sessions' folder."""
    (tmp_path / "run").mkdir()
    return tmp_path


@pytest.mark.parametrize(
    ("clock", "is_so"),
    [("100.0", True), ("102.499999", True), ("102.500000", False), ("99.999999", False)],
)
def test_time_when_two_and_a_half_seconds_are_spent_then_there_is_none(
    folder: Path, clock: str, *, is_so: bool
) -> None:
    """By the clock, in a locale that writes a comma, too; where it was put back, all is spent."""
    seconds, _, rest = clock.partition(".")
    script = (
        f"{FACTS}unset EPOCHREALTIME; EPOCHREALTIME={seconds},{rest:0<6} _rolecall_started=100.000000\n"
        "_rolecall_has_time && echo yes || echo no"
    )
    assert fragments.run(script, {"FOLDER": str(folder)}) == ("yes" if is_so else "no")


@pytest.mark.parametrize(("now", "is_so"), [(100, True), (101, True), (102, False), (99, False)])
def test_time_when_bash_knows_whole_seconds_then_two_are_all(folder: Path, now: int, *, is_so: bool) -> None:
    """Without EPOCHREALTIME: bash before 5.0."""
    script = (
        f"{FACTS}unset EPOCHREALTIME EPOCHSECONDS; EPOCHREALTIME='' EPOCHSECONDS={now}\n"
        "_rolecall_started=100\n"
        "_rolecall_has_time && echo yes || echo no"
    )
    assert fragments.run(script, {"FOLDER": str(folder)}) == ("yes" if is_so else "no")


@pytest.mark.parametrize(
    ("since", "is_so"),
    [
        (NOW, True),
        (NOW - 9, True),
        (NOW - 10, False),
        (NOW + 1, True),
        (NOW + 2, False),
        ("", False),
        ("_rolecall_now", False),
        (f"0{NOW}", False),
    ],
)
def test_claim_when_it_is_older_than_ten_seconds_or_of_the_future_then_it_is_void(
    folder: Path, since: int | str, *, is_so: bool
) -> None:
    """A pid is used again, and a clock is put back."""
    script = f"{FACTS}_rolecall_is_alive $$ '{since}' && echo yes || echo no"
    assert fragments.run(script, {"FOLDER": str(folder)}) == ("yes" if is_so else "no")


@pytest.mark.parametrize("pid", ["", "x", "0", "4194304000"])
def test_claim_when_its_pid_is_nobodys_then_it_is_void(folder: Path, pid: str) -> None:
    """A shell that was killed holds up nobody."""
    script = f"{FACTS}_rolecall_is_alive '{pid}' {NOW} && echo yes || echo no"
    assert fragments.run(script, {"FOLDER": str(folder)}) == "no"


CLAIM = f"""{FACTS}
_rolecall_read_clock() {{ :; }}
sleep() {{ echo waits; }}
_rolecall_has_time() {{ echo asked >>"$FOLDER/asked"; [[ $(wc -l <"$FOLDER/asked") -lt 3 ]]; }}
_rolecall_claim "$_rolecall_dir/project.claim"
echo "$_rolecall_claim"
"""


@pytest.mark.parametrize(
    ("text", "told", "is_left"),
    [
        (None, ["ours"], True),
        ("{pid} {now}\n", ["waits", "waits", "late"], True),
        ("{pid} {old}\n", ["ended"], False),
        ("4194304000 {now}\n", ["ended"], False),
        ("", ["waits", "ended"], False),  # it may be just being written
        ("{pid} {now}{spaces}\n", ["waits", "ended"], False),
    ],
    ids=["none", "alive", "old", "dead", "empty", "long"],
)
def test_claim_when_another_has_it_then_waits_while_that_one_lives(
    folder: Path, text: str | None, told: list[str], *, is_left: bool
) -> None:
    """And no longer than there is time."""
    path = folder / "run/project.claim"
    if text is not None:
        path.write_text(text.format(pid=os.getpid(), now=NOW, old=NOW - 10, spaces=" " * 64))
        path.chmod(0o600)
    assert fragments.run(CLAIM, {"FOLDER": str(folder)}).splitlines() == told
    assert path.exists() is is_left
    if text is None:
        assert path.read_text().split()[1] == str(NOW)
        assert path.stat().st_mode & 0o777 == 0o600


def test_claim_when_there_is_no_folder_yet_then_makes_a_private_one(folder: Path) -> None:
    """It will hold sessions."""
    (folder / "run").rmdir()
    assert fragments.run(CLAIM, {"FOLDER": str(folder)}) == "ours"
    assert (folder / "run").stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("kind", ["pipe", "link"])
def test_claim_when_something_odd_is_in_its_place_then_that_goes(folder: Path, kind: str) -> None:
    """In a pipe's place the shell would wait for a reader."""
    path = folder / "run/project.claim"
    os.mkfifo(path) if kind == "pipe" else path.symlink_to("nowhere")
    assert fragments.run(CLAIM, {"FOLDER": str(folder)}) == "ours"
    assert path.is_file()
    assert not path.is_symlink()


CALL = f"""{FACTS}
_rolecall_python=$FOLDER/python _rolecall_package=/package _rolecall_site=/site _rolecall_bytecode=$BYTECODE
_rolecall_locale=$LOCALE
[[ -z $LOCALE ]] || export LC_ALL
(_rolecall_call assume dev)
"""


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"BYTECODE": "", "LOCALE": ""}, "-I -S /package/__main__.py assume dev {root} /site invoke  unset"),
        (
            {"BYTECODE": "/kept", "LOCALE": "=C.UTF-8"},
            "-I -S -X pycache_prefix=/kept /package/__main__.py assume dev {root} /site invoke  C.UTF-8",
        ),
    ],
)
def test_call_when_python_starts_then_it_is_alone_and_in_the_persons_locale(
    folder: Path, given: dict[str, str], words: str
) -> None:
    """Nothing of the folder or of PYTHON* reaches it."""
    python = folder / "python"
    python.write_text('#!/bin/sh\necho "$*" "$ROLECALL_SITE" "$ROLECALL_COMMAND" "${LC_ALL-unset}"\n')
    python.chmod(0o755)
    assert fragments.run(CALL, {"FOLDER": str(folder), **given}) == words.format(root=folder / "root")


@pytest.mark.parametrize(
    ("gone", "says"),
    [
        ("", "yes"),
        ("python", "rolecall: {folder}/python or {folder}/package is gone (try: invoke setup)"),
        ("package/__main__.py", "rolecall: {folder}/python or {folder}/package is gone (try: invoke setup)"),
    ],
)
def test_python_when_it_or_rolecall_is_gone_then_says_the_command(folder: Path, gone: str, says: str) -> None:
    """A Python that was removed is one clear line."""
    (folder / "package").mkdir()
    for name in {"python", "package/__main__.py"} - {gone}:
        (folder / name).write_text("")
        (folder / name).chmod(0o755)
    script = (
        f"{FACTS}_rolecall_interpreter='' _rolecall_setup='invoke setup' _rolecall_python=$FOLDER/python\n"
        "_rolecall_package=$FOLDER/package\n_rolecall_has_python && echo yes"
    )
    assert fragments.run(script, {"FOLDER": str(folder)}) == says.format(folder=folder)


@pytest.mark.parametrize(
    ("why", "says"),
    [("held", "it came with git"), ("git is at work in /x", "git is at work in /x")],
)
def test_python_when_git_may_have_brought_it_then_it_does_not_run(folder: Path, why: str, says: str) -> None:
    """And the line says why."""
    script = (
        f"{FACTS}_rolecall_interpreter=/x/python\n"
        f"_rolecall_is_clean() {{ _rolecall_says='{why}'; return 1; }}\n_rolecall_has_python || echo no"
    )
    told = fragments.run(script, {"FOLDER": str(folder)}).splitlines()
    assert told == [f"rolecall: the Python in /x/python was not run: {says} (try: invoke setup)", "no"]
