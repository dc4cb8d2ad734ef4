"""Long-lived keys in the OS keyring instead of a file: the entry of a key, and the name `.env` knows it by.

Must not be imported where `.env` does not point here: opening a keyring costs time.
"""

import contextlib
import hashlib
import json
from types import ModuleType

from rolecall.credentials import failures
from rolecall.system.python import origin, site_packages
from rolecall.system.text.secret import Secret

SERVICE = "rolecall"


def name_of(key_id: str) -> str:
    """Return the name a key goes by in `.env` and as the keyring's user name: no key id, but one per key."""
    return f"{key_id[-4:]}-{hashlib.sha256(key_id.encode()).hexdigest()[:8]}"


def store(key_id: str, secret: Secret) -> str:
    """Keep the pair in the OS keyring, read it back, and return its name. Raises CredentialError."""
    name = name_of(key_id)
    try:
        _keyring().set_password(SERVICE, name, json.dumps({"key_id": key_id, "secret": secret.reveal()}))
    except _errors() as problem:
        raise failures.error("keyring-unusable", detail=str(problem)) from problem
    if read(name) != (key_id, secret):
        raise failures.error("keyring-unusable", detail="it does not give back what was put into it")
    return name


def read(name: str) -> tuple[str, Secret]:
    """Return the key id and secret kept under `name`. Raises CredentialError."""
    try:
        kept = Secret(_keyring().get_password(SERVICE, name) or "", remembered=False)
    except _errors() as problem:
        raise failures.error("keyring-unusable", detail=str(problem)) from problem
    if not kept:
        raise failures.error("keyring-empty", key=f"…{name.partition('-')[0]}")
    try:
        return _pair(kept)
    except (ValueError, KeyError, TypeError):
        raise failures.error(
            "keyring-unusable", detail=f"its entry {name} was not written by rolecall"
        ) from None


def forget(name: str) -> None:
    """Remove the entry `name`; it is no failure where it cannot be: its key is deleted or about to be."""
    with contextlib.suppress(*_errors()):
        _keyring().delete_password(SERVICE, name)


def _pair(kept: Secret) -> tuple[str, Secret]:
    pair = json.loads(kept.reveal())
    return str(pair["key_id"]), Secret(str(pair["secret"]))


def _keyring() -> ModuleType:
    site_packages.allow()
    try:
        import keyring
    except ImportError as problem:
        raise failures.error(
            "keyring-unusable",
            detail="the package keyring is not installed",
            install=origin.install_command("keyring"),
        ) from problem
    module: ModuleType = keyring
    return module


def _errors() -> tuple[type[Exception], ...]:
    """What a backend may raise: its own errors, and those of the service behind it."""
    try:
        from keyring.errors import KeyringError
    except ImportError:
        return (OSError,)
    return (KeyringError, OSError, RuntimeError)
