"""The way back from an installation: what setup brought goes, unless others may have come to need it.

Owns: when a package is kept.
Must not: take another package along.
Called by: prerequisites.
"""

from collections.abc import Mapping

from rolecall.workstation.programs import downloads, managers
from rolecall.workstation.programs.tool import search_path


def undo(facts: Mapping[str, str], *, environ: Mapping[str, str], is_kept: bool) -> str:
    """Take back an installation, unless others may have come to need it; say what was done."""
    if "file" in facts:
        return downloads.remove(facts)
    manager = managers.named(facts["manager"])
    package = facts["package"]
    if facts.get("had") == "True":
        return f"kept the package {package}: an older version was there before"
    if manager is None or is_kept or not manager.remove:
        return f"kept the package {package}: other programs may use it"
    root = managers.root_prefix(environ=environ, search=search_path(environ)) if manager.needs_root else ()
    command = " ".join(managers.filled(manager.remove, package))
    if root is None:
        return f"kept the package {package}: removing it needs root: sudo {command}"
    if manager.rehearse:
        words = managers.filled(manager.rehearse, package)
        said = managers.run(manager, words, environ=environ, root=(), seconds=managers.QUERY_SECONDS).out
        if sum(line.startswith("Remv ") for line in said.splitlines()) != 1:
            return f"kept the package {package}: removing it would take others along"
    words = managers.filled(manager.remove, package)
    done = managers.run(manager, words, environ=environ, root=root, seconds=managers.INSTALL_SECONDS)
    return (
        f"removed the package {package}"
        if done.is_ok
        else f"kept the package {package}: {managers.last_words(done)}"
    )
