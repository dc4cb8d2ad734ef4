"""A policy as text: JSON, a resource of Terraform, a template of CloudFormation."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from rolecall.project.roles import Role

NAME_LETTERS = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789")
DEFAULT_SECONDS = 3600  # IAM, CreateRole: MaxSessionDuration where none is given


def as_json(policy: Mapping[str, Any], _role: Role | None = None) -> str:
    """Return `policy` as it is."""
    return json.dumps(policy, indent=2) + "\n"


def as_terraform(policy: Mapping[str, Any], role: Role) -> str:
    """Return the resource `aws_iam_role` with `policy` as its trust policy.

    In a string of Terraform `${` and `%{` begin an expression; doubled, they are text.
    """
    text = json.dumps(policy, indent=2).replace("${", "$${").replace("%{", "%%{")
    path, name = _path_and_name(role)
    label = "".join(letter if letter in NAME_LETTERS else "_" for letter in name)
    label = label if label[0].isalpha() else f"_{label}"
    lines = [f'  name = "{name}"', f'  path = "{path}"']
    if role.duration_seconds > DEFAULT_SECONDS:
        lines.append(f"  max_session_duration = {role.duration_seconds}")
    body = text.replace("\n", "\n  ")
    lines.append(f"  assume_role_policy = jsonencode({body})")
    return f'resource "aws_iam_role" "{label}" {{\n' + "\n".join(lines) + "\n}\n"


def as_cloudformation(policy: Mapping[str, Any], role: Role) -> str:
    """Return a template with the role as `AWS::IAM::Role`; JSON, which is YAML too."""
    path, name = _path_and_name(role)
    properties: dict[str, Any] = {"RoleName": name, "Path": path, "AssumeRolePolicyDocument": policy}
    if role.duration_seconds > DEFAULT_SECONDS:
        properties["MaxSessionDuration"] = role.duration_seconds
    label = "".join(letter for letter in name.title() if letter in NAME_LETTERS) + "Role"
    template = {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Resources": {label: {"Type": "AWS::IAM::Role", "Properties": properties}},
    }
    return json.dumps(template, indent=2) + "\n"


FORMS: Mapping[str, Callable[[Mapping[str, Any], Role], str]] = {
    "json": as_json,
    "terraform": as_terraform,
    "cloudformation": as_cloudformation,
}


def _path_and_name(role: Role) -> tuple[str, str]:
    """Return the path (with both slashes) and the name in a role's ARN."""
    path, _, name = role.role_arn.partition(":role/")[2].rpartition("/")
    return (f"/{path}/" if path else "/"), name
