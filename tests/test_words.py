"""The words that a person meets: none of those that once puzzled a reader, in any source or template."""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from support.texts import every_text

ROOT = Path(__file__).resolve().parents[1]
PUZZLING = {
    "an order of words that nobody uses": r"\bso\?$|of it was run|of it (is|was) (run|read)|\bno more$",
    "old or odd words": r"belongs? into|does not know direnv yet|for so long|not lasting ones|worth keeping",
    "half a reason": r"cannot be a default, and|this terminal's only",
    "a state that never was": r"\.env (has its account back|is up to date)",
    "a hint that is no command": r"try: (mend|it|see|check|look|ask)\b|\btry: /",
    "a cause beside itself, thrice": r"^[^|]*dev \| dev|rolecall: dev: role dev: ",
}


def person_texts() -> Iterator[tuple[str, str]]:
    """Yield what the sources say, and each line of the templates and fragments that is no comment."""
    yield from every_text()
    for path in sorted([*ROOT.glob("templates/*"), *ROOT.glob("envrc.d/*.sh")]):
        yield from ((path.name, line) for line in path.read_text().splitlines() if line.strip()[:1] != "#")


@cache
def texts() -> tuple[tuple[str, str], ...]:
    """Return them all, read once."""
    return tuple(person_texts())


@pytest.mark.parametrize("shape", PUZZLING)
def test_text_when_a_person_meets_it_then_is_none_that_puzzled_a_reader(shape: str) -> None:
    """Each was read by a newcomer as something else than was meant."""
    assert len(texts()) > 2000
    puzzling = re.compile(PUZZLING[shape])
    assert [f"{name}: {text.strip()}" for name, text in texts() if puzzling.search(text)] == []
