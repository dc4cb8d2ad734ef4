"""The way to a tool on this machine: the system's package, else the user's own copy, else what to type.

Owns: the order of the ways, and the journal facts by which one is undone (removal does that).
Must not: know any particular tool, or install what is there and new enough.
Called by: prerequisites.
"""

import os
import shlex
from collections.abc import Callable, Iterator, Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path

from rolecall.errors import MachineError
from rolecall.system import processes
from rolecall.workstation.programs import downloads, managers
from rolecall.workstation.programs.managers import Manager
from rolecall.workstation.programs.tool import (
    Found,
    Pin,
    Tool,
    Version,
    is_musl,
    look,
    machine,
    search_path,
    shown,
)

Say = Callable[[str], None]
Environ = Mapping[str, str]
Journal = Callable[[dict[str, str]], None]
RootFinder = Callable[..., tuple[str, ...] | None]


@dataclass(frozen=True, slots=True)
class Run:
    """What every way needs of the run it is part of."""

    environ: Environ
    say: Say
    journal: Journal
    find_root: RootFinder
    paused: managers.Paused


@dataclass(frozen=True, slots=True)
class Offer:
    """A package that would do: its manager, name, and version where that can be told."""

    manager: Manager
    package: str
    version: Version | None

    @property
    def command(self) -> str:
        """What a person would type."""
        words = managers.filled(self.manager.install, self.package)
        short = shlex.join(word for word in words if not word.startswith("-qo"))
        return f"sudo {short}" if self.manager.needs_root and os.geteuid() != 0 else short


def offers(tool: Tool, *, environ: Mapping[str, str], is_connecting: bool) -> Iterator[Offer]:
    """Yield the packages that reach the minimum, in the order they would be tried.

    Where not `is_connecting`, a manager that would have to connect is taken at its word.
    """
    search = search_path(environ)
    for manager in managers.present(search):
        package = tool.packages.get(manager.name)
        if package is None:
            continue
        if not manager.is_local and not is_connecting:
            yield Offer(manager, package, None)
            continue
        version = managers.candidate(manager, package, environ=environ)
        if version is not None and version >= tool.minimum:
            yield Offer(manager, package, version)


def pin(tool: Tool) -> Pin | None:
    """Return the published file for this machine, where there is one that runs here."""
    found = tool.pins.get(machine())
    return None if found is None or (found.is_glibc and is_musl()) else found


def plan(tool: Tool, *, environ: Mapping[str, str]) -> str | None:
    """Return in one line how the tool would be installed, or None where there is no way. Never connects."""
    search = search_path(environ)
    offer = next(offers(tool, environ=environ, is_connecting=False), None)
    if offer:
        return offer.command + (f" (has {shown(offer.version)})" if offer.version else "")
    published = pin(tool)
    download = f"download {tool.pinned_version} into ~/.local/bin ({published.url})" if published else ""
    can_be_root = os.geteuid() == 0 or processes.find("sudo", path=search) is not None
    listless = [m for m in managers.present(search) if m.refresh and m.name in tool.packages and can_be_root]
    if not listless:
        return download or None
    fresh = f"{listless[0].name}'s package, once its lists are refreshed"
    return f"{fresh}; else {download}" if download else fresh


def install(
    tool: Tool,
    *,
    environ: Mapping[str, str],
    say: Say,
    journal: Journal = lambda _: None,
    paused: managers.Paused = nullcontext,
    root_finder: RootFinder = managers.root_prefix,
) -> dict[str, str]:
    """Install `tool` by the first way that ends with it working; return the facts for undo.

    `journal` gets them too: for a package after it was installed (an attempt that failed must never
    make teardown remove the person's own), for a download before (its undo knows our file by digest).
    Raises MachineError with what each way said, and the commands to type.
    """
    run = Run(environ, say, journal, root_finder, paused)
    refusals: list[str] = []
    for way in (_by_package, _by_download):
        try:
            facts = way(tool, run)
        except MachineError as problem:
            refusals.append(f"{problem.message}" + (f" ({problem.hint})" if problem.hint else ""))
            continue
        if facts and look(tool, environ=environ).meets(tool.minimum):
            return facts
        if facts:
            raise _hidden(tool, environ)
    raise MachineError(
        "tool-missing",
        f"{tool.name} {shown(tool.minimum)} or newer is needed, {tool.reason}, and could not be installed"
        + "".join(f"; {refusal}" for refusal in refusals),
        hint=by_hand(tool, environ=environ),
    )


def by_hand(tool: Tool, *, environ: Mapping[str, str]) -> str:
    """Return the exact command to type, for this machine."""
    for manager in managers.present(search_path(environ)):
        if manager.name in tool.packages:
            return Offer(manager, tool.packages[manager.name], None).command
    return tool.by_hand


def _by_package(tool: Tool, run: Run) -> dict[str, str] | None:
    found = list(offers(tool, environ=run.environ, is_connecting=True))
    root: tuple[str, ...] | None = ()
    if not found or found[0].manager.needs_root:
        search = search_path(run.environ)
        root = run.find_root(environ=run.environ, search=search, say=run.say, paused=run.paused)
    if not found and root is not None:
        found = _refreshed_offers(tool, run, root)
    if not found:
        return None
    offer = found[0] if root is not None else next((o for o in found if not o.manager.needs_root), None)
    if offer is None:
        raise MachineError("root-needed", f"{found[0].manager.name} needs root here", hint=found[0].command)
    before = look(tool, environ=run.environ)
    if _would_be_hidden(before, offer, run.environ):
        raise MachineError(
            "tool-hidden",
            f"{before.path} ({shown(before.version)}) comes first on PATH and would hide the new one",
            hint=f"remove {before.path}, or put its folder later on PATH",
        )
    run.say(" ".join(("installing", tool.name, shown(offer.version or ()), "with", offer.manager.name)))
    done = _installed(offer, run, root if offer.manager.needs_root and root else ())
    if not done.is_ok:
        name = offer.manager.name
        raise MachineError(
            "package-failed", f"{name} failed: {managers.last_words(done)}", hint=offer.command
        )
    facts = {"manager": offer.manager.name, "package": offer.package, "had": str(before.path is not None)}
    run.journal(facts)
    return facts


def _would_be_hidden(before: Found, offer: Offer, environ: Environ) -> bool:
    """Whether an old one wins over what the manager installs: that goes, by and large, beside the manager."""
    search = search_path(environ)
    program = processes.find(offer.manager.program, path=search)
    if before.path is None or program is None:
        return False
    folders = [Path(folder) for folder in search.split(os.pathsep)]
    there = [folders.index(path.parent) for path in (before.path, program) if path.parent in folders]
    return len(there) == 2 and there[0] < there[1]  # noqa: PLR2004 - both are on PATH


def _installed(offer: Offer, run: Run, root: tuple[str, ...]) -> processes.Result:
    """Install, and once more after a refresh: old lists name files that are gone from the mirror."""
    words = managers.filled(offer.manager.install, offer.package)
    seconds = managers.INSTALL_SECONDS
    done = managers.run(offer.manager, words, environ=run.environ, root=root, seconds=seconds)
    if not done.is_ok and offer.manager.refresh:
        _refresh(offer.manager, run, root)
        done = managers.run(offer.manager, words, environ=run.environ, root=root, seconds=seconds)
    return done


def _refreshed_offers(tool: Tool, run: Run, root: tuple[str, ...]) -> list[Offer]:
    for manager in managers.present(search_path(run.environ)):
        package = tool.packages.get(manager.name)
        if not package or not manager.refresh or managers.candidate(manager, package, environ=run.environ):
            continue
        _refresh(manager, run, root)
        version = managers.candidate(manager, package, environ=run.environ)
        if version is not None and version >= tool.minimum:
            return [Offer(manager, package, version)]
    return []


def _refresh(manager: Manager, run: Run, root: tuple[str, ...]) -> None:
    """A third party's list that cannot be reached fails the whole refresh, and matters to nobody here."""
    run.say(f"refreshing the package lists of {manager.name}")
    seconds = managers.REFRESH_SECONDS
    done = managers.run(manager, manager.refresh, environ=run.environ, root=root, seconds=seconds)
    if not done.is_ok:
        run.say(f"{manager.name} could not refresh every list: {managers.last_words(done)}")


def _by_download(tool: Tool, run: Run) -> dict[str, str] | None:
    published = pin(tool)
    if published is None:
        return None
    run.say(f"downloading {tool.name} {tool.pinned_version} into ~/.local/bin")
    facts = downloads.facts(tool.name, published, environ=run.environ)
    run.journal(facts)
    downloads.install(tool.name, published, environ=run.environ, say=run.say)
    return facts


def _hidden(tool: Tool, environ: Environ) -> MachineError:
    found = look(tool, environ=environ)
    good = ", ".join(str(path) for path in found.hidden) or "elsewhere"
    return MachineError(
        "tool-hidden",
        f"{tool.name} was installed ({good}), but {found.path} ({shown(found.version)}) comes first on PATH",
        hint=f"put the new one's folder first on PATH, or remove {found.path}",
    )
