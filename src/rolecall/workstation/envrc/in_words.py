"""An `.envrc` in words: rolecall's own parts by what they do, everybody else's in full."""

import itertools
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

from rolecall.system.disk import files, paths
from rolecall.system.text.visible import visible
from rolecall.workstation.envrc import render

PART = re.compile(r"(?m)^# --- (?:envrc\.d/(.+\.sh)|end)\n")
CONSTANT = re.compile(r"(?m)^_rolecall_(python|package)=(.+)$")


def summary(root: Path, text: str) -> list[str]:
    """Return the lines for a person who approves `text`, the `.envrc` of `root`, for the first time."""
    yours = f"What direnv would run on each `cd` into {paths.short(root)}:"
    if not render.is_ours(text):
        return [yours, "  this project's own .envrc, in full:", *_full(text)]
    head, *parts = PART.split(text)
    named = zip(parts[::2], parts[1::2], strict=True)
    found = dict(sorted((name, body) for name, body in named if name))
    shipped = {name: body for name, body in found.items() if _is_shipped(name, body)}
    lines = [yours, f"  {len(shipped)} parts as this rolecall ships them:"]
    lines += [f"    {name.partition('.')[0]:<12} {_first_words(body)}" for name, body in shipped.items()]
    for name, body in found.items():
        if name not in shipped:
            lines += [f"  a part of this project, envrc.d/{visible(name)}, in full:", *_full(body)]
    if not render.is_unedited(text):
        lines.append("  It was edited since rolecall rendered it: `?` shows every line.")
    return [*lines, *_program(head + text)]


def _is_shipped(name: str, body: str) -> bool:
    own = files.read_text(paths.shipped("envrc.d") / name)
    return own is not None and own.strip("\n") == body.strip("\n")


def _first_words(body: str) -> str:
    """Return the first sentence of a part's first comment."""
    lines = [line for line in body.strip("\n").split("\n") if "shellcheck" not in line]
    comment = itertools.takewhile(lambda line: line.startswith("# "), lines)
    return " ".join(line[2:] for line in comment).partition(". ")[0].rstrip(".")


def _full(text: str) -> Iterator[str]:
    return (f"    | {visible(line)}" for line in text.strip("\n").split("\n"))


def _program(text: str) -> list[str]:
    """Return which program is started where there is no session on disk."""
    found = {name: "".join(shlex.split(value)) for name, value in CONSTANT.findall(text)}
    if "python" not in found or "package" not in found:
        return []
    return [
        f"  Where no valid session is on disk, it starts {visible(found['python'])}",
        f"    with {visible(found['package'])}, which asks AWS. It asks you nothing, and ends within 4 s.",
    ]
