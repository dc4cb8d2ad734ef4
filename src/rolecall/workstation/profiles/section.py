"""The profiles of one project as text of the AWS config: their names, and the lines of each.

Each asks rolecall by `credential_process` (AWS SDKs Reference, "Process credential provider"). Must not write
a file.
"""

import re
import shlex
from collections.abc import Collection, Mapping
from pathlib import Path

from rolecall.errors import ConfigError
from rolecall.project.declared import Project
from rolecall.system.disk import files
from rolecall.workstation.envrc import runtime

ENV = "/usr/bin/env"
HEAD = "# The roles of this project, from rolecall; its setup writes these lines, teardown removes them.\n"
PLAIN = re.compile(r"[^A-Za-z0-9_.@+-]+")  # what a section's name may hold for every SDK
COMMENT = re.compile(
    r"(?<=\s)(?=[;#])"
)  # where the SDKs for JavaScript and Go begin a comment, also in quotes
CONTROL = re.compile(r"[\x00-\x1f\x7f\u0085\u2028\u2029\ud800-\udfff]")
DIGITS = 4


def names(project: Project, taken: Collection[str], by_hand: Mapping[str, str]) -> dict[str, str]:
    """Return the name of each role's profile: `<project>-<role>`, or `by_hand` the person's own for it.

    Where that is `taken`, a few digits that stand for the project's folder follow.
    """
    found: dict[str, str] = {}
    mark = files.sha256(project.root)[:DIGITS]
    for role in project.roles:
        plain = PLAIN.sub("-", f"{project.name}-{role}").strip("-")
        usable = (plain, f"{plain}-{mark}", *(f"{plain}-{mark}-{number}" for number in range(2, 1000)))
        used = {*taken, *found.values()}
        found[role] = by_hand.get(role) or next(name for name in usable if name not in used)
    return found


def text(project: Project, profiles: Mapping[str, str], *, without: Collection[str] = ()) -> str:
    """Return the lines of the `profiles` (role: name), but for those in `without`.

    Raises ConfigError where a path cannot stand in the file.
    """
    own = {role: name for role, name in profiles.items() if name not in without}
    return HEAD + "\n".join(_section(project, role, name) for role, name in own.items()) if own else ""


def _section(project: Project, role: str, name: str) -> str:
    region = project.roles[role].region or project.declared_region
    lines = [f"[profile {name}]"]
    lines += [f"region = {region}"] if region else []
    lines += [f"endpoint_url = {project.endpoint}"] if project.endpoint else []
    return "\n".join([*lines, f"credential_process = {_command(project, role)}", ""])


def _command(project: Project, role: str) -> str:
    """Return the command by which an SDK gets the role; `51-session.cold.sh` starts Python alike."""
    own = runtime.installation(Path(project.root))
    site, _, venv = own["site"].partition("\n")
    bytecode = ("-X", f"pycache_prefix={own['bytecode']}") if own["bytecode"] else ()
    words = [ENV, f"ROLECALL_SITE={site}", *([f"ROLECALL_SITE_VENV={venv}"] if venv else [])]
    words += [own["python"], "-I", "-S", *bytecode, f"{own['package']}/__main__.py"]
    words += ["credential-process", role, project.root]
    for word in words:
        if CONTROL.search(word):
            raise ConfigError(
                "profile-unwritable",
                f"{word!r} cannot stand in an AWS config file, so no profile can be written",
                hint="invoke setup --no-profiles",
            )
    return " ".join(map(_quoted, words))


def _quoted(word: str) -> str:
    return COMMENT.sub("''", shlex.quote(word))
