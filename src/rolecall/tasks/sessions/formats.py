"""`assume --format`: checks the word, and prints the session in that format; GitHub's also fills a file."""

import os
import sys
from collections.abc import Mapping
from pathlib import Path

from rolecall.credentials import variables
from rolecall.credentials.formats.files import github_masks
from rolecall.credentials.formats.table import FORMATS
from rolecall.credentials.model import Session
from rolecall.errors import UsageError
from rolecall.project.declared import Project
from rolecall.system.disk import files

GITHUB = "github"


def check(name: str, *, environ: Mapping[str, str] = os.environ) -> None:
    """Raise UsageError where there is no such format, or where it cannot be used here. None is one, too."""
    if name and name not in FORMATS:
        raise UsageError(
            "format-unknown",
            f"unknown format {name!r}: {', '.join(FORMATS)}",
            hint="invoke assume --format bash",
        )
    if name == GITHUB and not environ.get("GITHUB_ENV"):
        raise UsageError(
            "format-github",
            "GITHUB_ENV is not set: --format github is for a step of GitHub Actions",
            hint="invoke assume --format env",
        )


def hand_out(
    project: Project, session: Session, name: str, *, environ: Mapping[str, str] = os.environ
) -> None:
    """Print `session` in the format `name`.

    In GitHub Actions the masks are printed first, and the variables go into the file that later steps read
    (GitHub's "Workflow commands": a value in that file is masked only from the mask on). Raises MachineError
    where that file cannot be written.
    """
    text = FORMATS[name](session, variables.settings(project))
    if name != GITHUB:
        sys.stdout.write(text)
        return
    sys.stdout.write(github_masks(session))
    sys.stdout.flush()
    path = Path(environ["GITHUB_ENV"])
    try:
        with path.open("a", encoding="utf-8") as file:
            file.write(text)
    except OSError as problem:
        raise files.unwritable(problem, path) from problem
