"""Logging in to IAM Identity Center: the OIDC device flow, and renewing a login silently.

Waits until somebody confirms the code in a browser. Must not decide when a login is needed (portal does),
or open a browser without a terminal.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from rolecall.credentials import failures
from rolecall.credentials.failures import recognise
from rolecall.credentials.failures.explained import explained, raise_explained
from rolecall.credentials.identity_center import sdk_client, token_files
from rolecall.credentials.identity_center.token_files import Registration, Token
from rolecall.project.roles import SsoSession
from rolecall.system.clock import Deadline
from rolecall.system.person.person import PERSON, Person

if TYPE_CHECKING:
    import botocore.session

DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code"  # RFC 8628, 3.4
INTERVAL_SECONDS = 5.0  # RFC 8628, 3.2: the default
SLOWER_SECONDS = 5.0  # RFC 8628, 3.5: slow_down
REGISTRATION_LEAST_SECONDS = 15 * 60


def login(
    portal: SsoSession,
    session: "botocore.session.Session",
    *,
    environ: Mapping[str, str],
    person: Person = PERSON,
) -> Token:
    """Return a new token, once somebody has confirmed the code that is shown.

    Raises CredentialError where the portal refuses, LoginNeededError where nobody confirms in time.
    """
    client = _client(session, portal)
    with explained(sdk_client.about(client, portal)):
        registration = _registration(client, portal, environ, person)
        grant = client.start_device_authorization(
            clientId=registration.client_id, clientSecret=registration.secret, startUrl=portal.start_url
        )
        _show(grant, person)
        answer = _await_token(client, registration, grant, person)
    return _token(answer, registration, person.clock())


def refresh(
    portal: SsoSession, token: Token, session: "botocore.session.Session", *, deadline: Deadline, now: float
) -> Token | None:
    """Return a renewed token without a person; None where only a person can renew it."""
    registration = token.registration
    if not token.refresh or registration is None or registration.expires <= now:
        return None
    client = _client(session, portal, timeout_seconds=deadline.seconds_left)
    wanted = {
        "clientId": registration.client_id,
        "clientSecret": registration.secret,
        "refreshToken": token.refresh,
    }
    try:
        answer = sdk_client.retried(
            lambda: client.create_token(grantType="refresh_token", **wanted), deadline
        )
    except Exception as problem:
        if recognise.is_refusal(problem):
            return None
        raise_explained(problem, sdk_client.about(client, portal))
        raise
    return _token(answer, registration, now, refresh=token.refresh)


def _client(session: Any, portal: SsoSession, *, timeout_seconds: float = sdk_client.TRY_MOST_SECONDS) -> Any:
    return sdk_client.create(session, "sso-oidc", region=portal.region, timeout_seconds=timeout_seconds)


def _registration(
    client: Any, portal: SsoSession, environ: Mapping[str, str], person: Person
) -> Registration:
    kept = token_files.read_registration(portal, environ=environ)
    if kept and kept.expires - person.clock() > REGISTRATION_LEAST_SECONDS:
        return kept
    scopes = {"scopes": list(portal.scopes)} if portal.scopes else {}
    answer = client.register_client(
        clientName=f"rolecall-{portal.name or 'login'}", clientType="public", **scopes
    )
    made = Registration(answer["clientId"], answer["clientSecret"], int(answer["clientSecretExpiresAt"]))
    token_files.write_registration(portal, made, environ=environ)
    return made


def _show(grant: Mapping[str, Any], person: Person) -> None:
    """Say where to go and with which code, always; open a browser only where somebody sits."""
    url = grant.get("verificationUriComplete") or grant["verificationUri"]
    person.say(f"confirm the code {grant['userCode']} at {url}")
    person.say("only if you started this login yourself, and the page shows the same code")
    if person.can_ask():
        person.browse(url)


def _await_token(client: Any, registration: Registration, grant: Mapping[str, Any], person: Person) -> Any:
    interval = float(grant.get("interval") or INTERVAL_SECONDS)
    until = person.clock() + float(grant.get("expiresIn") or 600)
    while person.clock() < until:
        try:
            return client.create_token(
                grantType=DEVICE_GRANT,
                clientId=registration.client_id,
                clientSecret=registration.secret,
                deviceCode=grant["deviceCode"],
            )
        except client.exceptions.SlowDownException:
            interval += SLOWER_SECONDS
        except client.exceptions.AuthorizationPendingException:
            pass  # nobody has confirmed yet: that is what we wait for
        except client.exceptions.ExpiredTokenException:
            break
        person.sleep(interval)
    raise failures.error("sso-code-expired")


def _token(answer: Mapping[str, Any], registration: Registration, now: float, *, refresh: str = "") -> Token:
    expires = int(now) + int(answer["expiresIn"])
    return Token(answer["accessToken"], expires, answer.get("refreshToken") or refresh, registration)
