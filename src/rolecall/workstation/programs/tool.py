"""Find a program on this machine and read its version. Nothing is installed here, and nothing connects."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from rolecall.errors import MachineError
from rolecall.system.disk import paths
from rolecall.system.programs import processes

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
    """A program: its minimum version, and every way to install it. Pins have keys like "linux-x86_64"."""

    name: str
    reason: str
    minimum: Version
    packages: Mapping[str, str]
    version: str = r"(\d+(?:\.\d+)+)"
    pins: Mapping[str, Pin] = field(default_factory=dict)
    pinned_version: str = ""
    by_hand: str = ""
    without_root: Mapping[str, str] = field(default_factory=dict)  # by manager: a command that needs no root
    is_kept: bool = False  # too common to remove again


@dataclass(frozen=True, slots=True)
class Found:
    """The file that a name runs, its version, and the files later on PATH that it hides."""

    path: Path | None
    version: Version
    hidden: tuple[Path, ...] = ()

    def meets(self, minimum: Version) -> bool:
        """Return whether the program is there and new enough."""
        return self.path is not None and self.version >= minimum


def look(tool: Tool, *, environ: Mapping[str, str] = os.environ) -> Found:
    """Return what `tool.name` runs here. Starts that program with --version, and for bash also direnv."""
    search = search_path(environ)
    candidates = _all_on(tool.name, search)
    if not candidates:
        return Found(None, ())
    first = (_bash_of_direnv(environ, search) if tool.name == "bash" else None) or candidates[0]
    hidden = tuple(path for path in candidates if path.resolve() != first.resolve())
    return Found(first, _version(tool, first, {**environ, "PATH": search}), hidden)


def user_bin(environ: Mapping[str, str]) -> Path:
    """Return the folder for programs of this user alone."""
    return paths.home(environ=environ) / ".local/bin"


def search_path(environ: Mapping[str, str]) -> str:
    """Return the PATH of new shells: the user's own programs are in front where it lacks them."""
    given = environ.get("PATH", os.defpath)
    own = str(user_bin(environ))
    return given if own in given.split(os.pathsep) else os.pathsep.join((own, given))


def _all_on(name: str, search: str) -> tuple[Path, ...]:
    """Return every file called `name` on the PATH `search`; the first is the one that runs."""
    found = (processes.find(name, path=folder) for folder in search.split(os.pathsep) if folder)
    return tuple(dict.fromkeys(path for path in found if path))


def parse(text: str) -> Version:
    """Return the numbers of a version such as "2.32.1"; empty where there are none."""
    return tuple(int(part) for part in re.findall(r"\d+", text))


def shown(version: Version) -> str:
    """Return a version as text, such as "2.32.1"."""
    return ".".join(str(part) for part in version) or "(version not known)"


def machine() -> str:
    """Return this kind of machine as pins name it: "linux-x86_64", "darwin-arm64"."""
    system = os.uname()
    processor = {"aarch64": "arm64", "amd64": "x86_64"}.get(system.machine, system.machine)
    return f"{system.sysname.lower()}-{processor}"


def is_musl(*, root: Path = Path("/")) -> bool:
    """Return whether this is a musl system, where programs linked against glibc do not start."""
    return any((root / "lib").glob("ld-musl-*"))


def _version(tool: Tool, program: Path, environ: Mapping[str, str]) -> Version:
    try:
        done = processes.run([program, "--version"], environ=environ, timeout_seconds=PROBE_SECONDS)
    except MachineError:
        return ()  # a program that does not start counts as too old
    found = re.search(tool.version, done.out + done.err)
    return parse(found[1]) if found else _version_file(program)


def _version_file(program: Path) -> Version:
    """Return the version in the file beside the session-manager-plugin, which prints none elsewhere."""
    try:
        return parse((program.resolve().parent.parent / "VERSION").read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError):
        return ()


def _bash_of_direnv(environ: Mapping[str, str], search: str) -> Path | None:
    """Return the bash that direnv uses: not always the first on PATH (Homebrew, nix, `bash_path`)."""
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
