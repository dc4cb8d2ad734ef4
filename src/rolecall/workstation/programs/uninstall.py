"""Undo an installation, unless other programs or people may need the package by now."""

from collections.abc import Mapping

from rolecall.workstation.programs import downloads, managers, sudo
from rolecall.workstation.programs.tool import search_path


def undo(facts: Mapping[str, str], *, environ: Mapping[str, str], is_kept: bool) -> str:
    """Undo one installation and return one line about it. It never removes another package too."""
    if "file" in facts:
        return downloads.remove(facts)
    package = facts["package"]
    reason = _reason_to_keep(package, facts, environ=environ, is_kept=is_kept)
    return f"kept the package {package}: {reason}" if reason else f"removed the package {package}"


def _reason_to_keep(
    package: str, facts: Mapping[str, str], *, environ: Mapping[str, str], is_kept: bool
) -> str:
    """Remove the package, and return an empty text; or return why it stays."""
    manager = managers.named(facts["manager"])
    if facts.get("had") == "True":
        return "an older version was there before"
    if manager is None or is_kept or not manager.remove:
        return "other programs may use it"
    root = sudo.prefix(environ=environ, search=search_path(environ)) if manager.needs_root else ()
    if root is None:
        return f"removing it needs root: sudo {' '.join(managers.filled(manager.remove, package))}"
    if manager.rehearse:
        shown = manager.run(manager.rehearse, package, environ=environ, seconds=managers.QUERY_SECONDS).out
        if sum(line.startswith("Remv ") for line in shown.splitlines()) != 1:
            return "removing it would remove others too"
    done = manager.run(manager.remove, package, environ=environ, root=root, seconds=managers.INSTALL_SECONDS)
    return "" if done.is_ok else managers.last_line(done)
