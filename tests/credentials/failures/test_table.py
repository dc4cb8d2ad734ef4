"""The table of failures against the names that AWS and its SDK give them."""

import botocore.exceptions
import pytest

from rolecall.credentials.failures import recognise, table

DENIED = "User: x is not authorized to perform: {}"
ANSWERED = {
    "trust-denied": [("AccessDenied", DENIED.format("sts:AssumeRole"))],
    "explicitly-denied": [("AccessDenied", "with an explicit deny in an identity-based policy")],
    "tags-denied": [("AccessDenied", DENIED.format("sts:TagSession"))],
    "source-identity-denied": [("AccessDenied", DENIED.format("sts:SetSourceIdentity"))],
    "mfa-device-wrong": [
        ("AccessDenied", "MultiFactorAuthentication failed, must provide both MFA serial number and code"),
    ],
    "mfa-code-wrong": [
        ("AccessDenied", "MultiFactorAuthentication failed with invalid MFA one time pass code")
    ],
    "duration-above-maximum": [("ValidationError", "exceeds the MaxSessionDuration set for this role")],
    "chained-over-hour": [("ValidationError", "the 1 hour limit for roles assumed by role chaining")],
    "policy-malformed": [("MalformedPolicyDocument", "")],
    "policy-too-large": [("PackedPolicyTooLarge", "")],
    "request-invalid": [("ValidationError", "1 validation error detected")],
    "key-unknown": [("InvalidClientTokenId", ""), ("UnrecognizedClientException", "")],
    "secret-wrong": [("SignatureDoesNotMatch", "The request signature we calculated does not match")],
    "token-expired": [("ExpiredToken", ""), ("ExpiredTokenException", "The token has expired")],
    "token-invalid": [("InvalidToken", "")],
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
    "clock-off": [
        ("SignatureDoesNotMatch", "Signature expired: a is now earlier than b"),
        ("SignatureDoesNotMatch", "Signature not yet current: a is still later than b"),
        ("InvalidSignatureException", "Signature expired: a is now earlier than b"),
        ("InvalidSignatureException", "Signature not yet current: a"),
        ("RequestExpired", ""),
        ("RequestTimeTooSkewed", ""),
    ],
    "region-disabled": [("RegionDisabledException", ""), ("OptInRequired", "")],
    "throttled": [
        *(("Throttling", ""), ("ThrottlingException", ""), ("ThrottledException", "")),
        *(("RequestThrottled", ""), ("RequestThrottledException", ""), ("TooManyRequestsException", "")),
        *(("RequestLimitExceeded", ""), ("SlowDown", "")),
    ],
    "aws-down": [("IDPCommunicationError", "")],
    "refused": [("AccessDenied", DENIED.format("sts:GetCallerIdentity")), ("SomethingNew", "")],
}
RAISED = {
    "token-expired": ["LoginError", "LoginRefreshRequired", "LoginTokenLoadError"],
    "identity-missing": ["NoCredentialsError"],
    "identity-partial": ["PartialCredentialsError"],
    "profile-missing": ["ProfileNotFound"],
    "profile-broken": [
        *("ConfigNotFound", "ConfigParseError", "InvalidConfigError", "InfiniteLoopConfigError"),
        "UnknownCredentialError",
    ],
    "metadata-failed": [
        *("MetadataRetrievalError", "InvalidIMDSEndpointError", "InvalidIMDSEndpointModeError"),
    ],
    "sso-login-needed": [
        *("UnauthorizedSSOTokenError", "SSOTokenLoadError", "TokenRetrievalError", "SSOError"),
    ],
    "region-unknown": [
        *("InvalidRegionError", "NoRegionError", "EndpointProviderError", "EndpointVariantError"),
        "UnknownRegionError",
    ],
    "request-invalid": ["ParamValidationError"],
    "connection-lost": ["HTTPClientError", "ConnectionClosedError", "ResponseStreamingError"],
    "timeout": ["ConnectTimeoutError", "ReadTimeoutError"],
    "proxy-failed": ["ProxyConnectionError", "InvalidProxiesConfigError"],
    "tls-failed": ["SSLError"],
    "refused": ["PaginationError"],
}
PROVIDERS = {
    "profile-broken": ["Environment"],
    "metadata-failed": ["container-role", "iam-role", "EcsContainer", "Ec2InstanceMetadata"],
    "process-failed": ["custom-process", ""],
}


@pytest.mark.parametrize(("code", "answers"), ANSWERED.items())
def test_answer_when_aws_gives_this_error_then_its_row(code: str, answers: list[tuple[str, str]]) -> None:
    """By AWS's own code, and where one code means many things, by its words."""
    for known, message in answers:
        response = {"Error": {"Code": known, "Message": message}}
        problem = botocore.exceptions.ClientError(response, "AssumeRole")
        assert (known, recognise.code_of(problem)) == (known, code)


@pytest.mark.parametrize(("code", "names"), RAISED.items())
def test_exception_when_the_sdk_raises_it_then_its_row(code: str, names: list[str]) -> None:
    """Every name is one that this SDK knows, or the one before it did."""
    for name in names:
        problem = type(name, (Exception,), {"__module__": "botocore.exceptions"})("x")
        assert (name, recognise.code_of(problem)) == (name, code)
        assert hasattr(botocore.exceptions, name) or name.startswith("Login"), name


@pytest.mark.parametrize(("code", "names"), PROVIDERS.items())
def test_provider_when_it_gives_no_credentials_then_its_row(code: str, names: list[str]) -> None:
    """By botocore's names of them; any other is a program."""
    for name in names:
        problem = botocore.exceptions.CredentialRetrievalError(provider=name, error_msg="no")
        assert (name, recognise.code_of(problem)) == (name, code)


def test_row_when_it_passes_by_itself_then_tried_again() -> None:
    """A refusal stays one; these three are a matter of a moment."""
    passing = [code for code, row in table.ROWS.items() if row.is_transient]
    assert passing == ["throttled", "aws-down", "connection-lost"]


def test_table_when_rows_are_chosen_then_those_alone_with_what_helps() -> None:
    """The command for keys in `.env`, or where there is none, the advice at the end of the message."""
    first, second = table.table(("clock-off", "explicitly-denied")).splitlines()[2:]
    assert first.startswith("| `explicitly-denied` | a policy with an explicit deny")
    assert first.endswith(" | only the owner of that policy can change this |")
    assert second == "| `clock-off` | this machine's clock is off | `sudo timedatectl set-ntp true` |"


def test_error_when_it_is_about_no_role_then_its_hint_names_none() -> None:
    """Nor does its message begin with one."""
    about = table.error("mfa-needed", role="dev")
    assert (about.message, about.hint) == ("role dev: it needs an MFA code", "invoke assume --role dev")
    about = table.error("mfa-needed")
    assert (about.message, about.hint) == ("it needs an MFA code", "invoke assume")


def test_error_when_nobody_is_named_then_in_general_words() -> None:
    """Not with a hole."""
    assert (
        "this identity may not take x: there is no such role" in table.error("trust-denied", arn="x").message
    )
    assert table.error("token-invalid").message.startswith("the source identity: its session token")
