"""`lock`: no session is left, and none comes back until a person assumes a role by hand."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from support import ROLES_TOML
from support.sts_gate import Gate
from support.terminals import PATIENCE_SECONDS, Rendered, Terminal

ROLES = ROLES_TOML.replace('duration = "1h"', "read_only = true") + "protected = true\n"
SHELLS = ("bash", "zsh", "fish")
ENDPOINT = """
from pathlib import Path
from rolecall.services.endpoint import server
answer = server.credentials(Path.cwd(), "dev")
print(answer.status, answer.document)
"""
SDK = "import rolecall; print(rolecall.session('dev'))"
SOURCE = "from rolecall import sdk; print(sdk.source_session())"
Make = Callable[..., Rendered]
Open = Callable[[str], Terminal]


def test_lock_when_terminals_are_open_then_each_is_blank_at_its_next_prompt(
    rendered: Rendered, open_terminal: Open, gate: Gate
) -> None:
    """No `cd`, no other terminal and no editor gets a role again, until one person assumes it by hand."""
    terminals = [open_terminal(shell) for shell in SHELLS]
    for terminal in terminals:
        terminal.run(f"cd '{rendered.root}'")
        assert terminal.value("ROLECALL_ROLE") == "dev"
    said = terminals[0].run("invoke lock")
    assert "is locked; 1 session removed" in said
    assert "a program that runs keeps what it was given, until" in said
    assert not list(rendered.folder.rglob("*.env"))
    for terminal in terminals:
        terminal.run("true")
        blank = [terminal.value(name) for name in ("ROLECALL_ROLE", "AWS_SESSION_TOKEN", "ROLECALL_RENEW_AT")]
        assert blank == ["", "", ""]
        terminal.run("cd /")
        assert "is locked; no role is loaded" in terminal.run(f"cd '{rendered.root}'") + terminal.run("true")
        assert terminal.value("AWS_SESSION_TOKEN") == ""
    loaded = rendered.cd()
    assert "AWS_SESSION_TOKEN" not in loaded.exports
    assert loaded.lines == [
        f"rolecall: {rendered.root} is locked; no role is loaded until you assume one (try: invoke assume)"
    ]
    assert gate.assumed == 1
    terminals[1].run("invoke assume --role dev")
    for terminal in terminals:
        terminal.run("true")
        assert terminal.value("ROLECALL_ROLE") == "dev"
    assert gate.assumed == 2


DOORS = (
    ("-m", "rolecall", "credential-process", "dev"),
    ("-m", "rolecall", "assume"),
    ("-m", "rolecall", "renew", "dev"),
    ("-m", "invoke", "assume"),
    ("-m", "invoke", "assume", "--format", "env"),
    ("-m", "invoke", "exec", "--", "true"),
    ("-m", "invoke", "exec", "--serve", "--", "true"),
    ("-m", "invoke", "serve"),
    ("-c", ENDPOINT),
    ("-c", SDK),
    ("-c", SOURCE),
)


def test_lock_when_a_program_asks_then_it_is_told_so_and_what_helps(rendered: Rendered, gate: Gate) -> None:
    """Each door says the same, and none asks STS."""
    rendered.cd()
    assert run(rendered.root, "-m", "invoke", "lock").returncode == 0
    for words in DOORS:
        done = run(rendered.root, *words)
        out = done.stdout + done.stderr
        says = "is locked: there is no session in it until a person assumes a role by hand"
        assert says in out, words
        assert "assume" in done.stderr.rpartition("by hand")[2] + done.stdout.rpartition("by hand")[2], words
        assert done.returncode == (0 if words[-1] == ENDPOINT else 1 if words[0] == "-c" else 4), words
        assert gate.assumed == 1, words
        assert not list(rendered.folder.rglob("*.env")), words


def test_lock_when_roles_are_held_and_elevated_then_they_are_gone_for_good(
    make_rendered: Make, tmp_path: Path, open_terminal: Open
) -> None:
    """What a person typed for one terminal, or gave to programs, does not come back with the rest."""
    rendered = make_rendered(tmp_path / "shop", roles=ROLES)
    terminal = open_terminal("bash")
    terminal.run(f"cd '{rendered.root}'")
    for flags, name in (("--role prod --for-programs", "prod"), ("--role dev --elevate 15m", "dev")):
        terminal.confirm(f"invoke assume {flags}", "Type its name to", name)
    assert len(list(rendered.folder.rglob("*.env"))) == 4
    assert "4 sessions removed" in terminal.run("invoke lock")
    assert not list(rendered.folder.rglob("*.env"))
    terminal.run("invoke assume --role dev")
    assert terminal.value("ROLECALL_ROLE") == "dev"
    assert "read-only" in terminal.run("invoke status")
    assert "by hand only" in terminal.run(f"{sys.executable} -m rolecall credential-process prod")


def test_lock_when_all_are_locked_then_one_that_is_unlocked_leaves_the_others(
    make_rendered: Make, tmp_path: Path, open_terminal: Open, home: Path
) -> None:
    """Also one that was never entered, and what a program without a runtime folder has left."""
    shop, other, third = (make_rendered(tmp_path / name) for name in ("shop", "other", "third"))
    terminal = open_terminal("bash")
    for rendered in (shop, other):
        terminal.run(f"cd '{rendered.root}'")
        assert terminal.value("ROLECALL_ROLE") == "dev"
    without = {name: value for name, value in os.environ.items() if name != "XDG_RUNTIME_DIR"}
    words = [sys.executable, "-m", "rolecall", "credential-process", "dev", str(shop.root)]
    subprocess.run(words, env=without, check=True, capture_output=True)
    cached = home / ".cache/rolecall"
    assert list(cached.rglob("dev.env"))
    assert "every project is locked; 3 sessions removed" in terminal.run(
        "cd / && invoke -r '" + str(shop.root) + "' lock --all"
    )
    assert not [path for rendered in (shop, other) for path in rendered.folder.rglob("*.env")]
    assert not list(cached.rglob("*.env"))
    for rendered in (shop, other, third):
        assert "AWS_SESSION_TOKEN" not in rendered.cd().exports
    terminal.run(f"cd '{shop.root}'")
    terminal.run("invoke assume --role dev")
    assert terminal.value("ROLECALL_ROLE") == "dev"
    assert shop.cd().exports["ROLECALL_ROLE"] == "dev"
    for rendered in (other, third):
        assert "AWS_SESSION_TOKEN" not in rendered.cd().exports
    terminal.run("invoke lock --all")
    assert "AWS_SESSION_TOKEN" not in shop.cd().exports


def test_lock_when_a_session_is_just_being_fetched_then_it_is_not_kept(
    rendered: Rendered, gate: Gate
) -> None:
    """Whoever was at STS finds the mark when it comes back."""
    gate.mode = "hang"
    words = [sys.executable, "-m", "rolecall", "credential-process", "dev"]
    fetching = subprocess.Popen(
        words, cwd=rendered.root, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert gate.arrived.wait(PATIENCE_SECONDS)
    assert run(rendered.root, "-m", "invoke", "lock").returncode == 0
    gate.released.set()
    out, said = fetching.communicate(timeout=PATIENCE_SECONDS)
    assert (fetching.returncode, out) == (4, "")
    assert "is locked" in said
    assert not list(rendered.folder.rglob("*.env"))


def test_lock_when_roles_toml_is_broken_then_locks_all_the_same(rendered: Rendered) -> None:
    """Whoever locks in a hurry need not mend a file first."""
    rendered.cd()
    (rendered.root / "envrc.d/roles.toml").write_text("[roles")
    done = run(rendered.root, "-m", "invoke", "lock")
    assert done.returncode == 0, done.stderr
    assert not list(rendered.folder.rglob("*.env"))
    assert "is locked; 1 session removed" in done.stderr


def test_lock_when_the_mark_cannot_be_written_then_the_sessions_are_removed_all_the_same(
    rendered: Rendered, home: Path
) -> None:
    """It is an error, as the next `cd` takes the role again; what was on disk is gone."""
    rendered.cd()
    state = home / ".local/state/rolecall"
    for path in sorted(state.rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    state.rmdir()
    state.write_text("")
    done = run(rendered.root, "-m", "invoke", "lock")
    assert done.returncode == 1
    assert f"cannot write {state}" in done.stderr
    assert not list(rendered.folder.rglob("*.env"))


def run(root: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    """Run Python in the project, without a terminal."""
    return subprocess.run(
        [sys.executable, *words],
        cwd=root,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        start_new_session=True,
        check=False,
    )
