"""The formats of `assume --format`, by name."""

from collections.abc import Callable, Mapping

from rolecall.credentials.formats import documents, files, shells
from rolecall.credentials.model import Session

FORMATS: Mapping[str, Callable[[Session, Mapping[str, str]], str]] = {
    "bash": shells.bash,
    "zsh": shells.bash,
    "fish": shells.fish,
    "tcsh": shells.tcsh,
    "pwsh": shells.pwsh,
    "nu": shells.nushell,
    "elvish": shells.elvish,
    "cmd": shells.cmd,
    "json": documents.sts,
    "process": documents.process,
    "env": files.dotenv,
    "docker": files.docker,
    "systemd": files.systemd,
    "credentials": files.credentials,
    "github": files.docker,
}
