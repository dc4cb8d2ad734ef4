"""The keys that `envrc.d/roles.toml` may have: what each holds, and what it means in a sentence."""

from rolecall.project.roles_toml import values
from rolecall.project.roles_toml.values import Kind
from rolecall.system.python.frozen import dataclass


@dataclass(frozen=True, slots=True)
class Key:
    """One allowed key: what it holds, and what it means in a sentence."""

    kind: Kind
    says: str


PROJECT = {
    "name": Key(values.TEXT, "The project's name (default: its folder's)."),
    "default_role": Key(values.TEXT, "The role of a terminal that has chosen none."),
    "region": Key(values.REGION_NAME, "The region of every role that names none."),
    "profile": Key(values.TEXT, "The AWS profile that assumes the roles, where .env holds no keys."),
    "mfa_serial": Key(
        values.SERIAL_TEXT, "The MFA device; a personal one belongs in .env, as AWS_MFA_SERIAL."
    ),
    "mfa_process": Key(values.TEXT, "A command that prints the MFA code; it never runs on `cd`."),
    "tools": Key(values.TEXTS, "Programs that setup also installs."),
    "env": Key(
        values.SCOPE,
        "Which values of .env a shell gets: all (the default), or aws, without the app's values.",
    ),
    "delivery": Key(
        values.DELIVERY, "How a shell gets the role: keys (the default), or profile, as AWS_PROFILE."
    ),
    "rolecall": Key(values.VERSION_SPEC, "The versions of rolecall that this project works with."),
}
SSO_TABLE = Kind(lambda value: value, {"$ref": "#/$defs/sso"})
ROLE = {
    "role_arn": Key(values.ROLE_ARN, "The role's ARN."),
    "sso": Key(SSO_TABLE, "An Identity Center permission set, instead of role_arn."),
    "region": Key(values.REGION_NAME, "The region of the role's sessions."),
    "duration": Key(
        values.DURATION_TEXT, "How long a session lasts: 15m to 12h; 1h at most where source is set."
    ),
    "source": Key(values.TEXT, "The role that assumes this one."),
    "protected": Key(
        values.FLAG, "Whether a person must confirm it in each terminal; a `cd` never takes it."
    ),
    "read_only": Key(
        values.FLAG, "Whether a session may only read (AWS's ReadOnlyAccess), but for `assume --elevate`."
    ),
    "external_id": Key(values.EXTERNAL_ID_TEXT, "The external id that the role's trust policy asks for."),
    "mfa": Key(values.FLAG, "Whether the trust policy asks for an MFA code."),
    "mfa_serial": Key(values.SERIAL_TEXT, "The MFA device for this role."),
    "policy_arns": Key(values.POLICY_ARNS, "Managed policies that narrow the session, at most 10."),
    "session_policy": Key(values.TEXT, "A JSON policy file, relative to envrc.d, that narrows the session."),
    "tags": Key(values.TAGS, "Tags of the session."),
    "transitive_tags": Key(values.TEXTS, "The tags that also apply to roles assumed from this one."),
    "source_identity": Key(
        values.SOURCE_IDENTITY_TEXT, "The name that CloudTrail shows for this session and every later one."
    ),
}
SSO_ROLE = {
    "session": Key(values.TEXT, "An [sso.NAME] of this file, or an [sso-session NAME] of ~/.aws/config."),
    "account_id": Key(values.ACCOUNT_ID, "The account."),
    "role_name": Key(values.PERMISSION_SET_NAME, "The permission set."),
}
SSO = {
    "start_url": Key(values.START_URL_TEXT, "The portal's address."),
    "region": Key(values.REGION_NAME, "The region of Identity Center."),
    "scopes": Key(values.TEXTS, "The scopes of the login (default: sso:account:access)."),
}
TOP = {
    "project": "Settings of the whole project.",
    "roles": "The roles, each under its alias.",
    "sso": "Identity Center sessions that ~/.aws/config does not declare.",
}
