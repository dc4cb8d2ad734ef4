"""The one line by which a project's own `.envrc` loads its role. Knows the text only, and writes nothing."""

import re

LINE = "if has use_rolecall; then use rolecall; fi"
NOTE = "# The AWS role of this folder; where rolecall is not installed, this does nothing."
PRESENT = re.compile(r"(?m)^[^#\n]*\buse[ _]rolecall\b")
WHOLE = re.compile(
    r"[ \t]*(?:if has use_rolecall; then |has use_rolecall && |! has use_rolecall \|\| )?"
    r"use[ _]rolecall(?: [^\s;]+)?(?:; fi)?[ \t]*"
)
LEAVES = re.compile(r"(?m)^[ \t]*(?:return|exit|exec)\b")


def is_in(text: str) -> bool:
    """Return whether `text` says `use rolecall`, in whichever form."""
    return bool(PRESENT.search(text))


def addition(text: str) -> str:
    """Return what makes `text` load the role. It comes last: there, keys of a `dotenv` are undone."""
    return (
        ("\n" if text and not text.endswith("\n") else "")
        + ("\n" if text.strip() else "")
        + f"{NOTE}\n{LINE}\n"
    )


def removed(text: str) -> str:
    """Return `text` without the line. A form of it that stands among other words stays."""
    lines = text.splitlines(keepends=True)
    kept = [line for line in lines if line.rstrip("\n") != NOTE and not WHOLE.fullmatch(line.rstrip("\n"))]
    return "".join(kept).rstrip("\n") + "\n" if "".join(kept).strip() else ""


def leaving(text: str) -> int:
    """Return the number of the first line of `text` that leaves the file early; 0 where there is none."""
    found = LEAVES.search(text)
    return text.count("\n", 0, found.start()) + 1 if found else 0
