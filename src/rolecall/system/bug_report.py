"""The log of a bug: a traceback that can be pasted into an issue, in the state folder, without secrets.

Only for what nobody expected; an expected failure is a RolecallError. Imports what it needs when called.
"""

import sys
import time

from rolecall.errors import EXIT_BUG, RolecallError
from rolecall.system.disk import files, paths
from rolecall.system.person import person
from rolecall.system.text import redaction


def write(problem: Exception) -> int:
    """Tell the person, write the log where that is possible, and return the exit code of a bug."""
    import platform
    import traceback

    first = "".join(_redacted(str(problem)).splitlines()[:1])
    person.say(f"a bug in rolecall: {type(problem).__name__}: {first}")
    head = f"rolecall {_version()}, Python {platform.python_version()}, {platform.platform()}\n"
    text = _redacted("".join([head, *traceback.format_exception(problem)]))
    try:
        folder = files.private_dir(f"{paths.state_folder()}/bugs")
        log = f"{folder}/{time.strftime('%Y%m%d-%H%M%S.log')}"
        files.write_private(log, text)
        person.tell(f"  please report it with {log} (secrets are taken out)")
    except RolecallError:
        sys.stderr.write(redaction.cleaned(text, kept=person.LINES))
    return EXIT_BUG


def _version() -> str:
    """Return the installed version; without the site module there is none to be asked."""
    import importlib.metadata

    try:
        return importlib.metadata.version("rolecall")
    except importlib.metadata.PackageNotFoundError:
        return "(not installed here)"


def _redacted(text: str) -> str:
    import os

    return redaction.without_shapes(text).replace(os.path.expanduser("~"), "~")
