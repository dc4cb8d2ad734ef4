"""Reading `envrc.d/roles.toml` into frozen values, each mistake with its line.

Must not know `.env`, or resolve chains.
"""

from __future__ import annotations

import os

from rolecall.errors import ConfigError
from rolecall.project import roles
from rolecall.project.declared import Declared
from rolecall.project.input_files import InputFiles
from rolecall.project.roles import PermissionSet, Role, SsoSession
from rolecall.project.roles_toml import session_policy
from rolecall.project.roles_toml.keys import PROJECT, ROLE, SSO, SSO_ROLE, TOP, Key
from rolecall.project.roles_toml.toml_file import TomlSource, closest

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path
    from typing import Any


TAGGING = ("tags", "transitive_tags", "source_identity")
CHAINED_ONLY = (
    "source",
    "duration",
    "external_id",
    "mfa",
    "mfa_serial",
    "policy_arns",
    "session_policy",
    "read_only",
    *TAGGING,
)


def read(path: Path | str, *, inputs: InputFiles | None = None) -> Declared:
    """Return what `path` declares; nothing where there is no such file. Raises ConfigError."""
    reader = inputs or InputFiles(os.path.dirname(path))
    text = reader.text(str(path))
    return Declared() if text is None else parse(path, text, inputs=reader)


def parse(path: Path | str, text: str, *, inputs: InputFiles | None = None) -> Declared:
    """Return what `text`, the content of `path`, declares. Raises ConfigError."""
    reader = inputs or InputFiles(os.path.dirname(path))
    source = TomlSource(str(path), text)
    document = source.document()
    _check_version(source, source.table(document, "project", ""))
    source.only_known("", document, TOP)
    head = _checked(source, "project", source.table(document, "project", ""), PROJECT)
    tables = source.table(document, "roles", "")
    known = {name: _role(source, name, source.table(tables, name, "roles"), reader) for name in tables}
    portals = source.table(document, "sso", "")
    sso = {name: _portal(source, name, source.table(portals, name, "sso")) for name in portals}
    _check_references(source, head, known)
    return Declared(**head, roles=known, sso=sso)


def _checked(
    source: TomlSource, where: str, table: Mapping[str, Any], keys: Mapping[str, Key]
) -> dict[str, Any]:
    """Return the converted values of `table`, all of whose keys are known."""
    source.only_known(where, table, keys)
    return {name: source.value(where, table, name, keys[name].kind.read) for name in table}


def _check_version(source: TomlSource, head: Mapping[str, Any]) -> None:
    """Raise ConfigError where the project needs another rolecall, before a key this one does not know."""
    from rolecall.system.python import origin, version

    wanted = source.value("project", head, "rolecall", PROJECT["rolecall"].kind.read)
    if wanted is None or version.meets(wanted):
        return
    place = f"{source.path}:{source.line('project', 'rolecall')}"
    problem = f"{place}: this project needs rolecall {wanted}, and this is {version.VERSION}"
    raise ConfigError("rolecall-version", problem, hint=origin.upgrade_command())


def _role(source: TomlSource, name: str, table: Mapping[str, Any], reader: InputFiles) -> Role:
    where = f"roles.{name}"
    if not roles.is_alias(name):
        raise source.fail("", where, "a role's name is letters, digits and _ . @ + = , - only")
    found = _checked(source, where, table, ROLE)
    if ("role_arn" in found) == ("sso" in found):
        raise source.fail("", where, "needs role_arn or sso, one of the two")
    if "sso" in found:
        found["sso"] = _permission_set(source, where, found)
        found["role_arn"] = found["sso"].arn
    if "duration" in found:
        found["duration_seconds"] = found.pop("duration")
    if "session_policy" in found:
        found["session_policy"] = session_policy.read(source, where, found["session_policy"], reader)
    _check_read_only(source, where, found)
    for tag in found.get("transitive_tags", ()):
        if tag not in found.get("tags", {}):
            raise source.fail(where, "transitive_tags", f"{tag!r} is not a key of tags")
    return Role(name, **found)


def _check_read_only(source: TomlSource, where: str, found: Mapping[str, Any]) -> None:
    """Refuse what would let a read-only session do more than read.

    A session may do what any of its policies allows, within what the role may (IAM User Guide, "Session
    policies"): beside ReadOnlyAccess, a policy that allows widens. One that only denies still narrows.
    """
    if not found.get("read_only"):
        return
    for key in ("policy_arns", "session_policy"):
        if key in found and (key == "policy_arns" or session_policy.allows(found[key])):
            says = "would let a read_only session do more than read: AWS adds up what its policies allow"
            raise source.fail(where, key, f"{says}; drop one of the two")


def _permission_set(source: TomlSource, where: str, found: Mapping[str, Any]) -> PermissionSet:
    for key in CHAINED_ONLY:
        if key in found:
            raise source.fail(where, key, "cannot go with sso: Identity Center decides it")
    inner = f"{where}.sso"
    values_ = _checked(source, inner, source.table(found, "sso", where), SSO_ROLE)
    for key in SSO_ROLE:
        if key not in values_:
            raise source.fail(where, "sso", f"{key} is missing; needed: {', '.join(SSO_ROLE)}")
    return PermissionSet(**values_)


def _portal(source: TomlSource, name: str, table: Mapping[str, Any]) -> SsoSession:
    where = f"sso.{name}"
    found = _checked(source, where, table, SSO)
    for key in ("start_url", "region"):
        if key not in found:
            raise source.fail("", where, f"{key} is missing; needed: start_url, region")
    return SsoSession(name, **found)


def _check_references(source: TomlSource, head: Mapping[str, Any], known: Mapping[str, Role]) -> None:
    references = [("project", "default_role", head.get("default_role"))]
    references += [(f"roles.{role.name}", "source", role.source) for role in known.values()]
    for table, key, name in references:
        if name is not None and name not in known:
            meant = closest(name, known, "; did you mean {}?")
            raise source.fail(table, key, f"no role {name!r}{meant} (roles: {', '.join(known) or 'none'})")
    for role in known.values():
        if cycle := " -> ".join(roles.cycle(known, role.name)):
            raise source.fail(f"roles.{role.name}", "source", f"the sources form a cycle: {cycle}")
