"""A question: its lines are lines, and nothing else in it steers the terminal."""

import pytest

from rolecall.system.person import person


def test_ask_when_a_list_comes_before_the_question_then_it_is_shown_line_by_line(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The roles of a person's AWS profiles, one to a line; an escape in a name is written out."""
    answer = person.ask("   1  dev\n   2  pr\x1b[2Jod\nNumber", default="1", read=lambda _: " 2 ")
    assert answer == "2"
    shown = capsys.readouterr().err
    assert shown.split("\n")[0] == "   1  dev"
    assert shown.split("\n")[2] == "Number [1]: "
    assert "\x1b" not in shown
