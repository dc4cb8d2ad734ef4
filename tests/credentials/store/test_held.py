"""Whose a session is: the folders of this terminal, of others that are open, and of programs."""

import os
from pathlib import Path

import pytest

from rolecall.credentials.store import held
from rolecall.system.disk.place import Place
from rolecall.system.person import terminal
from rolecall.system.person.terminal import Leader
from support.credentials import place_of

ME = Leader(os.getpid(), terminal.started_at(os.getpid()) or "")
BESIDE = Leader(os.getppid(), terminal.started_at(os.getppid()) or "")
CLOSED = Leader(os.getpid(), "1")


def at(monkeypatch: pytest.MonkeyPatch, leader: Leader | None) -> None:
    monkeypatch.setattr(terminal, "leader", lambda: leader)


def within(where: Place, *names: str) -> str:
    return "/".join((where.folder, *names))


def test_held_when_nobody_holds_then_no_place_here(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No terminal is looked for where there is nothing to find; programs have the two of all."""
    where = place_of(shop)
    at(monkeypatch, ME)
    assert (held.here(where), held.elsewhere(where)) == (None, ())
    assert [kind for _, kind in held.for_programs(where)] == ["", held.PROTECTED]


def test_held_when_terminals_hold_then_each_its_own(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Elevated goes before protected, what a terminal holds before what all may have."""
    where = place_of(shop)
    for kind in held.KINDS:
        held.make(held.by_terminal(where, ME, kind))
    held.make(held.by_terminal(where, BESIDE))
    held.make(held.by_terminal(where, CLOSED))
    held.make(held.by_programs(where))
    at(monkeypatch, ME)
    here = held.here(where)
    assert here
    assert here.folder == within(where, "held", ME.key)
    assert [place.folder for place in held.elsewhere(where)] == [within(where, "held", BESIDE.key)]
    assert [(place.folder, kind) for place, kind in held.for_programs(where)] == [
        (within(where, "elevated", ME.key), "elevated"),
        (within(where, "held", ME.key), "held"),
        (where.folder, ""),
        (within(where, "held", "programs"), "held"),
    ]


def test_held_when_there_is_no_terminal_then_every_open_one_is_another(
    shop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An editor, a CI job."""
    where = place_of(shop)
    for leader in (ME, BESIDE, CLOSED):
        held.make(held.by_terminal(where, leader))
    at(monkeypatch, None)
    assert held.here(where) is None
    found = {Path(place.folder).name for place in held.elsewhere(where)}
    assert found == {ME.key, BESIDE.key}


def test_forget_closed_when_some_are_open_then_those_and_programs_stay(shop: Path) -> None:
    """Of either kind; what is no terminal's goes."""
    where = place_of(shop)
    for kind in held.KINDS:
        for leader in (ME, CLOSED, Leader(0, "x")):
            held.make(held.by_terminal(where, leader, kind))
    held.make(held.by_programs(where))
    held.forget_closed(where)
    left = {str(path.relative_to(where.folder)) for path in Path(where.folder).glob("*/*")}
    assert left == {f"held/{ME.key}", f"elevated/{ME.key}", "held/programs"}


def test_make_when_made_then_every_folder_is_private(shop: Path) -> None:
    """Whatever the umask."""
    before = os.umask(0)
    try:
        held.make(held.by_programs(place_of(shop)))
    finally:
        os.umask(before)
    folder = Path(place_of(shop).folder)
    for path in (folder, folder / "held", folder / "held/programs"):
        assert path.stat().st_mode & 0o777 == 0o700


def test_forget_when_there_is_nothing_or_more_then_no_failure(shop: Path) -> None:
    """Nothing was there; or a folder that is not ours to remove."""
    where = held.by_programs(place_of(shop))
    held.forget(where)
    held.make(where)
    (Path(where.folder) / "x.env").write_text("x")
    held.forget(where)
    assert not Path(where.folder).exists()
