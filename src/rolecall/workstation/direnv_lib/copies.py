"""The files that `use rolecall` runs: a function in direnv's `lib/` folder, the rest in the data folder.

One copy serves every project. A project has one of its own where rolecall lives in it, or where it was set up
with another installation than the one that the common copy belongs to. Writes nothing.
"""

import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from rolecall.system.disk import files, paths
from rolecall.workstation.envrc import render, runtime
from rolecall.workstation.steps.step import Context

CONSTANT = re.compile(r"(?ms)^_rolecall_(package|site)=(.*?)$(?=\n[_#])")


@dataclass(frozen=True, slots=True)
class Copy:
    """A file that `use rolecall` needs, with the text it should have; several projects may share it."""

    path: Path
    text: str
    is_shared: bool


def wanted(context: Context) -> tuple[Copy, ...]:
    """Return the files that the project needs, each after those that it reads."""
    data = _data(context.environ)
    use_cold, use = (
        Copy(data / name, render.use(name), is_shared=True) for name in (f"use{render.COLD}", "use.sh")
    )
    library_text = render.use("use_rolecall.sh")
    return (
        *reversed(session(context)),
        use_cold,
        use,
        Copy(library(context.environ), library_text, is_shared=True),
    )


def session(context: Context) -> tuple[Copy, Copy]:
    """Return the copy of the fragments that the project runs, and what it reads without a valid session."""
    here = runtime.installation(context.root)
    places = (here["package"], here["site"].partition("\n")[0])
    if not any(Path(place).is_relative_to(context.root) for place in places):
        common = shared(context.environ)
        if not _is_taken(files.read_text(cold(common)) or ""):
            return _both(common, render.session(None), is_shared=True)
    return _both(own(context.root, context.environ), render.session(context.root), is_shared=False)


def shadow(context: Context) -> Path | None:
    """Return the project's own copy, where there is one and the common one should serve."""
    path = own(context.root, context.environ)
    return path if path.exists() and session(context)[0].is_shared else None


def library(environ: Mapping[str, str]) -> Path:
    """Return the file of direnv's `lib/` folder that defines `use rolecall` (direnv's stdlib.sh)."""
    config = (
        environ.get("DIRENV_CONFIG") or paths.xdg("XDG_CONFIG_HOME", ".config", environ=environ) / "direnv"
    )
    return Path(config) / "lib" / "rolecall.sh"


def shared(environ: Mapping[str, str]) -> Path:
    """Return the copy that serves every project."""
    return _data(environ) / "session.sh"


def own(root: Path, environ: Mapping[str, str]) -> Path:
    """Return the copy that only the project at `root` uses."""
    return _data(environ) / "projects" / paths.project_key(root) / "session.sh"


def cold(session: Path) -> Path:
    """Return the file beside a copy that it reads where there is no valid session."""
    return session.with_suffix(render.COLD)


def is_ours(text: str) -> bool:
    """Return whether `text` is as rolecall wrote it."""
    return render.is_unedited(text, render.COPY_MARKER)


def _both(path: Path, texts: tuple[str, str], *, is_shared: bool) -> tuple[Copy, Copy]:
    return Copy(path, texts[0], is_shared), Copy(cold(path), texts[1], is_shared)


def _is_taken(text: str) -> bool:
    """Return whether `text` is the cold part of a copy of another installation that is still there."""
    found = {name: "".join(shlex.split(value)) for name, value in CONSTANT.findall(text)}
    here = runtime.installation()
    is_another = any(here[name] != value for name, value in found.items())
    return is_another and all(Path(value.partition("\n")[0]).exists() for value in found.values())


def _data(environ: Mapping[str, str]) -> Path:
    return paths.xdg("XDG_DATA_HOME", ".local/share", environ=environ) / paths.APP
