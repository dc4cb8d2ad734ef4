"""The packages that rolecall needs besides the standard library, where Python was started without them.

On `cd` Python starts without its site module: a `.pth` file or a package that came with a `git pull` must not
run. What needs such a package (a `.env` that changed, an AWS profile) asks here first. Elsewhere this does
nothing.
"""

import os
import sys

from rolecall.errors import MachineError
from rolecall.system.disk import paths

VARIABLE = (
    "ROLECALL_SITE"  # set by `.envrc`: a folder, and after a line break the venv, where git can reach it
)

VENV = "ROLECALL_SITE_VENV"  # set by a profile, whose line holds no line break


def allow() -> None:
    """Make the packages importable. Raises MachineError where they came with git, or nobody can tell."""
    folder, _, venv = os.environ.get(VARIABLE, "").partition("\n")
    venv = venv or os.environ.get(VENV, "")
    if not folder or folder in sys.path:
        return
    if venv:
        from rolecall.system.programs import git

        if git.holds(venv):
            raise MachineError(
                "venv-tracked", f"{venv} came with git, so no program in it is run", hint=remake(venv)
            )
    sys.path.append(folder)


def remake(venv: str) -> str:
    """Return the command that makes `venv` anew: taken out of git alone, what came with it would stay."""
    typed = paths.typed(venv)
    return (
        f"rm -rf {typed}; git rm -rq --cached --ignore-unmatch {typed}; python3 -m venv {typed}; invoke setup"
    )
