"""Install a program: as a package, else by download into ~/.local/bin, else say what to type."""

import os
import shlex

from rolecall.errors import MachineError
from rolecall.system.programs import processes
from rolecall.workstation.programs import downloads, managers, packages
from rolecall.workstation.programs.packages import Environ, Offer, Run
from rolecall.workstation.programs.tool import Pin, Tool, is_musl, look, machine, search_path, shown


def plan(tool: Tool, *, environ: Environ) -> str | None:
    """Return in one line how `tool` would be installed, or None where there is no way. Never connects."""
    search = search_path(environ)
    offer = next(packages.offers(tool, environ=environ, is_connecting=False), None)
    if offer:
        return offer.command + (f" (has {shown(offer.version)})" if offer.version else "")
    published = pin(tool)
    download = f"download {tool.pinned_version} into ~/.local/bin ({published.url})" if published else ""
    can_be_root = os.geteuid() == 0 or processes.find("sudo", path=search) is not None
    stale = [m for m in managers.present(search) if m.refresh and m.name in tool.packages and can_be_root]
    if not stale:
        return download or None
    package = f"{stale[0].name}'s package, once its lists are refreshed"
    return f"{package}; else {download}" if download else package


def install(tool: Tool, run: Run) -> dict[str, str]:
    """Install `tool` in the first way that works; return the facts for undo, which `run` journals too.

    Raises MachineError with the reason why each way failed, and the command to type.
    """
    reasons: list[str] = []
    for way in (packages.install, _download):
        try:
            facts = way(tool, run)
        except MachineError as problem:
            reasons.append(f"{problem.message}" + (f" ({problem.hint})" if problem.hint else ""))
            continue
        if facts and look(tool, environ=run.environ).meets(tool.minimum):
            return facts
        if facts:
            raise _hidden(tool, run.environ)
    raise MachineError(
        "tool-missing",
        f"{tool.name} {shown(tool.minimum)} or newer is needed, {tool.reason}, and could not be installed"
        + "".join(f"; {reason}" for reason in (*reasons, tool.by_hand)),
        hint=_command(tool, run),
    )


def pin(tool: Tool) -> Pin | None:
    """Return the published file for this machine, where there is one that runs here."""
    found = tool.pins.get(machine())
    return None if found is None or (found.is_glibc and is_musl()) else found


def _command(tool: Tool, run: Run) -> str:
    """Return the command that installs `tool` with a manager of this machine; without one, setup again.

    Where root is needed and there is no sudo: one that needs no root, else the command for root's password.
    """
    found = [manager for manager in managers.present(run.search) if manager.name in tool.packages]
    if not found:
        return "invoke setup"
    manager = next((one for one in found if not one.needs_root), found[0])
    typed = Offer(manager, tool.packages[manager.name]).command
    if not typed.startswith("sudo ") or processes.find("sudo", path=run.search):
        return typed
    return tool.without_root.get(manager.name) or f"su -c {shlex.quote(typed.removeprefix('sudo '))}"


def _download(tool: Tool, run: Run) -> dict[str, str] | None:
    """Download `tool` where its file is published. Journaled before: undo knows our file by its digest."""
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
    new = ", ".join(map(str, found.hidden)) or "elsewhere"
    return MachineError(
        "tool-hidden",
        f"{tool.name} was installed ({new}), but {found.path} ({shown(found.version)}) comes first on PATH",
        hint=shlex.join(["mv", str(found.path), f"{found.path}.old"]),
    )
