"""An `.envrc` in words: rolecall's own parts by what they do, everybody else's in full.

Nothing is taken from the text's own marks: a project's template or fragment can write those. What rolecall
would render from the same fragments is in words, and whatever differs from that is shown line by line.
"""

import itertools
from collections.abc import Iterator
from pathlib import Path

from rolecall.system.disk import files, paths
from rolecall.system.text.visible import visible
from rolecall.workstation.envrc import merge, render, runtime
from rolecall.workstation.envrc.render import Fragment


def summary(root: Path, text: str) -> list[str]:
    """Return the lines for a person who approves `text`, the `.envrc` of `root`, for the first time."""
    yours = f"What direnv would run on each `cd` into {paths.short(root)}:"
    if not render.is_ours(text):
        return [yours, "  this project's own .envrc, in full:", *_full(text)]
    found = render.fragments(root)
    shipped = [fragment for fragment in found if _is_shipped(fragment)]
    lines = [yours, f"  {len(shipped)} parts as this rolecall ships them:"]
    names = [one.name.removesuffix(".sh") for one in shipped]
    width = max(map(len, names), default=0)
    lines += [
        f"    {name:<{width}} {_first_words(one.text)}" for name, one in zip(names, shipped, strict=True)
    ]
    for fragment in found:
        if fragment not in shipped:
            lines += [f"  a part of this project, envrc.d/{visible(fragment.name)}, in full:"]
            lines += _full(fragment.text)
    return [*lines, *_differing(root, text), *_program(root)]


def _is_shipped(fragment: Fragment) -> bool:
    return files.read_text(paths.shipped("envrc.d") / fragment.name) == fragment.text


def _differing(root: Path, text: str) -> list[str]:
    """Return what is not in words above: an edit, a template of the project's, a line between the parts."""
    rendered, _ = render.unmarked(render.by_shipped_templates(root))
    body, _ = render.unmarked(text)
    changed = merge.diff(rendered, body, runtime.FILE).split("\n")[2:]
    if not changed:
        return []
    return ["  It differs from what rolecall would render of these parts:", *_full("\n".join(changed))]


def _first_words(body: str) -> str:
    """Return the first sentence of a part's first comment."""
    lines = [line for line in body.strip("\n").split("\n") if "shellcheck" not in line]
    comment = itertools.takewhile(lambda line: line.startswith("# "), lines)
    return " ".join(line[2:] for line in comment).partition(". ")[0].rstrip(".")


def _full(text: str) -> Iterator[str]:
    return (f"    | {visible(line)}" for line in text.removesuffix("\n").split("\n"))


def _program(root: Path) -> list[str]:
    """Return which program is started where there is no session on disk."""
    started = runtime.installation(root)
    return [
        f"  Where no valid session is on disk, it starts {visible(started['python'])}",
        f"    with {visible(started['package'])}, which asks AWS. It asks you nothing, and ends within 4 s.",
    ]
