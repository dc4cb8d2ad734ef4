"""The login files of IAM Identity Center, where the AWS CLI v2 keeps them and in its format.

A login made by the AWS CLI serves us, and ours serves it: one token a portal, one client registration, in
`~/.aws/sso/cache`. Must not talk to anyone; a file that cannot be read is a login that is not there.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rolecall.project.roles import SsoSession
from rolecall.system.disk import files, paths


@dataclass(frozen=True, slots=True)
class Registration:
    """This machine as a client of the portal; `expires` in epoch seconds."""

    client_id: str
    secret: str = field(repr=False)
    expires: int = 0


@dataclass(frozen=True, slots=True)
class Token:
    """A login: `expires` in epoch seconds; with `refresh` and a registration it can be renewed silently.

    `is_ours`: rolecall made it, not the AWS CLI.
    """

    access: str = field(repr=False)
    expires: int
    refresh: str = field(default="", repr=False)
    registration: Registration | None = None
    is_ours: bool = False


def token_path(portal: SsoSession, *, environ: Mapping[str, str]) -> Path:
    """Return the file of the portal's token: botocore's SSOTokenLoader computes the same name."""
    return _folder(environ) / f"{_sha1(portal.name or portal.start_url)}.json"


def registration_path(portal: SsoSession, *, environ: Mapping[str, str]) -> Path:
    """Return the file of the client registration: the AWS CLI's SSOTokenFetcher computes the same name."""
    facts = {
        "tool": "botocore",
        "startUrl": portal.start_url,
        "region": portal.region,
        "scopes": list(portal.scopes) or None,
        "session_name": portal.name or None,
    }
    return _folder(environ) / f"{_sha1(json.dumps(facts, sort_keys=True))}.json"


def read_token(portal: SsoSession, *, environ: Mapping[str, str]) -> Token | None:
    """Return the portal's token, expired or not; None where there is none that can be read."""
    kept = _read(token_path(portal, environ=environ))
    try:
        known = kept.get("clientId") and kept.get("clientSecret") and kept.get("registrationExpiresAt")
        registration = (
            Registration(kept["clientId"], kept["clientSecret"], _epoch(kept["registrationExpiresAt"]))
            if known
            else None
        )
        until, refresh = _epoch(kept["expiresAt"]), kept.get("refreshToken", "")
        is_ours = _is_ours(token_path(portal, environ=environ), environ)
        return Token(kept["accessToken"], until, refresh, registration, is_ours)
    except (KeyError, ValueError, TypeError):
        return None


def write_token(portal: SsoSession, token: Token, *, environ: Mapping[str, str]) -> None:
    """Keep the portal's token, readable by this user alone."""
    kept = {
        "startUrl": portal.start_url,
        "region": portal.region,
        "accessToken": token.access,
        "expiresAt": _iso(token.expires),
    }
    if token.registration:
        kept |= {
            "clientId": token.registration.client_id,
            "clientSecret": token.registration.secret,
            "registrationExpiresAt": _iso(token.registration.expires),
        }
    if token.refresh:
        kept["refreshToken"] = token.refresh
    path = token_path(portal, environ=environ)
    mark = _mark(path, environ)
    if token.is_ours:
        files.private_dir(files.private_dir(mark.parent.parent) / mark.parent.name)
        files.write_private(mark, files.sha256(json.dumps(kept)))
    else:
        files.remove(mark)
    _write(path, kept)


def forget(portal: SsoSession, *, environ: Mapping[str, str]) -> bool:
    """Remove the portal's token where rolecall made it; return whether it did."""
    return _forget(token_path(portal, environ=environ), environ)


def forget_own(*, environ: Mapping[str, str]) -> int:
    """Remove every token that rolecall made; return how many."""
    return sum(_forget(path, environ) for path in sorted(_folder(environ).glob("*.json")))


def read_registration(portal: SsoSession, *, environ: Mapping[str, str]) -> Registration | None:
    """Return the client registration kept for the portal; None where there is none for the device flow."""
    kept = _read(registration_path(portal, environ=environ))
    try:
        if "authorization_code" in kept.get("grantTypes", ()):
            return None
        return Registration(kept["clientId"], kept["clientSecret"], _epoch(kept["expiresAt"]))
    except (KeyError, ValueError, TypeError):
        return None


def write_registration(portal: SsoSession, registration: Registration, *, environ: Mapping[str, str]) -> None:
    """Keep the client registration."""
    kept: dict[str, Any] = {
        "clientId": registration.client_id,
        "clientSecret": registration.secret,
        "expiresAt": _iso(registration.expires),
    }
    _write(
        registration_path(portal, environ=environ),
        kept | ({"scopes": list(portal.scopes)} if portal.scopes else {}),
    )


def _folder(environ: Mapping[str, str]) -> Path:
    return paths.home(environ=environ) / ".aws" / "sso" / "cache"


def _forget(path: Path, environ: Mapping[str, str]) -> bool:
    if not (_is_ours(path, environ) and files.remove(path)):
        return False
    files.remove(_mark(path, environ))
    return True


def _is_ours(path: Path, environ: Mapping[str, str]) -> bool:
    """Return whether a token file is as rolecall wrote it: one that the AWS CLI renewed is the CLI's."""
    return files.sha256(files.read_text(path) or "") == files.read_own(_mark(path, environ))


def _mark(path: Path, environ: Mapping[str, str]) -> Path:
    """Return the file with the digest of a token that rolecall wrote; the token's own format is the CLI's."""
    return paths.state_dir(environ=environ) / "sso" / f"{path.stem}.ours"


def _read(path: Path) -> dict[str, Any]:
    try:
        kept = json.loads(files.read_text(path) or "{}")
    except ValueError:
        return {}
    return kept if isinstance(kept, dict) else {}


def _write(path: Path, kept: Mapping[str, Any]) -> None:
    path.parent.mkdir(mode=files.PRIVATE_DIR, parents=True, exist_ok=True)
    files.write_private(path, json.dumps(kept))


def _epoch(moment: str) -> int:
    """Epoch seconds of an ISO moment; older versions of the AWS CLI wrote UTC where others write Z."""
    parsed = datetime.fromisoformat(str(moment).replace("UTC", "Z"))
    return int((parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)).timestamp())


def _iso(epoch: int) -> str:
    return datetime.fromtimestamp(epoch, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _sha1(text: str) -> str:
    return hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()
