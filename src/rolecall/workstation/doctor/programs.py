"""Whether `aws` and Python are the ones a person expects. Installs nothing."""

import sys
from collections.abc import Iterator
from pathlib import Path

from rolecall.system.disk import paths
from rolecall.workstation.doctor.symptom import Symptom, fine, note
from rolecall.workstation.programs import catalogue, tool
from rolecall.workstation.steps.step import Context
from rolecall.workstation.venv import state


def look(context: Context) -> Iterator[Symptom]:
    """Yield aws-which and venv-python."""
    yield _aws(context)
    yield _python(context)


def _aws(context: Context) -> Symptom:
    found = tool.look(catalogue.AWS, environ=context.environ)
    if found.path is None:
        return fine("aws-which", "no AWS CLI here (rolecall itself needs none)")
    hidden = f"; hides {', '.join(map(str, found.hidden))}" if found.hidden else ""
    shown = f"{found.path} is {tool.shown(found.version)}"
    if not found.meets(catalogue.AWS.minimum):
        return note("aws-which", f"{shown}, not version 2{hidden}", "invoke setup --tool aws")
    return fine("aws-which", f"{shown}{hidden}")


def _python(context: Context) -> Symptom:
    programs = state.programs(context.root)
    own = programs / "invoke" if programs else None
    if own and own.exists() and Path(sys.prefix).resolve() != own.parents[1].resolve():
        detail = f"this runs from {sys.prefix}, not from the project's {own.parents[1].name}"
        return note("venv-python", detail, f"{paths.typed(own)} doctor")
    return fine("venv-python", f"Python {sys.version.split()[0]} in {sys.prefix}")
