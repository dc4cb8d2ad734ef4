"""The rows of the design's budgets: what is held against what, and how much is allowed.

Owns: the budgets, and the judgement.
Must not: measure or print.
Called by: trial, report.
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
    Ratio("warm-cd", "warm `cd` ÷ a static `.envrc`", 1.25, "warm cd", "static .envrc"),
    Ratio(
        "credential-process",
        "`credential_process`, warm ÷ `python -c pass`",
        4,
        "credential_process",
        "python -c pass",
    ),
    Ratio("offline-cd", "offline `cd`, after the first ÷ warm `cd`", 1.3, "offline cd", "warm cd"),
)
SLOW = (
    Ratio("assume", "cold `invoke assume` ÷ the bare boto3 script", 1.6, "invoke assume", "boto3 script"),
    Ratio(
        "cold-cd",
        "cold `cd` ÷ the shell script with `aws` and three `jq`",
        0.7,
        "cold cd",
        f"{peers.SCRIPT}, cold",
    ),
)
PROCESSES = Row("processes", "processes on the warm path beyond direnv's own", 1)
PROMPT = Row("prompt", "idle prompt, cost of the rc block in", 50, "µs")
CROWD = Row("crowd", "shells entering cold at once: calls to STS", 1)
RESIDENT = Row("resident", "resident processes when idle", 0)
PEERS = "peers"
KEYS = (
    *(ratio.key for ratio in (*QUICK, *SLOW)),
    *(row.key for row in (PROCESSES, PROMPT, CROWD, RESIDENT)),
    PEERS,
)


def _spread(sample: Sample) -> str:
    return f"{sample.median:.1f} ms ({sample.p10:.1f} to {sample.p90:.1f})"
