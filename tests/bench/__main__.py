"""The benchmark's door: `python tests/bench [--json] [--only KEYS] [--rounds N]`.

It holds the words and the exit code: 1 where a budget is missed. Must not measure or format.
"""

import argparse
import random
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
if __name__ == "__main__":  # pytest has this folder on its path already
    sys.path[:0] = [str(HERE), str(HERE.parent)]

try:
    import arena
    import report
    import rows
    import trial

    from rolecall.errors import RolecallError
except ImportError as problem:
    sys.exit(f"bench: {problem}: it needs what the tests need\n  try: invoke test")

ROUNDS = 40
FAILED, USAGE = 1, 2


def main(words: list[str]) -> int:
    """Run the benchmark; return the exit code."""
    asked = _parser().parse_args(words)
    keys = [key.strip() for key in asked.only.split(",") if key.strip()] or list(rows.KEYS)
    unknown = [key for key in keys if key not in rows.KEYS]
    if unknown:
        _say(f"no row {unknown[0]!r}: {', '.join(rows.KEYS)}")
        return USAGE
    try:
        with arena.opened() as ground:
            order = random.Random(asked.seed)
            findings = trial.Trial(ground, keys, asked.rounds, asked.shells, order, _say).run()
    except (arena.BenchError, RolecallError) as problem:
        _say(str(problem))
        return FAILED
    about = report.machine()
    if asked.json:
        sys.stdout.write(f"{report.as_json(findings, about)}\n")
    else:
        report.show(findings, about)
    return FAILED if any(row.is_met is False for row in findings.rows) else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="invoke bench", description="Measure the budgets, and the peers on PATH."
    )
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--only", default="", help=f"some rows, comma-separated: {', '.join(rows.KEYS)}")
    parser.add_argument(
        "--rounds", type=_count, default=ROUNDS, help="rounds of the quick subjects (slow: half)"
    )
    parser.add_argument("--shells", type=_count, default=trial.SHELLS, help="shells that enter at once")
    parser.add_argument("--seed", type=int, default=None, help="order of the runs")
    return parser


def _count(word: str) -> int:
    if not word.isdigit() or int(word) < 1:
        raise argparse.ArgumentTypeError(f"{word!r} is not a number above 0")
    return int(word)


def _say(text: str) -> None:
    sys.stderr.write(f"bench: {text}\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
