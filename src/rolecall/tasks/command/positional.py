"""A role given by its place: `rolecall assume prod` is `rolecall assume --role prod`.

For the program `rolecall` alone: with Invoke, a word there may be another task of the project's.
"""

from collections.abc import Iterable, Sequence
from typing import Any

FLAG = "--role"


def with_role(words: Sequence[str], contexts: Iterable[Any]) -> list[str]:
    """Return `words` with `--role` before the first bare word of a task that takes a role.

    `contexts` are those of Invoke's parser. What stands after `--` is somebody else's, and words that name
    the role already stay as they are.
    """
    task = next(
        (context for context in contexts if words and words[0] in (context.name, *context.aliases)), None
    )
    end = words.index("--") if "--" in words else len(words)
    if task is None or FLAG not in task.flags or any(_names_role(word) for word in words[1:end]):
        return list(words)
    at = _first_bare(words[1:end], task.flags)
    return list(words) if at is None else [*words[: at + 1], FLAG, *words[at + 1 :]]


def _first_bare(words: Sequence[str], flags: Any) -> int | None:
    """Return the index of the first word that is neither a flag nor the value of one."""
    is_value = False
    for at, word in enumerate(words):
        if is_value:
            is_value = False
        elif not word.startswith("-"):
            return at
        else:
            is_value = word in flags and flags[word].takes_value
    return None


def _names_role(word: str) -> bool:
    return word == "-r" or word.startswith((FLAG, "-r="))
