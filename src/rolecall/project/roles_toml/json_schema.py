"""The JSON Schema of `envrc.d/roles.toml`, for editors: the tables of keys in other words."""

from __future__ import annotations

import json

from rolecall.project import roles
from rolecall.project.roles_toml.keys import PROJECT, ROLE, SSO, SSO_ROLE, TOP, Key

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any


def json_schema() -> str:
    """Return the JSON Schema of `roles.toml`, for editors."""
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
    return json.dumps(document, indent=2) + "\n"


def _object(keys: Mapping[str, Key], *, required: tuple[str, ...] = ()) -> dict[str, Any]:
    properties = {name: {"description": key.says, **key.kind.shape} for name, key in keys.items()}
    shape = {"type": "object", "additionalProperties": False, "properties": properties}
    return shape | ({"required": list(required)} if required else {})
