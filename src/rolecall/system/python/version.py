"""The version of this rolecall: the one place that says it, for the wheel too.

Without importlib.metadata: a `cd` reads it, where Python was started without its packages.
"""

VERSION = "0.1.0"


def meets(wanted: str, *, version: str = VERSION) -> bool:
    """Return whether `version` is one that `wanted` (">=0.2", ">=0.2,<1") allows."""
    return all(_meets_one(part.strip(), _numbers(version)) for part in wanted.split(","))


def _meets_one(part: str, found: tuple[int, ...]) -> bool:
    sign = part[:2] if part[1:2] == "=" else part[:1]
    wanted = _numbers(part[len(sign) :])
    return {
        ">=": found >= wanted,
        ">": found > wanted,
        "<=": found <= wanted,
        "<": found < wanted,
        "==": found == wanted,
    }[sign]


def _numbers(text: str) -> tuple[int, ...]:
    """Return "1.2" as numbers without zeros at the end: 1.2 and 1.2.0 are the same version."""
    numbers = [int("".join(filter(str.isdigit, part)) or 0) for part in text.strip().split(".")[:3]]
    while numbers and numbers[-1] == 0:
        numbers.pop()
    return tuple(numbers)
