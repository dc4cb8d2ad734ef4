"""Where keys are kept, and who else would read them in an app's `.env`."""

from pathlib import Path

import pytest

from rolecall.errors import UsageError
from rolecall.project.declared import Declared
from rolecall.project.env_file import dotenv
from rolecall.workstation.envfile import keys_place, readers
from support.script import Script

KEYS = {"AWS_ACCESS_KEY_ID": "AKIAEXAMPLE000000001", "AWS_SECRET_ACCESS_KEY": "s3cret"}


@pytest.fixture
def app(tmp_path: Path) -> Path:
    """Make an app with docker compose and a `.env` of its own."""
    (tmp_path / ".env").write_text("DATABASE_URL=x\nAWS_REGION=eu-west-1\nPPID=1\n")
    (tmp_path / "compose.yaml").write_text("")
    return tmp_path


@pytest.fixture
def keyring(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make a keyring in a file the OS keyring."""
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "support.file_keyring.FileKeyring")
    monkeypatch.setenv("FILE_KEYRING", str(tmp_path / "ring"))
    import keyring as real

    monkeypatch.setattr(real.core, "_keyring_backend", None)
    return tmp_path / "ring"


def test_chosen_when_the_file_is_an_apps_then_offers_the_keyring_first(app: Path, keyring: Path) -> None:
    """Enter keeps them out of `.env`; the question says who else would read them there."""
    script = Script("")
    found = keys_place.chosen(app, KEYS, script.person(), is_keyring=False)
    assert found[dotenv.KEYRING].startswith("0001-")
    assert found["AWS_SECRET_ACCESS_KEY"] == ""
    assert "s3cret" in keyring.read_text()
    assert script.asked == ["Keep the keys in the OS keyring? .env is also read by docker compose [Y/n] []"]


def test_chosen_when_the_keyring_cannot_be_used_then_env_takes_a_yes_of_its_own(
    app: Path, monkeypatch: pytest.MonkeyPatch, keyring: Path
) -> None:
    """The reason is said; without that yes the keys are written nowhere."""
    monkeypatch.setenv("FILE_KEYRING_FORGETS", "1")
    script = Script("y", "y")
    assert keys_place.chosen(app, KEYS, script.person(), is_keyring=False) == KEYS
    assert "keyring" in script.said[0]
    with pytest.raises(UsageError, match="no keys were written"):
        keys_place.chosen(app, KEYS, Script("n", "").person(), is_keyring=False)


def test_chosen_when_nobody_answers_then_says_who_reads_them(
    app: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Flags are an answer; the line still says what they mean."""
    assert keys_place.chosen(app, KEYS, None, is_keyring=False) == KEYS
    assert "also read by docker compose" in capsys.readouterr().err


def test_chosen_when_the_file_is_nobody_elses_then_asks_nothing(tmp_path: Path) -> None:
    """Nor where there are no keys."""
    assert keys_place.chosen(tmp_path, KEYS, Script().person(), is_keyring=False) == KEYS
    assert keys_place.chosen(tmp_path, {"AWS_PROFILE": "a"}, None, is_keyring=True) == {"AWS_PROFILE": "a"}


def test_chosen_when_the_flag_says_keyring_then_it_is(tmp_path: Path, keyring: Path) -> None:
    """`--keyring` works in any project."""
    found = keys_place.chosen(tmp_path, KEYS, None, is_keyring=True)
    assert found[dotenv.KEYRING]


def test_notice_when_the_shell_gets_an_apps_values_then_names_them(app: Path) -> None:
    """Not rolecall's, not those that no shell takes, never a value; nothing where they are kept out."""
    assert readers.notice(app, Declared()).startswith(
        ".env is your app's too: on `cd` the shell also gets DATABASE_URL ("
    )
    assert readers.notice(app, Declared(env="aws")) == ""
    (app / ".env").write_text("".join(f"N{number}=1\n" for number in range(12)))
    assert "N7 and 4 more" in readers.notice(app, Declared())
    (app / ".env").write_text("AWS_PROFILE=work\n")
    assert readers.notice(app, Declared()) == ""
