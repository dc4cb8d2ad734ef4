"""Where an identity may come from, each source in its turn, and the facts that tell one from another.

Must not open, ask or fetch anything: an identity that is not needed costs nothing.
"""

from rolecall.credentials import failures
from rolecall.credentials.aws import environment as aws_environment
from rolecall.credentials.model import Identity, masked
from rolecall.project.approved import record as approved
from rolecall.project.env_file import dotenv
from rolecall.system.python.frozen import replace
from rolecall.system.text.secret import NONE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from rolecall.project.declared import Project
    from rolecall.project.roles import Chain

RESOLVING = "ROLECALL_RESOLVING"
CHAIN_LABEL = "the AWS SDK's default chain"
DEFAULT = "default"  # the profile that the SDK takes where none is named
CHAIN_DECIDES = ("AWS_ACCESS_KEY_ID", *aws_environment.CHAIN_FILES)  # beside the profile's own text


def find(project: "Project", chain: "Chain | None" = None) -> Identity:
    """Return the identity that assumes this project's roles; nothing is asked or opened yet.

    For a chain that begins in Identity Center, its login. Else web identity where the CI system gives it,
    keys in `.env`, the keyring, the profile that `.env` or `roles.toml` names, the SDK's own chain.
    Raises CredentialError for half a pair of keys in `.env`: another identity would be a surprise; and
    LoginNeededError where signed requests would go elsewhere than the person approved.
    """
    approved.refuse_moved_routes(project)
    return replace(_found(project, chain), environ_mark=aws_environment.mark(project))


def _found(project: "Project", chain: "Chain | None") -> Identity:
    sdk_environ = aws_environment.of(project)
    if chain and chain.hops[0].sso:
        return _sso(project, chain, sdk_environ)
    for source in (_web_identity, _github, _keys, _keyring, _profile):
        if found := source(project, sdk_environ):
            return found
    return _chain(project, sdk_environ)


def _chain(project: "Project", sdk_environ: "Mapping[str, str]") -> Identity:
    """Return the SDK's own chain, but for profiles that ask rolecall for a role of this very project."""
    from rolecall.credentials.identity import profile_text

    profile = sdk_environ.get("AWS_PROFILE") or sdk_environ.get("AWS_DEFAULT_PROFILE") or ""
    ignored = [project.profile] if project.profile else []  # it would have been found otherwise
    if profile and profile_text.is_ours(profile, project.root, sdk_environ):
        names = ("AWS_PROFILE", "AWS_DEFAULT_PROFILE")
        sdk_environ = {name: value for name, value in sdk_environ.items() if name not in names}
        ignored.append(profile)
        profile = ""
    passed = [f"AWS_PROFILE={name}" for name in dict.fromkeys(ignored)]
    decided = [sdk_environ.get(name, "") for name in CHAIN_DECIDES]
    is_by_files = not sdk_environ.get("AWS_ACCESS_KEY_ID")
    without = is_by_files and not profile and profile_text.is_ours(DEFAULT, project.root, sdk_environ)
    if without and DEFAULT not in ignored:
        passed.append(f"[{DEFAULT}] of the AWS config file")
    elif is_by_files and not without:
        decided += profile_text.of(profile or DEFAULT, sdk_environ)
    return Identity(
        "chain",
        _label(sdk_environ),
        _fingerprint("chain", *decided),
        environ=sdk_environ,
        notes=tuple(f"{name} is ignored: that profile gets its credentials from rolecall" for name in passed),
        without_files=without,
    )


def refuse_loop(identity: Identity, guard: str, *, environ: "Mapping[str, str]") -> None:
    """Raise CredentialError where a credential_process of this very identity's profile is asking us."""
    if guard in environ.get(RESOLVING, "").split(",") and identity.kind in ("profile", "chain"):
        raise failures.error("identity-loop", label=identity.label)


def ignored(identity: Identity) -> str:
    """Return the end of a message that says what was not taken for an identity."""
    return "".join(f"; {note}" for note in identity.notes)


def _label(sdk_environ: "Mapping[str, str]") -> str:
    if sdk_environ.get("AWS_ACCESS_KEY_ID"):
        return f"keys {masked(sdk_environ['AWS_ACCESS_KEY_ID'])} in the environment"
    profile = sdk_environ.get("AWS_PROFILE") or sdk_environ.get("AWS_DEFAULT_PROFILE")
    return f"profile {profile}" if profile else CHAIN_LABEL


def _web_identity(_project: "Project", sdk_environ: "Mapping[str, str]") -> Identity | None:
    path = sdk_environ.get("AWS_WEB_IDENTITY_TOKEN_FILE")
    if not path:
        return None
    arn = sdk_environ.get("AWS_ROLE_ARN") or None
    return Identity(
        "web-identity",
        "the web identity token" + (f" of {arn}" if arn else ""),
        _fingerprint("web-identity", path, arn or ""),
        environ=sdk_environ,
        role_arn=arn,
    )


def _github(_project: "Project", sdk_environ: "Mapping[str, str]") -> Identity | None:
    if not (
        sdk_environ.get("ACTIONS_ID_TOKEN_REQUEST_URL") and sdk_environ.get("ACTIONS_ID_TOKEN_REQUEST_TOKEN")
    ):
        return None
    facts = [sdk_environ.get(name, "") for name in ("GITHUB_REPOSITORY", "GITHUB_REF", "AWS_ROLE_ARN")]
    return Identity(
        "github",
        "GitHub Actions' OIDC token",
        _fingerprint("github", *facts),
        environ=sdk_environ,
        role_arn=sdk_environ.get("AWS_ROLE_ARN") or None,
    )


def _keys(project: "Project", sdk_environ: "Mapping[str, str]") -> Identity | None:
    key_id, secret = project.env.get("AWS_ACCESS_KEY_ID"), project.secrets.get("AWS_SECRET_ACCESS_KEY")
    if not key_id and not secret:
        return None
    if not key_id or not secret:
        missing = "AWS_SECRET_ACCESS_KEY" if key_id else "AWS_ACCESS_KEY_ID"
        raise failures.error("identity-partial", label=".env", detail=f"{missing} is missing")
    return Identity(
        "keys",
        f"keys {masked(key_id)} in .env",
        _fingerprint("keys", key_id),
        key_id=key_id,
        secret=secret,
        token=project.secrets.get("AWS_SESSION_TOKEN", NONE),
        environ=sdk_environ,
    )


def _keyring(project: "Project", sdk_environ: "Mapping[str, str]") -> Identity | None:
    name = project.env.get(dotenv.KEYRING)
    if not name:
        return None
    label = f"keys …{name.partition('-')[0]} in the OS keyring"
    return Identity("keyring", label, _fingerprint("keyring", name), environ=sdk_environ, keyring_name=name)


def _profile(project: "Project", sdk_environ: "Mapping[str, str]") -> Identity | None:
    if not project.profile:
        return None
    from rolecall.credentials.identity import profile_text

    if profile_text.is_ours(project.profile, project.root, sdk_environ):
        return None
    return Identity(
        "profile",
        f"profile {project.profile}",
        _fingerprint("profile", project.profile, *profile_text.of(project.profile, sdk_environ)),
        profile=project.profile,
        environ=sdk_environ,
    )


def _sso(project: "Project", chain: "Chain", sdk_environ: "Mapping[str, str]") -> Identity:
    wanted = chain.hops[0].sso
    name = wanted.session if wanted else ""
    declared = project.sso.get(name)
    facts = [declared.start_url, declared.region] if declared else [sdk_environ.get("AWS_CONFIG_FILE", "")]
    return Identity(
        "sso", f"the Identity Center login {name}", _fingerprint("sso", name, *facts), environ=sdk_environ
    )


def _fingerprint(*parts: str) -> str:
    from hashlib import sha256

    return sha256("\0".join(parts).encode()).hexdigest()[:16]
