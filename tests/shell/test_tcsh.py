"""Values of `.env` that direnv cannot quote for tcsh, in a real tcsh."""

from collections.abc import Callable
from pathlib import Path

import pytest

from support import Sts, write_env
from support.sts_gate import Gate
from support.terminals import Rendered, Terminal

Open = Callable[[str], Terminal]
VALUES = {
    "TICKS": "a`id`b",
    "RUNS": "`touch$IFS./hacked`",
    "DOLLAR": "p$w",
    "QUOTE": 'say "hi"',
    "BRACES": "{a,b}",
    "LETTER": "Zoë",
}
PLAIN = {"PLAIN": "it's\\b;c|d&e(f)!*?~#", "line": "1", "value": "2"}


@pytest.fixture
def full(rendered: Rendered, sts: Sts, gate: Gate) -> Rendered:
    """Put every value into the project's `.env`."""
    from dotenv import set_key

    write_env(rendered.root, sts.env_file(AWS_ENDPOINT_URL=gate.url))
    for name, value in (VALUES | PLAIN).items():
        set_key(rendered.root / ".env", name, value)
    with (rendered.root / ".env").open("a") as file:
        file.write('LINES2="a\nb"\n')
    return rendered


def test_cd_when_direnv_cannot_quote_a_value_then_tcsh_gets_the_rest_and_its_name(
    full: Rendered, open_terminal: Open
) -> None:
    """Nothing of a value is run, the role loads, and each value that is kept back is named."""
    terminal = open_terminal("tcsh")
    terminal.child.sendline(f"cd '{full.root}'")
    said = terminal.run("true") + terminal.run("true")
    assert terminal.value("ROLECALL_ROLE") == "dev"
    for name, value in PLAIN.items():
        assert terminal.value(name) == value
    for name in (*VALUES, "LINES2"):
        assert terminal.value(name) == ""
        assert f"{name} in .env is not set: direnv cannot quote its value for tcsh" in said
    assert not (full.root / "hacked").exists()


def test_cd_when_the_shell_is_another_then_it_gets_every_value(full: Rendered, open_terminal: Open) -> None:
    """A bash inside the tcsh is bash."""
    terminal = open_terminal("tcsh")
    terminal.nest("bash")
    terminal.run(f"cd '{full.root}'")
    for name, value in (VALUES | PLAIN).items():
        assert terminal.value(name) == value
    assert not (full.root / "hacked").exists()


def test_cd_when_direnvs_command_line_cannot_be_read_then_ps_is_asked(tmp_path: Path) -> None:
    """Without /proc (macOS): the fragment's own function, told by ps."""
    import subprocess

    fragments = Path(__file__).resolve().parents[2] / "envrc.d"
    text = (fragments / "21-project.cold.sh").read_text()
    script = tmp_path / "script"
    asked = "_rolecall_is_refused A '`id`' && echo kept || echo given"
    found = "_rolecall_say() { :; }; _rolecall_env=('A=`id`'); _rolecall_find_picky ps"
    script.write_text(f"{text}\n{found}\n{asked}\n")
    for shell, told in (("tcsh", "kept"), ("bash", "given")):
        words = ["bash", "-c", 'bash "$1"; true', "direnv", str(script), "export", shell]
        done = subprocess.run(words, capture_output=True, text=True, check=True)
        assert done.stdout == f"{told}\n"
