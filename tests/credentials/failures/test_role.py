"""Failures of the role, by AWS's own names of them."""

import pytest

from rolecall.credentials.failures import recognise
from support import failure_names

ANSWERED = {
    "trust-denied": [("AccessDenied", "User: x is not authorized to perform: sts:AssumeRole")],
    "explicitly-denied": [("AccessDenied", "with an explicit deny in an identity-based policy")],
    "tags-denied": [("AccessDenied", "User: x is not authorized to perform: sts:TagSession")],
    "source-identity-denied": [
        ("AccessDenied", "User: x is not authorized to perform: sts:SetSourceIdentity")
    ],
    "mfa-device-wrong": [
        ("AccessDenied", "MultiFactorAuthentication failed, must provide both MFA serial number and code")
    ],
    "mfa-code-wrong": [
        ("AccessDenied", "MultiFactorAuthentication failed with invalid MFA one time pass code")
    ],
    "duration-above-maximum": [("ValidationError", "exceeds the MaxSessionDuration set for this role")],
    "chained-over-hour": [("ValidationError", "the 1 hour limit for roles assumed by role chaining")],
    "policy-malformed": [("MalformedPolicyDocument", "")],
    "policy-too-large": [("PackedPolicyTooLarge", "")],
    "request-invalid": [("ValidationError", "1 validation error detected")],
}
RAISED = {"request-invalid": ["ParamValidationError"]}


@pytest.mark.parametrize(("code", "problem"), failure_names.problems(ANSWERED, RAISED))
def test_problem_when_aws_or_its_sdk_names_it_then_its_row(code: str, problem: Exception) -> None:
    """By its name; where one name means many things, by its words."""
    assert recognise.code_of(problem) == code
