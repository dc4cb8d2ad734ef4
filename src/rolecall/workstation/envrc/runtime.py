"""The program that `.envrc` starts on a cold `cd`: its Python, its rolecall, and their packages.

The interpreter is the one that made `.venv`, not the link in it: a `.venv` can come with a pull. Isolated and
without its site module it needs nothing from `.venv` but packages that few roles need.
"""

import os
import sys
import sysconfig
from pathlib import Path

from rolecall.system import paths
from rolecall.workstation.envrc import manifest

PACKAGE = Path(__file__).resolve().parents[2]


def constants(root: Path, *, package: Path = PACKAGE) -> dict[str, str]:
    """Return the values that the template of `.envrc` takes.

    Only where rolecall itself lives in the project, a pull can change it: then there is a manifest, and a
    private place for bytecode. `programs` is where the command `rolecall` is. `site` names the project
    after a line break where the packages lie in it.
    """
    is_inside = package.is_relative_to(root)
    site = sysconfig.get_path("purelib")
    return {
        "folder": os.path.realpath(root),
        "key": paths.project_key(root),
        "python": getattr(sys, "_base_executable", None) or sys.executable,
        "package": str(package),
        "site": f"{site}\n{root}" if Path(site).is_relative_to(root) else site,
        "programs": "" if is_inside else str(Path(sys.executable).parent),
        "bytecode": str(paths.cache_dir() / paths.project_key(root) / "bytecode") if is_inside else "",
        "manifest": manifest.of(package) if is_inside else "",
    }
