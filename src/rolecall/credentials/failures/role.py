"""Failures that lie with the role: its trust policy, its limits, or how the team declares it."""

from rolecall.credentials.failures.row import EDIT_ENV, EDIT_ROLES, Row
from rolecall.errors import LoginNeededError

ROWS = {
    "trust-denied": Row(
        "the role's trust policy does not name you",
        "{you} may not take {arn}: there is no such role, or its trust policy does not name {you}{unsent}, "
        "or the policies of {you} lack sts:AssumeRole; the owner of account {account} needs what this prints",
        "invoke roles --trust-policy {role}",
        answers=("AccessDenied",),
    ),
    "explicitly-denied": Row(
        "a policy with an explicit deny (SCP, boundary, identity policy) forbids it",
        "{you} may not take {arn}: {detail}; only the owner of that policy can change this",
        "",
        answers=("AccessDenied: explicit deny",),
    ),
    "tags-denied": Row(
        "the trust policy allows sts:AssumeRole but not sts:TagSession",
        "{arn} refuses session tags: its trust policy must allow {you} sts:TagSession too; "
        "without tags in envrc.d/roles.toml it is not needed",
        EDIT_ROLES,
        answers=("AccessDenied: sts:TagSession",),
    ),
    "source-identity-denied": Row(
        "the trust policy does not allow sts:SetSourceIdentity",
        "{arn} refuses a source identity: its trust policy must allow {you} sts:SetSourceIdentity too; "
        "without source_identity in envrc.d/roles.toml it is not needed",
        EDIT_ROLES,
        answers=("AccessDenied: sts:SetSourceIdentity",),
    ),
    "account-mismatch": Row(
        "STS answered for another account than the role's ARN names",
        "STS answered for account {detail}, its ARN says {account}; AWS_ENDPOINT_URL or role_arn is wrong",
        "grep -n -e AWS_ENDPOINT_URL -e role_arn .env envrc.d/roles.toml",
    ),
    "mfa-device-wrong": Row(
        "the MFA device is not one of this user's",
        "the MFA device {serial} is not one of this identity's; "
        "AWS_MFA_SERIAL in .env must be your device's ARN",
        EDIT_ENV,
        answers=("AccessDenied: MultiFactorAuthentication failed.*(serial|provide)",),
    ),
    "mfa-code-wrong": Row(
        "the MFA code was wrong, or from another device",
        "the MFA code was not accepted: mistyped, too old, or of another device",
        "invoke assume --role {role}",
        kind=LoginNeededError,
        answers=("AccessDenied: MultiFactorAuthentication failed",),
    ),
    "duration-above-maximum": Row(
        "`duration` is above the role's maximum session duration",
        "duration {duration} is more than {arn} allows (1h, where its owner set nothing else)",
        EDIT_ROLES,
        answers=("ValidationError: MaxSessionDuration",),
    ),
    "chained-over-hour": Row(
        "more than an hour was asked of a role reached through other temporary credentials",
        "a role that is taken through another role lasts one hour at most: its duration must be 1h",
        EDIT_ROLES,
        answers=("ValidationError: role chaining",),
    ),
    "policy-malformed": Row(
        "the session policy is JSON, but not an IAM policy",
        "the session policy is not a policy IAM understands: {detail}",
        "grep -n session_policy envrc.d/roles.toml",
        answers=("MalformedPolicyDocument",),
    ),
    "policy-too-large": Row(
        "session policy, policy ARNs and tags together are too large",
        "session policy, policy_arns and tags are together too large for STS: {detail}",
        EDIT_ROLES,
        answers=("PackedPolicyTooLarge",),
    ),
    "request-invalid": Row(
        "STS finds a value in the request invalid",
        "STS finds a value invalid: {detail}",
        EDIT_ROLES,
        answers=("ValidationError",),
        raised=("ParamValidationError",),
    ),
}
