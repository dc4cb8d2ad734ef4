"""Nothing pulled runs on `cd`: each kind of pulled file, for each installation, warm and cold.

Every file arrives by a real `git pull --ff-only`, typed in a real shell with real direnv.
"""

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from support import Sts, victim
from support.pulled import KINDS, Kind
from support.terminals import Terminal
from support.victim import INSTALLATIONS, Victim

TYPED = "git --version; ls /; stat /; date"


@pytest.fixture
def make_victim(sts: Sts, direnv: str, tmp_path: Path) -> Callable[[str], Victim]:
    """Return a function that makes a victim's checkout; its `.env` needs a package to be read."""
    return lambda installation: victim.make(installation, tmp_path, f"{sts.env_file()}GREETING='he llo'\n")


@pytest.mark.parametrize("installation", INSTALLATIONS)
def test_cd_when_a_file_was_pulled_then_nothing_of_it_runs(
    make_victim: Callable[[str], Victim],
    open_terminal: Callable[[str], Terminal],
    record_property: Callable[[str, object], None],
    installation: str,
) -> None:
    """The role, where it can be had, and one clear line where not; never a payload, an error, a hang."""
    shop = make_victim(installation)
    terminal = open_terminal("bash")
    terminal.run("OWN=$PATH")
    said = enter(terminal, shop)
    assert seen(terminal)[1] == "dev", said
    shop.keep()
    shop.push(KINDS)
    wrong = []
    for kind in KINDS:
        wrong += [f"{kind.name}: {problem}" for problem in tried(kind, shop, terminal)]
    record_property("pulled", 2 * len(KINDS))
    assert not wrong, "\n".join(wrong)


def tried(kind: Kind, shop: Victim, terminal: Terminal) -> list[str]:
    """Pull `kind`, enter warm and cold; return what was wrong."""
    leave(terminal)
    shop.restore()
    if kind.without_venv:
        shutil.rmtree(shop.root / ".venv")
    pull = f"git -C '{shop.top}' pull -q --ff-only origin {kind.name}"
    pulled = terminal.run(f"PATH=$OWN; {pull} && echo is-pulled")
    if "is-pulled" not in pulled:
        return [f"not pulled: {pulled}"]
    wrong = looked(kind, shop, terminal, "warm", has_role_expected=kind.warm)
    leave(terminal)
    shutil.rmtree(shop.folder)
    has_role = kind.cold or (kind.only != "" and not applies(kind, shop))
    has_role = has_role and not (shop.place.is_site_pulled and brings(kind, shop, shop.place.site_venv))
    return wrong + looked(kind, shop, terminal, "cold", has_role_expected=has_role)


def looked(kind: Kind, shop: Victim, terminal: Terminal, state: str, *, has_role_expected: bool) -> list[str]:
    """Enter, and type what a prompt runs; return what was wrong."""
    mark = Path(shop.place.mark)
    said = enter(terminal, shop, path=kind.path)
    shown, role, path = seen(terminal)
    said += shown
    found = []
    if mark.exists():
        mark.unlink()
        found.append("a payload ran")
    if (role == "dev") != has_role_expected:
        found.append(f"the role is {'not ' if has_role_expected else ''}there")
    is_on_path = f"{shop.root}/.venv/bin:" in path
    brings_venv = brings(kind, shop, shop.place.venv)
    if is_on_path == (brings_venv or not kind.warm):
        found.append(f".venv is {'' if is_on_path else 'not '}on PATH")
    is_to_say = (
        bool(kind.says) and applies(kind, shop) and (state == "cold" or (brings_venv and not kind.only))
    )
    if is_to_say and kind.says not in said:
        found.append(f"does not say {kind.says!r}")
    if re.search(r"command not found|syntax error|Traceback|\x1b\[2J|\u202e|: line \d+:", said):
        found.append("says what it should not")
    lines = [line for line in said.splitlines() if line.startswith(("rolecall:", "direnv: error"))]
    return [f"{state}: {problem}: {lines}" for problem in found]


def brings(kind: Kind, shop: Victim, venv: str) -> bool:
    """Return whether a file of `kind` is one of `venv`, however it is spelled."""
    return any(f"{name.casefold()}/".startswith(f"{venv}/") for name in kind.files(shop.place))


def applies(kind: Kind, shop: Victim) -> bool:
    """Return whether what `kind` says of rolecall's package, or its packages, is so in this installation."""
    return {"package": shop.place.is_package_pulled, "site": shop.place.is_site_pulled}.get(kind.only, True)


def enter(terminal: Terminal, shop: Victim, path: str = "") -> str:
    """Go into the project, and type what a prompt runs; return what was said.

    With `path`, the person's PATH begins with that, and nothing is typed: those are their own programs.
    """
    before = f"PATH='{path}':$OWN; " if path else "PATH=$OWN; "
    typed = "true" if path else f"{{ {TYPED}; }} >/dev/null 2>&1"
    return terminal.run(f"{before}cd '{shop.root}'") + terminal.run(typed)


def leave(terminal: Terminal) -> None:
    """Go away; direnv takes its PATH back at the next prompt."""
    terminal.run("cd /")


def seen(terminal: Terminal) -> tuple[str, str, str]:
    """Return what the next prompt shows, and the role and the PATH that a command sees there."""
    out = terminal.run("printf '<''%s|%s>' \"$(printenv ROLECALL_ROLE)\" \"$(printenv PATH)\"")
    role, _, path = out.rpartition("<")[2].partition(">")[0].partition("|")
    return out, role, path
