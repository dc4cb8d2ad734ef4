"""The rows of the design's budgets: what is held against what, and how much is allowed.

The budgets are here, and so is the judgement. Must not measure or print.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import peers
from timing import Sample

TIMES = "x"


@dataclass(frozen=True, slots=True)
class Row:
    """One budget: the value against it, how it came about, and whether it is met (None: not measured)."""

    key: str
    what: str
    budget: float
    unit: str = ""
    value: float | None = None
    detail: str = ""
    is_met: bool | None = None

    def judged(self, value: float, detail: str, *, and_also: bool = True) -> "Row":
        """Return the row with its value, met where it is within the budget."""
        return replace(self, value=value, detail=detail, is_met=value <= self.budget and and_also)

    def unmeasured(self, why: str) -> "Row":
        """Return the row without a value."""
        return replace(self, detail=f"not measured: {why}")


@dataclass(frozen=True, slots=True)
class Ratio:
    """A row that holds one subject's time against another's."""

    key: str
    what: str
    budget: float
    subject: str
    base: str

    def row(self, samples: Mapping[str, Sample]) -> Row:
        """Return the row, judged."""
        row = Row(self.key, self.what, self.budget, TIMES)
        absent = [name for name in (self.subject, self.base) if name not in samples]
        if absent:
            return row.unmeasured(f"{absent[0]} is missing")
        top, base = samples[self.subject], samples[self.base]
        return row.judged(top.over(base), f"{_spread(top)} ÷ {_spread(base)}")


QUICK = (
    Ratio("warm-cd", "warm `cd` ÷ a static `.envrc`", 1.15, "warm cd", "static .envrc"),
    Ratio(
        "warm-use",
        "warm `cd` with `use rolecall` ÷ a static `.envrc` that calls direnv's `use`",
        1.15,
        "warm cd, use rolecall",
        "static use",
    ),
    Ratio(
        "credential-process",
        "`credential_process`, warm ÷ `python -c pass`",
        3,
        "credential_process",
        "python -c pass",
    ),
    Ratio("offline-cd", "offline `cd`, after the first ÷ warm `cd`", 1.1, "offline cd", "warm cd"),
)
GROWTH = (
    Ratio(
        "many-roles",
        "warm `cd`, 500 roles and 500 lines in `.env` ÷ the same with 2 roles",
        1.1,
        "warm cd, 500 roles and 500 lines",
        "warm cd, 2 roles and 500 lines",
    ),
    Ratio(
        "much-used",
        "warm `cd`, files of 200 terminals and 30 projects ÷ warm `cd`",
        1.1,
        "warm cd, 200 terminals and 30 projects",
        "warm cd",
    ),
    Ratio(
        "cold-many-roles",
        "cold `cd` with 500 roles ÷ with 2 roles",
        1.1,
        "cold cd, 500 roles",
        "cold cd, 2 roles",
    ),
)
SLOW = (
    Ratio(
        "granted",
        "warm `cd` ÷ an `.envrc` that calls Granted's `assumego`, session cached",
        0.8,
        peers.beside("warm cd"),
        f"{peers.GRANTED}, warm",
    ),
    Ratio(
        "cold-cd",
        "cold `cd` ÷ an `.envrc` that calls `aws-vault export`",
        2.5,
        "cold cd",
        f"{peers.VAULT}, cold",
    ),
    Ratio(
        "first-cd",
        "the first `cd` of all, nothing on disk ÷ an `.envrc` that calls `aws-vault export`",
        2.5,
        "first cd",
        f"{peers.VAULT}, cold",
    ),
    Ratio(
        "cold-assume",
        "cold `assume` inside `.envrc` (Python's part) ÷ the bare boto3 script",
        0.45,
        "assume in .envrc",
        "boto3 script",
    ),
    Ratio(
        "assume", "cold `invoke assume` by hand ÷ the bare boto3 script", 0.8, "invoke assume", "boto3 script"
    ),
)
RATIOS = (*QUICK, *GROWTH, *SLOW)
NEEDS = {"granted": peers.GRANTED, "cold-cd": peers.VAULT, "first-cd": peers.VAULT}  # the peer of a row
PROCESSES = Row("processes", "processes on the warm path beyond direnv's own", 0)
PROMPT = Row("prompt", "idle prompt, cost of the rc block in", 50, "µs")
CROWD = Row("crowd", "shells entering cold at once: calls to STS", 1)
RESIDENT = Row("resident", "resident processes when idle", 0)
PEERS = "peers"
KEYS = (
    *(ratio.key for ratio in RATIOS),
    *(row.key for row in (PROCESSES, PROMPT, CROWD, RESIDENT)),
    PEERS,
)


def _spread(sample: Sample) -> str:
    return f"{sample.median:.1f} ms ({sample.p10:.1f} to {sample.p90:.1f})"
