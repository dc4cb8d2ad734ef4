"""Causes that lie with the role, the identity, or a login: somebody has to change something.

Owns: their rows of the table of failures.
Must not: recognise a failure (diagnosis does).
Called by: failures.
"""

from collections.abc import Mapping

from rolecall.credentials.failures.network import Row
from rolecall.errors import LoginNeededError

MEND_ROLES = "mend it in envrc.d/roles.toml, then: invoke assume --role {role}"
LOGIN = "invoke login"

ROLE: Mapping[str, Row] = {
    "trust-denied": Row(
        "the role's trust policy does not name you",
        "{you} may not take {arn}: there is no such role, or its trust policy does not name you{unsent}, "
        "or your own policy lacks sts:AssumeRole",
        "ask the account's owner to trust {you}; check: invoke whoami",
    ),
    "explicitly-denied": Row(
        "a policy with an explicit deny (SCP, boundary, identity policy) forbids it",
        "{you} may not take {arn}: {detail}",
        "ask whoever owns that policy",
    ),
    "tags-denied": Row(
        "the trust policy allows sts:AssumeRole but not sts:TagSession",
        "{arn} refuses session tags: its trust policy must allow {you} sts:TagSession too",
        "remove tags in envrc.d/roles.toml, or extend the trust policy",
    ),
    "source-identity-denied": Row(
        "the trust policy does not allow sts:SetSourceIdentity",
        "{arn} refuses a source identity: its trust policy must allow {you} sts:SetSourceIdentity too",
        "remove source_identity in envrc.d/roles.toml, or extend the trust policy",
    ),
    "mfa-code-wrong": Row(
        "the MFA code was wrong, or from another device",
        "the MFA code was not accepted: mistyped, too old, or of another device",
        "invoke assume --role {role}",
        LoginNeededError,
    ),
    "mfa-device-wrong": Row(
        "the MFA device is not one of this user's",
        "the MFA device {serial} is not one of this identity's",
        "set AWS_MFA_SERIAL in .env to your device's ARN",
    ),
    "duration-above-maximum": Row(
        "`duration` is above the role's maximum session duration",
        "duration {duration} is more than {arn} allows",
        "lower duration of [roles.{role}] in envrc.d/roles.toml (the role's own default is 1h)",
    ),
    "chained-over-hour": Row(
        "more than an hour was asked of a role reached through other temporary credentials",
        "AWS gives a role that is reached through another one hour at most",
        'set duration = "1h" for [roles.{role}] in envrc.d/roles.toml',
    ),
    "policy-malformed": Row(
        "the session policy is JSON, but not an IAM policy",
        "the session policy is not a policy IAM understands: {detail}",
        "mend the file that session_policy of [roles.{role}] names",
    ),
    "policy-too-large": Row(
        "session policy, policy ARNs and tags together are too large",
        "session policy, policy_arns and tags are together too large for STS: {detail}",
        "shorten them in envrc.d/roles.toml",
    ),
    "request-invalid": Row(
        "STS finds a value in the request invalid",
        "STS finds a value invalid: {detail}",
        MEND_ROLES,
    ),
}
IDENTITY: Mapping[str, Row] = {
    "key-unknown": Row(
        "the access key is inactive, deleted, or of another partition",
        "AWS does not know access key {key}: it is inactive, deleted, or of another partition",
        "put a working key into .env: invoke setup --ask",
    ),
    "secret-wrong": Row(
        "the secret does not belong to the access key",
        "the secret does not belong to access key {key}",
        "copy both again, without spaces: invoke setup --ask",
    ),
    "token-expired": Row(
        "the temporary credentials of the source identity have expired",
        "{label}: its temporary credentials have expired",
        "renew them where they came from, then: invoke assume",
    ),
    "token-invalid": Row(
        "the session token does not belong to the keys",
        "{label}: its session token does not belong to its keys",
        "remove AWS_SESSION_TOKEN from .env, or renew all three",
    ),
    "identity-missing": Row(
        "there is no identity to assume a role with",
        "no identity to assume a role with: no keys in .env, no profile, nothing in the SDK's chain",
        "invoke setup",
        LoginNeededError,
    ),
    "identity-partial": Row(
        "an access key without its secret, or the other way round",
        "{label}: a key without its secret, or the other way round: {detail}",
        "invoke setup",
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
    ),
    "profile-broken": Row(
        "the AWS config file cannot be read, or contradicts itself",
        "the AWS config file cannot be followed: {detail}",
        "mend ~/.aws/config (or the file that AWS_CONFIG_FILE names)",
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
    ),
}
LOGINS: Mapping[str, Row] = {
    "sso-login-needed": Row(
        "no login, or one that has expired, at IAM Identity Center",
        "the Identity Center login {session} is missing or has expired",
        "invoke login{flag}",
        LoginNeededError,
    ),
    "sso-not-assigned": Row(
        "the permission set is not assigned to you in that account",
        "Identity Center gives you no {arn}: the permission set is not assigned to you in this account",
        "check account_id and role_name of [roles.{role}] in envrc.d/roles.toml",
    ),
    "sso-session-unknown": Row(
        "the Identity Center session is declared nowhere",
        "Identity Center session {session} is declared neither in envrc.d/roles.toml nor in ~/.aws/config",
        "add [sso.{session}] with start_url and region to envrc.d/roles.toml",
    ),
    "sso-refused": Row(
        "Identity Center refuses the login",
        "Identity Center refuses the login: {detail}",
        "check start_url and region of the session, then: invoke login",
    ),
    "sso-code-expired": Row(
        "nobody confirmed the login in the browser in time",
        "the login was not confirmed in the browser in time",
        LOGIN,
        LoginNeededError,
    ),
    "mfa-needed": Row(
        "an MFA code is needed and nobody can be asked (on `cd`, in a script)",
        "it needs an MFA code",
        "invoke assume --role {role}",
        LoginNeededError,
    ),
    "mfa-code-used": Row(
        "the MFA code was used before",
        "that MFA code was used already; AWS takes each one once",
        "wait for the next one: invoke assume --role {role} --mfa-code CODE",
        LoginNeededError,
    ),
    "mfa-process-failed": Row(
        "`mfa_process` failed, or printed no code",
        "mfa_process gave no code: {detail}",
        "run it by hand, or: invoke assume --role {role} --mfa-code CODE",
        LoginNeededError,
    ),
    "web-identity-file": Row(
        "the web identity token file cannot be read",
        "the web identity token cannot be read: {detail}",
        "check AWS_WEB_IDENTITY_TOKEN_FILE",
    ),
    "web-identity-expired": Row(
        "the web identity token has expired",
        "the web identity token has expired",
        "let the CI system issue a new one: start the job again",
    ),
    "web-identity-refused": Row(
        "the account knows no such OIDC provider, audience or subject",
        "{arn} does not accept this web identity: {detail}",
        "check the OIDC provider in the account, and the role's trust policy (audience, subject)",
    ),
    "oidc-unavailable": Row(
        "the CI system gave no OIDC token",
        "the CI system gave no OIDC token: {detail}",
        "the job needs the permission id-token: write",
    ),
}
