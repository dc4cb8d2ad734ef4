"""Failures that lie with the identity that assumes the role: its keys, its profile, its keyring."""

from rolecall.credentials.failures.row import Row
from rolecall.errors import LoginNeededError

ROWS = {
    "key-unknown": Row(
        "the access key is inactive, deleted, or of another partition",
        "AWS does not know access key {key}: it is inactive, deleted, or of another partition",
        "put a working key into .env: invoke setup --ask",
        answers=(
            "InvalidClientTokenId",
            "UnrecognizedClientException",
        ),
    ),
    "secret-wrong": Row(
        "the secret does not belong to the access key",
        "the secret does not belong to access key {key}",
        "copy both again, without spaces: invoke setup --ask",
        answers=("SignatureDoesNotMatch",),
    ),
    "token-expired": Row(
        "the temporary credentials of the source identity have expired",
        "{label}: its temporary credentials have expired",
        "renew them where they came from, then: invoke assume",
        answers=(
            "ExpiredToken",
            "ExpiredTokenException",
        ),
        raised=("LoginError", "LoginRefreshRequired", "LoginTokenLoadError"),
    ),
    "token-invalid": Row(
        "the session token does not belong to the keys",
        "{label}: its session token does not belong to its keys",
        "remove AWS_SESSION_TOKEN from .env, or renew all three",
        answers=("InvalidToken",),
    ),
    "identity-missing": Row(
        "there is no identity to assume a role with",
        "no identity to assume a role with: no keys in .env, no profile, nothing in the SDK's chain",
        "invoke setup",
        kind=LoginNeededError,
        raised=("NoCredentialsError",),
    ),
    "identity-partial": Row(
        "an access key without its secret, or the other way round",
        "{label}: a key without its secret, or the other way round: {detail}",
        "invoke setup",
        raised=("PartialCredentialsError",),
    ),
    "identity-loop": Row(
        "a profile's credential_process calls rolecall for the very role that needs it",
        "{label} gets its credentials from rolecall, which needs them for this very role",
        "name another profile: AWS_PROFILE in .env",
    ),
    "identity-temporary": Row(
        "MFA was asked of an identity that has no MFA device (a role, Identity Center)",
        "{label} holds temporary credentials; AWS takes an MFA code only from an IAM user's own keys",
        "remove mfa of [roles.{role}] in envrc.d/roles.toml, or use an IAM user's keys",
    ),
    "profile-missing": Row(
        "the AWS profile does not exist",
        "there is no AWS profile {detail}",
        "aws configure list-profiles; name one in .env: AWS_PROFILE=…",
        raised=("ProfileNotFound",),
    ),
    "profile-broken": Row(
        "the AWS config file cannot be read, or contradicts itself",
        "the AWS config file cannot be followed: {detail}",
        "mend ~/.aws/config (or the file that AWS_CONFIG_FILE names)",
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
        "run that command by hand",
    ),
    "keyring-empty": Row(
        "`.env` points at the OS keyring, which has no such key",
        "the OS keyring holds no access key {key}",
        "put the keys into .env, then: invoke login --keyring",
    ),
    "keyring-unusable": Row(
        "the OS keyring is locked, absent, or its package is not installed",
        "the OS keyring cannot be used: {detail}",
        "unlock it, or: pip install 'rolecall[keyring]'",
    ),
    "metadata-failed": Row(
        "the instance or container metadata service failed",
        "the instance or container metadata service failed: {detail}",
        "check that a role is attached; AWS_EC2_METADATA_DISABLED must not be true",
        raised=("MetadataRetrievalError", "InvalidIMDSEndpointError", "InvalidIMDSEndpointModeError"),
        providers=("container-role", "iam-role", "EcsContainer", "Ec2InstanceMetadata"),
    ),
}
