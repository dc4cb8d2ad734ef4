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
