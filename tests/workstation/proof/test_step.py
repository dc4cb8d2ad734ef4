"""The proof, in real shells on real terminals, with real direnv and a real STS on loopback."""

import os
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from rolecall.errors import CredentialError, MachineError
from rolecall.workstation.envfile import edit
from rolecall.workstation.proof import step as proof
from rolecall.workstation.proof.judge import Row
from rolecall.workstation.shells import step as shells
from rolecall.workstation.steps.step import Context, State
from support import ROLES_TOML, Sts, outside_git, write_env
from support.fake_aws import FakeAws, refusal


@pytest.fixture
def wired(tmp_path: Path, sts: Sts, monkeypatch: pytest.MonkeyPatch) -> Context:
    """Make a project as setup leaves it: rendered, approved, and every shell wired."""
    root = tmp_path / "Zoë's shop"
    (root / "envrc.d").mkdir(parents=True)
    (root / "envrc.d/roles.toml").write_text(ROLES_TOML)
    (root / "tasks.py").write_text("from rolecall.tasks import namespace\n")
    outside_git.make_venv(root)
    write_env(root, sts.env_file())
    (root / ".envrc").write_text(outside_git.envrc(root))
    subprocess.run(["direnv", "allow", str(root / ".envrc")], check=True, capture_output=True)
    monkeypatch.setenv("SHELL", shutil.which("bash") or "bash")
    context = Context(root)
    for step in shells.wiring(context):
        step.apply(context)
    return context


def by_shell(rows: tuple[Row, ...]) -> dict[str, Row]:
    return {row.shell: row for row in rows}


def test_proof_when_shells_are_wired_then_sees_the_role_come_and_go(wired: Context, home: Path) -> None:
    """bash, zsh and fish each enter, are the role at STS, have .venv first, leave, and have nothing."""
    before = sorted(path for path in home.rglob("*") if "rolecall" not in str(path))
    rows = proof.prove(wired)
    assert [(row.shell, row.problem) for row in rows] == [("bash", ""), ("zsh", ""), ("fish", "")]
    assert {row.role for row in rows} == {"dev"}
    assert all(":assumed-role/dev/" in row.identity for row in rows)
    assert all(row.has_venv and row.is_clean_after for row in rows)
    assert sorted(path for path in home.rglob("*") if "rolecall" not in str(path)) == before


def test_proof_when_applied_once_then_is_done_until_envrc_changes(wired: Context) -> None:
    """A second setup need not start shells again; a newly rendered .envrc must be proved anew."""
    step = proof.step()
    assert step.check(wired).state is State.CHANGE
    step.apply(wired)
    assert step.check(wired).state is State.DONE
    assert set(by_shell(proof.rows(wired))) == {"bash", "zsh", "fish"}
    with (wired.root / ".envrc").open("a") as file:
        file.write("# changed\n")
    assert step.check(wired).state is State.CHANGE


@pytest.mark.parametrize("name", ["AWS_SECRET_ACCESS_KEY", "AWS_ACCESS_KEY_ID"])
def test_proof_when_the_identity_changes_then_is_proved_anew(wired: Context, sts: Sts, name: str) -> None:
    """What was seen with another key, or another secret of the same key, proves nothing."""
    step = proof.step()
    step.apply(wired)
    assert step.check(wired).state is State.DONE
    write_env(wired.root, sts.env_file(**{name: "AKIACHANGEDCHANGED01"}))
    assert step.check(wired).state is State.CHANGE


def test_proof_when_the_secret_is_wrong_then_says_so_although_a_session_is_there(wired: Context) -> None:
    """A session of before would hide it from the shells for an hour."""
    proof.step().apply(wired)
    with FakeAws() as aws:
        aws.queue("GetCallerIdentity", refusal("SignatureDoesNotMatch", "does not match", status=403))
        path = wired.root / ".env"
        write_env(wired.root, edit.change(path.read_text(), {"AWS_ENDPOINT_URL": aws.url}))
        with pytest.raises(CredentialError) as caught:
            proof.step().apply(wired)
    assert (caught.value.code, caught.value.hint) == ("secret-wrong", "invoke setup --ask")


def test_proof_when_the_role_is_denied_then_it_is_the_role_and_not_the_hook(wired: Context) -> None:
    """Rolecall's own line, from its beginning, with the hint that belongs to it."""
    with FakeAws() as aws:
        says = f"User: {aws.user_arn} is not authorized to perform: sts:AssumeRole"
        aws.queue("AssumeRole", *[refusal("AccessDenied", says, status=403)] * 9)
        path = wired.root / ".env"
        write_env(wired.root, edit.change(path.read_text(), {"AWS_ENDPOINT_URL": aws.url}))
        rows = by_shell(proof.prove(wired))
        with pytest.raises(CredentialError) as caught:
            proof.step().apply(wired)
    assert rows["bash"].problem.startswith("it has no role; it shows: rolecall: role dev: ")
    assert caught.value.code == "trust-denied"
    assert "hook" not in caught.value.message + rows["bash"].problem


def test_proof_when_envrc_is_denied_then_names_the_shell_and_what_is_missing(wired: Context) -> None:
    """The reason says which shells, which assertion, and what they show, once for all."""
    subprocess.run(["direnv", "deny", str(wired.root / ".envrc")], check=True, capture_output=True)
    with pytest.raises(
        MachineError, match=r"bash, zsh, fish: ROLECALL_ROLE is not set.*is blocked"
    ) as caught:
        proof.step().apply(wired)
    assert (caught.value.message.count("is blocked"), " | " in caught.value.message) == (1, False)


def test_proof_when_one_shell_has_no_hook_then_only_that_one_fails(wired: Context, home: Path) -> None:
    """Only the shell that was not wired fails."""
    (home / ".zshrc").write_text("# nothing\n")
    rows = by_shell(proof.prove(wired))
    assert "hook did not load" in rows["zsh"].problem
    assert rows["bash"].is_ok
    assert rows["fish"].is_ok


def test_proof_when_an_rc_file_ends_the_shell_then_gives_a_reason(wired: Context, home: Path) -> None:
    """A shell that ends at its start does not hold up the others."""
    (home / ".bashrc").write_text("echo good-bye\nexit 3\n")
    rows = by_shell(proof.prove(wired))
    assert "did not come to a prompt" in rows["bash"].problem
    assert "good-bye" in rows["bash"].problem
    assert rows["zsh"].is_ok


def test_proof_when_this_shell_holds_a_role_then_fresh_shells_start_without_it(
    wired: Context, sts: Sts
) -> None:
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


def test_proof_when_shells_write_history_at_once_then_leaves_nothing_in_it(
    wired: Context, home: Path
) -> None:
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
