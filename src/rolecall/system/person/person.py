"""The person at the terminal: telling them a line, asking them a question, opening their browser.

Must not know what is said or asked. Nothing here runs while direnv evaluates `.envrc`, except `say`.
"""

import os
import sys
import time

from rolecall.errors import MachineError, UsageError
from rolecall.system import command
from rolecall.system.person import terminal
from rolecall.system.python.frozen import dataclass

LINES = "\n\t"

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


def say(text: str) -> None:
    """Tell the person one line, on stderr: stdout is for data."""
    tell(f"rolecall: {text}")


def advise(hint: str) -> None:
    """Show the command that helps, below what failed; nothing where there is none."""
    if hint:
        tell(f"  try: {hint}")


def tell(line: str) -> None:
    """Write one line to stderr as it is, but for secrets and control characters.

    Commands in it become those that the person types.
    """
    from rolecall.system.text import redaction

    sys.stderr.write(f"{redaction.shown(command.spoken(line))}\n")
    sys.stderr.flush()


def put(text: str) -> None:
    """Write lines of data to stdout, but for control characters: some of it comes from files and answers."""
    from rolecall.system.text import redaction

    sys.stdout.write(f"{redaction.cleaned(text, kept=LINES)}\n")


def can_ask(*, environ: "Mapping[str, str]" = os.environ) -> bool:
    """Return whether a person can answer here: both ends are a terminal, and direnv is not waiting."""
    return not terminal.in_hook(environ=environ) and sys.stdin.isatty() and sys.stderr.isatty()


def ask(question: str, *, default: str = "", read: "Callable[[str], str]" = input) -> str:
    """Return the person's answer to `question`, or `default` for an empty one. The question is on stderr.

    Raises UsageError where the terminal ends instead (Ctrl-D).
    """
    from rolecall.system.text import redaction

    shown = f"{question} [{default}]: " if default else f"{question}: "
    sys.stderr.write(redaction.shown(shown, kept=LINES))
    sys.stderr.flush()
    try:
        return read("").strip() or default
    except EOFError:
        sys.stderr.write("\n")
        raise UsageError("not-answered", f"{question}: that was not answered") from None


def confirm(question: str, *, read: "Callable[[str], str]" = input) -> bool:
    """Return whether the person says yes to `question`; Enter means no.

    Keys that were typed before the question was shown are thrown away: they answer something else.
    """
    forget_typed()
    return ask(f"{question} [y/N]", read=read).lower() in ("y", "yes")


def forget_typed() -> None:
    """Throw away what was typed on this terminal and not read yet."""
    import termios

    if sys.stdin.isatty():
        termios.tcflush(sys.stdin.fileno(), termios.TCIFLUSH)


def ask_secret(question: str) -> str:
    """Return what the person types at `question`; it is not shown."""
    import getpass

    from rolecall.system.text import redaction

    return getpass.getpass(redaction.shown(question))


def ask_on_terminal(question: str) -> str:
    """Return the answer to `question` from the controlling terminal, whatever stdin and stdout are.

    Unbuffered, so that it may run in a thread that is left behind. Raises MachineError without a terminal.
    """
    from rolecall.system.text import redaction

    try:
        tty = os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY)
    except OSError as problem:
        raise MachineError(
            "terminal-missing", f"there is no terminal to ask on: {problem.strerror}"
        ) from problem
    try:
        os.write(tty, f"{redaction.shown(question)}: ".encode())
        return os.read(tty, 1024).decode(errors="replace").strip()
    finally:
        os.close(tty)


def browse(url: str) -> bool:
    """Open `url` in the person's browser; return whether there was one."""
    import webbrowser

    return webbrowser.open(url)


@dataclass(frozen=True, slots=True)
class Person:
    """Whoever can be asked, their browser, and the clock on their wall. Tests hand in another one."""

    say: "Callable[[str], None]" = say
    can_ask: "Callable[[], bool]" = can_ask
    ask: "Callable[..., str]" = ask
    ask_secret: "Callable[[str], str]" = ask_secret
    ask_on_terminal: "Callable[[str], str]" = ask_on_terminal
    browse: "Callable[[str], bool]" = browse
    clock: "Callable[[], float]" = time.time
    sleep: "Callable[[float], None]" = time.sleep


PERSON = Person()
