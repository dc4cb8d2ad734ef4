"""`envrc.d/roles.toml`: which keys it may have, and reading it into frozen values.

Owns: the table of allowed keys, and messages that name file, line and key.
Must not: know `.env`, or resolve chains.
Called by: config.
"""

import difflib
import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from rolecall.errors import ConfigError
from rolecall.project import roles
from rolecall.project.roles import Role
from rolecall.system import files

DURATION = re.compile(r"(?=\d)(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?")
LEAST_SECONDS, MOST_SECONDS = 15 * 60, 12 * 3600  # AssumeRole, API reference: DurationSeconds
T = TypeVar("T")
REGION = re.compile(r"[a-z]{2}(-[a-z]+)+-\d")


@dataclass(frozen=True, slots=True)
class Declared:
    """What `roles.toml` says."""

    name: str | None = None
    default_role: str | None = None
    region: str | None = None
    profile: str | None = None
    tools: tuple[str, ...] = ()
    roles: Mapping[str, Role] = field(default_factory=dict)
    policy_files: tuple[Path, ...] = ()


def read(path: Path) -> Declared:
    """Return what `path` declares; nothing where there is no such file. Raises ConfigError."""
    text = files.read_text(path)
    if text is None:
        return Declared()
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as problem:
        raise ConfigError("roles-syntax", f"{path}: {problem}", hint=f"mend {path}") from problem
    source = _Source(path, text)
    source.only_known("", document, ("project", "roles"))
    head = source.table(document, "project", "")
    source.only_known("project", head, PROJECT_KEYS)
    tables = source.table(document, "roles", "")
    known = {name: _role(source, name, source.table(tables, name, "roles")) for name in tables}
    _check_references(source, head, known)
    return Declared(
        name=source.value("project", head, "name", _text),
        default_role=source.value("project", head, "default_role", _text),
        region=source.value("project", head, "region", _region),
        profile=source.value("project", head, "profile", _text),
        tools=source.value("project", head, "tools", _texts) or (),
        roles=known,
        policy_files=tuple(
            path.parent / table["session_policy"] for table in tables.values() if "session_policy" in table
        ),
    )


PROJECT_KEYS = ("name", "default_role", "region", "profile", "tools")
ROLE_KEYS = (
    "role_arn",
    "region",
    "duration",
    "source",
    "protected",
    "external_id",
    "mfa",
    "policy_arns",
    "session_policy",
    "tags",
    "transitive_tags",
    "source_identity",
)


@dataclass(frozen=True, slots=True)
class _Source:
    path: Path
    text: str

    def line(self, table: str, key: str) -> int:
        """The line of `key` in `[table]`, or of the table, or 1."""
        at, within = 1, table == ""
        for number, line in enumerate(self.text.splitlines(), 1):
            header = re.match(r"\s*\[+\s*([^\]]+?)\s*\]", line)
            if header:
                within = header[1].replace('"', "").replace(" ", "") in (table, f"{table}.{key}".strip("."))
                at = number if within else at
            elif within and re.match(rf"\s*[\"']?{re.escape(key)}[\"']?\s*[=.]", line):
                return number
        return at

    def fail(self, table: str, key: str, problem: str) -> ConfigError:
        where = f"[{table}] {key}" if table else f"[{key}]"
        return ConfigError(
            "roles-invalid", f"{self.path}:{self.line(table, key)}: {where}: {problem}", hint=f"mend {self.path}"
        )

    def only_known(self, table: str, values: Mapping[str, Any], known: tuple[str, ...]) -> None:
        for key in values:
            if key not in known:
                close = difflib.get_close_matches(key, known, n=1)
                meant = f"did you mean {close[0]}? " if close else ""
                raise self.fail(table, key, f"unknown key; {meant}allowed: {', '.join(known)}")

    def table(self, values: Mapping[str, Any], key: str, parent: str) -> Mapping[str, Any]:
        found = values.get(key, {})
        if not isinstance(found, dict):
            raise self.fail(parent, key, "must be a table")
        return found

    def value(self, table: str, values: Mapping[str, Any], key: str, convert: Callable[[Any], T]) -> T | None:
        if key not in values:
            return None
        try:
            return convert(values[key])
        except ValueError as problem:
            raise self.fail(table, key, str(problem)) from None


def _role(source: _Source, name: str, table: Mapping[str, Any]) -> Role:
    where = f"roles.{name}"
    if not roles.ALIAS.fullmatch(name):
        raise source.fail("", where, "a role's name is letters, digits and _ . @ + = , - only")
    source.only_known(where, table, ROLE_KEYS)
    arn = source.value(where, table, "role_arn", _arn)
    if arn is None:
        raise source.fail("", where, "role_arn is missing")
    policy = source.value(where, table, "session_policy", _text)
    return Role(
        name,
        arn,
        region=source.value(where, table, "region", _region),
        duration_seconds=source.value(where, table, "duration", duration_seconds) or roles.DEFAULT_SECONDS,
        source=source.value(where, table, "source", _text),
        external_id=source.value(where, table, "external_id", _text),
        mfa=source.value(where, table, "mfa", _flag) or False,
        protected=source.value(where, table, "protected", _flag) or False,
        policy_arns=source.value(where, table, "policy_arns", _texts) or (),
        session_policy=_policy(source, where, policy),
        tags=source.value(where, table, "tags", _pairs) or {},
        transitive_tags=source.value(where, table, "transitive_tags", _texts) or (),
        source_identity=source.value(where, table, "source_identity", _text),
    )


def _check_references(source: _Source, head: Mapping[str, Any], known: Mapping[str, Role]) -> None:
    references = [("project", "default_role", head.get("default_role"))]
    references += [(f"roles.{role.name}", "source", role.source) for role in known.values()]
    for table, key, name in references:
        if name is not None and name not in known:
            close = difflib.get_close_matches(name, known, n=1)
            meant = f"; did you mean {close[0]}?" if close else ""
            raise source.fail(table, key, f"no role {name!r}{meant} (roles: {', '.join(known) or 'none'})")
    for role in known.values():
        roles.resolve(known, role.name)


def _policy(source: _Source, where: str, name: str | None) -> str | None:
    if name is None:
        return None
    text = files.read_text(source.path.parent / name)
    if text is None:
        raise source.fail(where, "session_policy", f"no file {source.path.parent / name}")
    return text


def duration_seconds(value: Any, *, least: int = LEAST_SECONDS) -> int:
    """Return "1h", "90m" or "1h30m" as seconds. Raises ValueError outside `least` (15m) to 12h."""
    found = DURATION.fullmatch(value) if isinstance(value, str) else None
    if not found:
        raise ValueError('must be a duration such as "1h" or "45m"')
    hours, minutes, seconds = (int(part or 0) for part in found.groups())
    total = hours * 3600 + minutes * 60 + seconds
    if not least <= total <= MOST_SECONDS:
        raise ValueError("must lie between 15m and 12h")
    return total


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value:
        raise ValueError("must be a non-empty string")
    return value


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError("must be true or false")  # noqa: TRY004 - ValueError is what callers explain
    return value


def _texts(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise ValueError("must be a list of strings")  # noqa: TRY004 - as above
    return tuple(_text(item) for item in value)


def _pairs(value: Any) -> dict[str, str]:
    if not isinstance(value, dict):
        raise ValueError("must be a table of strings")  # noqa: TRY004 - as above
    return {key: _text(item) for key, item in value.items()}


def _arn(value: Any) -> str:
    if not roles.ARN.fullmatch(_text(value)):
        raise ValueError(f"{value!r} is not a role ARN such as arn:aws:iam::111122223333:role/NAME")
    return str(value)


def _region(value: Any) -> str:
    if not REGION.fullmatch(_text(value)):
        raise ValueError(f"{value!r} is not a region such as eu-west-1")
    return str(value)
