"""The marks of `lock`: of one project, of all, and of a project that was unlocked since."""

from pathlib import Path

import pytest

from rolecall.credentials.store import locked
from rolecall.errors import LoginNeededError
from support.credentials import place_of


@pytest.fixture
def other(tmp_path: Path) -> Path:
    """Make another project of the same person."""
    (tmp_path / "other/envrc.d").mkdir(parents=True)
    return tmp_path / "other"


def test_locked_when_one_project_is_then_no_other_is(shop: Path, other: Path) -> None:
    """By hand it is unlocked again, and nothing of the mark stays."""
    assert not locked.is_locked(place_of(shop))
    locked.mark(place_of(shop), is_all=False)
    assert (locked.is_locked(place_of(shop)), locked.is_locked(place_of(other))) == (True, False)
    with pytest.raises(LoginNeededError, match=f"{shop} is locked") as caught:
        locked.refuse(place_of(shop))
    assert (caught.value.code, caught.value.hint) == ("locked", "invoke assume")
    locked.unlock(place_of(shop))
    assert not locked.is_locked(place_of(shop))
    locked.refuse(place_of(shop))


def test_locked_when_all_are_then_each_is_unlocked_by_itself(shop: Path, other: Path) -> None:
    """Also one that is locked twice; and the next lock of all locks it again."""
    locked.mark(place_of(shop), is_all=False)
    locked.mark(place_of(shop, clock=lambda: 1_000_000.0), is_all=True)
    assert locked.is_locked(place_of(other))
    locked.unlock(place_of(shop))
    assert (locked.is_locked(place_of(shop)), locked.is_locked(place_of(other))) == (False, True)
    locked.mark(place_of(other, clock=lambda: 1_000_001.0), is_all=True)
    assert (locked.is_locked(place_of(shop)), locked.is_locked(place_of(other))) == (True, True)


def test_locked_when_the_mark_cannot_be_read_then_is_locked(shop: Path, tmp_path: Path) -> None:
    """Whatever lies there is a mark: a person put it there to be safe."""
    mark = Path(place_of(shop).state).parent / "locked"
    mark.parent.mkdir(parents=True, exist_ok=True)
    mark.symlink_to(tmp_path / "nowhere")
    assert locked.is_locked(place_of(shop))
