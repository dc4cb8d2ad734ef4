"""The types that `setup`, `setup --plan`, `doctor` and `teardown` share: step, finding, context, record.

This module knows no particular step (`setup/table.py` lists them) and changes nothing on the machine.
"""

import enum
import os
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path

from rolecall.system import clock


class State(enum.StrEnum):
    """The result of a check."""

    DONE = "done"  # as it should be: apply would change nothing
    CHANGE = "change"  # apply would change something
    UNKNOWN = "unknown"  # cannot be known without doing something


@dataclass(frozen=True, slots=True)
class Finding:
    """A check's answer: the state, one line for people, and the diff of a file that would change.

    `words` say in a plan what a file of this machine would do, where its diff would be pages of shell.
    `hint` is the command that helps, where it is another than the step's.
    """

    state: State
    detail: str
    diff: str = ""
    words: str = ""
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Answers:
    """The person's choices for this run, by flags or by answering; `values` are for `.env`."""

    sandbox: bool = False
    yes: bool = False
    values: Mapping[str, str] = field(default_factory=dict, repr=False)
    tools: tuple[str, ...] = ()
    on_edit: str = ""  # what becomes of an edited `.envrc`: merge, keep or replace; empty: merge
    envrc: str = ""  # how the role gets into `.envrc`: rendered or line; empty: what suits the file
    is_new: bool = False  # rolecall has nothing in this repository yet
    roles: str = (
        ""  # the roles.toml of such a repository; empty: not known, and `unknown` says what would tell
    )
    unknown: str = ""
    gitignore: bool = False  # personal files are named in .gitignore; else in git's own exclude file
    python: bool = False  # also the development dependency, and tasks.py
    hooks: bool = False  # git refuses a commit with a credential in it
    profiles: str = ""  # whether the roles get profiles in the AWS config: yes, no; empty: as before
    prompt: str = ""  # and whether the prompt is given the role's name
    quiet_direnv: str = ""  # and whether direnv lists no variables
    committed: bool = False  # teardown also takes back what the team has committed


@dataclass(frozen=True, slots=True)
class Context:
    """Everything a step may use: the project, the environment, the answers, and ways to show and ask.

    `say` shows one line of progress; `confirm` shows a question and returns the person's yes or no
    (always yes with `--yes`, and a UsageError naming the flag where nobody can answer). `approve` does
    the same about a text, which the person may read as a whole before answering. `show` prints a text such as
    a diff. `paused` leaves the terminal to a program that asks on it. `journal` writes a
    record, and is called before the step does what the record says: after a kill between the two there is
    one record too many, for which undo finds nothing, and never one too few.
    """

    root: Path
    answers: Answers = field(default_factory=Answers)
    environ: Mapping[str, str] = field(default_factory=lambda: os.environ, repr=False)
    say: Callable[[str], None] = field(default=lambda _: None, repr=False)
    confirm: Callable[[str], bool] = field(default=lambda _: True, repr=False)
    approve: Callable[[str, str], bool] = field(default=lambda _question, _text: True, repr=False)
    show: Callable[[str], None] = field(default=lambda _: None, repr=False)
    paused: Callable[[], AbstractContextManager[None]] = field(default=nullcontext, repr=False)
    journal: Callable[["Record"], None] = field(default=lambda _: None, repr=False)


@dataclass(frozen=True, slots=True)
class Record:
    """One line of the journal: the facts that the step's undo needs. Never a secret."""

    step: str
    at: str  # ISO 8601, UTC
    facts: Mapping[str, str]


def record(step: str, **facts: str) -> Record:
    """Return a record of `step` with the time of now."""
    return Record(step, clock.iso(time.time()), facts)


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that setup brings about.

    `check` changes nothing, starts no installer and opens no connection. `apply` brings it about and
    writes what it does to the context's journal. `undo` takes back what one record says, unless it was
    edited since, and returns one line that says what it did. `user` returns another project that still
    needs what one record says, or None: where there is one, undo hands the record over to it.
    """

    name: str
    reason: str
    hint: str
    check: Callable[[Context], Finding]
    apply: Callable[[Context], None]
    undo: Callable[[Context, Record], str]
    optional: bool = False
    shared: bool = False  # all projects of the person share what it brings about
    user: Callable[[Context, Record], Path | None] = lambda _context, _record: None
