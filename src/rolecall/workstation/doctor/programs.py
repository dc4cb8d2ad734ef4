"""Whether `aws` and Python are what one thinks.

Owns: the symptoms aws-which, venv-python.
Must not: install anything.
Called by: doctor.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

from rolecall.workstation.doctor.symptom import Level, Symptom
from rolecall.workstation.programs import catalogue, tool
from rolecall.workstation.steps.step import Context


def look(context: Context) -> Iterator[Symptom]:
    """Yield one symptom for each question of this module."""
    yield _aws(context)
    yield _python(context)


def _aws(context: Context) -> Symptom:
    found = tool.look(catalogue.AWS, environ=context.environ)
    if found.path is None:
        return Symptom("aws-which", Level.OK, "no AWS CLI here (rolecall itself needs none)")
    hidden = f"; hides {', '.join(map(str, found.hidden))}" if found.hidden else ""
    shown = f"{found.path} is {tool.shown(found.version)}{hidden}"
    if not found.meets(catalogue.AWS.minimum):
        return Symptom("aws-which", Level.NOTE, f"{shown}: not version 2", "invoke setup --tool aws")
    return Symptom("aws-which", Level.OK, shown)


def _python(context: Context) -> Symptom:
    own = context.root / ".venv"
    if own.is_dir() and Path(sys.prefix).resolve() != own.resolve():
        return Symptom(
            "venv-python",
            Level.NOTE,
            f"this invoke runs from {sys.prefix}, not from the project's .venv",
            f"{own}/bin/invoke doctor",
        )
    return Symptom("venv-python", Level.OK, f"Python {sys.version.split()[0]} in {sys.prefix}")
