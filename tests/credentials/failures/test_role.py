"""Failures of the role, by AWS's own names of them."""

import pytest

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


@pytest.mark.parametrize(("code", "answers"), ANSWERED.items())
def test_answer_when_aws_gives_this_error_then_its_row(code: str, answers: list[tuple[str, str]]) -> None:
    """By AWS's own code, and where one code means many things, by its words."""
    assert [failure_names.answered([one]) for one in answers] == [{code}] * len(answers)


@pytest.mark.parametrize(("code", "names"), RAISED.items())
def test_exception_when_the_sdk_raises_it_then_its_row(code: str, names: list[str]) -> None:
    """By the name of its kind."""
    assert [failure_names.raised([one]) for one in names] == [{code}] * len(names)
