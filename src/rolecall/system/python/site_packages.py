"""The packages that rolecall needs besides the standard library, where Python was started without them.

On `cd` Python starts without its site module: a `.pth` file or a package that came with a `git pull` must not
run. What needs such a package (a `.env` that changed, an AWS profile) asks here first. Elsewhere this does
nothing.
"""

import os
import sys

from rolecall.errors import MachineError

VARIABLE = "ROLECALL_SITE"  # set by `.envrc`: a folder, and after a line break the project it lies in
ADVICE = "rm -rf .venv; git rm -r --cached .venv; python3 tasks.py setup"


def allow() -> None:
    """Make the packages importable. Raises MachineError where they came with git, or nobody can tell."""
    folder, _, project = os.environ.get(VARIABLE, "").partition("\n")
    if not folder or folder in sys.path:
        return
    if project and _is_tracked(folder, project):
        raise MachineError(
            "venv-tracked",
            f"{folder} holds files that came with git; so rolecall ran nothing from it",
            hint=ADVICE,
        )
    sys.path.append(folder)


def _is_tracked(folder: str, project: str) -> bool:
    """Return whether git knows anything below the first part of `folder` within `project`, or cannot say."""
    from rolecall.system import processes

    top = os.path.relpath(folder, project).split(os.sep)[0]
    words = ["-c", "core.fsmonitor=false", "-c", "safe.bareRepository=explicit", "-C", project]
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    inside = processes.run(["git", *words, "rev-parse", "--is-inside-work-tree"], environ=kept)
    if not inside.is_ok:
        return "not a git repository" not in inside.err
    found = processes.run(["git", *words, "ls-files", "-z", "--", f":(icase){top}"], environ=kept)
    return not found.is_ok or bool(found.out)
