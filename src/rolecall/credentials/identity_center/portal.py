"""IAM Identity Center: which portal a name means, a person's login there, and the permission sets it opens.

Must not start a login on its own: that is `invoke login`, by hand.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from rolecall.credentials import failures
from rolecall.credentials.aws import sdk, sts
from rolecall.credentials.aws.query.signature import Keys
from rolecall.credentials.failures.about import About
from rolecall.credentials.failures.explained import explained
from rolecall.credentials.identity.keys import Source
from rolecall.credentials.identity_center import device_login, sdk_client, token_files
from rolecall.credentials.identity_center.token_files import Token
from rolecall.credentials.model import FetchRequest
from rolecall.errors import CredentialError, LoginNeededError
from rolecall.project.declared import Project
from rolecall.project.roles import Chain, PermissionSet, SsoSession
from rolecall.system.clock import Deadline
from rolecall.system.disk import files, locks, paths
from rolecall.system.person.person import PERSON, Person
from rolecall.system.text import quoting
from rolecall.system.text.secret import Secret

if TYPE_CHECKING:
    import botocore.session

REFRESH_SECONDS = 5 * 60


def portal_of(project: Project, name: str, *, environ: Mapping[str, str]) -> SsoSession:
    """Return the portal `name`, of `roles.toml` or the AWS config file. Raises CredentialError."""
    if name in project.sso:
        return project.sso[name]
    with explained(About()):
        found = sdk.configured(environ).full_config.get("sso_sessions", {}).get(name, {})
    if not (found.get("sso_start_url") and found.get("sso_region")):
        raise failures.error("sso-session-unknown", session=name)
    scopes = [word.strip() for word in found.get("sso_registration_scopes", "sso:account:access").split(",")]
    return SsoSession(name, found["sso_start_url"], found["sso_region"], tuple(scopes))


def portal_of_profile(project: Project, name: str, *, environ: Mapping[str, str]) -> SsoSession | None:
    """Return the portal that the AWS profile `name` logs in to; None where it needs none."""
    with explained(About()):
        profile = sdk.configured(environ, profile=name).get_scoped_config()
    if profile.get("sso_session"):
        return portal_of(project, profile["sso_session"], environ=environ)
    if profile.get("sso_start_url") and profile.get("sso_region"):
        return SsoSession("", profile["sso_start_url"], profile["sso_region"], ())
    return None


def needed(
    project: Project, chain: Chain | None, name: str, *, environ: Mapping[str, str]
) -> SsoSession | None:
    """Return the portal to log in to; None where nothing here needs one.

    The one `name`d, else that of the chain's first role, else that of the profile that assumes the roles.
    """
    first = chain.hops[0].sso if chain else None
    if name or first:
        return portal_of(project, name or (first.session if first else ""), environ=environ)
    profile = project.profile or environ.get("AWS_PROFILE")
    if not profile or project.env.get("AWS_ACCESS_KEY_ID"):
        return None
    return portal_of_profile(project, profile, environ=environ)


def every(project: Project, *, environ: Mapping[str, str]) -> tuple[SsoSession, ...]:
    """Return the portals that the project declares or that its roles need. Raises CredentialError."""
    used = (role.sso.session for role in project.roles.values() if role.sso)
    return tuple(portal_of(project, name, environ=environ) for name in dict.fromkeys((*project.sso, *used)))


def login_needed(portal: SsoSession, **facts: str) -> CredentialError:
    """Return the error that says where to log in; of several sessions, the command names the right one."""
    flag = f" --session {quoting.shell(portal.name)}" if portal.name else ""
    return failures.error("sso-login-needed", session=portal.name, flag=flag, **facts)


def login(
    portal: SsoSession,
    session: "botocore.session.Session",
    *,
    environ: Mapping[str, str],
    force: bool = False,
    person: Person = PERSON,
) -> tuple[Token, bool]:
    """Return the portal's token, and whether somebody had to log in for it.

    A kept token is shown to the portal first: one that was revoked looks valid here.
    """
    kept = None if force else valid_token(portal, session, environ=environ, person=person)
    if kept and _is_accepted(portal, kept, session):
        return kept, False
    token = replace(device_login.login(portal, session, environ=environ, person=person), is_ours=True)
    token_files.write_token(portal, token, environ=environ)
    return token, True


def _is_accepted(portal: SsoSession, token: Token, session: "botocore.session.Session") -> bool:
    """Return whether the portal takes `token`. Raises CredentialError where the portal cannot be reached."""
    client = sdk_client.create(session, "sso", region=portal.region)
    try:
        with explained(sdk_client.about(client, portal)):
            client.list_accounts(accessToken=token.access, maxResults=1)
    except LoginNeededError:
        return False
    return True


def valid_token(
    portal: SsoSession,
    session: "botocore.session.Session",
    *,
    environ: Mapping[str, str],
    deadline: Deadline | None = None,
    person: Person = PERSON,
) -> Token | None:
    """Return the kept token, renewed silently where it ends soon; None where a person must log in."""
    kept = token_files.read_token(portal, environ=environ)
    if kept is None or kept.expires - person.clock() > REFRESH_SECONDS:
        return kept
    until = deadline or Deadline.after(sdk_client.TRY_MOST_SECONDS)
    folder = files.private_dir(files.private_dir(paths.state_dir(environ=environ)) / "sso")
    name = token_files.token_path(portal, environ=environ).stem
    with locks.exclusive(folder / f"{name}.lock", deadline=until):  # a refresh token works once
        kept = token_files.read_token(portal, environ=environ) or kept
        if kept.expires - person.clock() > REFRESH_SECONDS:
            return kept
        renewed = device_login.refresh(portal, kept, session, deadline=until, now=person.clock())
        if renewed:
            token_files.write_token(portal, replace(renewed, is_ours=kept.is_ours), environ=environ)
    return renewed or (kept if kept.expires > person.clock() else None)


def role_credentials(
    wanted: FetchRequest, permission_set: PermissionSet, source: Source
) -> Mapping[str, Any]:
    """Return the permission set's credentials in the shape of AssumeRole's answer.

    Raises LoginNeededError where the login has expired, CredentialError where the set is not assigned.
    """
    session = sdk.bare(wanted.who.environ)
    portal = portal_of(wanted.project, permission_set.session, environ=wanted.who.environ)
    token = valid_token(portal, session, environ=wanted.project.place.environ, deadline=wanted.deadline)
    if token is None:
        raise login_needed(portal, role=wanted.chain.role.name)
    client = sdk_client.create(
        session, "sso", region=portal.region, timeout_seconds=wanted.deadline.seconds_left
    )
    with explained(sdk_client.about(client, portal, wanted.chain.hops[0])):
        keys, expiration = sdk_client.retried(
            lambda: _given(
                client.get_role_credentials(
                    roleName=permission_set.role_name,
                    accountId=permission_set.account_id,
                    accessToken=token.access,
                )
            ),
            wanted.deadline,
        )
    return _assumed(wanted, source, keys, expiration)


def _given(answer: Mapping[str, Any]) -> tuple[Keys, datetime]:
    given = answer["roleCredentials"]
    keys = Keys(given["accessKeyId"], Secret(given["secretAccessKey"]), Secret(given["sessionToken"]))
    return keys, datetime.fromtimestamp(given["expiration"] / 1000, UTC)


def _assumed(wanted: FetchRequest, source: Source, keys: Keys, expiration: datetime) -> Mapping[str, Any]:
    """Ask STS whose keys these are: the portal does not say, and the account must be the one declared."""
    region = wanted.chain.hops[0].region or source.region
    client = sts.client(keys, region=region, environ=source.environ, deadline=wanted.deadline)
    who = sts.caller(client, label=wanted.who.label)
    return {
        "Credentials": {
            "AccessKeyId": keys.key_id,
            "SecretAccessKey": keys.secret,
            "SessionToken": keys.token,
            "Expiration": expiration,
        },
        "AssumedRoleUser": {"Arn": who.arn, "AssumedRoleId": who.user_id},
    }
