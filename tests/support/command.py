"""The script `rolecall`, as an installer writes it, and a project's `tasks.py` in its three forms."""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

PATIENCE_SECONDS = 60
ALONE = "from rolecall.tasks import namespace\n"
WITH_OWN = """\
from invoke.tasks import task
from rolecall.tasks import namespace

@task
def build(c):
    print("built")

namespace.add_task(build)
"""
WITHIN = """\
from invoke.collection import Collection
from invoke.tasks import task
from rolecall import tasks

@task
def build(c):
    print("built")

namespace = Collection(build)
namespace.add_collection(tasks.namespace, name="aws")
"""


def script(folder: Path) -> Path:
    """Write the console script into `folder`, and return it."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "rolecall"
    path.write_text(f"#!{sys.executable}\nfrom rolecall.tasks.command.program import main\nmain()\n")
    path.chmod(0o755)
    return path


def run(
    argv: list[str],
    root: Path,
    more: Mapping[str, str] | None = None,
    *,
    path: Path | None = None,
    **environ: str,
) -> "subprocess.CompletedProcess[str]":
    """Run `argv` in `root` without a terminal, `path` before PATH."""
    search = f"{path}{os.pathsep}{os.environ['PATH']}" if path else os.environ["PATH"]
    return subprocess.run(
        argv,
        cwd=root,
        env={**os.environ, "PATH": search, **(more or {}), **environ},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        start_new_session=True,
        check=False,
    )
