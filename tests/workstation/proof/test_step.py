"""The proof, in real shells on real terminals, with real direnv and a real STS on loopback."""

import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from rolecall.errors import MachineError
from rolecall.workstation import templates
from rolecall.workstation.proof import pty_shell
from rolecall.workstation.proof import step as proof
from rolecall.workstation.proof.judge import Row, judged
from rolecall.workstation.shells import step as shells
from rolecall.workstation.steps.step import Context, State
from support import ROLES_TOML, Sts, write_env

BEFORE = {"role": "", "names": [], "path": ["/usr/bin"]}
ARN = "arn:aws:sts::111122223333:assumed-role/dev/someone@shop"
INSIDE = {
    "role": "dev",
    "names": ["AWS_ACCESS_KEY_ID", "AWS_REGION", "ROLECALL_ROLE"],
    "path": ["/usr/bin"],
    "arn": ARN,
}


@pytest.fixture
def wired(tmp_path: Path, sts: Sts, monkeypatch: pytest.MonkeyPatch) -> Context:
    """Make a project as setup leaves it: rendered, approved, and every shell wired."""
    root = tmp_path / "Zoë's shop"
    (root / "envrc.d").mkdir(parents=True)
    (root / "envrc.d/roles.toml").write_text(ROLES_TOML)
    (root / "tasks.py").write_text("from rolecall.tasks import namespace\n")
    (root / ".venv").symlink_to(sys.prefix)
    write_env(root, sts.env_file())
    (root / ".envrc").write_text(templates.envrc(root))
    subprocess.run(["direnv", "allow", str(root / ".envrc")], check=True, capture_output=True)
    monkeypatch.setenv("SHELL", shutil.which("bash") or "bash")
    context = Context(root)
    for step in shells.wiring(context):
        step.apply(context)
    return context


def by_shell(rows: tuple[Row, ...]) -> dict[str, Row]:
    return {row.shell: row for row in rows}


def test_proof_in_wired_shells_sees_the_role_come_and_go(wired: Context, home: Path) -> None:
    """bash, zsh and fish each enter, are the role at STS, have .venv first, leave, and have nothing."""
    before = sorted(path for path in home.rglob("*") if "rolecall" not in str(path))
    rows = proof.prove(wired)
    assert [(row.shell, row.problem) for row in rows] == [("bash", ""), ("zsh", ""), ("fish", "")]
    assert {row.role for row in rows} == {"dev"}
    assert all(":assumed-role/dev/" in row.identity for row in rows)
    assert all(row.has_venv and row.is_clean_after for row in rows)
    assert sorted(path for path in home.rglob("*") if "rolecall" not in str(path)) == before


def test_proof_applied_once_is_done_until_the_envrc_changes(wired: Context) -> None:
    """A second setup need not start shells again; a newly rendered .envrc must be proved anew."""
    step = proof.step()
    assert step.check(wired).state is State.CHANGE
    step.apply(wired)
    assert step.check(wired).state is State.DONE
    assert set(by_shell(proof.rows(wired))) == {"bash", "zsh", "fish"}
    with (wired.root / ".envrc").open("a") as file:
        file.write("# changed\n")
    assert step.check(wired).state is State.CHANGE


def test_proof_with_a_denied_envrc_names_the_shell_and_what_is_missing(wired: Context) -> None:
    """The reason says which shell, which assertion, and what that shell shows."""
    subprocess.run(["direnv", "deny", str(wired.root / ".envrc")], check=True, capture_output=True)
    with pytest.raises(MachineError, match=r"bash: ROLECALL_ROLE is not set.*is blocked"):
        proof.step().apply(wired)


def test_proof_without_a_hook_in_one_shell_says_so(wired: Context, home: Path) -> None:
    """Only the shell that was not wired fails."""
    (home / ".zshrc").write_text("# nothing\n")
    rows = by_shell(proof.prove(wired))
    assert "hook did not load" in rows["zsh"].problem
    assert rows["bash"].is_ok
    assert rows["fish"].is_ok


def test_proof_with_an_rc_file_that_ends_the_shell_gives_a_reason(wired: Context, home: Path) -> None:
    """A shell that ends at its start does not hold up the others."""
    (home / ".bashrc").write_text("echo good-bye\nexit 3\n")
    rows = by_shell(proof.prove(wired))
    assert "did not come to a prompt" in rows["bash"].problem
    assert "good-bye" in rows["bash"].problem
    assert rows["zsh"].is_ok


def test_proof_from_a_shell_that_holds_a_role_starts_clean(wired: Context, sts: Sts) -> None:
    """What this shell holds is not what the fresh one sees: neither role nor keys nor .venv leak in."""
    held = {
        **os.environ,
        "AWS_ACCESS_KEY_ID": "held",
        "AWS_SESSION_TOKEN": "held",
        "ROLECALL_ROLE": "prod",
        "AWS_PROFILE": "other",
        "PATH": f"{wired.root}/.venv/bin:{os.environ['PATH']}",
    }
    rows = proof.prove(replace(wired, environ=held))
    assert [row.problem for row in rows] == ["", "", ""]
    assert {row.role for row in rows} == {"dev"}


def test_proof_leaves_nothing_in_the_persons_history(wired: Context, home: Path) -> None:
    """Also where a shell writes each line as it is typed: bash with `history -a`, zsh with SHARE_HISTORY."""
    histories = {"bash": home / ".bash_history", "zsh": home / ".zsh_history"}
    for path in histories.values():
        path.write_text("ls\n")
    bash, zsh = home / ".bashrc", home / ".zshrc"
    bash.write_text(
        f"shopt -s histappend\nHISTCONTROL= HISTFILE={histories['bash']}\nPROMPT_COMMAND='history -a'\n"
        + bash.read_text()
    )
    zsh.write_text(
        f"HISTFILE={histories['zsh']} HISTSIZE=99 SAVEHIST=99\nsetopt SHARE_HISTORY\n" + zsh.read_text()
    )
    rows = by_shell(proof.prove(wired))
    assert rows["bash"].is_ok
    assert rows["zsh"].is_ok
    assert {path.read_text() for path in histories.values()} == {"ls\n"}


@pytest.mark.parametrize(
    ("inside", "after", "reason"),
    [
        ({"role": ""}, BEFORE, "ROLECALL_ROLE is not set"),
        ({"names": ["ROLECALL_ROLE"]}, BEFORE, "no credentials"),
        ({"problem": "InvalidClientTokenId"}, BEFORE, "STS does not accept them: InvalidClientTokenId"),
        ({"arn": "arn:aws:iam::111122223333:user/me"}, BEFORE, "user/me"),
        ({}, None, "no prompt after leaving"),
        ({}, {**BEFORE, "names": ["AWS_REGION"]}, "still has AWS_REGION"),
    ],
    ids=["no-role", "no-keys", "refused", "not-a-role", "hangs", "left-over"],
)
def test_judged_with_one_thing_wrong_names_it(
    inside: dict[str, str], after: dict[str, list[str]] | None, reason: str
) -> None:
    """Each assertion has its own reason."""
    row = judged("bash", Path("/nowhere"), BEFORE, {**INSIDE, **inside}, after, shown="")
    assert reason in row.problem


def test_judged_with_all_right_is_ok() -> None:
    """No reason, and the row says who and where."""
    assert judged("zsh", Path("/nowhere"), BEFORE, INSIDE, BEFORE, shown="") == Row(
        "zsh", "dev", ARN, True, True
    )


def test_ptyshell_after_the_block_leaves_no_process(tmp_path: Path) -> None:
    """A shell and what it started are gone when the block ends, also where they ignore hangups."""
    pid_file = tmp_path / "pid"
    with pty_shell.opened(["bash", "--norc", "-i"], environ=dict(os.environ), folder=tmp_path) as shell:
        shell.type("trap '' HUP TERM; echo $$ > pid")
        assert shell.wait(lambda: pid_file.exists() and pid_file.read_text().strip() != "", seconds=20)
        pid = int(pid_file.read_text())
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_ptyshell_shown_hides_key_ids_and_colours(tmp_path: Path) -> None:
    """The excerpt of the screen that a reason carries has no whole key id and no escape codes."""
    with pty_shell.opened(["bash", "--norc", "-i"], environ=dict(os.environ), folder=tmp_path) as shell:
        shell.type(r"printf '\033[31mkey %s%s\n' ASIA ABCDEFGHIJKLMNOP; touch done")
        assert shell.wait((tmp_path / "done").exists, seconds=20)
        shell.wait(lambda: "MNOP" in shell.shown, seconds=20)
        assert "key ASIA…MNOP" in shell.shown
        assert "\x1b" not in shell.shown
