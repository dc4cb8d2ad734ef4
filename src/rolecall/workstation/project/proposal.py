"""The text of a first roles.toml: from roles of the person's AWS profiles, or from a role's ARN.

Must not ask, or write a file.
"""

import json
import re
from collections.abc import Mapping, Sequence

from rolecall.credentials.identity import aws_profiles
from rolecall.credentials.identity.aws_profiles import RoleProfile
from rolecall.project import roles

HEAD = "# The AWS roles of this project, for rolecall. This file belongs in git; no secret does."


def of_profiles(chosen: Sequence[RoleProfile], environ: Mapping[str, str], *, region: str = "") -> str:
    """Return roles.toml with the roles of the `chosen` profiles; the first is the default."""
    declared = aws_profiles.declaration(environ, [profile.name for profile in chosen])
    return _text(chosen[0].alias, region or chosen[0].region, declared)


def of_arn(arn: str, *, region: str = "") -> str:
    """Return roles.toml with the one role that `arn` names."""
    alias = alias_of(arn)
    return _text(alias, region, f"[roles.{_key(alias)}]\nrole_arn = {json.dumps(arn)}\n")


def alias_of(arn: str) -> str:
    """Return the name that the role of `arn` gets: its own."""
    name = arn.rpartition("/")[2]
    return name if roles.is_alias(name) else f"role-{name.lstrip('_.@+=,-')}"[:64]


def _text(default: str, region: str, declared: str) -> str:
    line = f"region = {json.dumps(region)}\n" if region else ""
    sections = re.split(r"(?m)^(?=\[)", declared.strip() + "\n")
    own = "".join(text.replace(line, "") if text.startswith("[roles.") else text for text in sections)
    return f"{HEAD}\n[project]\ndefault_role = {json.dumps(default)}\n{line}\n{own.strip()}\n"


def _key(alias: str) -> str:
    return alias if re.fullmatch(r"[A-Za-z0-9_-]+", alias) else json.dumps(alias)
