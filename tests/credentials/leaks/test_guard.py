"""What is staged for a commit, in a real repository: a credential that works is found, and never shown."""

import base64
import importlib
import json
import os
import subprocess
import sys
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from rolecall.credentials.identity import keyring
from rolecall.credentials.leaks import guard
from rolecall.credentials.leaks.own import Own
from rolecall.credentials.leaks.staged import Line
from rolecall.errors import CredentialError, MachineError
from rolecall.system.text.secret import Secret
from support import ROLES_TOML, write_env
from support.credentials import obtain

KEY_ID, SECRET = "AKIA2345ABCDEFGHIJKL", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYzzTOPSECRET"[:40]
OTHER_ID, OTHER = "AKIAZZZZYYYYXXXXWWWW", "AbCdEfGhIjKlMnOpQrStUvWxYz0123456789+/AB"
TOKEN = "FwoGZXIvYXdzEBYaDabc+def/ghi012345678901234567890=="

Stage = Callable[[str, str], None]


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    """Make a repository with a project in it; `.env` is ignored."""
    root = tmp_path / "shop é"
    (root / "envrc.d").mkdir(parents=True)
    (root / "envrc.d/roles.toml").write_text(ROLES_TOML)
    (root / ".gitignore").write_text(".env\n")
    write_env(root, f"AWS_ACCESS_KEY_ID={KEY_ID}\nAWS_SECRET_ACCESS_KEY={SECRET}\n")
    git(root, "init", "-q")
    git(root, "add", "-A")
    return root


def git(root: Path, *words: str) -> str:
    """Run git as ann."""
    who = ["-c", "user.name=ann", "-c", "user.email=ann@example.com"]
    done = subprocess.run(["git", *who, *words], cwd=root, capture_output=True, text=True, check=True)
    return done.stdout


def staged(root: Path, text: str, *, name: str = "notes.txt") -> list[str]:
    """Stage a file with `text`; return what the guard says."""
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode())
    git(root, "add", "-f", "--", name)
    found = [leak.text for leak in guard.find(root)]
    secrets = (SECRET, OTHER, TOKEN, KEY_ID, OTHER_ID)
    assert not [one for one in secrets if one in str(found)]
    return found


def packed(values: dict[str, str]) -> str:
    """Return what direnv writes for an `.envrc` that set `values`."""
    diff = json.dumps({"p": {}, "n": values}).encode()
    return base64.urlsafe_b64encode(zlib.compress(diff)).decode()


def test_guard_when_nothing_is_wrong_then_finds_nothing(repo: Path) -> None:
    """Digests, documented examples, long paths and a key id alone are no credentials."""
    text = (
        f"{'a1' * 20}\nAKIAIOSFODNN7EXAMPLE wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY\n{OTHER}\n"
        f"{OTHER_ID}\n/usr/lib/python3/dist/packages/awscli/botoc\n"
    ).replace(f"{OTHER}\n", "")
    assert staged(repo, text) == []


@pytest.mark.parametrize("form", ["{}", "x = '{}'", '"{}",', "a{}b", "\0{}\xff"])
def test_guard_when_an_own_secret_is_staged_then_names_file_and_line(repo: Path, form: str) -> None:
    """In any file, also one that is no text."""
    found = staged(repo, f"one\ntwo\n{form.format(SECRET)}\n", name="a b/ü.bin")
    assert found == ["a b/ü.bin:3: the secret of access key …IJKL of .env"]


def test_guard_when_an_own_key_id_is_staged_then_is_found(repo: Path) -> None:
    """It names the person's key."""
    assert staged(repo, f"{KEY_ID}\n") == ["notes.txt:1: access key …IJKL of .env"]


def test_guard_when_the_env_itself_is_forced_in_then_its_secret_is_found(repo: Path) -> None:
    """`git add -f .env`."""
    git(repo, "add", "-f", ".env")
    assert 2 in [leak.number for leak in guard.find(repo)]  # the secret; a tracked .env is nobody's identity


@pytest.mark.parametrize("between", [0, 9])
def test_guard_when_any_pair_is_staged_then_is_found(repo: Path, between: int) -> None:
    """Whoever's it is: a key id with a secret near it."""
    lines = "\n" * between
    text = f"key={OTHER_ID}\n{lines}secret={OTHER}\n"
    assert staged(repo, text) == [f"notes.txt:{between + 2}: the secret of access key …WWWW"]


def test_guard_when_a_direnv_diff_is_copied_then_is_looked_into(repo: Path) -> None:
    """A terminal's environment pasted into a file: base64 of zlib of JSON."""
    text = f"export DIRENV_DIFF=$'{packed({'AWS_SECRET_ACCESS_KEY': SECRET})}';\n"
    assert staged(repo, text) == ["notes.txt:1: the secret of access key …IJKL of .env, in a DIRENV_DIFF"]
    text = f"x\nDIRENV_DIFF: {packed({'A': OTHER_ID, 'B': OTHER})}\n"
    assert staged(repo, text) == ["notes.txt:2: the secret of access key …WWWW, in a DIRENV_DIFF"]


def test_guard_when_packed_text_is_a_bomb_or_broken_then_goes_on(repo: Path) -> None:
    """A gigabyte in a kilobyte is read to a limit."""
    bomb = base64.urlsafe_b64encode(zlib.compress(b"0" * 200_000_000)).decode()
    assert staged(repo, f"{bomb}\neJ{'A' * 60}\n{SECRET}\n") == [
        "notes.txt:3: the secret of access key …IJKL of .env"
    ]


def test_guard_when_a_cached_session_is_staged_then_its_token_is_found(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The keys that a shell exports are copied more often than any others."""
    git(project, "init", "-q")
    session = obtain(project, "dev")
    found = staged(project, f"{session.secret.reveal()}\n{session.token.reveal()}\n{session.key_id}\n")
    assert found == [
        "notes.txt:1: the secret of the cached session dev",
        "notes.txt:2: the session token of the cached session dev",
        "notes.txt:3: the key of the cached session dev",
    ]


def test_guard_when_a_profiles_key_or_a_login_is_staged_then_is_found(repo: Path) -> None:
    """Also those of other profiles, and what the AWS CLI keeps."""
    folder = Path(os.environ["HOME"], ".aws")
    (folder / "sso/cache").mkdir(parents=True)
    (folder / "credentials").write_text(
        f"[p]\naws_access_key_id={OTHER_ID}\naws_secret_access_key={OTHER}\naws_session_token={TOKEN}\n"
    )
    (folder / "sso/cache/a.json").write_text(json.dumps({"accessToken": "sso-token-0123456789"}))
    found = staged(repo, f"{OTHER}\n{TOKEN}\nsso-token-0123456789\n")
    assert found == [
        "notes.txt:1: the secret of an access key of p in ~/.aws/credentials",
        "notes.txt:2: a session token of p in ~/.aws/credentials",
        "notes.txt:3: accessToken of ~/.aws/sso/cache",
    ]


def test_guard_when_the_key_is_in_the_keyring_then_is_found(
    repo: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Its id by its digest; the keyring is opened only for what could be its secret."""
    import keyring as package

    from support.file_keyring import FileKeyring

    monkeypatch.setenv("FILE_KEYRING", str(tmp_path / "keyring.json"))
    package.set_keyring(FileKeyring())  # type: ignore[no-untyped-call] # the library has no types
    write_env(repo, f"ROLECALL_KEYRING={keyring.store(OTHER_ID, Secret(OTHER))}\n")
    assert staged(repo, f"{OTHER_ID}\n") == ["notes.txt:1: access key …WWWW of the OS keyring"]
    assert staged(repo, f"{OTHER}\n") == ["notes.txt:1: the secret of access key …WWWW of the OS keyring"]


def test_guard_when_lines_are_removed_or_only_on_disk_then_they_do_not_count(repo: Path) -> None:
    """What the commit adds is what is looked at."""
    (repo / "notes.txt").write_text(f"{SECRET}\n")
    assert guard.find(repo) == []
    git(repo, "add", "-f", "notes.txt")
    git(repo, "commit", "-q", "-m", "x")
    (repo / "notes.txt").write_text("clean\n")
    git(repo, "add", "notes.txt")
    assert guard.find(repo) == []


def test_guard_when_a_hook_calls_it_then_exit_code_and_hint(repo: Path) -> None:
    """As git does: the machines' door, with one line for each leak and the command that unstages."""
    (repo / "notes.txt").write_text(f"\n{SECRET}\n")
    git(repo, "add", "-f", "notes.txt")
    words = [sys.executable, "-P", "-m", "rolecall", "leaks", str(repo)]
    done = subprocess.run(words, cwd=repo, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "notes.txt:2: the secret of access key …IJKL of .env" in done.stderr
    assert "git restore --staged :/notes.txt" in done.stderr
    assert SECRET not in done.stdout + done.stderr
    git(repo, "rm", "-q", "--cached", "notes.txt")
    assert subprocess.run(words, cwd=repo, capture_output=True, check=False).returncode == 0


def test_guard_when_there_is_no_repository_then_finds_nothing(tmp_path: Path) -> None:
    """There is nothing to commit."""
    assert guard.find(tmp_path) == []


def test_leaks_when_in_several_files_then_by_file_and_line() -> None:
    """Each once, whatever the order of the diff; one that is known does not count as a pair too."""
    own = [Own(Secret(SECRET), "own"), Own(Secret(OTHER_ID), "id")]
    lines = [Line("b", 1, SECRET), Line("a", 2, f"{SECRET} {OTHER_ID}"), Line("b", 1, SECRET)]
    found = [leak.text for leak in guard.of_lines(lines, own)]
    assert found == ["a:2: id", "a:2: own", "b:1: own"]


@pytest.mark.parametrize(
    ("file", "number", "is_near"), [("a", 11, True), ("a", 12, False), ("b", 1, False), ("a", -9, True)]
)
def test_pair_when_its_halves_are_apart_then_ten_lines_and_one_file(
    file: str, number: int, *, is_near: bool
) -> None:
    """A key id and its secret stand together."""
    found = guard.of_lines([Line("a", 1, OTHER_ID), Line(file, number, OTHER)], [])
    assert [leak.text for leak in found] == (
        [f"{file}:{number}: the secret of access key …WWWW"] if is_near else []
    )


@pytest.mark.parametrize("secret", [OTHER.upper(), OTHER.lower(), "Ab" * 20, f"{OTHER[:30]}EXAMPLEKEY"])
def test_pair_when_the_second_half_is_no_secret_then_none(secret: str) -> None:
    """One case, no digit, or AWS's own example."""
    assert guard.of_lines([Line("a", 1, OTHER_ID), Line("a", 2, secret)], []) == []


@pytest.mark.parametrize("more", ["", "x", "xy", "xyz"])
def test_packed_when_of_any_length_then_unpacked(more: str) -> None:
    """base64 with its padding cut off, or not."""
    whole = packed({"A": SECRET, "B": more})
    for text in (whole, whole.rstrip("=")):
        (leak,) = guard.of_lines([Line("a", 1, text)], [Own(Secret(SECRET), "own")])
        assert leak.what == "own, in a DIRENV_DIFF"


def test_refuse_when_there_are_leaks_then_each_is_said_and_each_file_is_named_once(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The command unstages them from the repository's top; without a leak, nothing."""
    guard.refuse([])
    found = [guard.Leak("a b", 1, "x"), guard.Leak("a b", 2, "y"), guard.Leak("c", 3, "z")]
    with pytest.raises(CredentialError) as caught:
        guard.refuse(found)
    assert (caught.value.code, caught.value.hint) == (
        "leak-staged",
        "git restore --staged ':/a b' :/c",
    )
    assert capsys.readouterr().err.count("\n") == 3


def test_staged_when_git_cannot_say_then_the_commit_does_not_pass(repo: Path) -> None:
    """A broken index is no empty one."""
    (repo / ".git/index").write_bytes(b"odd")
    with pytest.raises(MachineError, match="git cannot say what is staged: fatal: ") as caught:
        guard.find(repo)
    assert (caught.value.code, caught.value.hint) == ("git-failed", "git status")


def test_guard_when_git_names_another_index_then_that_is_looked_at(repo: Path, tmp_path: Path) -> None:
    """`git commit -a` has one of its own for the hook."""
    assert staged(repo, f"{SECRET}\n")
    environ = {**os.environ, "GIT_INDEX_FILE": str(tmp_path / "none")}
    assert guard.find(repo, environ=environ) == []


def test_guard_when_the_keyring_is_locked_then_the_commit_is_not_stopped(
    repo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What looks like a secret may be its own, and nobody can tell."""
    backend = importlib.import_module("keyring.backends.fail").Keyring()
    monkeypatch.setattr("keyring.core._keyring_backend", backend)
    write_env(repo, "ROLECALL_KEYRING=IJKL-abcdef01\n")
    assert staged(repo, f"{OTHER}\n") == []


def test_guard_when_packed_text_is_no_utf_8_then_looked_into_all_the_same() -> None:
    """A value of the environment may be any bytes."""
    text = base64.urlsafe_b64encode(zlib.compress(f"{OTHER_ID} é {OTHER}".encode("latin-1"))).decode()
    (leak,) = guard.of_lines([Line("a", 1, f"X={text}")], [])
    assert leak.text == "a:1: the secret of access key …WWWW, in a DIRENV_DIFF"
