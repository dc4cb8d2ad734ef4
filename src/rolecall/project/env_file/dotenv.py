"""`.env`: personal values, read by one parser, python-dotenv.

Knows which of its names belong to the identity. Must not write `.env` (workstation.envfile merges it), or
put a value into any environment. Its text is a Secret here: a traceback of a wrong line must not show it.
"""

from rolecall.errors import ConfigError
from rolecall.project.env_file import env_names
from rolecall.system.disk import paths
from rolecall.system.python import site_packages
from rolecall.system.python.frozen import dataclass, field
from rolecall.system.text.frames import without_locals
from rolecall.system.text.secret import Secret

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

PLAIN = paths.LETTERS | frozenset("_./:@%+=,-")
NAME = ".env"
NETWORK = ("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY")
SECRETS, KEYS, IDENTITY = env_names.SECRETS, env_names.KEYS, env_names.IDENTITY
KEYRING = env_names.KEYRING


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
    refuse_foreign(path)
    return parse(InputFiles(folder).secret(str(path)), str(path), root=folder, home=home)


@without_locals
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


@without_locals
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


@without_locals
def refused_lines(text: str, values: "Mapping[str, str]") -> list[str]:
    """Return a line for each name in the text of a `.env` that no shell gets: where it stands, and why."""
    numbers: dict[str, int] = {}
    for number, line in enumerate(text.split("\n"), 1):
        name, equals, _ = line.strip().removeprefix("export ").partition("=")
        if equals:
            numbers.setdefault(name.strip(), number)
    why = env_names.refused(values)
    return [f"{NAME}:{numbers.get(name, '?')}: {name} is not loaded: {says}" for name, says in why.items()]


def aws_settings(values: "Mapping[str, str]") -> dict[str, str]:
    """Return what of `.env` is for AWS: rolecall's own values, and the network's; not those of an app."""
    own = ("ROLE_ARN", "REGION_NAME", KEYRING)
    return {
        name: value
        for name, value in values.items()
        if name.startswith("AWS_") or name in own or name.upper() in NETWORK
    }


def for_shell(values: "Mapping[str, str]") -> dict[str, str]:
    """Return what of `.env` may reach a shell: not the long-lived identity, and no name that is refused.

    AWS_REGION and AWS_DEFAULT_REGION go together: SDKs differ in which they read.
    """
    region = values.get("AWS_REGION") or values.get("AWS_DEFAULT_REGION")
    if region:
        values = {"AWS_REGION": region, "AWS_DEFAULT_REGION": region} | dict(values)
    hidden = env_names.refused(values)
    return {n: value for n, value in values.items() if n not in hidden and not env_names.is_identity(n)}


def refuse_foreign(path: "Path | str") -> None:
    """Raise ConfigError where the file `path` came with git: whoever wrote it decides nothing here.

    A pull writes a file anew, so its time changes, and it is read again: it is enough to ask then.
    Raises MachineError where git cannot say.
    """
    import os

    from rolecall.system.programs import git

    if not os.path.lexists(path) or not git.holds(path):
        return
    typed, aside = paths.typed(path), paths.typed(f"{path}.from-git")
    raise ConfigError(
        "env-tracked",
        f"{path} came with git, so it is not read: personal values do not belong in a repository",
        hint=f"git rm -q --cached {typed}; mv {typed} {aside}; invoke setup",
    )
