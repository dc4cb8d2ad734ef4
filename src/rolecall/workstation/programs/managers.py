"""Package managers: the command lines of apt, dnf, pacman, zypper, apk, brew and nix.

Which one is used, and whether at all, is decided elsewhere (`packages.py`).
"""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from rolecall.errors import MachineError
from rolecall.system.programs import processes
from rolecall.workstation.programs.tool import Version, parse

QUERY_SECONDS = 60
REFRESH_SECONDS = 180
INSTALL_SECONDS = 900
PLAIN = {"LC_ALL": "C"}
NIX = ("nix", "--extra-experimental-features", "nix-command flakes")
FIELD = r"^Version\s*:\s*(?:\d+:)?(\d[\w.]*)"


@dataclass(frozen=True, slots=True)
class Manager:
    """One package manager; "{package}" in a command line is the package's name.

    `query` prints the version that would be installed, and changes nothing; `version` is the pattern that
    finds it. `remove` is empty where the manager would remove other packages too without asking.
    """

    name: str
    program: str
    query: tuple[str, ...]
    version: str
    install: tuple[str, ...]
    refresh: tuple[str, ...] = ()
    rehearse: tuple[str, ...] = ()
    remove: tuple[str, ...] = ()
    needs_root: bool = True
    is_local: bool = True  # the query opens no connection
    environ: Mapping[str, str] = field(default_factory=lambda: PLAIN)

    def candidate(self, package: str, *, environ: Mapping[str, str]) -> Version | None:
        """Return the version that would be installed, or None where there is none or it is not known."""
        try:
            done = self.run(self.query, package, environ=environ, seconds=QUERY_SECONDS)
        except MachineError:
            return None
        found = re.findall(self.version, done.out, re.MULTILINE)
        return max((parse(text) for text in found), default=None)

    def run(
        self,
        argv: tuple[str, ...],
        package: str,
        *,
        environ: Mapping[str, str],
        seconds: float,
        root: tuple[str, ...] = (),
    ) -> processes.Result:
        """Run one of this manager's command lines, behind `root` (the words that make it run as root)."""
        # sudo drops variables; env(1) brings them
        settings = tuple(f"{name}={value}" for name, value in self.environ.items())
        words = (*root, "env", *settings, *filled(argv, package)) if root else filled(argv, package)
        return processes.run(words, environ={**environ, **self.environ}, timeout_seconds=seconds)


MANAGERS = (
    Manager(
        "apt",
        "apt-get",
        # without the two caches apt writes nothing, not even as root
        ("apt-cache", "-o", "Dir::Cache::pkgcache=", "-o", "Dir::Cache::srcpkgcache=", "policy", "{package}"),
        r"^\s+Candidate: (?:\d+:)?(\d[\w.]*)",
        ("apt-get", "install", "-y", "--no-install-recommends", "-qoDPkg::Lock::Timeout=120", "{package}"),
        refresh=("apt-get", "update", "-q", "-o", "Acquire::Retries=1", "-o", "Acquire::http::Timeout=20"),
        rehearse=("apt-get", "-s", "remove", "{package}"),
        remove=("apt-get", "remove", "-y", "-q", "{package}"),
        environ={**PLAIN, "DEBIAN_FRONTEND": "noninteractive"},
    ),
    Manager(
        "dnf",
        "dnf",
        ("dnf", "-q", "-C", "repoquery", "--latest-limit=1", "--queryformat=%{version}\\n", "{package}"),
        r"^(\d[\w.]*)",
        ("dnf", "install", "-y", "-q", "{package}"),
        refresh=("dnf", "-q", "makecache"),
    ),
    Manager(
        "pacman",
        "pacman",
        ("pacman", "-Si", "{package}"),
        FIELD,
        ("pacman", "-S", "--noconfirm", "--needed", "{package}"),
        refresh=("pacman", "-Sy", "--noconfirm"),
        remove=("pacman", "-R", "--noconfirm", "{package}"),
    ),
    Manager(
        "zypper",
        "zypper",
        ("zypper", "--non-interactive", "--no-refresh", "info", "{package}"),
        FIELD,
        ("zypper", "--non-interactive", "install", "--no-recommends", "{package}"),
        refresh=("zypper", "--non-interactive", "refresh"),
    ),
    Manager(
        "apk",
        "apk",
        ("apk", "--no-network", "policy", "{package}"),
        r"^\s+(\d[\w.]*)(?:-r\d+)?:$",
        ("apk", "add", "{package}"),
        refresh=("apk", "update"),
        remove=("apk", "del", "{package}"),
    ),
    Manager(
        "brew",
        "brew",
        ("brew", "info", "--json=v2", "{package}"),
        r'"stable":\s*"(\d[\w.]*)',
        ("brew", "install", "--quiet", "{package}"),
        remove=("brew", "uninstall", "{package}"),
        needs_root=False,
        is_local=False,
        environ={**PLAIN, "HOMEBREW_NO_AUTO_UPDATE": "1", "HOMEBREW_NO_ENV_HINTS": "1"},
    ),
    Manager(
        "nix",
        "nix",
        (*NIX, "eval", "--raw", "nixpkgs#{package}.version"),
        r"^(\d[\w.]*)",
        (*NIX, "profile", "install", "nixpkgs#{package}"),
        remove=(*NIX, "profile", "remove", "{package}"),
        needs_root=False,
        is_local=False,
    ),
)


def present(search: str) -> tuple[Manager, ...]:
    """Return the managers on the PATH `search`, the system's own first. Homebrew refuses to run as root."""
    found = (manager for manager in MANAGERS if processes.find(manager.program, path=search))
    return tuple(manager for manager in found if manager.name != "brew" or os.geteuid() != 0)


def named(name: str) -> Manager | None:
    """Return the manager called `name`."""
    return next((manager for manager in MANAGERS if manager.name == name), None)


def filled(argv: tuple[str, ...], package: str) -> tuple[str, ...]:
    """Return `argv` with the package's name in its place."""
    return tuple(word.replace("{package}", package) for word in argv)


def last_line(done: processes.Result) -> str:
    """Return the last line that a program printed: where managers put the reason."""
    lines = [line.strip() for line in (done.err or done.out).splitlines() if line.strip()]
    return (lines[-1] if lines else f"exit code {done.code}")[-200:]
