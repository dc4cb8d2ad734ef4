"""How a project's `.envrc` loads the role: it is rendered, or it is the project's own with one line.

Only decides. Where git tracks `.envrc` it is the team's own; a rendered one names paths of this machine.
"""

import enum

from rolecall.errors import ConfigError
from rolecall.system.disk import files
from rolecall.workstation.envrc import render, use_line
from rolecall.workstation.envrc.runtime import FILE
from rolecall.workstation.steps import git
from rolecall.workstation.steps.step import Context


class Way(enum.StrEnum):
    """How the role gets into `.envrc`."""

    RENDERED = "rendered"
    LINE = "line"


CHOICES = tuple(str(way) for way in Way)


def wanted(context: Context) -> Way:
    """Return the way of this run: the person's choice, else the present one, else what suits the file.

    Raises ConfigError where `.envrc` is tracked and should be rendered, or cannot be read.
    """
    text = present(context)
    if context.answers.envrc:
        return _chosen(context, text)
    if text is None or render.is_ours(text) or context.answers.on_edit in ("keep", "replace"):
        is_line = text is not None and not render.is_ours(text) and use_line.is_in(text)
        return Way.LINE if is_line else Way.RENDERED
    return Way.LINE


def present(context: Context) -> str | None:
    """Return the text of `.envrc`, or None. Raises ConfigError where it is not UTF-8 text."""
    path = context.root / FILE
    text = files.read_text(path)
    if text is None and path.exists():
        raise ConfigError("envrc-encoding", f"{path} is not UTF-8 text", hint=f"file {FILE}")
    return text


def is_committed(context: Context) -> bool:
    """Return whether the last commit holds an `.envrc` with the line."""
    return use_line.is_in(git.committed_text(context.root, FILE))


def _chosen(context: Context, text: str | None) -> Way:
    chosen = Way(context.answers.envrc)
    if (
        chosen is Way.RENDERED
        and text is not None
        and not render.is_ours(text)
        and git.tracks(context.root, FILE)
    ):
        says = f"git tracks {context.root / FILE}; a rendered one would hold paths of this machine"
        raise ConfigError("envrc-tracked", says, hint="invoke setup --envrc line")
    return chosen
