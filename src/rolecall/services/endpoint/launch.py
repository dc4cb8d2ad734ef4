"""Starting the endpoint beside a command, and the environment by which the command finds it."""

import os
import secrets
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from rolecall.project.env_file import own_exports
from rolecall.services.endpoint import rules, server
from rolecall.system.programs import processes

MODULE = "rolecall.services.endpoint.server"
TOKEN_BYTES = 32


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where an endpoint is, and the word that opens it."""

    url: str
    token: str = field(repr=False)


def beside(root: Path, role: str, *, pid: int, environ: Mapping[str, str] = os.environ) -> Endpoint:
    """Start an endpoint for `role`, until the process `pid` ends; it accepts connections from now on.

    Raises MachineError where it does not start.
    """
    listening, token = server.listen(), secrets.token_urlsafe(TOKEN_BYTES)
    with listening:
        descriptor = listening.fileno()
        words = [sys.executable, "-P", "-m", MODULE, str(root), role, str(pid), str(descriptor)]
        processes.detach(words, environ=environ, text_in=token, passed=(descriptor,), is_in_session=True)
        return Endpoint(url(listening.getsockname()[1]), token)


def url(port: int) -> str:
    """Return the address of an endpoint at `port`."""
    return f"http://{server.HOST}:{port}{rules.PATH}"


def child_environ(endpoint: Endpoint, environ: Mapping[str, str]) -> dict[str, str]:
    """Return the environment of a program that asks `endpoint`: that of the role, without its keys.

    Keys in the environment would win over the endpoint, and would not be renewed; a profile would win, too.
    """
    taken = (*own_exports.KEYS, *own_exports.PROFILE, own_exports.OWN_PROFILE)
    kept = {name: value for name, value in environ.items() if name not in taken}
    own = dict(zip(own_exports.ENDPOINT[:2], (endpoint.url, endpoint.token), strict=True))
    return {**kept, **own, own_exports.OWN_ENDPOINT: endpoint.url}
