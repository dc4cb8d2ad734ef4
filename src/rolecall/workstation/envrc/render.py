"""The text of a fresh `.envrc`: the fragments of `envrc.d/` in one file, with a marker and a digest on top.

A project's own fragment or template replaces the shipped one of the same name.
"""

import re
from dataclasses import dataclass
from pathlib import Path

from rolecall.system import files, paths
from rolecall.workstation import templates
from rolecall.workstation.envrc import runtime

MARKER = "# Rendered by rolecall; change envrc.d/ or templates/ and run: invoke render"
DIGEST = re.compile(r"# sha256 of the rest: ([0-9a-f]{64})")


@dataclass(frozen=True, slots=True)
class Fragment:
    """One file of `envrc.d/`, as the template takes it."""

    name: str
    text: str
    is_own: bool = False  # the project's, not rolecall's


def envrc(root: Path) -> str:
    """Return the `.envrc` of the project at `root`."""
    text = templates.render(
        root,
        "envrc.j2",
        fragments=fragments(root),
        **runtime.constants(root),
    )
    body = text.removeprefix(MARKER).lstrip("\n")
    return f"{MARKER}\n# sha256 of the rest: {files.sha256(body)}\n{body}"


def fragments(root: Path) -> list[Fragment]:
    """Return the fragments in the order of their names."""
    folders = (paths.shipped("envrc.d"), root / "envrc.d")
    found = {path.name: path for folder in folders for path in folder.glob("*.sh")}
    own = root / "envrc.d"
    return [
        Fragment(name, files.read_text(path) or "", is_own=path.parent == own)
        for name, path in sorted(found.items())
    ]


def is_ours(text: str) -> bool:
    """Return whether rolecall rendered `text`; it may have been edited since."""
    return text.startswith(MARKER)


def is_unedited(text: str) -> bool:
    """Return whether `text` is exactly as rolecall rendered it: the digest on top is right."""
    marker, _, rest = text.partition("\n")
    line, _, body = rest.partition("\n")
    found = DIGEST.fullmatch(line)
    return marker == MARKER and found is not None and found[1] == files.sha256(body)
