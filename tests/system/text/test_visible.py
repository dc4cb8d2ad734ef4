"""Each character that shows nothing, or steers a terminal, is written out; its neighbours stay."""

import pytest

from rolecall.system.text.visible import visible

HIDDEN = [0x1B, 0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x2800, 0x3164, 0xFFA0, 0xFE00, 0xFE0F]
HIDDEN += [0x202E, 0xE0100, 0xE0110, 0xE01EF]
SHOWN = [0x0350, 0x115E, 0x1161, 0x2801, 0x3165, 0xFE10, ord("a"), ord("é"), ord("\t")]


@pytest.mark.parametrize("code", HIDDEN)
def test_visible_when_a_character_shows_nothing_then_its_number_is_written(code: int) -> None:
    """The first and the last of each range too."""
    assert visible(f"a{chr(code)}b") == f"a<U+{code:04X}>b"


@pytest.mark.parametrize("code", SHOWN)
def test_visible_when_a_character_can_be_seen_then_it_stays(code: int) -> None:
    """The nearest neighbours of what is hidden, and a tab."""
    assert visible(f"a{chr(code)}b") == f"a{chr(code)}b"
