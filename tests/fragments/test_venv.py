"""`80-venv.sh`, `81-venv.cold.sh`: the project's own programs, and why they are not on PATH."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from support import fragments

SCRIPT = """
_rolecall_root=$ROOT _rolecall_state_dir=$STATE _rolecall_programs=$PROGRAMS
_rolecall_is_clean() { _rolecall_says=$SAYS; [[ -z $SAYS ]]; }
own=$PATH
read_fragment 80-venv.sh
[[ $PATH == "$own" ]] || printf '%s\\n' "${PATH/"$own"/PATH}"
printf '%s\\n' ${_rolecall_watch[@]+"${_rolecall_watch[@]}"}
"""
SEEN = ("t\n", "t\n", "")
OTHER = "it is not the one that setup saw (try: invoke setup)"
ANEW = "delete it, and make it anew (try: invoke setup)"


def told(tmp_path: Path, name: str = ".venv", seen: Sequence[str | None] = SEEN) -> list[str]:
    """Return what is said, PATH where it is another, and what is watched.

    `seen`: the environment's token, the one that setup kept, and what git makes of the folder.
    """
    root = tmp_path / "root"
    (root / name / "bin").mkdir(parents=True)
    (tmp_path / "shop").mkdir()
    if name == "venv":
        (root / "venv/pyvenv.cfg").write_text("")
    for path, text in zip((root / name / ".rolecall-shop", tmp_path / "shop/venv"), seen, strict=False):
        if text is not None:
            path.write_text(text)
    own = {"ROOT": str(root), "STATE": str(tmp_path), "PROGRAMS": "", "SAYS": str(seen[2])}
    return [line.replace(str(root), "ROOT") for line in fragments.run(SCRIPT, own).splitlines() if line]


@pytest.mark.parametrize("name", [".venv", "venv"])
def test_path_when_setup_saw_the_environment_then_it_comes_first(tmp_path: Path, name: str) -> None:
    """And what a pull adds to it is noticed."""
    assert told(tmp_path, name) == [f"ROOT/{name}/bin:PATH", f"ROOT/{name}/bin"]


@pytest.mark.parametrize("name", [".venv", "venv"])
@pytest.mark.parametrize(
    ("seen", "line"),
    [
        ((None, None, ""), OTHER),
        ((None, "t\n", ""), OTHER),
        (("t\n", None, ""), OTHER),
        (("t\n", "u\n", ""), OTHER),
        (("\n", "\n", ""), OTHER),
        (("t", "t", ""), OTHER),
        (("t\n", "from git: t\n", ""), f"it held files from git; {ANEW}"),
        ((None, "from git: \n", ""), OTHER),
        (("t\n", "t\n", "held"), f"it holds files from git; {ANEW}"),
        (("t\n", "t\n", "git is at work in ROOT"), "git is at work in ROOT"),
    ],
    ids=str,
)
def test_path_when_it_is_another_environment_then_says_why_it_is_not_there(
    tmp_path: Path, name: str, seen: Sequence[str | None], line: str
) -> None:
    """That it held files from git is kept: it may hold what such a file made."""
    assert told(tmp_path, name, seen) == [f"rolecall: {name} is not on PATH: {line}"]
    state = tmp_path / "shop/venv"
    after = state.read_text() if state.exists() else None
    assert after == ("from git: t\n" if seen[2] == "held" else seen[1])


@pytest.mark.parametrize("made", ["", "venv/bin", ".venv"])
def test_path_when_the_project_has_no_environment_then_rolecalls_own_is_the_last(
    tmp_path: Path, made: str
) -> None:
    """A folder `venv` may be anything; where a `rolecall` is found already, nothing is added."""
    (tmp_path / "root" / made).mkdir(parents=True)
    (tmp_path / "bin").mkdir()
    own = {"ROOT": str(tmp_path / "root"), "STATE": str(tmp_path), "SAYS": "", "PROGRAMS": "/programs"}
    hidden = f"PATH=/usr/bin:/bin\n{SCRIPT}"
    assert fragments.run(hidden, own).strip() == "PATH:/programs"
    assert fragments.run(hidden, {**own, "PROGRAMS": ""}).strip() == ""
    assert fragments.run(f"rolecall() {{ :; }}\n{hidden}", own).strip() == ""
