"""Roles that a person's AWS config file already describes, in the words of `roles.toml`.

Proposes entries for `invoke roles --import`. Must not write a file, or propose a secret.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from rolecall.credentials.aws import environment as aws_environment
from rolecall.credentials.aws import sdk
from rolecall.credentials.failures.about import About
from rolecall.credentials.failures.explained import explained
from rolecall.credentials.identity import profile_text
from rolecall.project import roles
from rolecall.project.declared import Declared, Project
from rolecall.project.roles_toml.values import DURATION_TEXT, LEAST_SECONDS, MOST_SECONDS
from rolecall.system.clock import human

BARE = re.compile(r"[A-Za-z0-9_-]+")
Profiles = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class RoleProfile:
    """A profile that names a role. `source` is the profile that assumes it; Identity Center has none."""

    name: str
    account: str
    role: str
    source: str = ""
    region: str = ""

    @property
    def alias(self) -> str:
        """The name that its role has in `roles.toml`."""
        return _alias(self.name)


def found(environ: Mapping[str, str]) -> tuple[RoleProfile, ...]:
    """Return the profiles of the AWS config file that name a role. Raises CredentialError."""
    profiles: Profiles = _config(environ).get("profiles", {})
    return tuple(made for name, profile in profiles.items() if (made := _found(name, profile)))


def declaration(environ: Mapping[str, str], names: Iterable[str]) -> str:
    """Return the TOML of the roles of these profiles, of the roles they lead through, and their portals.

    Raises CredentialError where the AWS config file cannot be read.
    """
    config = _config(environ)
    profiles: Profiles = config.get("profiles", {})
    wanted = _with_sources(names, profiles)
    portals = {str(profiles[name].get("sso_session", "")) for name in wanted}
    known = {name: portal for name, portal in config.get("sso_sessions", {}).items() if name in portals}
    lines = [line for name, portal in known.items() for line in _portal(Declared(), name, portal)]
    lines += [line for name in wanted for line in _lines(Declared(), name, profiles[name], profiles, set())]
    return "\n".join(line for line in lines if not line.startswith("#"))


def proposal(project: Project) -> str:
    """Return TOML for the roles of the AWS config file that the project does not declare yet.

    Raises CredentialError where the AWS config file cannot be read.
    """
    config = _config(aws_environment.of(project))
    profiles: Profiles = config.get("profiles", {})
    known = {role.role_arn for role in project.roles.values()}
    lines = [
        line for name, profile in profiles.items() for line in _lines(project, name, profile, profiles, known)
    ]
    portals = [
        line
        for name, portal in config.get("sso_sessions", {}).items()
        for line in _portal(project, name, portal)
    ]
    return "\n".join([*portals, *lines])


def _config(environ: Mapping[str, str]) -> Mapping[str, Any]:
    """Return the AWS config but for profiles that rolecall serves: they are roles of a project already."""
    with explained(About()):
        config: Mapping[str, Any] = sdk.configured(environ).full_config
    own = {
        name: profile
        for name, profile in config.get("profiles", {}).items()
        if not profile_text.is_served([f"credential_process={profile.get('credential_process', '')}"])
    }
    return {**config, "profiles": own}


def _found(name: str, profile: Mapping[str, Any]) -> RoleProfile | None:
    region = str(profile.get("region", ""))
    if "sso_account_id" in profile and "sso_role_name" in profile:
        return RoleProfile(name, str(profile["sso_account_id"]), str(profile["sso_role_name"]), region=region)
    if not roles.is_arn(profile.get("role_arn", "")):
        return None
    role = roles.from_arn(profile["role_arn"])
    source = str(profile.get("source_profile", ""))
    return RoleProfile(name, role.account, role.role_arn.rpartition("/")[2], source, region)


def _with_sources(names: Iterable[str], profiles: Profiles) -> list[str]:
    """Return `names`, each after the profiles whose roles it leads through."""
    wanted: list[str] = []
    for name in names:
        chain = [name]
        while (source := str(profiles[chain[0]].get("source_profile", ""))) not in ("", *chain):
            if "role_arn" not in profiles.get(source, {}):
                break
            chain.insert(0, source)
        wanted += [link for link in chain if link not in wanted]
    return wanted


def _lines(
    project: Project | Declared, name: str, profile: Mapping[str, Any], profiles: Profiles, known: set[str]
) -> Iterator[str]:
    if "sso_account_id" in profile and "sso_role_name" in profile:
        yield from _permission_set(project, name, profile)
    elif profile.get("role_arn") in known:
        yield f"# profile {name}: its role is declared already\n"
    elif roles.is_arn(profile.get("role_arn", "")):
        yield from _role(name, profile, profiles)
    else:
        yield f"# profile {name}: an identity; it can assume the roles: AWS_PROFILE={name} in .env\n"


def _role(name: str, profile: Mapping[str, Any], profiles: Profiles) -> Iterator[str]:
    source = profile.get("source_profile", "")
    yield f"[roles.{_key(_alias(name))}]"
    yield f"role_arn = {json.dumps(profile['role_arn'])}"
    if source != name and "role_arn" in profiles.get(source, {}):
        yield f"source = {json.dumps(_alias(source))}"
    elif source:
        yield f"# assumed by profile {source}: AWS_PROFILE={source} in .env, if no keys stand there"
    yield from _details(profile)
    yield ""


def _details(profile: Mapping[str, Any]) -> Iterator[str]:
    for theirs, ours in (("external_id", "external_id"), ("region", "region")):
        if profile.get(theirs):
            yield f"{ours} = {json.dumps(profile[theirs])}"
    if profile.get("mfa_serial"):
        yield "mfa = true  # the device is personal: AWS_MFA_SERIAL in .env"
    seconds = str(profile.get("duration_seconds", ""))
    if seconds.isdigit() and LEAST_SECONDS <= int(seconds) <= MOST_SECONDS:
        yield f"duration = {json.dumps(_duration(int(seconds)))}"


def _permission_set(project: Project | Declared, name: str, profile: Mapping[str, Any]) -> Iterator[str]:
    if _alias(name) in project.roles:
        yield f"# profile {name}: a role of this name is declared already\n"
        return
    session = profile.get("sso_session") or _alias(name)
    if "sso_session" not in profile and session not in project.sso:
        yield from _portal(project, session, profile)
    inner = {
        "session": session,
        "account_id": profile["sso_account_id"],
        "role_name": profile["sso_role_name"],
    }
    yield f"[roles.{_key(_alias(name))}]"
    yield f"sso = {{ {', '.join(f'{key} = {json.dumps(str(value))}' for key, value in inner.items())} }}"
    if profile.get("region"):
        yield f"region = {json.dumps(profile['region'])}"
    yield ""


def _portal(project: Project | Declared, name: str, portal: Mapping[str, Any]) -> Iterator[str]:
    if name in project.sso or not (portal.get("sso_start_url") and portal.get("sso_region")):
        return
    yield f"[sso.{_key(name)}]"
    yield f"start_url = {json.dumps(portal['sso_start_url'])}"
    yield f"region = {json.dumps(portal['sso_region'])}"
    yield ""


def _alias(name: str) -> str:
    """Return a profile's name as an alias: `roles.toml` allows fewer characters."""
    cleaned = re.sub(r"[^A-Za-z0-9_.@+=,-]", "-", name)[:64]
    return cleaned if roles.is_alias(cleaned) else f"role-{cleaned}"[:64]


def _key(name: str) -> str:
    return name if BARE.fullmatch(name) else json.dumps(name)


def _duration(seconds: int) -> str:
    shown = human(seconds)
    return shown if DURATION_TEXT.read(shown) == seconds else f"{seconds}s"
