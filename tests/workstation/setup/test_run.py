"""Setup as a whole: run, run again, interrupted anywhere, taken back to the byte."""

import errno
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from rolecall.workstation.envfile import account
from rolecall.workstation.envrc import allow
from rolecall.workstation.setup import table, teardown
from rolecall.workstation.steps import engine
from rolecall.workstation.steps.engine import Kind
from rolecall.workstation.steps.journal import Journal
from support import forked, killed_setup, outside_git
from support.invoked import invoke

BIN = Path(sys.executable).parent
RC = b"# latin-1: J\xf6rg\nalias x='y'\n\nlast line without an end"
MINE = "# mine\nAWS_PROFILE=work\nTEAM=blue\n"


@pytest.fixture
def shop(tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make a project in a git work tree, and a home with rc files of strange content."""
    monkeypatch.setenv("SHELL", "/bin/bash")
    monkeypatch.setenv("PATH", f"{BIN}{os.pathsep}{os.environ['PATH']}")
    (home / ".bashrc").write_bytes(RC)
    (home / ".config/fish").mkdir(parents=True)
    (home / ".config/fish/config.fish").write_text("set -g fish_greeting\n")
    root = tmp_path / "a 'shop'"
    root.mkdir()
    subprocess.run(["git", "init", "-q", root], check=True)
    (root / "tasks.py").write_text("from rolecall.tasks import namespace\n")
    outside_git.link_venv(root)
    (root / ".env").write_text(MINE)
    (root / ".env").chmod(0o600)
    return root


def contents(*folders: Path) -> dict[str, bytes | str]:
    """Return every file, link and folder below `folders`, with what is in it."""
    found: dict[str, bytes | str] = {}
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            if any(f"/{name}" in str(path) for name in ("run/", ".venv/", "__pycache__")):
                continue
            if path.is_symlink():
                found[str(path)] = f"link to {path.readlink()}"
            else:
                found[str(path)] = path.read_bytes() if path.is_file() else "folder"
    return found


def times(*folders: Path) -> dict[str, float]:
    return {
        str(path): path.stat().st_mtime
        for folder in folders
        for path in sorted(folder.rglob("*"))
        if path.is_file() and "/.venv/" not in str(path)
    }


def test_setup_when_run_on_the_sandbox_then_teardown_leaves_the_machine_of_before(
    shop: Path, home: Path
) -> None:
    """Plan 2, setup 0, plan 0, again without a change, doctor content; teardown leaves the old machine."""
    (home / ".aws").mkdir()
    (home / ".aws/config").write_bytes(b"[profile work]\r\nregion = eu-west-1")
    before = contents(home, shop)
    plan = invoke(shop, "setup", "--sandbox", "--profiles", "--plan", "--json")
    assert plan.returncode == 2
    assert json.loads(plan.stdout)["exit_code"] == 2
    assert contents(home, shop) == before
    try:
        first = invoke(shop, "setup", "--sandbox", "--profiles", "--yes")
        assert first.returncode == 0, first.stderr
        assert "next:" in first.stderr
        assert b"credential-process" in (home / ".aws/config").read_bytes()
        assert invoke(shop, "setup", "--sandbox", "--plan").returncode == 0
        was = times(home, shop)
        again = invoke(shop, "setup", "--sandbox", "--yes")
        assert "already right" in again.stderr
        assert "is new" not in again.stderr
        assert len(again.stderr.splitlines()) < 6
        assert times(home, shop) == was
        inside = ["direnv", "exec", str(shop), sys.executable, "-m", "invoke", "doctor", "--json"]
        doctor = subprocess.run(inside, cwd=shop, capture_output=True, text=True, check=False)
        wrong = [row for row in json.loads(doctor.stdout)["checks"] if row["level"] == "problem"]
        assert wrong == []
        assert doctor.returncode == 0
        secret = account.values_of((shop / ".env").read_text())["AWS_SECRET_ACCESS_KEY"]
        assert secret not in first.stdout + first.stderr + again.stderr + doctor.stdout
    finally:
        down = invoke(shop, "teardown", "--yes")
    assert down.returncode == 0, down.stderr
    assert "  this machine is as it was before\n" in down.stderr
    assert contents(home, shop) == before


def test_setup_when_nobody_can_answer_on_the_sandbox_then_approves_the_first_envrc_only(shop: Path) -> None:
    """README's one command ends with 0 in a script too; a change after it is not approved unseen."""
    (shop / ".env").unlink()
    first = invoke(shop, "setup", "--sandbox")
    assert first.returncode == 0, first.stderr
    assert "is approved as rolecall rendered it" in first.stderr
    (shop / "envrc.d/60-mine.sh").write_text("# shellcheck shell=bash\nexport MINE=1\n")
    second = invoke(shop, "setup", "--sandbox")
    assert second.returncode == 2
    assert "--yes" in second.stderr
    with (shop / ".envrc").open("a") as envrc:
        envrc.write("# mine\n")
    down = invoke(shop, "teardown", "--yes")
    assert down.returncode == 0
    assert "  this machine is as it was before, but for what was kept\n" in down.stderr


def test_setup_when_envrc_was_denied_then_does_not_approve_it_unasked(shop: Path, home: Path) -> None:
    """A denial (written by direnv 2.33 and later) is the person's word: it takes a person, or --yes."""
    (shop / ".env").unlink()
    denial = allow.deny_file(shop / ".envrc", os.environ)
    denial.parent.mkdir(parents=True)
    denial.write_text(f"{shop / '.envrc'}\n")
    done = invoke(shop, "setup", "--sandbox")
    assert done.returncode == 2
    assert "--yes" in done.stderr
    assert invoke(shop, "teardown", "--yes").returncode == 0


# The journal is added to, never replaced, so no rename tells of it: the kernel kills at each call about it.
AT_THE_JOURNAL = [(call, count) for call in ("openat", "write", "fsync", "close") for count in (1, 4)]


@pytest.mark.parametrize(("call", "count"), AT_THE_JOURNAL)
def test_setup_when_killed_at_the_journal_then_goes_on_and_can_be_taken_back(
    shop: Path, home: Path, tmp_path: Path, call: str, count: int
) -> None:
    """A record that is there, cut short or missing: teardown finds the machine of before.

    Killed before the first record, nothing says that the journal's own folders are new: they stay.
    """
    before = contents(home, shop)
    journal = Journal(shop, os.environ)
    inject = ["-e", f"trace={call}", "-e", f"inject={call}:signal=KILL:when={count}", "-P", str(journal.path)]
    words = [sys.executable, "-m", "support.killed_setup", str(shop), "KILL", "--whole"]
    run = subprocess.run(
        ["strace", "-f", "-qq", "-o", str(tmp_path / "log"), *inject, *words],
        env={**os.environ, "PYTHONPATH": str(forked.TESTS)},
        capture_output=True,
        check=False,
    )
    assert run.returncode == -signal.SIGKILL, run.stderr
    has_record = journal.path.exists() and journal.path.stat().st_size > 0
    context = killed_setup.context(shop)
    engine.apply(killed_setup.steps(context), context, journal)
    again = engine.apply(killed_setup.steps(context), context, journal)
    assert {outcome.kind for outcome in again} == {Kind.ALREADY}
    teardown.run(
        table.undoing(context, sandbox=killed_setup.SANDBOX), context, on_end=lambda _step, _line: None
    )
    left = contents(home, shop)
    own = {str(folder): "folder" for folder in journal.folder.parents} if not has_record else {}
    assert {path: left[path] for path in left if path not in own} == before


@pytest.mark.parametrize("call", ["fsync", "rename"])
def test_render_when_the_kernel_refuses_then_says_why_and_the_old_one_stays(
    shop: Path, home: Path, tmp_path: Path, call: str
) -> None:
    """At the first file that it would write, for each reason in turn; the run after them is right."""
    assert invoke(shop, "render", "--yes").returncode == 0
    old = (shop / ".envrc").read_bytes()
    (shop / "envrc.d").mkdir(exist_ok=True)
    (shop / "envrc.d/60-own.sh").write_text("export OWN=1\n")
    words = [sys.executable, "-m", "invoke", "render", "--yes"]
    before = contents(home, shop)
    for error in ("ENOSPC", "EACCES", "EROFS", "EDQUOT"):
        inject = ["-e", f"trace={call}", "-e", f"inject={call}:error={error}:when=1"]
        done = subprocess.run(
            ["strace", "-f", "-qq", "-o", str(tmp_path / "log"), *inject, *words],
            cwd=shop,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 1, done.stderr
        assert f"cannot write {home}" in done.stderr or f"cannot write {shop}" in done.stderr
        assert os.strerror(getattr(errno, error)) in done.stderr
        assert "a bug" not in done.stderr
        assert (shop / ".envrc").read_bytes() == old
        assert contents(home, shop) == before, error
    assert invoke(shop, "render", "--yes").returncode == 0
    assert b"export OWN=1" in (shop / ".envrc").read_bytes()


def test_render_when_no_more_files_can_be_opened_then_the_old_one_stays(shop: Path, home: Path) -> None:
    """EMFILE for real, by the limit."""
    assert invoke(shop, "render", "--yes").returncode == 0
    (shop / "envrc.d").mkdir(exist_ok=True)
    (shop / "envrc.d/60-own.sh").write_text("export OWN=1\n")
    old = (shop / ".envrc").read_bytes()
    words = [sys.executable, "-m", "invoke", "render", "--yes"]
    for descriptors in (5, 6, 8, 10):
        limited = ["sh", "-c", f'ulimit -n {descriptors}; exec "$@"', "sh", *words]
        done = subprocess.run(
            limited, cwd=shop, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
        )
        assert done.returncode in {0, 1}, done.stderr
        assert "a bug" not in done.stderr
        text = (shop / ".envrc").read_bytes()
        assert text == old or (b"export OWN=1" in text and done.returncode == 0), descriptors
    assert invoke(shop, "render", "--yes").returncode == 0
    assert b"export OWN=1" in (shop / ".envrc").read_bytes()


def goes_on(root: Path) -> None:
    """Finish setup, see that nothing is left to do, and take it all back."""
    context = killed_setup.context(root)
    journal = Journal(root, os.environ)
    assert engine.apply(killed_setup.steps(context), context, journal)
    again = engine.apply(killed_setup.steps(context), context, journal)
    assert {outcome.kind for outcome in again} == {Kind.ALREADY}
    assert "AWS_PROFILE=work" in (root / ".env.account").read_text()
    steps = table.undoing(context, sandbox=killed_setup.SANDBOX)
    teardown.run(steps, context, on_end=lambda _step, _line: None)


@pytest.mark.parametrize("number", ["KILL", "INT"])
def test_setup_when_interrupted_at_any_write_then_goes_on_and_can_be_taken_back(
    shop: Path, home: Path, number: str
) -> None:
    """However far it came, the second run finishes, and teardown finds the machine of before."""
    before = contents(home, shop)
    deaths = 0
    with forked.started("killed_setup", str(shop), number) as setups:
        for point in range(1, 60, 1 if number == "KILL" else 4):
            code = setups.run(point)
            goes_on(shop)
            assert contents(home, shop) == before, f"after a kill at write {point}"
            if code == 0:
                break
            assert code in (-signal.Signals[f"SIG{number}"], 1)
            deaths += 1
    assert deaths >= (8 if number == "KILL" else 3)
