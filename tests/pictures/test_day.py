"""The picture of a day in a terminal: recorded again, it shows what `docs/day.svg` shows."""

import html
import re
from pathlib import Path

from pictures import day

MOVING = re.compile(r"AROA\w+|\d\d:\d\d|\d+h\d\dm|\d+m")  # ids and times


def words(picture: Path) -> str:
    """Return the text of an SVG file without what differs from run to run."""
    shown = "".join(re.findall(r"<text[^>]*>([^<]*)</text>", picture.read_text()))
    return MOVING.sub("…", html.unescape(shown).replace("\xa0", " "))


def test_picture_when_recorded_again_then_shows_what_docs_shows(tmp_path: Path) -> None:
    """A real bash in a new project on the sandbox still says what readers see; else run: invoke picture."""
    day.main(tmp_path / "day.svg")
    shown = words(tmp_path / "day.svg")
    assert shown == words(day.PICTURE)
    for command in day.COMMANDS:
        assert f"$ {command}" in shown
    assert shown.rstrip().endswith("grep -c AWS_\n0")


def test_picture_when_drawn_then_asks_no_other_host(tmp_path: Path) -> None:
    """A page that shows it loads no font from elsewhere."""
    day.draw("$ cd shop", tmp_path / "day.svg")
    assert "@font-face" not in (tmp_path / "day.svg").read_text()
