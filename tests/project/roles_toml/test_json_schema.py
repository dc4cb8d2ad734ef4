"""The JSON Schema that editors read: what it refuses, and what it says of each key."""

import json
from typing import Any

import jsonschema
import pytest

from rolecall.project.roles_toml import json_schema, keys

SCHEMA: dict[str, Any] = json.loads(json_schema.json_schema())
ARN = {"role_arn": "arn:aws:iam::111122223333:role/dev"}
SSO = {"sso": {"session": "corp", "account_id": "111122223333", "role_name": "A"}}
PORTAL = {"start_url": "https://x.example", "region": "eu-west-1"}
POLICIES = {"policy_arns": ["arn:aws:iam::aws:policy/P"]}


@pytest.mark.parametrize(
    ("document", "is_right"),
    [
        ({}, True),
        ({"project": {"name": "x"}, "roles": {"dev": ARN, "desk": SSO}, "sso": {"corp": PORTAL}}, True),
        ({"roles": {"dev": {**ARN, **POLICIES, "read_only": False}}}, True),
        ({"roles": {"dev": {**ARN, **POLICIES}}}, True),
        ({"roles": {"dev": {**ARN, **POLICIES, "read_only": True}}}, False),
        ({"roles": {"dev": {**ARN, "read_only": True}}}, True),
        ({"roles": {"dev": {}}}, False),
        ({"roles": {"dev": {**ARN, **SSO}}}, False),
        ({"roles": {"a/b": ARN}}, False),
        ({"roles": {"dev": {**ARN, "x": 1}}}, False),
        ({"roles": []}, False),
        ({"roles": {"dev": []}}, False),
        ({"sso": []}, False),
        ({"project": []}, False),
        ([], False),
        ({"projekt": {}}, False),
        ({"sso": {"corp": {"region": "eu-west-1"}}}, False),
        ({"sso": {"corp": {"start_url": "https://x.example"}}}, False),
        ({"roles": {"desk": {"sso": {"session": "corp", "account_id": "111122223333"}}}}, False),
    ],
)
def test_schema_when_an_editor_checks_then_a_wrong_shape_is_seen(document: Any, *, is_right: bool) -> None:
    """One of role_arn and sso, no unknown key, and all that a portal and a permission set need."""
    assert jsonschema.Draft202012Validator(SCHEMA).is_valid(document) is is_right


def test_schema_when_an_editor_shows_a_key_then_has_its_sentence() -> None:
    """And it says which draft it is, and of what."""
    assert SCHEMA["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert SCHEMA["title"] == "rolecall: envrc.d/roles.toml"
    assert [SCHEMA["properties"][name]["description"] for name in keys.TOP] == list(keys.TOP.values())
    role = SCHEMA["properties"]["roles"]["additionalProperties"]["properties"]
    assert {name: shape["description"] for name, shape in role.items()} == {
        name: key.says for name, key in keys.ROLE.items()
    }
    assert json_schema.json_schema().startswith('{\n  "$schema"')
    assert json_schema.json_schema().endswith("}\n")
