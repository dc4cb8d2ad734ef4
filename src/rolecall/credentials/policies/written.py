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
    """Return the resource `aws_iam_role` with `policy` as its trust policy, as `terraform fmt` has it."""
    path, name = _path_and_name(role)
    label = "".join(letter if letter in NAME_LETTERS else "_" for letter in name)
    label = label if label[0].isalpha() else f"_{label}"
    attributes: dict[str, Any] = {"name": _hcl(name), "path": _hcl(path)}
    if role.duration_seconds > DEFAULT_SECONDS:
        attributes["max_session_duration"] = str(role.duration_seconds)
    attributes["assume_role_policy"] = f"jsonencode({_hcl(policy, 1)})"
    return f'resource "aws_iam_role" "{label}" {{\n{_aligned(attributes, 1)}\n}}\n'


def _hcl(value: Any, depth: int = 0) -> str:
    """Return `value` as an expression of Terraform, `depth` levels in.

    In a string `${` and `%{` begin an expression; doubled, they are text.
    """
    end = "  " * depth
    if isinstance(value, Mapping):
        items = {_name(key): _hcl(one, depth + 1) for key, one in value.items()}
        return f"{{\n{_aligned(items, depth + 1)}\n{end}}}"
    if isinstance(value, list | tuple):
        rows = ",\n".join(f"{end}  {_hcl(one, depth + 1)}" for one in value)
        return f"[\n{rows}\n{end}]"
    text = json.dumps(value, ensure_ascii=False)
    return text.replace("${", "$${").replace("%{", "%%{")


def _name(key: str) -> str:
    return key if key.isascii() and key.isidentifier() else _hcl(key)


def _aligned(items: Mapping[str, str], depth: int) -> str:
    """Return a line for each item; `=` stands in one column where lines of one line follow each other."""
    runs: list[list[str]] = []
    for name, text in items.items():
        if not runs or "\n" in text or "\n" in items[runs[-1][-1]]:
            runs.append([])
        runs[-1].append(name)
    return "\n".join(
        f"{'  ' * depth}{name.ljust(max(map(len, run)))} = {items[name]}" for run in runs for name in run
    )


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
