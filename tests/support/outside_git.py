"""A project as a person has it whose rolecall is installed for the user: outside every repository.

The tests' own rolecall is a checkout, where each `cd` compares its files with those that were approved.
"""

import os
import re
import sys
from collections.abc import Mapping
from pathlib import Path

from rolecall.system.disk import files
from rolecall.workstation.envrc import render
from rolecall.workstation.steps.step import Context
from rolecall.workstation.venv import on_path


def envrc(root: Path) -> str:
    """Return the `.envrc` of `root`, of a rolecall that no pull can change."""
    text = re.sub(r"(?ms)^ *_rolecall_manifest='.*?'$", "    _rolecall_manifest=''", render.envrc(root))
    text = re.sub(r"(?m)^(_rolecall_(?:bytecode|interpreter))=.*$", r"\1=''", text)
    text = re.sub(r"(?m)^_rolecall_site=\$?'(.*?)(?:\\n|\n).*'$", r"_rolecall_site='\1'", text)
    programs = f"_rolecall_programs='{Path(sys.executable).parent}'"
    _, _, body = re.sub(r"(?m)^_rolecall_programs=''$", programs, text).split("\n", 2)
    return f"{render.MARKER}\n# sha256 of the rest: {files.sha256(body)}\n{body}"


def link_venv(root: Path) -> None:
    """Make a `.venv`, of links to what the tests' own one has; a program added to its `bin` stays here."""
    folder = root.with_name(f"{root.name}-venv")
    (folder / "bin").mkdir(parents=True)
    (root / ".venv").symlink_to(folder)
    programs = [f"bin/{program.name}" for program in Path(sys.prefix, "bin").iterdir()]
    for name in (*programs, "lib", "pyvenv.cfg"):
        (folder / name).symlink_to(Path(sys.prefix) / name)


def make_venv(root: Path, environ: Mapping[str, str] = os.environ) -> None:
    """Make a `.venv` as `link_venv` does, and let it be on PATH, as setup does."""
    link_venv(root)
    on_path.apply(Context(root, environ=environ))
