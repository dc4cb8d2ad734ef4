"""The table of programs is complete."""

import re

import pytest

from rolecall.workstation.programs import catalogue
from rolecall.workstation.programs import tool as tools

TABLE = (*catalogue.REQUIRED, *catalogue.ON_REQUEST)


@pytest.mark.parametrize("tool", TABLE, ids=lambda tool: tool.name)
def test_catalogue_when_a_file_is_pinned_then_has_a_digest_and_a_version(tool: tools.Tool) -> None:
    """A pin without a full sha256, over plain HTTP, or of another version than announced is a mistake."""
    for machine, pin in tool.pins.items():
        assert re.fullmatch(r"(linux|darwin)-(x86_64|arm64)", machine)
        assert re.fullmatch(r"[0-9a-f]{64}", pin.sha256)
        assert pin.url.startswith("https://")
        assert tool.pinned_version in pin.url
        assert tools.parse(tool.pinned_version) >= tool.minimum
    assert len({pin.sha256 for pin in tool.pins.values()}) == len(tool.pins)
