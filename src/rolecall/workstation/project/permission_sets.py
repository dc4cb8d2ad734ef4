"""Permission sets as entries of roles.toml: a name for each, and the text with them at its end.

Must not ask the portal, or write a file.
"""

from __future__ import annotations

import json
import re
import string
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rolecall.errors import UsageError
from rolecall.project import roles

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from rolecall.credentials.identity_center.inventory import Reached
    from rolecall.project.declared import Project
    from rolecall.project.roles import SsoSession

RULE = "{account}-{role}"
FIELDS = ("account", "account_id", "role")
MOST_CHARACTERS = 64


@dataclass(frozen=True, slots=True)
class Entry:
    """A role that roles.toml would have; `wanted` is the name by the rule, where another role has that."""

    alias: str
    reached: Reached
    wanted: str = ""


def check(rule: str) -> None:
    """Raise UsageError where `rule` is no naming rule."""
    try:
        parts = list(string.Formatter().parse(rule))
    except ValueError as problem:
        raise _no_rule(rule, str(problem)) from None
    names = [name for _, name, _, _ in parts if name is not None]
    if not names or set(names) - set(FIELDS) or any(form or how for _, _, form, how in parts):
        raise _no_rule(rule, f"it is made of {', '.join(f'{{{name}}}' for name in FIELDS)} and plain letters")


def entries(project: Project, found: Iterable[Reached], rule: str) -> tuple[Entry, ...]:
    """Return an entry for each permission set that the project does not declare yet.

    Where two would have the same name, each of them has its account's id behind it; where a role of the
    project has the name, the new one has.
    """
    declared = {(one.sso.account_id, one.sso.role_name) for one in project.roles.values() if one.sso}
    fresh = [one for one in found if (one.account.id, one.role_name) not in declared]
    names = [_fitted(_named(one, rule)) for one in fresh]
    taken, made = {name.lower() for name in project.roles}, []
    alike = {name.lower() for name in names if sum(name.lower() == each.lower() for each in names) > 1}
    for one, name in zip(fresh, names, strict=True):
        alias = name if name.lower() not in taken | alike else _distinct(name, one, taken)
        taken.add(alias.lower())
        made.append(Entry(alias, one, "" if alias == name else name))
    return tuple(made)


def appended(text: str, project: Project, portal: SsoSession, made: Sequence[Entry]) -> str:
    """Return `text`, the content of roles.toml, with `made` at its end, and the portal where it has none.

    What stands in it already stays as it is, comments too.
    """
    parts = [text.rstrip("\n")] if text.strip() else []
    if portal.name not in project.sso:
        lines = {"start_url": portal.start_url, "region": portal.region}
        parts.append("\n".join([f"[sso.{_key(portal.name)}]", *_lines(lines)]))
    for one in made:
        words = {
            "session": portal.name,
            "account_id": one.reached.account.id,
            "role_name": one.reached.role_name,
        }
        parts.append(f"[roles.{_key(one.alias)}]\nsso = {{ {', '.join(_lines(words))} }}")
    return "\n\n".join(parts) + "\n"


def _named(one: Reached, rule: str) -> str:
    facts = {"account": one.account.name, "account_id": one.account.id, "role": one.role_name}
    return rule.format(**facts)


def _fitted(name: str) -> str:
    """Return `name` as an alias: other characters than those become a hyphen."""
    cleaned = re.sub(r"-{2,}", "-", re.sub(r"[^A-Za-z0-9_.@+=,-]", "-", name)).strip("-")[:MOST_CHARACTERS]
    return cleaned if roles.is_alias(cleaned) else f"role-{cleaned.lstrip('_.@+=,-')}"[:MOST_CHARACTERS]


def _distinct(name: str, one: Reached, taken: set[str]) -> str:
    ending, number = f"-{one.account.id}", 1
    while (alias := name[: MOST_CHARACTERS - len(ending)] + ending).lower() in taken:
        number += 1
        ending = f"-{one.account.id}-{number}"
    return alias


def _lines(values: Mapping[str, str]) -> list[str]:
    return [f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in values.items()]


def _key(name: str) -> str:
    return name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else json.dumps(name, ensure_ascii=False)


def _no_rule(rule: str, says: str) -> UsageError:
    return UsageError("name-rule", f"--name {rule}: {says}", hint="invoke --help roles")
