"""Roles as `key=value` lines under a `[name]`, for the snapshot: written once, and read one role at a time.

Values hold no control character (the schema refuses them), so a tab can part the items of a list, and a
line break stands encoded.
"""

from _collections_abc import Mapping  # collections.abc, without the package that a `cd` would wait for

from rolecall.project.roles import PermissionSet, Role, SsoSession

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any

TEXTS = ("role_arn", "region", "source", "external_id", "session_policy", "source_identity", "mfa_serial")
FLAGS = ("mfa", "protected", "read_only")
LISTS = ("policy_arns", "transitive_tags")


class LazyRoles(Mapping[str, Role]):
    """The roles in the text of a snapshot; each is made when it is asked for."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._made: dict[str, Role] = {}

    def __getitem__(self, name: str) -> Role:
        """Return the role `name`. Raises KeyError."""
        if name not in self._made:
            _, found, rest = self._text.partition(f"\n[{name}]\n")
            if not found or "\n" in name:
                raise KeyError(name)
            self._made[name] = _role(name, values_of(rest.partition("\n[")[0]))
        return self._made[name]

    def __iter__(self) -> "Iterator[str]":
        """Yield the roles' names in the order of the file."""
        return (line[1:-1] for line in self._text.split("\n") if line.startswith("["))

    def __len__(self) -> int:
        """Return how many roles there are."""
        return self._text.count("\n[")


def section(name: str, role: Role) -> str:
    """Return the lines of one role, with its `[name]` before them."""
    facts = {key: value for key in TEXTS if (value := getattr(role, key)) is not None}
    facts |= {key: "1" for key in FLAGS if getattr(role, key)}
    facts |= {key: joined(getattr(role, key)) for key in LISTS if getattr(role, key)}
    facts["duration_seconds"] = str(role.duration_seconds)
    if role.tags:
        facts["tags"] = joined(word for pair in role.tags.items() for word in pair)
    if role.sso:
        facts["sso"] = joined((role.sso.session, role.sso.account_id, role.sso.role_name))
    return f"[{name}]\n{lines_of(facts)}"


def portal_facts(portals: "Mapping[str, SsoSession]") -> dict[str, str]:
    """Return one fact for each portal."""
    return {
        f"sso.{number}": joined((one.name, one.start_url, one.region, *one.scopes))
        for number, one in enumerate(portals.values())
    }


def portals(facts: "Mapping[str, str]") -> dict[str, SsoSession]:
    """Return the portals that `portal_facts` wrote."""
    found = (split(value) for name, value in facts.items() if name.startswith("sso."))
    return {name: SsoSession(name, url, region, tuple(scopes)) for name, url, region, *scopes in found}


def lines_of(facts: "Mapping[str, str]") -> str:
    """Return `facts` as lines."""
    return "".join(f"{name}={encoded(value)}\n" for name, value in facts.items())


def values_of(text: str) -> dict[str, str]:
    """Return the facts in lines."""
    lines = (line.partition("=") for line in text.split("\n") if line)
    return {name: decoded(value) for name, _, value in lines}


def encoded(value: str) -> str:
    """Return `value` on one line; bash undoes it with `printf -v … %b`."""
    return value.replace("\\", "\\\\").replace("\n", "\\n").replace("\r", "\\r")


def decoded(value: str) -> str:
    """Return the value that `encoded` put on one line."""
    if "\\" not in value:
        return value
    parts = value.split("\\\\")
    return "\\".join(part.replace("\\n", "\n").replace("\\r", "\r") for part in parts)


def joined(words: "Iterable[str]") -> str:
    """Return a list as one value."""
    return "\t".join(words)


def split(value: str) -> list[str]:
    """Return the list in one value."""
    return value.split("\t") if value else []


def _role(name: str, facts: "Mapping[str, str]") -> Role:
    made: dict[str, Any] = {key: facts[key] for key in TEXTS if key in facts}
    made |= {key: True for key in FLAGS if key in facts}
    made |= {key: tuple(split(facts[key])) for key in LISTS if key in facts}
    tags = split(facts.get("tags", ""))
    sso = split(facts.get("sso", ""))
    return Role(
        name,
        duration_seconds=int(facts["duration_seconds"]),
        tags=dict(zip(tags[::2], tags[1::2], strict=True)),
        sso=PermissionSet(*sso) if sso else None,
        **made,
    )
