"""Which failures a login, a code or a hand mends: those alone end as that, for a `cd` and for a script."""

import pytest

from rolecall.credentials import failures
from rolecall.credentials.failures import identity, login, network, role
from rolecall.errors import LoginNeededError

MENDED_BY_HAND = {
    "sso-login-needed",
    "sso-code-expired",
    "mfa-needed",
    "mfa-code-used",
    "mfa-process-failed",
}


@pytest.mark.parametrize("code", [*login.ROWS, *network.ROWS])
def test_failure_when_a_login_or_a_code_mends_it_then_says_so_by_its_kind(code: str) -> None:
    """Its exit code is another one than that of a refusal."""
    problem = failures.error(code, role="dev")
    assert (problem.code, isinstance(problem, LoginNeededError)) == (code, code in MENDED_BY_HAND)


def test_failure_when_of_the_role_or_the_identity_then_one_each_needs_a_person() -> None:
    """Every other one stays what it is, whoever logs in."""
    needs = [
        code
        for code in (*role.ROWS, *identity.ROWS)
        if isinstance(failures.error(code, role="dev"), LoginNeededError)
    ]
    assert needs == ["mfa-code-wrong", "identity-missing"]
