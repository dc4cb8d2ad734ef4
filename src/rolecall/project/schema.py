"""`envrc.d/roles.toml`: which keys it may have, and reading it into frozen values.

The tables of allowed keys are also the JSON Schema for editors. Must not know `.env`, or resolve chains.
"""

from __future__ import annotations

import os

from rolecall.errors import ConfigError
from rolecall.project import roles, values
from rolecall.project.declared import Declared
from rolecall.project.input_files import InputFiles
from rolecall.project.roles import PermissionSet, Role, SsoSession
from rolecall.project.toml_file import TomlSource, closest
from rolecall.project.values import Kind
from rolecall.system.python.frozen import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path
    from typing import Any


@dataclass(frozen=True, slots=True)
class Key:
    """One allowed key: what it holds, and what it means in a sentence."""

    kind: Kind
    says: str


PROJECT = {
    "name": Key(values.TEXT, "The project's name (default: its folder's)."),
    "default_role": Key(values.TEXT, "The role of a terminal that has chosen none."),
    "region": Key(values.REGION_NAME, "The region of every role that names none."),
    "profile": Key(values.TEXT, "The AWS profile that assumes the roles, where .env holds no keys."),
    "mfa_serial": Key(
        values.SERIAL_TEXT, "The MFA device; a personal one belongs in .env, as AWS_MFA_SERIAL."
    ),
    "mfa_process": Key(values.TEXT, "A command that prints the MFA code; it never runs on `cd`."),
    "tools": Key(values.TEXTS, "Programs that setup also installs."),
    "env": Key(
        values.SCOPE, "What of .env a shell gets: all (the default), or aws, without the app's values."
    ),
    "delivery": Key(
        values.DELIVERY, "How a shell gets the role: keys (the default), or profile, as AWS_PROFILE."
    ),
    "rolecall": Key(values.VERSION_SPEC, "The versions of rolecall that this project works with."),
}
SSO_TABLE = Kind(lambda value: value, {"$ref": "#/$defs/sso"})
ROLE = {
    "role_arn": Key(values.ROLE_ARN, "The role's ARN."),
    "sso": Key(SSO_TABLE, "An Identity Center permission set, instead of role_arn."),
    "region": Key(values.REGION_NAME, "The region of the role's sessions."),
    "duration": Key(
        values.DURATION_TEXT, "How long a session lasts: 15m to 12h; 1h at most where source is set."
    ),
    "source": Key(values.TEXT, "The role that assumes this one."),
    "protected": Key(
        values.FLAG, "Whether a person must confirm it in each terminal; a `cd` never takes it."
    ),
    "read_only": Key(
        values.FLAG, "Whether a session may only read (AWS's ReadOnlyAccess), but for `assume --elevate`."
    ),
    "external_id": Key(values.EXTERNAL_ID_TEXT, "The external id that the role's trust policy asks for."),
    "mfa": Key(values.FLAG, "Whether the trust policy asks for an MFA code."),
    "mfa_serial": Key(values.SERIAL_TEXT, "The MFA device for this role."),
    "policy_arns": Key(values.POLICY_ARNS, "Managed policies that narrow the session, at most 10."),
    "session_policy": Key(values.TEXT, "A JSON policy file, relative to envrc.d, that narrows the session."),
    "tags": Key(values.TAGS, "Tags of the session."),
    "transitive_tags": Key(values.TEXTS, "The tags that also apply to roles assumed from this one."),
    "source_identity": Key(
        values.SOURCE_IDENTITY_TEXT, "The name that CloudTrail shows for this session and every later one."
    ),
}
SSO_ROLE = {
    "session": Key(values.TEXT, "An [sso.NAME] of this file, or an [sso-session NAME] of ~/.aws/config."),
    "account_id": Key(values.ACCOUNT_ID, "The account."),
    "role_name": Key(values.PERMISSION_SET_NAME, "The permission set."),
}
SSO = {
    "start_url": Key(values.START_URL_TEXT, "The portal's address."),
    "region": Key(values.REGION_NAME, "The region of Identity Center."),
    "scopes": Key(values.TEXTS, "The scopes of the login (default: sso:account:access)."),
}
TOP = {
    "project": "Settings of the whole project.",
    "roles": "The roles, each under its alias.",
    "sso": "Identity Center sessions that ~/.aws/config does not declare.",
}
POLICY_KEYS = ("Version", "Id", "Statement")
POLICY = frozenset(POLICY_KEYS)
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


def json_schema() -> str:
    """Return the JSON Schema of `roles.toml`, for editors: the tables above in other words."""
    reading = {"properties": {"read_only": {"const": True}}}
    role = _object(ROLE) | {
        "oneOf": [{"required": ["role_arn"]}, {"required": ["sso"]}],
        "not": reading | {"required": ["read_only", "policy_arns"]},
    }
    names = {"propertyNames": {"pattern": f"^{roles.ALIAS}$"}}
    properties = {
        "project": _object(PROJECT),
        "roles": {"type": "object", **names, "additionalProperties": role},
        "sso": {"type": "object", "additionalProperties": _object(SSO, required=("start_url", "region"))},
    }
    document = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "rolecall: envrc.d/roles.toml",
        "type": "object",
        "additionalProperties": False,
        "properties": {name: {"description": TOP[name], **shape} for name, shape in properties.items()},
        "$defs": {"sso": _object(SSO_ROLE, required=tuple(SSO_ROLE))},
    }
    import json

    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _object(keys: Mapping[str, Key], *, required: tuple[str, ...] = ()) -> dict[str, Any]:
    properties = {name: {"description": key.says, **key.kind.shape} for name, key in keys.items()}
    shape = {"type": "object", "additionalProperties": False, "properties": properties}
    return shape | ({"required": list(required)} if required else {})


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
        found["session_policy"] = _policy(source, where, found["session_policy"], reader)
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
        if key in found and (key == "policy_arns" or _allows(found[key])):
            says = "would let a read_only session do more than read: AWS adds up what its policies allow"
            raise source.fail(where, key, f"{says}; drop one of the two")


def _allows(policy: str) -> bool:
    """Return whether a session policy allows anything, or is none that can be understood."""
    import json

    document = json.loads(policy)
    statements = document.get("Statement", []) if isinstance(document, dict) else [None]
    listed = statements if isinstance(statements, list) else [statements]
    return any(not isinstance(one, dict) or one.get("Effect") != "Deny" for one in listed)


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


def _policy(source: TomlSource, where: str, name: str, reader: InputFiles) -> str:
    # Going up by the text of the path, as workstation.review.sources does: it shows what is read here.
    path = os.path.normpath(os.path.join(os.path.dirname(source.path), name))
    if not path.startswith(os.path.join(os.path.normpath(reader.root), "")):
        says = f"{name} is outside the project, where no review shows a change of it; have it in envrc.d/"
        raise source.fail(where, "session_policy", says)
    text = reader.text(path)
    if text is None:
        raise source.fail(where, "session_policy", f"no file {path}")
    import json

    try:
        policy = json.loads(text)
    except ValueError as problem:
        raise source.fail(where, "session_policy", f"{path} is not JSON: {problem}") from None
    # STS shows the policy to the role's owner: any other JSON (a login's token, say) must not be sent there.
    if not isinstance(policy, dict) or not POLICY.issuperset(policy):
        says = f"{path} is not a policy: a JSON object of {', '.join(POLICY_KEYS)}"
        raise source.fail(where, "session_policy", says)
    return json.dumps(policy, separators=(",", ":"))  # STS limits the policy's packed size
