"""`50-session.sh`: what is done where a session is there, is soon to end, is not there, or is locked."""

from pathlib import Path

import pytest

from support import fragments

SCRIPT = """
_rolecall_state=$NOW_IS _rolecall_state_dir=$STATE _rolecall_env=()
read_fragment 51-failing.cold.sh
_rolecall_is_failing() { _rolecall_failure=${FAILING:-} && [[ -n $_rolecall_failure ]]; }
_rolecall_cold() { echo cold; }
_rolecall_renew() { echo renews; }
_rolecall_read_cold() { :; }
_rolecall_say() { echo "$1"; }
read_fragment 50-session.sh
echo "$_rolecall_state"
"""
LOCKED = "/shop is locked; no role is loaded until you assume one (try: invoke assume)"


@pytest.mark.parametrize(
    ("state", "does"), [("warm", []), ("soft", ["renews"]), ("stale", ["cold"]), ("none", ["cold"])]
)
def test_load_when_the_session_is_so_then_that_is_done(tmp_path: Path, state: str, does: list[str]) -> None:
    """A warm one needs nothing."""
    assert fragments.run(SCRIPT, {"NOW_IS": state, "STATE": str(tmp_path)}).splitlines() == [*does, state]


@pytest.mark.parametrize(
    ("state", "does"),
    [("warm", []), ("soft", []), ("stale", ["no answer"]), ("none", ["no answer"])],
)
def test_load_when_it_has_just_failed_then_it_is_not_tried_again(
    tmp_path: Path, state: str, does: list[str]
) -> None:
    """Said where there is no session: a renewal that failed is told by the prompt that needs it."""
    environ = {"NOW_IS": state, "STATE": str(tmp_path), "FAILING": "no answer"}
    assert fragments.run(SCRIPT, environ).splitlines() == [*does, state]


@pytest.mark.parametrize(
    ("marks", "is_locked"),
    [
        ({"shop/locked": ""}, True),
        ({"locked": "1\n"}, True),
        ({"locked": "1\n", "shop/unlocked": "1\n"}, False),
        ({"locked": "2\n", "shop/unlocked": "1\n"}, True),
        ({"locked": "1", "shop/unlocked": "1"}, True),  # not whole
        ({"locked": "1\n", "shop/unlocked": "1\n", "shop/locked": ""}, True),
        ({"shop/unlocked": "1\n"}, False),
        ({"locked-not": "", "other/locked": ""}, False),
    ],
    ids=str,
)
def test_load_when_a_lock_is_there_then_counts_unless_this_project_was_unlocked_since(
    tmp_path: Path, marks: dict[str, str], *, is_locked: bool
) -> None:
    """A lock of this project, or one of all of them."""
    for name, text in marks.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    told = fragments.run(SCRIPT, {"NOW_IS": "warm", "STATE": str(tmp_path)}).splitlines()
    assert told == ([LOCKED, "locked"] if is_locked else ["warm"])


def test_load_when_the_mark_is_a_dangling_link_then_it_is_locked(tmp_path: Path) -> None:
    """Whoever made it so has not unlocked it."""
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop/locked").symlink_to("nowhere")
    told = fragments.run(SCRIPT, {"NOW_IS": "warm", "STATE": str(tmp_path)}).splitlines()
    assert told == [LOCKED, "locked"]
