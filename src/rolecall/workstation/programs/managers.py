"""Package managers: what each is asked, and how.

Owns: the argv of apt, dnf, pacman, zypper, apk, brew and nix, and how root is had.
Must not: decide which route is taken, or wait for a password nobody can see.
Called by: routes.
"""

import os
import re
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field

from rolecall.errors import MachineError
from rolecall.system import person, processes
from rolecall.workstation.programs.tool import Version, parse

Paused = Callable[[], AbstractContextManager[None]]
QUERY_SECONDS = 60
REFRESH_SECONDS = 180
INSTALL_SECONDS = 900
PLAIN = {"LC_ALL": "C"}
NIX = ("nix", "--extra-experimental-features", "nix-command flakes")
FIELD = r"^Version\s*:\s*(?:\d+:)?(\d[\w.]*)"


@dataclass(frozen=True, slots=True)
class Manager:
    """One package manager, as data: "{package}" in an argv is the package's name.

    `query` prints the candidate without changing anything; `remove` is empty where the manager would
    take other packages along without asking.
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
    """Return the managers this machine has, the system's own first. Homebrew refuses to run as root."""
    found = (manager for manager in MANAGERS if processes.find(manager.program, path=search))
    return tuple(manager for manager in found if manager.name != "brew" or os.geteuid() != 0)


def named(name: str) -> Manager | None:
    """Return the manager called `name`."""
    return next((manager for manager in MANAGERS if manager.name == name), None)


def filled(argv: tuple[str, ...], package: str) -> tuple[str, ...]:
    """Return `argv` with the package's name in its place."""
    return tuple(word.replace("{package}", package) for word in argv)


def candidate(manager: Manager, package: str, *, environ: Mapping[str, str]) -> Version | None:
    """Return the version `manager` would install, or None where it has none or cannot tell."""
    try:
        done = processes.run(
            filled(manager.query, package),
            environ={**environ, **manager.environ},
            timeout_seconds=QUERY_SECONDS,
        )
    except MachineError:
        return None
    return max((parse(text) for text in re.findall(manager.version, done.out, re.MULTILINE)), default=None)


def run(
    manager: Manager,
    argv: tuple[str, ...],
    *,
    environ: Mapping[str, str],
    root: tuple[str, ...],
    seconds: float,
) -> processes.Result:
    """Run one of `manager`'s commands, through `root` if given. sudo drops variables: env(1) brings them."""
    settings = tuple(f"{name}={value}" for name, value in manager.environ.items())
    words = (*root, "env", *settings, *argv) if root else argv
    return processes.run(words, environ={**environ, **manager.environ}, timeout_seconds=seconds)


def root_prefix(
    *,
    environ: Mapping[str, str],
    search: str,
    say: Callable[[str], None] = lambda _: None,
    paused: Paused = nullcontext,
    can_ask: Callable[[], bool] = person.can_ask,
    user_id: Callable[[], int] = os.geteuid,
) -> tuple[str, ...] | None:
    """Return the words that make a command run as root: none for root; None where it cannot be had.

    sudo asks on the terminal itself, so it is started only where a person can see that.
    """
    if user_id() == 0:
        return ()
    sudo = processes.find("sudo", path=search)
    if sudo is None:
        return None
    if processes.run([sudo, "-n", "true"], environ=environ, timeout_seconds=QUERY_SECONDS).is_ok:
        return (str(sudo), "-n")
    if not can_ask():
        return None
    say("sudo asks for your password, to install a package")
    with paused():
        return (str(sudo),) if processes.run([sudo, "-v"], environ=environ).is_ok else None


def last_words(done: processes.Result) -> str:
    """Return the last line a program said: where managers put the reason."""
    lines = [line.strip() for line in (done.err or done.out).splitlines() if line.strip()]
    return (lines[-1] if lines else f"exit code {done.code}")[-200:]
