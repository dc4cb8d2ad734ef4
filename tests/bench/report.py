"""What a run found, for people and for keeping.

It makes the tables, the JSON, and the words about the machine. Must not measure.
"""

import json
import os
import platform
import subprocess
import sys
from collections.abc import Mapping
from typing import Any

import peers
from peers import Entrant
from rows import TIMES, Row
from timing import Sample
from trial import Findings

WIDTH = 160
COLD = "cold cd"
WARM, STATIC = (peers.beside(name) for name in peers.BESIDE)


def machine() -> dict[str, str]:
    """Return what the numbers depend on."""
    try:
        system = platform.freedesktop_os_release()["PRETTY_NAME"]
    except OSError:
        system = platform.platform(terse=True)
    return {
        "cores": str(os.cpu_count()),
        "processor": platform.machine(),
        "system": system,
        "python": platform.python_version(),
        "direnv": _said("direnv", "version"),
        "bash": _said("bash", "-c", "echo $BASH_VERSION"),
        "sts": "moto on loopback",
    }


def as_json(findings: Findings, about: Mapping[str, str]) -> str:
    """Return everything as JSON."""
    facts: dict[str, Any] = {
        "machine": dict(about),
        "rows": [{name: getattr(row, name) for name in Row.__dataclass_fields__} for row in findings.rows],
        "samples": {name: sample.facts() for name, sample in findings.samples.items()},
        "peers": [{"name": one.name, "version": one.version} for one in findings.entrants],
        "missing": [{"name": one.name, "reason": one.reason} for one in findings.missing],
    }
    return json.dumps(facts, indent=2, ensure_ascii=False)


def show(findings: Findings, about: Mapping[str, str]) -> None:
    """Print the tables: Markdown, which a terminal shows as a table too."""
    from rich import box
    from rich.console import Console
    from rich.table import Table

    console = Console(width=None if sys.stdout.isatty() else WIDTH, highlight=False)
    table = Table("what", "at most", "measured", "", "median (p10 to p90)", box=box.MARKDOWN)
    for row in findings.rows:
        table.add_row(
            row.what, _number(row.budget, row.unit), _number(row.value, row.unit), _verdict(row), row.detail
        )
    console.print(table)
    if findings.entrants and WARM in findings.samples:
        others = Table(
            "`cd` with", "version", "cold", "warm", "cold ÷ rolecall", "warm ÷ rolecall", box=box.MARKDOWN
        )
        for words in _compared(findings):
            others.add_row(*words)
        console.print(others)
    for one in findings.missing:
        console.print(f"missing: {one.name}: {one.reason}", soft_wrap=True)
    console.print("; ".join(f"{name} {value}" for name, value in about.items()), soft_wrap=True)


def _compared(findings: Findings) -> list[tuple[str, ...]]:
    samples = findings.samples
    ours = ("rolecall", "", _ms(samples[COLD]), _ms(samples[WARM]), "1.0", "1.0")
    return [
        ours,
        (
            "static `.envrc`, no AWS call",
            "",
            "",
            _ms(samples[STATIC]),
            "",
            _times(samples[STATIC], samples[WARM]),
        ),
        *(_peer(one, samples) for one in findings.entrants),
    ]


def _peer(one: Entrant, samples: Mapping[str, Sample]) -> tuple[str, ...]:
    cold = samples[one.cold.name]
    warm = samples[one.warm.name] if one.warm else cold
    shown = _ms(warm) if one.warm else "no cache"
    return (one.name, one.version, _ms(cold), shown, _times(cold, samples[COLD]), _times(warm, samples[WARM]))


def _ms(sample: Sample) -> str:
    return f"{sample.median:.0f} ms ({sample.p10:.0f} to {sample.p90:.0f})"


def _times(sample: Sample, base: Sample) -> str:
    return f"{sample.over(base):.1f}"


def _number(value: float | None, unit: str) -> str:
    if value is None:
        return "—"
    return f"{value:.2f} {unit}" if unit == TIMES else f"{value:.0f} {unit}".strip()


def _verdict(row: Row) -> str:
    return {True: "met", False: "missed", None: "not measured"}[row.is_met]


def _said(*argv: str) -> str:
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    return done.stdout.strip()
