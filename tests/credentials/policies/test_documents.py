"""The policies that let an identity take the project's roles as declared."""

import base64
import functools
import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from rolecall.credentials.policies import documents, principal, written
from rolecall.errors import ConfigError
from rolecall.project import roles
from rolecall.project.roles import PermissionSet, Role

USER = "arn:aws:iam::111122223333:user/team/ann"
PLAIN = Role("dev", "arn:aws:iam::111122223333:role/dev")
FULL = Role(
    "ops",
    "arn:aws:iam::444455556666:role/team/ops-1",
    duration_seconds=7200,
    external_id="shop-${x}%{y}",
    mfa=True,
    tags={"team": "core"},
    transitive_tags=("team",),
    source_identity="ann",
)
BEHIND = Role("far", "arn:aws:iam::123456789012:role/far", source="ops")
PORTAL = Role(
    "desk",
    "arn:aws:iam::111122223333:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_Admin",
    sso=PermissionSet("corp", "111122223333", "Admin"),
)
ALL = {role.name: role for role in (PLAIN, FULL, BEHIND, PORTAL)}


def statement(role: str, who: principal.Principal | None = None) -> Any:
    """Return the one statement of the trust policy of `role`."""
    policy = documents.trust(roles.resolve(ALL, role), who or principal.of_caller(USER))
    (found,) = policy["Statement"]
    return found


def test_trust_when_the_role_asks_for_nothing_then_names_the_user_alone() -> None:
    """No condition, no second action: what the account's owner reads is what is needed."""
    assert statement("dev") == {
        "Sid": "Rolecall",
        "Effect": "Allow",
        "Principal": {"AWS": USER},
        "Action": "sts:AssumeRole",
    }


def test_trust_when_the_role_declares_more_then_each_has_its_condition() -> None:
    """External id, MFA, tags and source identity: as declared, and nothing else passes."""
    found = statement("ops")
    assert found["Action"] == ["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"]
    assert found["Condition"] == {
        "StringEquals": {
            "sts:ExternalId": "shop-${x}%{y}",
            "aws:RequestTag/team": "core",
            "sts:SourceIdentity": "ann",
        },
        "Bool": {"aws:MultiFactorAuthPresent": "true"},
        "ForAllValues:StringEquals": {"sts:TransitiveTagKeys": ["team"]},
    }


def test_trust_when_an_earlier_role_sets_it_for_good_then_a_later_one_allows_it() -> None:
    """A source identity and transitive tags travel along the chain, and each role must let them in."""
    found = statement("far", principal.of_role(FULL))
    assert found["Principal"] == {"AWS": FULL.role_arn}
    assert found["Action"] == ["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"]
    assert found["Condition"] == {"StringEquals": {"sts:SourceIdentity": "ann"}}


@pytest.mark.parametrize(
    ("caller", "element", "pattern"),
    [
        (
            "arn:aws:sts::111122223333:assumed-role/AWSReservedSSO_Admin_0123456789abcdef/ann",
            "arn:aws:iam::111122223333:root",
            "arn:aws:iam::111122223333:role/aws-reserved/sso.amazonaws.com*/AWSReservedSSO_Admin_0123456789abcdef",
        ),
        ("arn:aws-cn:sts::111122223333:assumed-role/ci/run-1", "arn:aws-cn:iam::111122223333:role/ci", None),
        ("arn:aws:iam::111122223333:root", "arn:aws:iam::111122223333:root", None),
    ],
)
def test_principal_when_the_caller_is_a_session_then_names_its_role(
    caller: str, element: str, pattern: str | None
) -> None:
    """A permission set's role has a path that only the account knows, so a condition names it."""
    found = principal.of_caller(caller)
    assert found.element == {"AWS": element}
    assert found.conditions.get("ArnLike", {}).get("aws:PrincipalArn") == pattern


def test_principal_when_it_is_a_federated_user_then_refused() -> None:
    """No trust policy can name one."""
    with pytest.raises(ConfigError, match="no trust policy can name"):
        principal.of_caller("arn:aws:sts::111122223333:federated-user/bob")


@pytest.mark.parametrize(
    ("subject", "test"),
    [("repo:acme/shop:ref:refs/heads/main", "StringEquals"), ("repo:acme/shop:*", "StringLike")],
)
def test_trust_when_a_token_takes_the_role_then_its_subject_and_audience_are_held_to(
    subject: str, test: str
) -> None:
    """Without the subject every repository of GitHub could take the role; a star needs StringLike."""
    found = statement("ops", principal.of_github(subject, FULL))
    host = "token.actions.githubusercontent.com"
    assert found["Principal"] == {"Federated": f"arn:aws:iam::444455556666:oidc-provider/{host}"}
    assert found["Action"] == "sts:AssumeRoleWithWebIdentity"
    assert found["Condition"]["StringEquals"][f"{host}:aud"] == "sts.amazonaws.com"
    assert found["Condition"][test][f"{host}:sub"] == subject


def test_identity_when_asked_then_allows_exactly_the_roles() -> None:
    """No star: a new role is a new line, and somebody reviews it."""
    policy = documents.identity([roles.resolve(ALL, "dev"), roles.resolve(ALL, "ops")])
    (found,) = policy["Statement"]
    assert found["Resource"] == sorted([PLAIN.role_arn, FULL.role_arn])
    assert found["Action"] == ["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"]


def test_cloudformation_when_it_makes_the_role_then_iam_has_the_policy_and_the_duration() -> None:
    """The template is made a stack of, and the role is read back."""
    import boto3
    from moto import mock_aws

    policy = documents.trust(roles.resolve(ALL, "ops"), principal.of_caller(USER))
    keys = {"region_name": "eu-west-1", "aws_access_key_id": "a", "aws_secret_access_key": "b"}
    with mock_aws():
        boto3.client("cloudformation", **keys).create_stack(
            StackName="x", TemplateBody=written.as_cloudformation(policy, FULL)
        )
        role = boto3.client("iam", **keys).get_role(RoleName="ops-1")["Role"]
    assert (role["AssumeRolePolicyDocument"], role["MaxSessionDuration"]) == (policy, 7200)
    assert role["Path"] == "/team/"


def test_terraform_when_parsed_then_is_the_role_and_expands_nothing() -> None:
    """`${` in a policy is text, not an expression of Terraform."""
    import hcl2

    policy = documents.trust(roles.resolve(ALL, "ops"), principal.of_caller(USER))
    text = written.as_terraform(policy, FULL)
    (resource,) = hcl2.loads(text)["resource"]
    ((kind, labelled),) = resource.items()
    assert kind.strip('"') == "aws_iam_role"
    body = labelled.get("ops_1") or labelled['"ops_1"']
    assert body["max_session_duration"] == 7200
    assert "$${x}%%{y}" in text


@pytest.mark.client("terraform")
def test_terraform_when_its_own_program_reads_it_then_is_laid_out_and_means_the_policy(
    tmp_path: Path,
) -> None:
    """`terraform fmt` has nothing to change, and `jsonencode` gives the policy back, `${` and all."""
    policy = documents.trust(roles.resolve(ALL, "ops"), principal.of_caller(USER))
    text = written.as_terraform(policy, FULL)
    run = functools.partial(subprocess.run, cwd=tmp_path, capture_output=True, text=True, check=True)
    (tmp_path / "role.tf").write_text(text)
    assert run(["terraform", "fmt", "-check", "-diff"]).stdout == ""
    encoded = text[text.index("jsonencode(") : text.rindex("}")]
    (tmp_path / "role.tf").write_text(f"locals {{\n  policy = {encoded}\n}}\n")
    answer = run(["terraform", "console"], input="base64encode(local.policy)\n").stdout
    assert json.loads(base64.b64decode(answer.strip().strip('"'))) == policy


def test_trust_when_it_is_a_permission_set_behind_then_a_pattern_names_it() -> None:
    """The suffix of a permission set's role is AWS's own."""
    found = principal.of_role(PORTAL)
    assert str(found.conditions["ArnLike"]["aws:PrincipalArn"]).endswith("/AWSReservedSSO_Admin_*")
