"""Show a run of setup: a spinner for what takes long, one line for what was done, a short end; ask yes or no.

Everything goes to stderr, through rich on a terminal and as plain lines elsewhere. Must not decide anything.
"""

import contextlib
import re
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from rolecall.errors import UsageError
from rolecall.system import command
from rolecall.system.disk import files
from rolecall.system.person import person
from rolecall.system.text import redaction
from rolecall.system.text.visible import visible
from rolecall.workstation.review import pages
from rolecall.workstation.steps.engine import Kind, Outcome
from rolecall.workstation.steps.step import Finding, Step
from rolecall.workstation.venv import progress

if TYPE_CHECKING:
    from rich.console import Console

SIGNS = {Kind.ALREADY: ("=", "dim"), Kind.APPLIED: ("✓", "green"), Kind.SKIPPED: ("!", "yellow")}
ASCII_SIGNS = {"✓": "+"}
DIFF_STYLES = {"+": "green", "-": "red", "@": "cyan", "~": "magenta"}
LEVEL_STYLES = {"problem": "red", "note": "yellow"}
OWN_PROGRESS = ("venv",)  # shows its own: it also runs before rich is installed
ANSWERS = {"y": True, "yes": True, "n": False, "no": False}
NAME_WIDTH = 16
PICTURE_WIDTH = 80
REMOTE_FONTS = re.compile(r"@font-face \{[^}]*\}\s*")


@dataclass(slots=True)
class Screen:
    """The person's view of one run."""

    is_yes: bool = False
    yes_hint: str = ""  # the command that asks nothing
    can_ask: Callable[[], bool] = person.can_ask
    ask: Callable[..., str] = person.ask
    step: str = ""
    console: "Console" = field(default_factory=lambda: on(sys.stderr))
    spinner: Any = None

    def begin(self, step: Step, _finding: Finding) -> None:
        """Show that a step has begun."""
        self.step = step.name
        if self.console.record:
            return
        self._print(f"  {step.name}: {step.reason}", "dim")
        is_live = self.console.is_terminal and not self.console.is_dumb_terminal
        if is_live and step.name not in OWN_PROGRESS:
            self.spinner = _spinner(self.console, step.name)
            self.spinner.start()

    def end(self, outcome: Outcome) -> None:
        """Show what became of a step; what was right already is left to the summary."""
        self.close()
        if outcome.kind is Kind.ALREADY:
            return
        sign, style = SIGNS[outcome.kind]
        said = command.spoken(f"{outcome.step.name:<{NAME_WIDTH}} {outcome.detail}")
        _print_signed(self.console, f"{self._sign(sign)} {said}", style)
        if outcome.kind is Kind.SKIPPED and outcome.hint:
            self._print(f"  try: {outcome.hint}")

    def close(self) -> None:
        """Take the spinner away."""
        if self.spinner is not None:
            self.spinner.stop()
            self.spinner = None

    def say(self, line: str) -> None:
        """Show one line of progress."""
        self._print(f"  {line}", "dim")

    def show(self, text: str) -> None:
        """Show a text, a difference in colours; what a file's text would hide or steer is written out."""
        for line in text.split("\n"):
            self._print_as_is(f"  {visible(line)}", DIFF_STYLES.get(line[:1], ""))

    def confirm(self, question: str, *, default: bool = True) -> bool:
        """Return the person's yes or no, `default` for Enter. Raises UsageError where nobody can answer."""
        if self.is_yes:
            return True
        if not self.can_ask():
            raise self._cannot_ask(question)
        with self.paused():
            person.forget_typed()
            answer = self.ask(f"{command.spoken(question)} [{'Y/n' if default else 'y/N'}]").lower()
        return answer in ("y", "yes") or (default and not answer)

    def approve(self, question: str, text: str) -> bool:
        """Return the person's y or n about `text`; `?` shows it page by page, and Enter is no answer.

        Keys that were typed before the question are none either. Raises UsageError where nobody can answer.
        """
        if self.is_yes:
            return True
        if not self.can_ask():
            raise self._cannot_ask(question)
        answer = ""
        with self.paused():
            while answer not in ANSWERS:
                person.forget_typed()
                answer = self.ask(f"{command.spoken(question)} y, n, or ? to read every line").lower()
                if answer == "?":
                    pages.show([visible(line) for line in text.split("\n")], is_paged=True)
        return ANSWERS[answer]

    def summary(self, outcomes: Sequence[Outcome], next_lines: Sequence[str]) -> None:
        """Show how it ended: what was done, what was right already, what to type next."""
        applied = [outcome for outcome in outcomes if outcome.kind is Kind.APPLIED]
        already = [outcome for outcome in outcomes if outcome.kind is Kind.ALREADY]
        if not applied:
            what = "everything" if len(already) == len(outcomes) else "everything else"
            self._print(f"rolecall: {what} is already right ({len(already)} steps checked)", "bold")
        else:
            self._print(f"rolecall: ready; {len(applied)} done, {len(already)} already right", "bold")
        if applied and already:
            self._print(f"  already right: {', '.join(outcome.step.name for outcome in already)}", "dim")
        for at, line in enumerate(next_lines):
            self._print_as_is(f"  {'next:' if at == 0 else '     '} {line}")

    def table(self, head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        """Show rows below their heading, in columns as wide as they need."""
        widths = [max(len(row[at]) for row in (head, *rows)) for at in range(len(head))]
        for row in (head, *rows):
            line = "  ".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True))
            self._print(f"  {line.rstrip()}", "dim" if row is head else "")

    def stopped(self, done: Sequence[Outcome], left: Sequence[Step]) -> None:
        """Show what was done and what was not, before the error itself."""
        self.close()
        names = ", ".join(outcome.step.name for outcome in done) or "nothing"
        self._print(f"  done: {names}")
        self._print(f"  not done: {', '.join(step.name for step in left) or 'nothing else'}")
        self._print("  the same command goes on from here")

    def _cannot_ask(self, question: str) -> UsageError:
        says = f"{question} Nobody can answer here; --yes says yes to everything"
        return UsageError("cannot-ask", says, hint=self.yes_hint)

    def _sign(self, sign: str) -> str:
        encoding = (getattr(self.console.file, "encoding", "") or "").lower()
        return sign if "utf" in encoding else ASCII_SIGNS.get(sign, sign)

    def _print(self, text: str, style: str = "") -> None:
        self._print_as_is(command.spoken(text), style)

    def _print_as_is(self, text: str, style: str = "") -> None:
        text = redaction.shown(text, kept=person.LINES)
        self.console.print(text, style=style or None, markup=False, highlight=False, soft_wrap=True)

    @contextlib.contextmanager
    def paused(self) -> Any:
        """Keep the spinner away while something else is asked on this terminal."""
        spinner = self.spinner
        if spinner is not None:
            spinner.stop()
        try:
            yield
        finally:
            if spinner is not None:
                spinner.start()


def report(lines: Sequence[tuple[str, str]], *, picture: Path | None = None) -> None:
    """Print doctor's report on stdout, coloured by level where that is a terminal; also as a picture."""
    console = on(sys.stdout, is_recorded=picture is not None)
    for level, line in lines:
        _print_signed(console, line, LEVEL_STYLES.get(level, ""))
    if picture is not None:
        save_picture(console, picture, "invoke doctor")


def on(file: IO[str], *, is_recorded: bool = False) -> "Console":
    """Return a console that writes to `file`; where `is_recorded`, one for `save_picture`."""
    from rich.console import Console

    width = PICTURE_WIDTH if is_recorded else None
    is_plain = not progress.is_live(file)  # rich knows no terminal without a name
    return Console(
        file=file, emoji=False, record=is_recorded, width=width, force_terminal=False if is_plain else None
    )


def save_picture(console: "Console", path: Path, title: str) -> None:
    """Write what a recorded console has shown as an SVG file that loads nothing from another host."""
    files.write_file(path, REMOTE_FONTS.sub("", console.export_svg(title=title)), mode=0o644)


def _print_signed(console: "Console", line: str, style: str) -> None:
    """Print `line` with its sign in a colour: words in yellow cannot be read on a light background."""
    from rich.text import Text

    text = Text(redaction.shown(line))
    text.stylize(style, 0, 1)
    console.print(text, soft_wrap=True)


def _spinner(console: "Console", label: str) -> Any:
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    name = "dots" if "utf" in console.encoding.lower() else "line"
    columns = (SpinnerColumn(name), TextColumn("{task.description}", markup=False), TimeElapsedColumn())
    spinner = Progress(*columns, console=console, transient=True)
    spinner.add_task(label[: max(1, console.width - 14)], total=None)
    return spinner
