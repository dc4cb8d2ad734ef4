"""`51-failing.cold.sh`: a failure that is recent enough not to try again."""

import os
from pathlib import Path

import pytest

from support import fragments

NOW = 1_800_000_000
FACTS = f"""
_rolecall_read_cold failing
_rolecall_now={NOW} _rolecall_dir=$FOLDER/run _rolecall_root=$FOLDER/root _rolecall_name=dev
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Make the sessions' folder, and a project that was edited a day ago."""
    for path in (tmp_path / "run", tmp_path / "root/envrc.d"):
        path.mkdir(parents=True)
    for name in (".env", "envrc.d/roles.toml"):
        path = tmp_path / "root" / name
        path.write_text("")
        os.utime(path, (NOW - 86400, NOW - 86400))
    return tmp_path


def fails(folder: Path, text: str, name: str = "dev.failed") -> str:
    """Return what is said of a remembered failure that was written at NOW."""
    path = folder / "run" / name
    path.write_text(text)
    os.utime(path, (NOW, NOW))
    script = f'{FACTS}_rolecall_is_failing && echo "yes: $_rolecall_failure" || echo no'
    return fragments.run(script, {"FOLDER": str(folder)})


@pytest.mark.parametrize(
    ("until", "is_so"),
    [
        (str(NOW + 30), True),
        (str(NOW + 1), True),
        (str(NOW), False),
        (str(NOW + 31), False),  # the clock was put back
        ("", False),
        (f"0{NOW + 9}", False),
        ("_rolecall_now+9", False),
        (f"{NOW + 9}x", False),
        ("9" * 13, False),
    ],
)
@pytest.mark.parametrize("name", ["dev.failed", "@project.failed"])
def test_failure_when_it_is_recent_then_and_only_then_it_is_shown_again(
    folder: Path, name: str, until: str, *, is_so: bool
) -> None:
    """For half a minute; its text is no arithmetic."""
    assert fails(folder, f"until={until}\nat=1\nsays=no answer\n", name) == (
        "yes: no answer" if is_so else "no"
    )


def test_failure_when_it_is_anothers_or_too_long_then_it_is_none(folder: Path) -> None:
    """Ten lines are more than any of ours has."""
    text = f"until={NOW + 9}\nsays=no answer\n"
    assert fails(folder, text, "prod.failed") == "no"
    assert fails(folder, text + "x=\n" * 8) == "yes: no answer"
    assert fails(folder, text + "x=\n" * 9) == "no"


@pytest.mark.parametrize("name", [".env", "envrc.d/roles.toml"])
def test_failure_when_a_file_was_edited_since_then_it_is_tried_again(folder: Path, name: str) -> None:
    """Also in the same second: bash 3.2 compares whole ones."""
    os.utime(folder / "root" / name, (NOW, NOW))
    assert fails(folder, f"until={NOW + 9}\nsays=no answer\n") == "no"
