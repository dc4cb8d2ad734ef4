"""Which failures a login, a code or a hand mends: those alone end as that, for a `cd` and for a script."""

import pytest

from rolecall.credentials import failures
from rolecall.credentials.failures import identity, login, network, recognise, role
from rolecall.errors import LoginNeededError
from support import failure_names

MENDED_BY_HAND = {
    "sso-login-needed",
    "sso-code-expired",
    "mfa-needed",
    "mfa-code-used",
    "mfa-process-failed",
}

ANSWERED = {
    "sso-login-needed": [("UnauthorizedException", ""), ("InvalidGrantException", "")],
    "sso-not-assigned": [("ForbiddenException", ""), ("ResourceNotFoundException", "")],
    "sso-refused": [
        ("InvalidClientException", ""),
        ("InvalidRequestException", ""),
        ("InvalidScopeException", ""),
        ("UnauthorizedClientException", ""),
        ("AccessDeniedException", ""),
    ],
    "web-identity-expired": [
        ("ExpiredTokenException", "Token expired: current date/time 2 must be before 1")
    ],
    "web-identity-refused": [
        ("AccessDenied", "Not authorized to perform sts:AssumeRoleWithWebIdentity"),
        ("InvalidIdentityToken", ""),
        ("IDPRejectedClaim", ""),
    ],
}
RAISED = {
    "sso-login-needed": ["UnauthorizedSSOTokenError", "SSOTokenLoadError", "TokenRetrievalError", "SSOError"]
}


@pytest.mark.parametrize("code", [*login.ROWS, *network.ROWS])
def test_failure_when_a_login_or_a_code_mends_it_then_says_so_by_its_kind(code: str) -> None:
    """Its exit code is another one than that of a refusal."""
    problem = failures.error(code, role="dev")
    assert (problem.code, isinstance(problem, LoginNeededError)) == (code, code in MENDED_BY_HAND)


def test_failure_when_of_the_role_or_the_identity_then_these_need_a_person() -> None:
    """Every other one stays what it is, whoever logs in."""
    needs = [
        code
        for code in (*role.ROWS, *identity.ROWS)
        if isinstance(failures.error(code, role="dev"), LoginNeededError)
    ]
    assert needs == ["mfa-code-wrong", "identity-missing", "metadata-slow"]


@pytest.mark.parametrize(("code", "problem"), failure_names.problems(ANSWERED, RAISED))
def test_problem_when_aws_or_its_sdk_names_it_then_its_row(code: str, problem: Exception) -> None:
    """By its name; where one name means many things, by its words."""
    assert recognise.code_of(problem) == code
