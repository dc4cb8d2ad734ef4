"""The rendered `.envrc` in bash 3.2, which macOS has, and which compares whole seconds."""

import os
import subprocess
from pathlib import Path

import pytest

from support.terminals import OLD_BASH, Rendered, needs_old_bash, put_first

pytestmark = needs_old_bash


@pytest.fixture
def old(rendered: Rendered, home: Path) -> Rendered:
    """Make bash 3.2 the one that direnv runs."""
    put_first(OLD_BASH, home)
    return rendered


def test_cd_when_bash_is_old_then_has_the_role_cold_and_warm(old: Rendered) -> None:
    """Nothing in it is beyond that bash."""
    for _ in range(2):
        loaded = old.cd()
        assert loaded.exports["ROLECALL_ROLE"] == "dev"
        assert len(loaded.lines) == 1


def test_cd_when_no_temporary_file_can_be_written_then_says_so_in_one_line(
    rendered: Rendered, home: Path
) -> None:
    """That bash puts the text that a cold `cd` reads into one; a session on disk is there all the same."""
    full = home / "bash-on-a-full-disk"
    full.write_text(f"#!{OLD_BASH}\ntrap '' XFSZ\nulimit -f 0\nexec {OLD_BASH} \"$@\"\n")
    full.chmod(0o755)
    token = rendered.cd().exports["AWS_SESSION_TOKEN"]
    put_first(str(full), home)
    assert rendered.cd().exports["AWS_SESSION_TOKEN"] == token
    rendered.session().unlink()
    loaded = rendered.cd()
    assert "AWS_ACCESS_KEY_ID" not in loaded.exports
    says = "rolecall: bash cannot write a temporary file, so no role is fetched (try: df -h /tmp)"
    assert loaded.lines == [says], loaded.said
    assert "line " not in loaded.said


@pytest.mark.parametrize("seconds", [0, 100])
def test_cd_when_env_is_edited_in_the_second_it_was_read_in_then_is_seen(old: Rendered, seconds: int) -> None:
    """The edit has the same second as what was read; the snapshot, too, or one that is later."""
    env, snapshot = old.root / ".env", old.folder / "project.snapshot"
    start = 1_700_000_000 * 10**9
    os.utime(env, ns=(start, start))
    old.cd()
    if seconds == 0:
        os.utime(snapshot, ns=(start, start))
    assert old.cd().exports.get("GREETING") is None
    env.write_text(env.read_text() + "GREETING=hello\n")
    later = start + (5 if seconds == 0 else 10**9)
    os.utime(env, ns=(later, later))
    assert old.cd().exports["GREETING"] == "hello"


def test_cd_when_nothing_was_edited_then_an_old_bash_is_warm_in_the_same_second(old: Rendered) -> None:
    """A snapshot of the file's very second is believed once the rest of the second agrees."""
    env, snapshot = old.root / ".env", old.folder / "project.snapshot"
    old.cd()
    for path in (snapshot,):
        os.utime(path, ns=(env.stat().st_mtime_ns, env.stat().st_mtime_ns))
    log = old.root / "starts"
    text = (
        (old.root / ".envrc")
        .read_text()
        .replace("_rolecall_call() {", f"_rolecall_call() {{ echo x >>'{log}'", 1)
    )
    (old.root / ".envrc").write_text(text)
    subprocess.run(["direnv", "allow", str(old.root / ".envrc")], check=True, capture_output=True)
    assert old.cd().exports["ROLECALL_ROLE"] == "dev"
    assert not log.exists()
