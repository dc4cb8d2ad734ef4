"""Failures that a login or a code would mend: Identity Center, MFA, web identity."""

from rolecall.credentials.failures.row import EDIT_ROLES, Row
from rolecall.errors import LoginNeededError

LOGIN = "invoke login"

ROWS = {
    "sso-login-needed": Row(
        "no login, or one that has expired, at IAM Identity Center",
        "the Identity Center login {session} is missing or has expired",
        "invoke login{flag}",
        kind=LoginNeededError,
        answers=(
            "UnauthorizedException",
            "InvalidGrantException",
        ),
        raised=("UnauthorizedSSOTokenError", "SSOTokenLoadError", "TokenRetrievalError", "SSOError"),
    ),
    "sso-not-assigned": Row(
        "the permission set is not assigned to you in that account",
        "Identity Center gives you no {arn}: the permission set is not assigned to you in this account, "
        "or account_id or role_name in envrc.d/roles.toml is wrong",
        EDIT_ROLES,
        answers=(
            "ForbiddenException",
            "ResourceNotFoundException",
        ),
    ),
    "sso-session-unknown": Row(
        "the Identity Center session is declared nowhere",
        "Identity Center session {session} is declared neither in envrc.d/roles.toml nor in ~/.aws/config; "
        "[sso.{session}] needs start_url and region",
        EDIT_ROLES,
    ),
    "sso-refused": Row(
        "Identity Center refuses the login",
        "Identity Center refuses the login: {detail}; start_url or region of the session may be wrong",
        "invoke login",
        answers=(
            "InvalidClientException",
            "InvalidRequestException",
            "InvalidScopeException",
            "UnauthorizedClientException",
            "AccessDeniedException",
        ),
    ),
    "sso-code-expired": Row(
        "nobody confirmed the login in the browser in time",
        "the login was not confirmed in the browser in time",
        LOGIN,
        kind=LoginNeededError,
    ),
    "mfa-needed": Row(
        "an MFA code is needed and nobody can be asked (on `cd`, in a script)",
        "it needs an MFA code",
        "invoke assume --role {role}",
        kind=LoginNeededError,
    ),
    "mfa-code-used": Row(
        "the MFA code was used before",
        "that MFA code was used already; AWS takes each one once; wait for the next one",
        "invoke assume --role {role}",
        kind=LoginNeededError,
    ),
    "mfa-process-failed": Row(
        "`mfa_process` failed, or printed no code",
        "mfa_process gave no code: {detail}; --mfa-code gives one by hand",
        "grep -in mfa_process envrc.d/roles.toml .env",
        kind=LoginNeededError,
    ),
    "web-identity-file": Row(
        "the web identity token file cannot be read",
        "the web identity token cannot be read: {detail}; AWS_WEB_IDENTITY_TOKEN_FILE names its file",
        'ls -l "$AWS_WEB_IDENTITY_TOKEN_FILE"',
    ),
    "web-identity-expired": Row(
        "the web identity token has expired",
        "the web identity token has expired; start the CI job again, and it gets a new one",
        "",
        answers=("ExpiredTokenException: current date/time",),
    ),
    "web-identity-refused": Row(
        "the account knows no such OIDC provider, audience or subject",
        "{arn} does not accept this web identity: {detail}; the account's OIDC provider and "
        "the role's trust policy must know its audience and subject",
        "",
        answers=(
            "AccessDenied: sts:AssumeRoleWithWebIdentity",
            "InvalidIdentityToken",
            "IDPRejectedClaim",
        ),
    ),
    "oidc-unavailable": Row(
        "the CI system gave no OIDC token",
        "the CI system gave no OIDC token: {detail}; the job needs the permission id-token: write",
        "",
    ),
}
