"""A policy as Terraform and CloudFormation write it: the layout, the names, what is left out."""

import json

import pytest

from rolecall.credentials.policies import written
from rolecall.project.roles import Role

PLAIN = Role("dev", "arn:aws:iam::111122223333:role/dev")
POLICY = {
    "A": "1",
    "Longer": "2",
    "List": ["x", {"B": True}],
    "Cc": "3",
    "D": "4",
    "Map": {"aws:x": 1},
    "Map2": {"E": None},
    "F": "5",
}
TERRAFORM = """\
resource "aws_iam_role" "dev" {
  name = "dev"
  path = "/"
  assume_role_policy = jsonencode({
    A      = "1"
    Longer = "2"
    List = [
      "x",
      {
        B = true
      }
    ]
    Cc = "3"
    D  = "4"
    Map = {
      "aws:x" = 1
    }
    Map2 = {
      E = null
    }
    F = "5"
  })
}
"""


def test_terraform_when_lines_follow_each_other_then_their_signs_stand_in_one_column() -> None:
    """A value of many lines begins a group of its own, and ends the one before: as `terraform fmt` has it."""
    assert written.as_terraform(POLICY, PLAIN) == TERRAFORM


@pytest.mark.parametrize(
    ("arn", "label", "path"),
    [
        ("team/a/ops-1", "ops_1", "/team/a/"),
        ("1st", "_1st", "/"),
        ("a.b@c", "a_b_c", "/"),
    ],
)
def test_terraform_when_the_role_has_a_path_or_an_odd_name_then_both_are_kept(
    arn: str, label: str, path: str
) -> None:
    """A resource's own name has letters, digits and underscores, and begins with none of the digits."""
    text = written.as_terraform({}, Role("x", f"arn:aws:iam::111122223333:role/{arn}"))
    assert text.startswith(f'resource "aws_iam_role" "{label}" {{\n')
    assert f'\n  name = "{arn.rpartition("/")[2]}"\n  path = "{path}"\n' in text


@pytest.mark.parametrize(("seconds", "is_said"), [(3600, False), (3601, True), (900, False)])
def test_role_when_it_lasts_longer_than_iam_gives_unasked_then_its_most_is_said(
    seconds: int, *, is_said: bool
) -> None:
    """An hour is what a role has where nothing else is set."""
    role = Role("dev", PLAIN.role_arn, duration_seconds=seconds)
    text = written.as_terraform({}, role)
    assert ("max_session_duration = 3601\n" in text) is is_said
    properties = json.loads(written.as_cloudformation({}, role))["Resources"]["DevRole"]["Properties"]
    assert properties.get("MaxSessionDuration") == (seconds if is_said else None)


def test_cloudformation_when_the_name_is_odd_then_the_resource_has_its_letters() -> None:
    """A template in JSON, laid out, with a line's end."""
    text = written.as_cloudformation({"x": 1}, Role("x", "arn:aws:iam::111122223333:role/team/my-ops.1"))
    assert json.loads(text) == {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Resources": {
            "MyOps1Role": {
                "Type": "AWS::IAM::Role",
                "Properties": {
                    "RoleName": "my-ops.1",
                    "Path": "/team/",
                    "AssumeRolePolicyDocument": {"x": 1},
                },
            }
        },
    }
    assert text.startswith('{\n  "AWSTemplateFormatVersion"')
    assert text.endswith("}\n")


def test_json_when_written_then_the_policy_laid_out() -> None:
    """What is pasted into the console."""
    assert written.as_json({"x": [1]}) == '{\n  "x": [\n    1\n  ]\n}\n'


def test_text_when_it_would_begin_an_expression_then_doubled() -> None:
    """`${` and `%{` are text in a policy; accents stay."""
    text = written.as_terraform({"a${b": "é ${aws:x} %{y} $ %"}, PLAIN)
    assert '"a$${b" = "é $${aws:x} %%{y} $ %"' in text
