"""A program the project needs, and what this machine has of it.

Owns: how a tool is found, how its version is read, and which of several on PATH wins.
Must not: install anything, connect, or know any particular tool (`prerequisites` lists them).
Called by: prerequisites, routes, and doctor through the steps.
"""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from rolecall.errors import MachineError
from rolecall.system import paths, processes

Version = tuple[int, ...]
PROBE_SECONDS = 20


@dataclass(frozen=True, slots=True)
class Pin:
    """A published file for one kind of machine, and the digest it must have."""

    url: str
    sha256: str
    kind: str = "binary"  # binary | deb | aws-zip: how the program is taken out of it
    is_glibc: bool = False  # does not run on musl (Alpine)


@dataclass(frozen=True, slots=True)
class Tool:
    """A program by name, its minimum, and every way to get it. Pins are keyed "linux-x86_64"."""

    name: str
    reason: str
    minimum: Version
    packages: Mapping[str, str]
    version: str = r"(\d+(?:\.\d+)+)"
    pins: Mapping[str, Pin] = field(default_factory=dict)
    pinned_version: str = ""
    by_hand: str = ""
    is_kept: bool = False  # too common to remove again


@dataclass(frozen=True, slots=True)
class Found:
    """What a look at PATH gave: the file that wins, its version, and those it hides."""

    path: Path | None
    version: Version
    hidden: tuple[Path, ...] = ()

    def meets(self, minimum: Version) -> bool:
        """Whether it is there and new enough."""
        return self.path is not None and self.version >= minimum


def look(tool: Tool, *, environ: Mapping[str, str] = os.environ) -> Found:
    """Return what `tool.name` runs here. Starts only that program, with --version."""
    search = search_path(environ)
    candidates = all_on(tool.name, search)
    if not candidates:
        return Found(None, ())
    winner = (_direnvs_bash(environ, search) if tool.name == "bash" else None) or candidates[0]
    hidden = tuple(path for path in candidates if path.resolve() != winner.resolve())
    return Found(winner, _version(tool, winner, {**environ, "PATH": search}), hidden)


def user_bin(environ: Mapping[str, str]) -> Path:
    """Return the folder for programs of this user alone."""
    return paths.home(environ=environ) / ".local/bin"


def search_path(environ: Mapping[str, str]) -> str:
    """Return PATH with the user's own programs in front, where it lacks them: new shells will have them."""
    given = environ.get("PATH", os.defpath)
    own = str(user_bin(environ))
    return given if own in given.split(os.pathsep) else os.pathsep.join((own, given))


def all_on(name: str, search: str) -> tuple[Path, ...]:
    """Return every file that `name` could run, the winner first."""
    found = (processes.find(name, path=folder) for folder in search.split(os.pathsep) if folder)
    return tuple(dict.fromkeys(path for path in found if path))


def parse(text: str) -> Version:
    """Return "2.32.1" as numbers; empty where it has none."""
    return tuple(int(part) for part in re.findall(r"\d+", text))


def shown(version: Version) -> str:
    """Return the version as people write it."""
    return ".".join(str(part) for part in version) or "(version not known)"


def machine() -> str:
    """Return this kind of machine as pins name it: "linux-x86_64", "darwin-arm64"."""
    system = os.uname()
    processor = {"aarch64": "arm64", "amd64": "x86_64"}.get(system.machine, system.machine)
    return f"{system.sysname.lower()}-{processor}"


def is_musl(*, root: Path = Path("/")) -> bool:
    """Whether this is a musl system, where programs linked against glibc do not start."""
    return any((root / "lib").glob("ld-musl-*"))


def _version(tool: Tool, program: Path, environ: Mapping[str, str]) -> Version:
    try:
        done = processes.run([program, "--version"], environ=environ, timeout_seconds=PROBE_SECONDS)
    except MachineError:
        return ()  # a broken file is as good as none: `meets` says no
    found = re.search(tool.version, done.out + done.err)
    return parse(found[1]) if found else _beside(program)


def _beside(program: Path) -> Version:
    """The session-manager-plugin tells its version only in AWS's own folder; a file beside it has it."""
    try:
        return parse((program.resolve().parent.parent / "VERSION").read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError):
        return ()


def _direnvs_bash(environ: Mapping[str, str], search: str) -> Path | None:
    """Ask direnv: it may have another bash built in than the first on PATH (Homebrew, nix, `bash_path`)."""
    direnv = processes.find("direnv", path=search)
    if direnv is None:
        return None
    try:
        whole = {**environ, "PATH": search}
        done = processes.run([direnv, "status"], environ=whole, timeout_seconds=PROBE_SECONDS)
    except MachineError:
        return None
    found = re.search(r"^bash_path (.+)$", done.out, re.MULTILINE)
    path = Path(found[1]) if found else None
    return path if path and path.is_file() else None
