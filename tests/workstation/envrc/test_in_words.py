"""What a first approval shows: whatever is not as rolecall ships it stands there in full."""

import re
from pathlib import Path

import pytest

from rolecall.system.disk import paths
from rolecall.workstation.envrc import in_words, merge, render
from support.envrc_project import apply

EVIL = "touch hacked"
MARK = "# --- envrc.d/00-lib.sh\n"


def shipped(name: str) -> str:
    """Return the text of a template of rolecall's own."""
    return (paths.shipped("templates") / name).read_text()


def told(root: Path) -> str:
    """Render `.envrc` as a person's first setup does; return what they are shown."""
    return "\n".join(in_words.summary(root, apply(root)))


def test_summary_when_nothing_is_odd_then_names_the_parts_and_the_program(shop: Path) -> None:
    """Rolecall's own parts in words, the project's in full, and no line besides."""
    said = told(shop)
    assert re.search(r"50-session +Loads the session", said)
    assert "a part of this project, envrc.d/60-own.sh, in full:\n    | export OWN=1\n" in said
    assert "it starts " in said
    assert "differs" not in said


HIDING = {
    "a template's first lines": ("templates/envrc.j2", f"{EVIL}\n", "envrc.j2", ""),
    "between the constants": ("templates/fragments.j2", f"\n{EVIL}\n", "fragments.j2", "_rolecall_site="),
    "among the text for a cold cd": ("templates/fragments.j2", f"{EVIL}\n", "fragments.j2", '  eval "$text"'),
    "a part twice": (
        "templates/fragments.j2",
        f"\n{MARK}{EVIL}\n",
        "fragments.j2",
        "{% for fragment in fragments if not",
    ),
    "a mark in a fragment": ("envrc.d/60-own.sh", f"export OWN=1\n# --- end\n{EVIL}\n", "", ""),
    "another part's mark in a fragment": ("envrc.d/60-own.sh", f"{MARK}{EVIL}\n{MARK}", "", ""),
    "a changed part": ("envrc.d/50-session.sh", f"{EVIL}\n", "", ""),
}  # fmt: skip


@pytest.mark.parametrize("hidden", HIDING)
def test_summary_when_a_project_hides_a_line_then_it_is_shown(shop: Path, hidden: str) -> None:
    """A template of the project's own, or a fragment that looks like the end of one, hides nothing."""
    path, added, template, before = HIDING[hidden]
    (shop / path).parent.mkdir(exist_ok=True)
    text = shipped(template) if template else ""
    assert before in text
    (shop / path).write_text(text.replace(before, f"{added}{before}", 1) if before else added + text)
    assert EVIL in apply(shop)
    assert any(EVIL in line and line.startswith("    | ") for line in told(shop).splitlines())


def test_summary_when_a_file_with_a_right_digest_came_with_git_then_its_lines_are_shown(shop: Path) -> None:
    """Everybody can write a digest: it says that nobody edited the file by mistake, and no more."""
    body = apply(shop).split("\n", 2)[2].replace("_rolecall_key=", f"{EVIL}\n_rolecall_key=", 1)
    text = render.marked(body)
    assert render.is_unedited(text)
    assert f"    | +{EVIL}" in in_words.summary(shop, text)


@pytest.mark.parametrize("mark", ["\x0b", "\x0c", "\x1c", "\x85", "\u2028", "\r"])
def test_diff_when_a_line_break_of_bash_becomes_another_mark_then_is_a_difference(mark: str) -> None:
    """For bash only a newline ends a line: a check that is drawn into the comment above it is gone."""
    before = "# Whether it may run.\n[[ -O $1 ]] || return 1\n"
    assert merge.diff(before, before.replace("\n", mark, 1), ".envrc") != ""
    assert merge.diff(before, before.rstrip("\n"), ".envrc") != ""
