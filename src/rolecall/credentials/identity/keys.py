"""The identity at work: its keys, and the settings of STS that come with it.

boto3 starts only for a profile, and where the SDK's own chain has more to read than keys in the environment.
Must not assume a role of the project.
"""

from rolecall.credentials import failures
from rolecall.credentials.aws import config_settings
from rolecall.credentials.aws.query.signature import Keys
from rolecall.system.python.frozen import dataclass, field
from rolecall.system.text.secret import Secret

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from rolecall.credentials.model import Identity
    from rolecall.system.clock import Deadline


@dataclass(frozen=True, slots=True)
class Source:
    """What can begin a chain. Without `keys`, a token or a login speaks for itself.

    `environ` says where STS is; `profile` is what the AWS config file says of the identity's profile.
    """

    keys: Keys | None
    environ: "Mapping[str, str]" = field(repr=False)
    profile: "Mapping[str, str]" = field(default_factory=dict, repr=False)

    @property
    def is_temporary(self) -> bool:
        """Whether the keys carry a token."""
        return bool(self.keys and self.keys.token)

    @property
    def region(self) -> str | None:
        """The region that the project declares, else that of the environment or of the profile."""
        return self.environ.get("AWS_REGION") or self.environ.get("AWS_DEFAULT_REGION") or None


def silent(who: "Identity") -> Source:
    """Return the source of a first hop that needs no keys: a token or a login gives it."""
    return Source(None, config_settings.added(who.environ))


def opened(
    who: "Identity",
    *,
    environ: "Mapping[str, str]",
    deadline: "Deadline",
    ask_mfa: "Callable[[str], str] | None" = None,
    guard: str = "",
) -> Source:
    """Return `who` with its keys.

    `guard` names the role this is for; see `sdk_session.opened`. Raises LoginNeededError where the SDK's
    chain is empty, CredentialError where the keyring or a token fails.
    """
    if who.kind == "chain" and (found := _of_environment(who.environ)):
        return Source(_checked(found, who.label), *_of_default_profile(who.environ))
    if who.kind in ("profile", "chain"):
        return _of_sdk(who, environ=environ, ask_mfa=ask_mfa, guard=guard)
    settings = config_settings.added(who.environ)
    if who.kind in ("web-identity", "github"):
        from rolecall.credentials.identity import web_identity

        return Source(web_identity.base_keys(who, environ=settings, deadline=deadline), settings)
    return Source(_checked(_own_keys(who), who.label), settings)


def _checked(keys: Keys, label: str) -> Keys:
    """Return `keys`. Raises CredentialError for a character that can stand in no request."""
    parts = {"key id": keys.key_id, "secret": keys.secret.reveal(), "session token": keys.token.reveal()}
    odd = [name for name, text in parts.items() if not (text.isascii() and text.isprintable()) or " " in text]
    del parts
    if odd:
        raise failures.error("keys-malformed", label=label, detail=" and ".join(odd))
    return keys


def _own_keys(who: "Identity") -> Keys:
    key_id, secret = who.key_id or "", who.secret
    if who.keyring_name:
        from rolecall.credentials.identity import keyring

        key_id, secret = keyring.read(who.keyring_name)
    return Keys(key_id, secret, who.token)


def _of_environment(environ: "Mapping[str, str]") -> Keys | None:
    """Return the keys of the environment: the SDK takes them first (boto3 guide, "Credentials").

    None where a profile is named as well: what it says of STS and MFA is for the SDK to read.
    """
    key_id, secret = environ.get("AWS_ACCESS_KEY_ID"), environ.get("AWS_SECRET_ACCESS_KEY")
    if not key_id or not secret or environ.get("AWS_PROFILE") or environ.get("AWS_DEFAULT_PROFILE"):
        return None
    token = environ.get("AWS_SECURITY_TOKEN") or environ.get("AWS_SESSION_TOKEN") or ""
    return Keys(key_id, Secret(secret), Secret(token))


def _of_default_profile(environ: "Mapping[str, str]") -> "tuple[dict[str, str], dict[str, str]]":
    """Return the settings of STS, and what the default profile says of the region and of MFA."""
    from rolecall.credentials.identity import profile_text, sources

    return config_settings.added(environ), profile_text.settings(sources.DEFAULT, environ)


def _of_sdk(
    who: "Identity",
    *,
    environ: "Mapping[str, str]",
    ask_mfa: "Callable[[str], str] | None",
    guard: str,
) -> Source:
    from rolecall.credentials.identity import sdk_session, sources

    session = sdk_session.opened(who, environ=environ, ask_mfa=ask_mfa, guard=guard)
    found = session.get_credentials()
    if found is None:
        raise failures.error("identity-missing", detail=sources.ignored(who))
    settings = config_settings.of_session(session, who.environ)
    return Source(_checked(_frozen(found), who.label), settings, dict(session.get_scoped_config()))


def _frozen(found: "Any") -> Keys:
    """Return botocore's credentials as ours, which show themselves nowhere."""
    frozen = found.get_frozen_credentials()
    return Keys(frozen.access_key, Secret(frozen.secret_key), Secret(frozen.token or ""))
