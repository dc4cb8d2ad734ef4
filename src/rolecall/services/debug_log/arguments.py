"""A command line of the AWS CLI without its values: which command, and which options it has."""

import ast
import re
from collections.abc import Sequence

from rolecall.system.text.redaction import REMOVED

COMMAND = re.compile(r"[a-z][a-z0-9-]{1,40}")
OPTION = re.compile(r"--[a-z][a-z0-9-]{0,60}")
FLAGS = ("--debug", "--no-verify-ssl", "--no-paginate", "--no-sign-request", "--no-cli-pager", "--dry-run")
# Options of the AWS CLI itself whose values help and are no secret; each value must look the part.
KEPT = {
    "--region": re.compile(r"[a-z]{2,4}(?:-[a-z]+)+-\d"),
    "--output": re.compile(r"json|text|table|yaml|yaml-stream"),
}
ORIGIN = re.compile(r"(https?://)(?:[^/\s]*@)?([A-Za-z0-9._:\[\]-]+)")
WORDS_MOST = 2


def shown(text: str) -> str:
    """Return the record "Arguments entered to CLI: [...]" without the values in it."""
    beginning, _, rest = text.partition(": ")
    try:
        words = ast.literal_eval(rest.strip())
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return f"{beginning}: {REMOVED}"
    if not isinstance(words, list) or not all(isinstance(word, str) for word in words):
        return f"{beginning}: {REMOVED}"
    return f"{beginning}: {' '.join(kept(words))}"


def kept(words: Sequence[str]) -> list[str]:
    """Return the command's names and options; what else there is, is a value."""
    found: list[str] = []
    names, is_value = 0, False
    for at, word in enumerate(words):
        option = word.partition("=")[0]
        before = words[at - 1] if at else ""
        if OPTION.fullmatch(option):
            found.append(option if option == word else f"{option}={REMOVED}")
            is_value = option == word and word not in FLAGS
        elif is_value or names >= WORDS_MOST or not COMMAND.fullmatch(word):
            pattern = KEPT.get(before)
            origin = ORIGIN.match(word) if before == "--endpoint-url" else None
            shown = origin[1] + origin[2] if origin else REMOVED
            found.append(word if pattern and pattern.fullmatch(word) else shown)
            is_value = False
        else:
            found.append(word)
            names += 1
    return found


def values(words: Sequence[str]) -> set[str]:
    """Return the values in a command line, also the bucket in `s3://bucket/key`: none may stand in a host."""
    own = [word for word, safe in zip(words, kept(words), strict=True) if safe == REMOVED]
    own += [word.partition("=")[2] for word in words if "=" in word]
    return {part for word in own for part in (word, word.removeprefix("s3://").partition("/")[0]) if part}
