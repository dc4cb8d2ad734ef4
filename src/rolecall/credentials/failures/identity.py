"""Failures that lie with the identity that assumes the role: its keys, its profile, its keyring."""

from rolecall.credentials.failures.row import EDIT_ENV, EDIT_ROLES, Row
from rolecall.errors import LoginNeededError

CONFIG_FILE = '"${{AWS_CONFIG_FILE:-$HOME/.aws/config}}"'

ROWS = {
    "key-unknown": Row(
        "the access key is inactive, deleted, or of another partition",
        "AWS does not know access key {key} ({label}): it is inactive, deleted, or of another partition",
        "{replace}",
        answers=(
            "InvalidClientTokenId",
            "UnrecognizedClientException",
        ),
    ),
    "secret-wrong": Row(
        "the secret does not belong to the access key",
        "the secret does not belong to access key {key} ({label}); copy both again, without spaces",
        "{replace}",
        answers=("SignatureDoesNotMatch",),
    ),
    "token-expired": Row(
        "the temporary credentials of the source identity have expired",
        "{label}: its temporary credentials have expired; renew them where they came from",
        "{replace}",
        answers=(
            "ExpiredToken",
            "ExpiredTokenException",
        ),
        raised=("LoginError", "LoginRefreshRequired", "LoginTokenLoadError"),
    ),
    "token-invalid": Row(
        "the session token does not belong to the keys",
        "{label}: its session token does not belong to its keys; a long-lived key has no AWS_SESSION_TOKEN",
        "{untoken}",
        answers=("InvalidToken",),
    ),
    "identity-missing": Row(
        "there is no identity to assume a role with",
        "no identity to assume a role with: no keys in .env, no profile, nothing in the SDK's chain{detail}",
        "invoke setup",
        kind=LoginNeededError,
        raised=("NoCredentialsError",),
    ),
    "identity-partial": Row(
        "an access key without its secret, or the other way round",
        "{label}: a key without its secret, or the other way round: {detail}",
        "{replace}",
        raised=("PartialCredentialsError",),
    ),
    "keys-malformed": Row(
        "a key id, secret or session token with a blank, an accent or a control character in it",
        "{label}: the {detail} holds a character that AWS never uses there; copy it again",
        "{replace}",
    ),
    "identity-loop": Row(
        "a profile's credential_process calls rolecall for the very role that needs it",
        "{label} gets its credentials from rolecall, which needs them for this very role; "
        "AWS_PROFILE in .env must name another profile",
        EDIT_ENV,
    ),
    "identity-temporary": Row(
        "MFA was asked of an identity that has no MFA device (a role, Identity Center)",
        "{label} holds temporary credentials; AWS takes an MFA code only from an IAM user's own keys; "
        "use those, or take mfa out of envrc.d/roles.toml",
        EDIT_ROLES,
    ),
    "profile-missing": Row(
        "the AWS profile does not exist",
        "there is no AWS profile {detail}",
        "invoke setup --ask",
        raised=("ProfileNotFound",),
    ),
    "profile-broken": Row(
        "the AWS config file cannot be read, or contradicts itself",
        "the AWS config file cannot be followed: {detail}",
        f"${{{{EDITOR:-vi}}}} {CONFIG_FILE}",
        raised=(
            "ConfigNotFound",
            "ConfigParseError",
            "InvalidConfigError",
            "InfiniteLoopConfigError",
            "UnknownCredentialError",
        ),
        providers=("Environment",),
    ),
    "process-failed": Row(
        "a profile's credential_process failed",
        "{label}: its credential_process failed: {detail}",
        f"grep -n credential_process {CONFIG_FILE}",
    ),
    "identity-slow": Row(
        "a profile gave no keys in time: its `credential_process`, or what else it asks, hangs",
        "{label} gave no keys in time: its credential_process, or what else it asks, hangs",
        f"grep -n credential_process {CONFIG_FILE}",
    ),
    "metadata-slow": Row(
        "nothing names an identity, and the machine's metadata service does not answer",
        "no identity to assume a role with: no keys in .env, no profile, and the machine's metadata service, "
        "which the SDK asks last, does not answer",
        "invoke setup",
        kind=LoginNeededError,
    ),
    "keyring-empty": Row(
        "`.env` points at the OS keyring, which has no such key",
        "the OS keyring holds no access key {key}",
        "invoke setup --ask",
    ),
    "keyring-unusable": Row(
        "the OS keyring is locked, absent, or its package is not installed",
        "the OS keyring cannot be used: {detail}; unlock it, or install rolecall's extra `keyring`",
        "{install}",
    ),
    "metadata-failed": Row(
        "the instance or container metadata service failed",
        "the instance or container metadata service failed: {detail}; "
        "a role must be attached, and AWS_EC2_METADATA_DISABLED must not be true",
        "invoke doctor",
        raised=("MetadataRetrievalError", "InvalidIMDSEndpointError", "InvalidIMDSEndpointModeError"),
        providers=("container-role", "iam-role", "EcsContainer", "Ec2InstanceMetadata"),
    ),
}
