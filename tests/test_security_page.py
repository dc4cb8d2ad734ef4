"""docs/security.md names what the suite tries: the numbers are those that the suite prints at its end."""

import re
from pathlib import Path

from support import mutants
from support.pulled import KINDS
from support.victim import INSTALLATIONS

PAGE = Path(__file__).resolve().parents[1] / "docs/security.md"


def test_security_page_when_it_counts_hostile_cases_then_the_suite_runs_as_many() -> None:
    """Each kind of pulled file, in each installation, warm and cold; and each mutated file."""
    found = re.search(
        r"(\d+) pulled files\D+(\d+) kinds\D+(\d+) installations.*?(\d+) mutated", PAGE.read_text(), re.DOTALL
    )
    assert found
    pulled = 2 * len(KINDS) * len(INSTALLATIONS)
    assert [int(word) for word in found.groups()] == [pulled, len(KINDS), len(INSTALLATIONS), mutants.COUNT]


def test_security_page_when_it_claims_something_then_names_a_test_of_the_suite() -> None:
    """Each point of it, but for what it says is not covered; and each name is that of a test."""
    text = PAGE.read_text()
    points = [point.split("\n\n")[0] for point in re.split(r"\n(?=- )", text)[1:]]
    bare = [point for point in points if "`test_" not in point and not point.startswith("- Not covered")]
    assert not bare
    tests = "\n".join(path.read_text() for path in PAGE.parents[1].glob("tests/**/test_*.py"))
    assert [name for name in re.findall(r"`(test_\w+)`", text) if f"def {name}(" not in tests] == []
