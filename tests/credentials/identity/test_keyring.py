"""A key in the OS keyring: kept whole, named without telling it, and said plainly where it cannot be."""

import json
import sys
from pathlib import Path

import pytest

from rolecall.credentials.identity import keyring
from rolecall.errors import CredentialError
from rolecall.system.text.secret import Secret
from support.file_keyring import FileKeyring

KEY_ID = "AKIAKEYRINGKEYRING55"


@pytest.fixture(autouse=True)
def kept(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Put a keyring in a file in the place of the machine's."""
    monkeypatch.setenv("FILE_KEYRING", str(tmp_path / "keyring.json"))
    made = FileKeyring()  # type: ignore[no-untyped-call] # the library has no types
    monkeypatch.setattr("keyring.core._keyring_backend", made)
    return tmp_path / "keyring.json"


def code(problem: "pytest.ExceptionInfo[CredentialError]") -> str:
    return problem.value.code


def test_keyring_when_a_key_is_stored_then_read_by_its_name_and_forgotten(kept: Path) -> None:
    """The name tells one key from another, and of its id the last four characters."""
    name = keyring.store(KEY_ID, Secret("of-keyring"))
    assert (name[:5], len(name)) == ("NG55-", 13)
    assert name != keyring.name_of("AKIAOTHEROTHEROTNG55")
    assert list(json.loads(kept.read_text())) == [f"rolecall/{name}"]
    found, secret = keyring.read(name)
    assert (found, secret.reveal()) == (KEY_ID, "of-keyring")
    keyring.forget(name)
    with pytest.raises(CredentialError, match="holds no access key …NG55") as caught:
        keyring.read(name)
    assert code(caught) == "keyring-empty"


@pytest.mark.parametrize("text", ["no json", "[]", '"x"', '{"key_id": "A"}', '{"secret": "s"}'])
def test_keyring_when_the_entry_is_somebody_elses_then_said(kept: Path, text: str) -> None:
    """Another program may use the same name."""
    kept.write_text(json.dumps({"rolecall/NG55-x": text}))
    with pytest.raises(CredentialError, match="its entry NG55-x was not written by rolecall") as caught:
        keyring.read("NG55-x")
    assert code(caught) == "keyring-unusable"


def test_keyring_when_it_forgets_then_setup_hears_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """The key is not taken out of `.env` for a keyring that does not hold it."""
    monkeypatch.setenv("FILE_KEYRING_FORGETS", "1")
    with pytest.raises(CredentialError):
        keyring.store(KEY_ID, Secret("of-keyring"))


def test_keyring_when_it_gives_back_something_else_then_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """It has to be the very pair."""
    other = json.dumps({"key_id": KEY_ID, "secret": "another"})
    monkeypatch.setattr(FileKeyring, "get_password", lambda *_words: other)
    with pytest.raises(CredentialError, match="does not give back what was put into it") as caught:
        keyring.store(KEY_ID, Secret("of-keyring"))
    assert code(caught) == "keyring-unusable"


@pytest.mark.parametrize("kind", ["KeyringError", "OSError", "RuntimeError"])
def test_keyring_when_it_is_locked_then_why_and_forgetting_is_no_failure(
    monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    """Its own error, or one of the service behind it."""
    import keyring.errors as package

    kinds = {"KeyringError": package.KeyringError, "OSError": OSError, "RuntimeError": RuntimeError}

    def locked(*_words: object) -> None:
        raise kinds[kind]("it is locked")

    for name in ("get_password", "set_password", "delete_password"):
        monkeypatch.setattr(FileKeyring, name, locked)
    for act in (lambda: keyring.read("x"), lambda: keyring.store(KEY_ID, Secret("s"))):
        with pytest.raises(CredentialError, match="it is locked") as caught:
            act()
        assert code(caught) == "keyring-unusable"
    keyring.forget("x")


def test_keyring_when_python_runs_without_its_packages_then_they_are_let_in(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """As on `cd`, where no other folder is looked into."""
    monkeypatch.setenv("ROLECALL_SITE", str(tmp_path))
    monkeypatch.setattr(sys, "path", [*sys.path])
    with pytest.raises(CredentialError):
        keyring.read("1234-abcdef01")
    assert sys.path[-1] == str(tmp_path)
