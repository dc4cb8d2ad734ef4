"""Wall-clock times, side by side: every subject once in each round, in random order.

Must not know the subjects that it times.
"""

import random
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from arena import BenchError

from rolecall.system.programs.processes import Result

WARM_UPS = 1


def nothing() -> None:
    """Prepare nothing."""


@dataclass(frozen=True, slots=True)
class Subject:
    """Something to time: `before` is not timed, and a run that `is_right` refuses ends the benchmark."""

    name: str
    run: Callable[[], Result]
    before: Callable[[], None] = nothing
    is_right: Callable[[Result], bool] = lambda done: done.is_ok


@dataclass(frozen=True, slots=True)
class Sample:
    """The times of one subject in milliseconds."""

    times: tuple[float, ...]

    @property
    def median(self) -> float:
        """The middle."""
        return statistics.median(self.times)

    @property
    def p10(self) -> float:
        """The fast end of the spread."""
        return self._quantile(0)

    @property
    def p90(self) -> float:
        """The slow end of the spread."""
        return self._quantile(-1)

    def over(self, base: "Sample") -> float:
        """Return the median of the rounds' ratios: what else the machine does comes and goes with a round."""
        return statistics.median(mine / its for mine, its in zip(self.times, base.times, strict=True))

    def _quantile(self, index: int) -> float:
        if len(self.times) == 1:
            return self.times[0]
        return statistics.quantiles(self.times, n=10, method="inclusive")[index]

    def facts(self) -> dict[str, float]:
        """Return the numbers for JSON."""
        return {"median_ms": self.median, "p10_ms": self.p10, "p90_ms": self.p90, "runs": len(self.times)}


def once(subject: Subject) -> float:
    """Return the milliseconds of one run. Raises BenchError where the work was not done."""
    subject.before()
    begun = time.perf_counter()
    done = subject.run()
    taken = (time.perf_counter() - begun) * 1000
    if not subject.is_right(done):
        words = done.err.strip().splitlines()[-1:] or [f"exit code {done.code}, nothing said"]
        raise BenchError(f"{subject.name}: {words[0]}")
    return taken


def race(subjects: Sequence[Subject], rounds: int, *, order: random.Random) -> Mapping[str, Sample]:
    """Return the times of every subject over `rounds`, after a round that does not count."""
    times: dict[str, list[float]] = {subject.name: [] for subject in subjects}
    for number in range(-WARM_UPS, rounds):
        for subject in order.sample(subjects, len(subjects)):
            taken = once(subject)
            if number >= 0:
                times[subject.name].append(taken)
    return {name: Sample(tuple(taken)) for name, taken in times.items()}
