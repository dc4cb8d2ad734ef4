"""`.env`: personal values, read by one parser, python-dotenv.

Knows which of its names belong to the identity. Must not write `.env` (workstation.envfile merges it), or
put a value into any environment. Its text is a Secret here: a traceback of a wrong line must not show it.
"""

from rolecall.errors import ConfigError
from rolecall.system import paths
from rolecall.system.python import site_packages
from rolecall.system.python.frozen import dataclass, field
from rolecall.system.secret import Secret

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

SECRETS = ("AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")
KEYS = ("AWS_ACCESS_KEY_ID", *SECRETS)
IDENTITY = (*KEYS, "AWS_PROFILE", "AWS_DEFAULT_PROFILE")
PLAIN = paths.LETTERS | frozenset("_./:@%+=,-")
# Readonly in bash ("Bash Variables") or zsh (zshparam(1), "Parameters set by the shell"), or no text there.
BASH_KEEPS = ("BASHOPTS", "BASH_VERSINFO", "EUID", "PPID", "SHELLOPTS", "UID")
ZSH_KEEPS = ("ARGC", "EGID", "GID", "HISTCMD", "LINENO", "TTYIDLE", "ZSH_EVAL_CONTEXT", "ZSH_SUBSHELL")
ZSH_KEEPS_TOO = ("argv", "pipestatus", "status", "zsh_eval_context")  # fish some of them, too
KEPT_BY_SHELLS = frozenset((*BASH_KEEPS, *ZSH_KEEPS, *ZSH_KEEPS_TOO))
NETWORK = ("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY")
KEYRING = "ROLECALL_KEYRING"  # the name of the OS keyring's entry that holds the keys


@dataclass(frozen=True, slots=True)
class Values:
    """The values of a `.env`; `secrets` are those of the identity, and are not in `plain`."""

    plain: "Mapping[str, str]" = field(repr=False)
    secrets: "Mapping[str, Secret]" = field(default_factory=dict)


def read(path: "Path | str", *, home: str = "") -> Values:
    """Return the values of the file `path`; empty where there is no such file. Raises ConfigError."""
    import os

    from rolecall.project.input_files import InputFiles

    folder = os.path.dirname(path)
    return parse(InputFiles(folder).secret(str(path)), str(path), root=folder, home=home)


def parse(text: Secret, path: str, *, root: str, home: str = "") -> Values:
    """Return the values in the text of a `.env`. A name without `=` is left out.

    `${NAME}` means a name set earlier in the file, or PWD (the project's folder `root`), or HOME: whoever
    happens to read the file must not decide what every terminal gets.
    Raises ConfigError with the line where python-dotenv cannot read one.
    """
    found = _plain(text.reveal()) or _parsed(text.reveal(), {"PWD": root, "HOME": home})
    if isinstance(found, int):
        raise ConfigError(
            "env-syntax",
            f"{path}:{found}: this line is not KEY=value",
            hint=f"sed -n {found}p {paths.typed(path)}",
        )
    return found


def _parsed(text: str, known: "Mapping[str, str]") -> Values | int:
    """Return the values that python-dotenv reads, or the number of the first line that it cannot."""
    site_packages.allow()
    import io

    from dotenv.parser import parse_stream
    from dotenv.variables import parse_variables

    values: dict[str, str] = {}
    for binding in parse_stream(io.StringIO(text)):
        if binding.error:
            own = binding.original.string
            blank = own[: len(own) - len(own.lstrip())]  # blank lines before a wrong one are part of it
            return binding.original.line + blank.count("\n")
        if binding.key is not None and binding.value is not None:
            atoms = parse_variables(binding.value)
            values[binding.key] = "".join(atom.resolve({**known, **values}) for atom in atoms)
    return _sorted(values)


def _plain(text: str) -> Values | None:
    """Return the values of a file of plain `NAME=value` lines; None where a line is anything else.

    For such a file python-dotenv gives the same (a test compares them), and a `cd` need not wait for it.
    """
    values: dict[str, str] = {}
    for line in text.split("\n"):
        name, equals, value = line.partition("=")
        if line.startswith("#") or not line:
            continue
        if not equals or not name.isascii() or not name.isidentifier() or not PLAIN.issuperset(value):
            return None
        values[name] = value
    return _sorted(values)


def _sorted(values: dict[str, str]) -> Values:
    secrets = {name: Secret(values.pop(name)) for name in SECRETS if name in values}
    return Values(values, secrets)


def identity_lines(text: Secret, values: Values) -> dict[str, int]:
    """Return on which line each key of the identity stands as plain `NAME=value`, counted from 1.

    Only where that is the value python-dotenv reads: then one line is enough to read it again.
    """
    read = {**values.plain, **{name: value.reveal() for name, value in values.secrets.items()}}
    found: dict[str, int] = {}
    for number, line in enumerate(text.reveal().split("\n"), 1):
        name, equals, value = line.partition("=")
        if equals and name in KEYS and name not in found and read.get(name) == value:
            found[name] = number
    return found


def kept_by_shells(text: str) -> dict[str, int]:
    """Return the names in the text of a `.env` that no shell lets anyone set, with their lines, from 1."""
    found: dict[str, int] = {}
    for number, line in enumerate(text.split("\n"), 1):
        name, equals, _ = line.strip().removeprefix("export ").partition("=")
        if equals and name.strip() in KEPT_BY_SHELLS:
            found.setdefault(name.strip(), number)
    return found


def aws_settings(values: "Mapping[str, str]") -> dict[str, str]:
    """Return what of `.env` is for AWS: rolecall's own values, and the network's; not those of an app."""
    own = ("ROLE_ARN", "REGION_NAME", KEYRING)
    return {
        name: value
        for name, value in values.items()
        if name.startswith("AWS_") or name in own or name.upper() in NETWORK
    }


def for_shell(values: "Mapping[str, str]") -> dict[str, str]:
    """Return what of `.env` may reach a shell: not the long-lived identity, and no name a shell keeps.

    AWS_REGION and AWS_DEFAULT_REGION go together: SDKs differ in which they read.
    """
    region = values.get("AWS_REGION") or values.get("AWS_DEFAULT_REGION")
    if region:
        values = {"AWS_REGION": region, "AWS_DEFAULT_REGION": region} | dict(values)
    hidden = KEPT_BY_SHELLS.union(IDENTITY, (KEYRING,))
    kept = {name: value for name, value in values.items() if name not in hidden}
    return {name: value for name, value in kept.items() if name.isascii() and name.isidentifier()}
