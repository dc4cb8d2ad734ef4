"""Install a program as a package of the system's manager."""

import os
import shlex
from collections.abc import Callable, Iterator, Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path

from rolecall.errors import MachineError
from rolecall.system.programs import processes
from rolecall.workstation.programs import managers, sudo
from rolecall.workstation.programs.managers import INSTALL_SECONDS, REFRESH_SECONDS, Manager
from rolecall.workstation.programs.tool import Found, Tool, Version, look, search_path, shown

Environ = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Run:
    """The parts of a setup run that an installation needs."""

    environ: Environ
    say: Callable[[str], None]
    journal: Callable[[dict[str, str]], None] = lambda _: None
    paused: sudo.Paused = nullcontext
    find_root: Callable[..., tuple[str, ...] | None] = sudo.prefix

    @property
    def search(self) -> str:
        """The PATH that new shells will have."""
        return search_path(self.environ)


@dataclass(frozen=True, slots=True)
class Offer:
    """A package that would do: its manager, its name, and its version where that is known."""

    manager: Manager
    package: str
    version: Version | None = None

    @property
    def command(self) -> str:
        """The command that a person would type."""
        words = managers.filled(self.manager.install, self.package)
        short = shlex.join(word for word in words if not word.startswith("-qo"))
        return f"sudo {short}" if self.manager.needs_root and os.geteuid() != 0 else short


def offers(tool: Tool, *, environ: Environ, is_connecting: bool) -> Iterator[Offer]:
    """Yield the packages that are new enough, in the order they would be tried.

    Unless `is_connecting`, a manager that would have to connect is believed to have the package.
    """
    for manager in managers.present(search_path(environ)):
        package = tool.packages.get(manager.name)
        if package is None:
            continue
        if not manager.is_local and not is_connecting:
            yield Offer(manager, package)
            continue
        version = manager.candidate(package, environ=environ)
        if version is not None and version >= tool.minimum:
            yield Offer(manager, package, version)


def install(tool: Tool, run: Run) -> dict[str, str] | None:
    """Install the first package that is new enough; return the facts for undo, or None where there is none.

    The facts are journaled after the installation: were it before, a failed attempt would make teardown
    remove a package that the person had. Raises MachineError where the package cannot be installed.
    """
    found = list(offers(tool, environ=run.environ, is_connecting=True))
    root: tuple[str, ...] | None = ()
    if not found or found[0].manager.needs_root:
        root = run.find_root(environ=run.environ, search=run.search, say=run.say, paused=run.paused)
    if not found and root is not None:
        found = _refreshed_offers(tool, run, root)
    if not found:
        return None
    offer = found[0] if root is not None else next((o for o in found if not o.manager.needs_root), None)
    if offer is None:
        raise MachineError("root-needed", f"{found[0].manager.name} needs root here", hint=found[0].command)
    before = look(tool, environ=run.environ)
    _check_not_hidden(before, offer, run)
    run.say(f"installing {tool.name} {shown(offer.version or ())} with {offer.manager.name}")
    done = _installed(offer, run, root if offer.manager.needs_root and root else ())
    if not done.is_ok:
        reason = managers.last_line(done)
        raise MachineError("package-failed", f"{offer.manager.name} failed: {reason}", hint=offer.command)
    facts = {"manager": offer.manager.name, "package": offer.package, "had": str(before.path is not None)}
    run.journal(facts)
    return facts


def _check_not_hidden(before: Found, offer: Offer, run: Run) -> None:
    """Raise MachineError where an old program would come before the new one on PATH.

    A manager usually installs into the folder that it lies in itself.
    """
    program = processes.find(offer.manager.program, path=run.search)
    if before.path is None or program is None:
        return
    folders = [Path(folder) for folder in run.search.split(os.pathsep)]
    places = [folders.index(path.parent) for path in (before.path, program) if path.parent in folders]
    if len(places) == 2 and places[0] < places[1]:  # noqa: PLR2004 - both are on PATH
        raise MachineError(
            "tool-hidden",
            f"{before.path} ({shown(before.version)}) comes first on PATH and would hide the new one",
            hint=shlex.join(["mv", str(before.path), f"{before.path}.old"]),
        )


def _installed(offer: Offer, run: Run, root: tuple[str, ...]) -> processes.Result:
    """Install, and try again after a refresh: old lists name files that are gone from the mirror."""

    def once() -> processes.Result:
        argv = offer.manager.install
        return offer.manager.run(argv, offer.package, environ=run.environ, root=root, seconds=INSTALL_SECONDS)

    done = once()
    if done.is_ok or not offer.manager.refresh:
        return done
    _refresh(offer.manager, run, root)
    return once()


def _refreshed_offers(tool: Tool, run: Run, root: tuple[str, ...]) -> list[Offer]:
    for manager in managers.present(run.search):
        package = tool.packages.get(manager.name)
        if not package or not manager.refresh or manager.candidate(package, environ=run.environ):
            continue
        _refresh(manager, run, root)
        version = manager.candidate(package, environ=run.environ)
        if version is not None and version >= tool.minimum:
            return [Offer(manager, package, version)]
    return []


def _refresh(manager: Manager, run: Run, root: tuple[str, ...]) -> None:
    """Refresh the package lists; one that cannot be reached fails the whole refresh, and may not matter."""
    run.say(f"refreshing the package lists of {manager.name}")
    done = manager.run(manager.refresh, "", environ=run.environ, root=root, seconds=REFRESH_SECONDS)
    if not done.is_ok:
        run.say(f"{manager.name} could not refresh every list: {managers.last_line(done)}")
