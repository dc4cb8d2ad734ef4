"""`01-say.cold.sh`: what a line to the person never holds."""

import pytest

from support import fragments
from support.terminals import OLD_BASH, needs_old_bash


@pytest.mark.parametrize("bash", ["bash", pytest.param(OLD_BASH, marks=needs_old_bash, id="bash 3.2")])
@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a plain ~ line", "a plain ~ line"),
        ("Läden 日本", "Läden 日本"),
        ("a\x1b[2Jb\x07\n\x7f", "a?[2Jb???"),
        ("a\u0080b\u009b2J", "a?b?2J"),
        ("a\u200eb\u200f\u202a\u202e", "a?b???"),
        ("a\u2066b\u2069", "a?b?"),
    ],
)
def test_say_when_a_name_would_steer_the_terminal_then_it_cannot(bash: str, text: str, shown: str) -> None:
    """Control characters, those of C1, and what turns the direction of a line."""
    assert (
        fragments.run('_rolecall_say "$TEXT" >/dev/null', {"TEXT": text}, bash=bash) == f"rolecall: {shown}"
    )
