"""The changes that `invoke mutate` makes: each is one that a person could have made."""

from pathlib import Path

import pytest

from mutate import nearest, python_changes, shell_changes
from mutate.change import ROOT

PYTHON = """\
def f(a: tuple[int, str], b: int) -> tuple[int, str]:
    if a and b > 3:
        g(b, key=1)
    return (a, b)
"""
SHELL = """\
_f() {
  local at=3
  if [[ -f $1 && $at == 3 ]]; then
    printf '%s\\n' "$1" >&2
  fi
  ((at < 4)) || return 1
}
"""


def lines(path: Path, text: str, number: int) -> set[str]:
    """Return what line `number` becomes."""
    path.write_text(text)
    of = python_changes.of if path.suffix == ".py" else shell_changes.of
    return {one.text.splitlines()[number - 1].strip() for one in of(path) if one.line == number}


def test_changes_when_of_python_then_operators_conditions_and_parts(tmp_path: Path) -> None:
    """cosmic-ray's, and what is left out; never an annotation, which nothing runs."""
    pytest.importorskip("cosmic_ray", reason="invoke mutate installs it")
    path = tmp_path / "one.py"
    assert lines(path, PYTHON, 1) == set()
    assert {"if (a):", "if (b > 3):", "if a or b > 3:", "if a and b >= 3:", "if a and b > 4:"} <= lines(
        path, PYTHON, 2
    )
    assert {"pass", "(g(b))", "g(b, key= 2)"} <= lines(path, PYTHON, 3)
    assert {"return ((a,))", "return ((b,))"} <= lines(path, PYTHON, 4)


def test_changes_when_of_a_shell_fragment_then_what_bash_can_still_read(tmp_path: Path) -> None:
    """A comparison, a number, a condition, a test of a file, or a whole line; a redirection stays."""
    path = tmp_path / "one.sh"
    assert {":", "local at=4"} == lines(path, SHELL, 2)
    assert {
        "if [[ -f $1 && $at != 3 ]]; then",
        "if [[ -f $1 && $at == 4 ]]; then",
        "if [[ $at == 3 ]]; then",
        "if ! { [[ -f $1 && $at == 3 ]]; }; then",
    } <= lines(path, SHELL, 3)
    assert lines(path, SHELL, 4) == {":"}
    assert {"((at >= 4)) || return 1", "((at < 4)) && return 1", "((at < 4)) || return 0", ":"} <= lines(
        path, SHELL, 6
    )


def test_fragments_when_each_names_its_tests_then_both_are_there() -> None:
    """A fragment or a test that was renamed would be tried with the wrong ones."""
    there = {path.stem for path in (ROOT / "envrc.d").glob("*.sh")} | {"rc"}
    assert set(nearest.FRAGMENTS) <= there
    named = " ".join(nearest.FRAGMENTS.values()).split()
    assert [name for name in named if not (ROOT / f"tests/{name}.py").is_file()] == []


def test_tests_when_chosen_then_folder_after_folder_and_the_quickest_of_each_first() -> None:
    """A folder that is left and entered again is without its conftest.py in pytest 9.1."""
    chosen = ["tests/a/test_x.py::z", "tests/test_y.py", "tests/a/b/test_w.py::v", "tests/a/test_u.py::t"]
    assert nearest.by_folder(chosen) == [
        "tests/test_y.py",
        "tests/a/test_x.py::z",
        "tests/a/test_u.py::t",
        "tests/a/b/test_w.py::v",
    ]
