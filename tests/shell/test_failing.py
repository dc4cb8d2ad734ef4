"""A `cd` when STS is slow, silent, gone or talking nonsense: one line, nothing stale, fast the next time."""

import os
import re
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from rolecall.system import command
from support import Sts, free_port, outside_git, write_env
from support.sts_gate import Gate
from support.terminals import PATIENCE_SECONDS, Rendered, Terminal, allow, await_condition

CREDENTIALS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "ROLECALL_ROLE")


@pytest.mark.parametrize("mode", ["hang", "reset", "garbage", "500", "503", "403"])
def test_cd_when_sts_fails_then_says_so_in_one_line_and_exports_nothing(
    rendered: Rendered, gate: Gate, mode: str
) -> None:
    """Whatever STS does, the cd ends by itself, with one line that names the role and a command."""
    gate.mode = mode
    loaded = rendered.cd(AWS_PROFILE="other", AWS_ACCESS_KEY_ID="AKIASTALE", AWS_SESSION_TOKEN="stale")
    assert loaded.code == 0
    assert len(loaded.lines) == 1
    assert "role dev" in loaded.lines[0]
    assert "Traceback" not in loaded.said
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SESSION_TOKEN", "AWS_PROFILE"):
        assert loaded.exports[name] is None  # taken away, not merely left as it was


@pytest.mark.parametrize("name", ["AWS_REGION", "AWS_DEFAULT_REGION"])
def test_cd_when_there_is_no_session_then_the_region_of_env_stands_under_both_names(
    rendered: Rendered, gate: Gate, sts: Sts, name: str
) -> None:
    """SDKs differ in which they read: without a role, too, they work in one region."""
    gate.mode = "reset"
    keys = f"AWS_ACCESS_KEY_ID={sts.key_id}\nAWS_SECRET_ACCESS_KEY={sts.secret}\n"
    write_env(rendered.root, f"{keys}AWS_ENDPOINT_URL={gate.url}\n{name}=eu-west-3\n")
    found = rendered.cd(AWS_REGION="us-west-1", AWS_DEFAULT_REGION="us-west-2").exports
    assert (found["AWS_REGION"], found["AWS_DEFAULT_REGION"]) == ("eu-west-3", "eu-west-3")
    assert "AWS_SESSION_TOKEN" not in found


def test_cd_when_sts_refuses_connections_then_names_the_endpoint(rendered: Rendered, sts: Sts) -> None:
    """Nothing listens there: the line says where."""
    url = f"http://127.0.0.1:{free_port()}"
    write_env(rendered.root, sts.env_file(AWS_ENDPOINT_URL=url))
    loaded = rendered.cd()
    assert len(loaded.lines) == 1
    assert "127.0.0.1" in loaded.lines[0]


def test_cd_when_it_has_just_failed_then_reads_about_as_often_as_with_a_session(
    make_rendered: Callable[..., Rendered], gate: Gate, tmp_path: Path
) -> None:
    """Up to a delimiter, bash reads a pipe byte by byte: each cost a system call."""
    (tmp_path / "shop/envrc.d").mkdir(parents=True)
    count = "while read -r name number; do [[ $name != syscr: ]] || export READS=$number; done"
    (tmp_path / "shop/envrc.d/95-reads.sh").write_text(f"# shellcheck shell=bash\n{count} </proc/$$/io\n")
    rendered = make_rendered(tmp_path / "shop")
    rendered.cd()
    warm = rendered.cd().exports
    gate.mode = "reset"
    (rendered.folder / "dev.env").unlink()
    rendered.cd()
    offline = rendered.cd().exports
    assert ("ROLECALL_ROLE" in warm, "ROLECALL_ROLE" in offline) == (True, False)
    assert int(offline["READS"] or 0) < int(warm["READS"] or 0) + 200


def test_cd_when_sts_fails_a_few_times_then_still_gets_the_session(rendered: Rendered, gate: Gate) -> None:
    """Two answers of 500 are tried again within the deadline."""
    gate.mode, gate.failures_left = "500", 2
    assert rendered.cd().exports["ROLECALL_ROLE"] == "dev"


def test_cd_when_it_failed_a_moment_ago_then_tries_nothing(rendered: Rendered, gate: Gate) -> None:
    """The second cd says the same without a request and without Python."""
    gate.mode = "reset"
    first = rendered.cd()
    requests = gate.requests
    second = rendered.cd()
    assert second.lines == first.lines
    assert gate.requests == requests


def test_cd_when_the_failure_is_old_then_tries_again(rendered: Rendered, gate: Gate) -> None:
    """After half a minute the next cd succeeds by itself."""
    gate.mode = "reset"
    rendered.cd()
    marker = rendered.folder / "dev.failed"
    marker.write_text(re.sub(r"until=\d+", f"until={int(time.time()) - 1}", marker.read_text()))
    gate.mode = "pass"
    assert rendered.cd().exports["ROLECALL_ROLE"] == "dev"


@pytest.mark.parametrize("until", ["{far}", "_rolecall_now+9", "a[$(touch hacked)]", "-1", ""])
def test_cd_when_a_remembered_failure_cannot_be_true_then_tries(
    rendered: Rendered, gate: Gate, until: str
) -> None:
    """A marker from the future (the clock was set back), or of no sense, holds nobody up."""
    gate.mode = "reset"
    rendered.cd()
    marker = rendered.folder / "dev.failed"
    text = until.format(far=int(time.time()) + 3600)
    marker.write_text(re.sub(r"until=\d+", lambda _: f"until={text}", marker.read_text()))
    gate.mode = "pass"
    assert rendered.cd().exports["ROLECALL_ROLE"] == "dev"
    assert not (rendered.root / "hacked").exists()


def test_cd_when_assumed_by_hand_after_a_failure_then_works_at_once(rendered: Rendered, gate: Gate) -> None:
    """`invoke assume` by hand forgets the remembered failure."""
    gate.mode = "reset"
    rendered.cd()
    gate.mode = "pass"
    subprocess.run([".venv/bin/invoke", "assume"], cwd=rendered.root, check=True, capture_output=True)
    assert rendered.cd().exports["ROLECALL_ROLE"] == "dev"
    assert gate.assumed >= 2


def test_cd_when_roles_toml_was_broken_and_is_mended_then_works_at_once(rendered: Rendered, sts: Sts) -> None:
    """A remembered mistake in a file is forgotten when the file changes."""
    env = rendered.root / ".env"
    good = env.read_text()
    write_env(rendered.root, "this is no line\n")
    assert ".env:1" in rendered.cd().lines[0]
    assert ".env:1" in rendered.cd().lines[0]
    write_env(rendered.root, good)
    os.utime(env, (time.time() + 5, time.time() + 5))
    assert rendered.cd().exports["ROLECALL_ROLE"] == "dev"


def test_cd_when_env_file_is_mended_in_the_second_of_the_failure_then_works_at_once(
    rendered: Rendered,
) -> None:
    """The edit may have the very time of the marker: it is not older, so it is seen."""
    env = rendered.root / ".env"
    good = env.read_text()
    write_env(rendered.root, "this is no line\n")
    assert ".env:1" in rendered.cd().lines[0]
    write_env(rendered.root, good)
    at = (rendered.folder / "@project.failed").stat().st_mtime_ns
    os.utime(env, ns=(at, at))
    assert rendered.cd().exports["ROLECALL_ROLE"] == "dev"


def test_cd_when_env_file_is_mended_while_sts_is_asked_then_works_at_once(
    rendered: Rendered, gate: Gate
) -> None:
    """What failed had read the `.env` of before."""
    env = rendered.root / ".env"
    gate.mode = "hang"
    began = time.time()
    assert "role dev" in rendered.cd().lines[0]
    os.utime(env, (began + 1, began + 1))
    gate.mode = "pass"
    assert rendered.cd().exports["ROLECALL_ROLE"] == "dev"


def test_cd_when_nearly_expired_and_sts_is_down_then_keeps_the_valid(rendered: Rendered, gate: Gate) -> None:
    """Credentials with a minute left are better than none."""
    first = rendered.cd()
    rendered.move_times(expires=int(time.time()) + 60)
    gate.mode = "reset"
    second = rendered.cd()
    assert second.exports["AWS_SESSION_TOKEN"] == first.exports["AWS_SESSION_TOKEN"]
    assert len(second.lines) == 2


def test_cd_when_expired_and_sts_is_down_then_exports_none(rendered: Rendered, gate: Gate) -> None:
    """Expired credentials are never handed out."""
    rendered.cd()
    rendered.move_times(expires=int(time.time()) - 1)
    gate.mode = "reset"
    assert not any(rendered.cd().exports.get(name) for name in CREDENTIALS)


def test_cd_when_the_key_is_changed_while_sts_is_down_then_the_old_session_stays_and_it_is_said(
    rendered: Rendered, sts: Sts, gate: Gate
) -> None:
    """A session of the same role goes once there is another: an edit must not cost its last minutes."""
    before = rendered.cd().exports["AWS_SESSION_TOKEN"]
    write_env(
        rendered.root, sts.env_file(AWS_ENDPOINT_URL=gate.url, AWS_ACCESS_KEY_ID="AKIAIOSFODNN7EXAMPLE")
    )
    gate.mode = "reset"
    loaded = rendered.cd()
    assert loaded.exports["AWS_SESSION_TOKEN"] == before
    assert "role dev" in loaded.said


def test_cd_when_the_runtime_folder_cannot_be_made_then_says_so(rendered: Rendered) -> None:
    """A folder that cannot be written is one line with its name, and no traceback."""
    rendered.folder.parent.parent.joinpath("rolecall").write_text("a file where the folder should be")
    loaded = rendered.cd()
    assert "cannot write" in loaded.said
    assert "Traceback" not in loaded.said
    assert "AWS_ACCESS_KEY_ID" not in loaded.exports


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_cd_when_interrupted_then_the_shell_stays_usable(
    rendered: Rendered, gate: Gate, open_terminal: Callable[[str], Terminal], shell: str
) -> None:
    """Ctrl-C during a hanging cd gives the prompt back, and the role is had once STS answers."""
    terminal = open_terminal(shell)
    gate.mode = "hang"
    enter_and_hang(terminal, rendered, gate)
    terminal.child.sendintr()
    assert terminal.run("echo still-here").count("still-here") >= 1
    gate.mode = "pass"
    gate.released.set()
    terminal.run("cd /")
    terminal.run(f"cd '{rendered.root}'")
    assert terminal.value("ROLECALL_ROLE") == "dev"


def test_cd_when_soft_then_the_prompt_does_not_wait_for_the_renewal(rendered: Rendered, gate: Gate) -> None:
    """In the soft window the valid session is exported while STS hangs behind; then the new one appears."""
    first = rendered.cd()
    rendered.move_times(expires=int(time.time()) + 600, renew_at=int(time.time()) - 1)
    gate.mode = "hang"
    gate.arrived.clear()
    second = rendered.cd()  # would run into PATIENCE_SECONDS if the child held fd 3
    assert second.exports["AWS_SESSION_TOKEN"] == first.exports["AWS_SESSION_TOKEN"]
    assert gate.arrived.wait(PATIENCE_SECONDS)
    assert gate.assumed == 2
    again = rendered.cd()  # the lock is held: no second renewal
    assert again.exports["AWS_SESSION_TOKEN"] == first.exports["AWS_SESSION_TOKEN"]
    old = rendered.session().read_text()
    gate.released.set()
    await_condition(lambda: rendered.session().read_text() != old)
    assert rendered.cd().exports["AWS_SESSION_TOKEN"] != first.exports["AWS_SESSION_TOKEN"]
    assert gate.assumed == 2


def enter_and_hang(terminal: Terminal, rendered: Rendered, gate: Gate) -> None:
    """Enter until the request hangs at STS: on a busy machine the cd's deadline may come before it asks."""
    for _ in range(5):
        terminal.child.sendline(f"cd '{rendered.root}'")
        if gate.arrived.wait(PATIENCE_SECONDS / 5):
            return
        terminal.run("cd /")
        (rendered.folder / "dev.failed").unlink(missing_ok=True)
    pytest.fail("no request arrived")


@pytest.mark.parametrize("words", ["rolecall ", "invoke aws."])
def test_cd_when_it_fails_then_names_the_command_that_the_person_has(
    rendered: Rendered, gate: Gate, monkeypatch: pytest.MonkeyPatch, words: str
) -> None:
    """Python's line, bash's memory of it, and bash's own: `rolecall X`, or our tasks within the project's."""
    monkeypatch.setattr(command, "_used", [words])
    (rendered.root / ".envrc").unlink()
    (rendered.root / ".envrc").write_text(outside_git.envrc(rendered.root))
    allow(rendered.root)
    gate.mode = "reset"
    first = rendered.cd()
    assert first.lines[0].endswith(f"({words}assume)")
    assert rendered.cd().lines == first.lines
