"""Whether direnv works in the calling shell, seen in its environment and on real files."""

import base64
import json
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from rolecall.workstation.doctor import direnv
from rolecall.workstation.doctor.symptom import Level
from rolecall.workstation.shells import block
from rolecall.workstation.steps.step import Context
from support.symptoms import by_id


def loaded(root: Path) -> dict[str, str]:
    return {"DIRENV_FILE": str(root / ".envrc"), "DIRENV_DIR": f"-{root}"}


@pytest.mark.parametrize(
    ("make", "level"),
    [
        (loaded, Level.OK),
        (lambda _: {}, Level.PROBLEM),
        (lambda root: loaded(root.parent / "other"), Level.PROBLEM),
    ],
    ids=["loaded", "none", "another"],
)
def test_look_when_a_shell_calls_then_knows_whether_its_hook_runs(
    shop: Path, home: Path, make: Callable[[Path], dict[str, str]], level: Level
) -> None:
    """What direnv exported into this very process tells whether the hook runs in its shell."""
    environ = {"HOME": str(home), "SHELL": "/bin/bash", **make(shop)}
    assert by_id(direnv.look(Context(shop, environ=environ)))["hook-active"].level is level


def test_look_when_the_hook_comes_after_the_block_then_is_a_problem(shop: Path, home: Path) -> None:
    """A hook line added after our block makes renewals late."""
    text = block.wrapped("true\n") + 'eval "$(direnv hook bash)"\n'
    (home / ".bashrc").write_text(text)
    environ = {"HOME": str(home), "SHELL": "/bin/bash"}
    assert by_id(direnv.look(Context(shop, environ=environ)))["hook-order"].level is Level.PROBLEM
    (home / ".bashrc").write_text('eval "$(direnv hook bash)"\n' + block.wrapped("true\n"))
    assert by_id(direnv.look(Context(shop, environ=environ)))["hook-order"].level is Level.OK


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[global]\nstrict_env = true\n", "strict_env"),
        ("[global]\ndisable_stdin = true\n", "disable_stdin"),
        ("[global\n", "cannot be read"),
    ],
)
def test_look_when_a_setting_breaks_rolecall_then_names_it(
    shop: Path, home: Path, text: str, expected: str
) -> None:
    """direnv.toml is read, and the setting named."""
    (home / ".config/direnv").mkdir(parents=True)
    (home / ".config/direnv/direnv.toml").write_text(text)
    environ = {"HOME": str(home), "SHELL": "/bin/bash"}
    found = by_id(direnv.look(Context(shop, environ=environ)))["direnv-toml"]
    assert found.level is Level.PROBLEM
    assert expected in found.detail


def test_look_when_the_shell_exports_long_lived_keys_then_notes_them(shop: Path, home: Path) -> None:
    """Keys exported by an rc file are noted; those that direnv will take away again are not."""
    keys = {"AWS_ACCESS_KEY_ID": "AKIAEXAMPLE000000001"}
    diff = base64.urlsafe_b64encode(zlib.compress(json.dumps({"p": {}, "n": keys}).encode())).decode()
    environ = {"HOME": str(home), "SHELL": "/bin/bash", **keys}
    assert by_id(direnv.look(Context(shop, environ=environ)))["keys-exported"].level is Level.NOTE
    environ["DIRENV_DIFF"] = diff
    assert by_id(direnv.look(Context(shop, environ=environ)))["keys-exported"].level is Level.OK
