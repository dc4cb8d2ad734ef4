"""The step `env`: real account, sandbox, and back."""

import subprocess
from pathlib import Path

import pytest

from rolecall.errors import ConfigError, UsageError
from rolecall.system.disk import paths
from rolecall.workstation.envfile import account, edit
from rolecall.workstation.envfile import step as env_step
from rolecall.workstation.setup import run as setup_run
from rolecall.workstation.steps.journal import Journal
from rolecall.workstation.steps.step import Answers, Context, State

SANDBOX = {
    "AWS_ACCESS_KEY_ID": "AKIASANDBOX000000001",
    "AWS_SECRET_ACCESS_KEY": "sandbox-secret",
    "AWS_ENDPOINT_URL": "http://127.0.0.1:5000",
    "AWS_REGION": "eu-west-1",
}
MINE = """\
# mine
AWS_ACCESS_KEY_ID=AKIAMINE000000000001 # laptop
AWS_SECRET_ACCESS_KEY='my own secret'
AWS_SESSION_TOKEN=old-token
ROLE_ARN=arn:aws:iam::123456789012:role/mine
REGION_NAME=us-east-2
TEAM=blue
"""


def run(root: Path, *, sandbox: bool, **values: str) -> Context:
    """Apply the step as engine does, and return its context."""
    context = make(root, sandbox=sandbox, **values)
    step = env_step.step(lambda _: SANDBOX)
    if step.check(context).state is not State.DONE:
        step.apply(context)
    assert step.check(context).state is State.DONE
    return context


def make(root: Path, *, sandbox: bool = False, **values: str) -> Context:
    import os

    journal = Journal(root, os.environ)
    return Context(root, Answers(sandbox=sandbox, yes=True, values=values), journal=journal.append)


def read(root: Path) -> dict[str, str]:
    return account.values_of((root / ".env").read_text())


# The account and the sandbox


def test_apply_when_there_is_no_file_then_writes_a_private_one(tmp_path: Path) -> None:
    """A new `.env` holds the answers, 0600."""
    run(tmp_path, sandbox=False, AWS_PROFILE="work", ROLE_ARN="arn:aws:iam::123456789012:role/dev")
    assert read(tmp_path) == {"AWS_PROFILE": "work", "ROLE_ARN": "arn:aws:iam::123456789012:role/dev"}
    assert (tmp_path / ".env").stat().st_mode & 0o777 == 0o600


def test_apply_when_entering_the_sandbox_then_saves_the_account(tmp_path: Path) -> None:
    """The account's keys, token and role leave `.env`, whole, into a private `.env.account`."""
    (tmp_path / ".env").write_text(MINE)
    run(tmp_path, sandbox=True)
    expected = {name: value for name, value in SANDBOX.items() if name != "AWS_REGION"}
    assert read(tmp_path) == {**expected, "REGION_NAME": "us-east-2", "TEAM": "blue"}
    assert (tmp_path / ".env.account").read_text() == MINE
    assert (tmp_path / ".env.account").stat().st_mode & 0o777 == 0o600


def test_apply_when_leaving_the_sandbox_then_restores_every_byte(tmp_path: Path) -> None:
    """Trying the sandbox leaves nothing behind: `invoke setup` finds the old file."""
    (tmp_path / ".env").write_text(MINE)
    run(tmp_path, sandbox=True)
    run(tmp_path, sandbox=False)
    assert read(tmp_path) == account.values_of(MINE)
    assert (tmp_path / ".env").read_text().startswith(MINE)
    assert not (tmp_path / ".env.account").exists()


def test_apply_when_leaving_an_edited_sandbox_then_keeps_the_edit(tmp_path: Path) -> None:
    """A line added in the sandbox's time stays, and the account comes back."""
    (tmp_path / ".env").write_text(MINE)
    run(tmp_path, sandbox=True)
    with (tmp_path / ".env").open("a") as file:
        file.write("ADDED=later\n")
    run(tmp_path, sandbox=False)
    assert read(tmp_path) == {**account.values_of(MINE), "ADDED": "later"}


def test_apply_when_entering_the_sandbox_twice_then_saves_the_account_once(tmp_path: Path) -> None:
    """The sandbox's own values never become the account's."""
    (tmp_path / ".env").write_text(MINE)
    run(tmp_path, sandbox=True)
    run(tmp_path, sandbox=True)
    assert (tmp_path / ".env.account").read_text() == MINE


def test_apply_when_the_person_typed_other_keys_then_saves_both_accounts(tmp_path: Path) -> None:
    """Whoever replaced the sandbox's values by hand loses neither these nor the older ones."""
    (tmp_path / ".env").write_text(MINE)
    run(tmp_path, sandbox=True)
    (tmp_path / ".env").write_text("AWS_PROFILE=other\n")
    run(tmp_path, sandbox=True)
    assert (tmp_path / ".env.account").read_text() == "AWS_PROFILE=other\n"
    assert (tmp_path / ".env.account.2").read_text() == MINE


def test_apply_when_the_account_changes_then_removes_the_sessions(tmp_path: Path) -> None:
    """A session of the sandbox is never used against the real account, nor the other way round."""
    import os

    folder = paths.runtime_dir(paths.project_key(tmp_path), environ=os.environ)
    folder.mkdir(parents=True)
    (tmp_path / ".env").write_text(MINE)
    for is_sandbox in (True, False):
        (folder / "dev.env").write_text("ROLECALL_ROLE=dev\n")
        run(tmp_path, sandbox=is_sandbox)
        assert not (folder / "dev.env").exists()
    (folder / "dev.env").write_text("ROLECALL_ROLE=dev\n")
    run(tmp_path, sandbox=False, TEAM="red")
    assert (folder / "dev.env").exists()


def test_restore_when_there_is_no_sandbox_then_changes_nothing(tmp_path: Path) -> None:
    """`sandbox --stop` in a project on a real account leaves `.env` alone."""
    (tmp_path / ".env").write_text(MINE)
    assert account.restore(tmp_path) is False
    assert (tmp_path / ".env").read_text() == MINE


# A file that needs care


def test_check_when_others_can_read_the_file_then_would_change_it(tmp_path: Path) -> None:
    """0644 is a change to make, and apply makes it."""
    run(tmp_path, sandbox=False, AWS_PROFILE="work")
    (tmp_path / ".env").chmod(0o644)
    assert env_step.step(lambda _: None).check(make(tmp_path)).state is State.CHANGE
    run(tmp_path, sandbox=False)
    assert (tmp_path / ".env").stat().st_mode & 0o777 == 0o600


def test_apply_when_the_person_says_no_then_leaves_the_file(tmp_path: Path) -> None:
    """Nothing is written without a yes."""
    (tmp_path / ".env").write_text(MINE)
    shown: list[str] = []
    context = Context(tmp_path, Answers(sandbox=True), confirm=lambda _: False, show=shown.append)
    with pytest.raises(UsageError):
        env_step.step(lambda _: SANDBOX).apply(context)
    assert (tmp_path / ".env").read_text() == MINE
    assert not (tmp_path / ".env.account").exists()
    assert "my own secret" not in shown[0]
    assert "AKIAMINE" not in shown[0]


def test_apply_when_the_file_is_a_link_then_keeps_the_link(tmp_path: Path) -> None:
    """A `.env` that points elsewhere is written there."""
    elsewhere = tmp_path / "vault"
    elsewhere.write_text(MINE)
    root = tmp_path / "shop"
    root.mkdir()
    (root / ".env").symlink_to(elsewhere)
    run(root, sandbox=False, AWS_REGION="eu-west-1")
    assert (root / ".env").is_symlink()
    assert "eu-west-1" in elsewhere.read_text()


def test_apply_when_the_file_is_not_utf_8_then_refuses(tmp_path: Path) -> None:
    """Latin-1 is named, not guessed at."""
    (tmp_path / ".env").write_bytes(b"NAME=J\xf6rg\n")
    with pytest.raises(ConfigError):
        env_step.step(lambda _: None).apply(make(tmp_path))
    assert (tmp_path / ".env").read_bytes() == b"NAME=J\xf6rg\n"


# Undo


def test_undo_when_setup_made_the_file_then_removes_it(tmp_path: Path) -> None:
    """Neither `.env` nor `.env.account` stays."""
    context = run(tmp_path, sandbox=True)
    for record in reversed(Journal(tmp_path, context.environ).read()):
        if record.step == env_step.NAME:
            env_step.step(lambda _: None).undo(context, record)
    assert list(tmp_path.iterdir()) == []


def undo(context: Context) -> None:
    for record in reversed(Journal(context.root, context.environ).read()):
        if record.step == env_step.NAME:
            env_step.step(lambda _: None).undo(context, record)


def test_undo_when_setup_made_and_changed_the_file_then_removes_it(tmp_path: Path) -> None:
    """A second setup, into the sandbox and back, does not make it a person's."""
    run(tmp_path, sandbox=False, AWS_PROFILE="work")
    run(tmp_path, sandbox=True)
    run(tmp_path, sandbox=False, AWS_REGION="eu-west-1")
    undo(run(tmp_path, sandbox=True))
    assert list(tmp_path.iterdir()) == []


def test_undo_when_setup_changed_an_edited_file_then_keeps_it(tmp_path: Path) -> None:
    """What a person added stays, however often setup wrote the file afterwards."""
    run(tmp_path, sandbox=False, AWS_PROFILE="work")
    with (tmp_path / ".env").open("a") as file:
        file.write("MINE=1\n")
    run(tmp_path, sandbox=True)
    undo(run(tmp_path, sandbox=False, AWS_REGION="eu-west-1"))
    assert read(tmp_path)["MINE"] == "1"


def test_undo_when_in_the_sandbox_then_restores_the_account(tmp_path: Path) -> None:
    """What was there before the sandbox is there after it, to the byte."""
    (tmp_path / ".env").write_text(MINE)
    context = run(tmp_path, sandbox=True)
    record = Journal(tmp_path, context.environ).last(env_step.NAME)
    assert record is not None
    env_step.step(lambda _: None).undo(context, record)
    assert (tmp_path / ".env").read_text() == MINE
    assert not (tmp_path / ".env.account").exists()


@pytest.mark.parametrize(
    "text", ["DATABASE_URL=x", "# AWS_PROFILE=\nPORT=1\n", "AWS_PROFILE=old # home\r\nA=b\r\n", MINE, ""]
)
@pytest.mark.parametrize("mode", [0o644, 0o600, 0o640])
def test_undo_when_the_file_is_the_apps_then_every_byte_and_the_mode_are_as_before(
    tmp_path: Path, text: str, mode: int
) -> None:
    """However often setup wrote into it, over the sandbox too."""
    path = tmp_path / ".env"
    path.write_bytes(text.encode())
    path.chmod(mode)
    run(tmp_path, sandbox=False, AWS_PROFILE="work")
    assert path.stat().st_mode & 0o777 == 0o600
    run(tmp_path, sandbox=True)
    undo(run(tmp_path, sandbox=False, AWS_PROFILE="other", AWS_REGION="eu-west-1"))
    assert path.read_bytes() == text.encode()
    assert path.stat().st_mode & 0o777 == mode


def test_undo_when_the_apps_file_was_edited_since_then_takes_only_our_lines_out(tmp_path: Path) -> None:
    """The app's new setting stays, and what held a secret is not brought back from anywhere."""
    (tmp_path / ".env").write_text("AWS_SECRET_ACCESS_KEY=s3cret\nPORT=1")
    context = run(tmp_path, sandbox=False, AWS_PROFILE="work", AWS_SECRET_ACCESS_KEY="")
    with (tmp_path / ".env").open("a") as file:
        file.write("ADDED=2\n")
    undo(context)
    assert (tmp_path / ".env").read_text() == "# AWS_SECRET_ACCESS_KEY=\nPORT=1\nADDED=2\n"
    assert "s3cret" not in Journal(tmp_path, context.environ).path.read_text()


@pytest.mark.parametrize("is_sandbox", [False, True])
def test_apply_when_git_holds_the_file_then_refuses(tmp_path: Path, *, is_sandbox: bool) -> None:
    """A committed `.env` is the team's: nothing of a person's goes into it, and nothing of it is read."""
    (tmp_path / ".env").write_text("PORT=1\n")
    for words in (["init", "-q"], ["add", ".env"]):
        subprocess.run(["git", *words], cwd=tmp_path, check=True)
    with pytest.raises(ConfigError, match="came with git, so it is not read"):
        run(tmp_path, sandbox=is_sandbox, AWS_PROFILE="work")
    assert (tmp_path / ".env").read_text() == "PORT=1\n"


# Secrets, and a change of identity


def test_journal_when_the_account_changes_then_holds_no_secret(tmp_path: Path) -> None:
    """What is written to the state folder can be shown to anybody."""
    (tmp_path / ".env").write_text(MINE)
    context = run(tmp_path, sandbox=True)
    text = Journal(tmp_path, context.environ).path.read_text()
    assert not any(secret in text for secret in ("sandbox-secret", "my own secret", "AKIA", "old-token"))


def test_apply_when_a_profile_is_chosen_then_unsets_the_old_keys(tmp_path: Path) -> None:
    """An empty answer unsets: keys beside a profile would win over it."""
    (tmp_path / ".env").write_text(MINE)
    keys = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")
    run(tmp_path, sandbox=False, AWS_PROFILE="work", **dict.fromkeys(keys, ""))
    assert read(tmp_path)["AWS_PROFILE"] == "work"
    assert not set(keys) & set(read(tmp_path))


@pytest.mark.parametrize(("text", "stays"), [(None, True), ("TEAM=blue\n", True), (MINE, False)])
def test_setup_when_no_account_is_known_then_stays_on_the_sandbox(
    tmp_path: Path, text: str | None, *, stays: bool
) -> None:
    """Nobody is asked for an account after a `git pull`; who has one goes back to it."""
    if text is not None:
        (tmp_path / ".env").write_text(text)
    assert setup_run.stays_sandboxed(tmp_path, is_yes=True) is False
    run(tmp_path, sandbox=True)
    assert setup_run.stays_sandboxed(tmp_path, is_yes=True) is stays


# Wording


def test_check_when_the_file_was_just_made_then_does_not_say_up_to_date(tmp_path: Path) -> None:
    """The line after an apply fits a new file too."""
    context = run(tmp_path, sandbox=False, AWS_PROFILE="work")
    assert env_step.step(lambda _: None).check(context).detail == ".env is in place, readable by you alone"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (f"{edit.HEADING}TEAM=blue\n", "new settings of the template, commented out"),
        (MINE, "1 changed value"),
    ],
    ids=["comments-only", "a-value"],
)
def test_check_when_the_file_would_change_then_says_how(tmp_path: Path, text: str, said: str) -> None:
    """A change of comments alone is named as such."""
    (tmp_path / ".env").write_text(text)
    values = {"ROLE_ARN": "arn:aws:iam::123456789012:role/dev"} if text == MINE else {}
    context = make(tmp_path, sandbox=False, **values)
    assert env_step.step(lambda _: None).check(context).detail == f".env would get {said}"


def test_apply_when_values_change_then_asks_a_plain_question(tmp_path: Path) -> None:
    """The question names the file, and what happens to the rest of it."""
    (tmp_path / ".env").write_text(MINE)
    asked: list[str] = []

    def refuse(question: str) -> bool:
        asked.append(question)
        return False

    context = Context(tmp_path, Answers(values={"AWS_REGION": "eu-west-1"}), confirm=refuse)
    with pytest.raises(UsageError):
        env_step.step(lambda _: None).apply(context)
    assert asked == ["Make these changes in .env? Its other lines stay"]
