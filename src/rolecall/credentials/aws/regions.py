"""The regions that AWS has, by partition: the names in botocore's own data, read without botocore."""

import json
from functools import cache
from importlib.util import find_spec
from pathlib import Path

GLOBAL = "-global"  # a partition's name for what lies in no region


@cache
def by_partition() -> dict[str, tuple[str, ...]]:
    """Return the names of each partition's regions; nothing where botocore's list is not to be had.

    `data/partitions.json` is what botocore's endpoint rules read; it has 7 KB, `endpoints.json` 700.
    """
    spec = find_spec("botocore")
    folder = Path(spec.origin).parent if spec and spec.origin else None
    try:
        text = (folder / "data/partitions.json").read_text(encoding="utf-8") if folder else ""
        listed = json.loads(text)["partitions"]
    except (OSError, ValueError, KeyError):
        return {}
    return {one["id"]: tuple(name for name in one["regions"] if not name.endswith(GLOBAL)) for one in listed}


def problem(name: str, partition: str) -> str:
    """Return why `name` is no region of `partition`, in words; nothing where it is one.

    Where the partition's regions are not known, every name will do.
    """
    import difflib

    known = by_partition()
    own = known.get(partition, ())
    if not own or name in own:
        return ""
    if other := next((one for one, names in known.items() if name in names), ""):
        return f"is in the partition {other}, and the role is in {partition}; such as {own[0]}"
    close = difflib.get_close_matches(name, own)
    return "is not a region of AWS; " + (f"did you mean {close[0]}?" if close else f"such as {own[0]}")
