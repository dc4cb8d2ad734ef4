"""A project's files as last understood, beside its sessions, in lines that load without a parser.

Three files. `project.snapshot` is for bash: `.env` without the long-lived identity, and which files were
read. `aliases.snapshot` is for bash too, where a role is named by its ARN: each role's ARN and name.
`roles.snapshot` is for Python: the roles and the rest. None holds a secret: the keys of the identity are
read again from the lines of `.env` on which they stand.

Stamp N is an empty file with the exact mtime of the Nth `@input`: bash can compare two mtimes (`-nt`,
`-ot`) but not read one.
"""

from rolecall.errors import ConfigError
from rolecall.project.declared import Project
from rolecall.project.env_file import dotenv
from rolecall.project.roles_toml import role_lines
from rolecall.system.disk import files
from rolecall.system.python.frozen import dataclass
from rolecall.system.text.secret import Secret

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from rolecall.system.disk.place import Place

SHELL_NAME = "project.snapshot"
NAME = "roles.snapshot"
ALIASES_NAME = "aliases.snapshot"
FORMAT, END = "@format=2", "@end"  # first and last in bash's file: one of an older rolecall is none
STAMPS = "stamps"
WATCHES = "watches"  # what direnv answered, for `envrc.d/90-watch.sh`
OPEN = ("AWS_PROFILE", "AWS_DEFAULT_PROFILE", dotenv.KEYRING)  # of the identity, but no secret
FACTS = ("name", "default_role", "declared_region", "profile", "mfa_serial", "mfa_process", "delivery")


def write(project: Project, default_role: str | None, *, has_news: bool = False) -> None:
    """Bring the snapshot and its stamps up to date; nothing is to be done where the project came from it.

    With `has_news`, a `cd` takes it for out of date: there is something to say, which Python knows.

    Raises MachineError where they cannot be written, ConfigError for a value no environment can hold.
    """
    if project.kept_default == (default_role or ""):
        return
    folder = files.private_dir(project.place.folder)
    stamps = files.private_dir(f"{folder}/{STAMPS}")
    files.private_dir(f"{folder}/{WATCHES}")
    shell_text, text = _shell_text(project, default_role, has_news=has_news), _text(project)
    whole = f"{_checksum(shell_text, text)}\n{text}" if text else ""
    aliases = "".join(f"{role.role_arn} {name}\n" for name, role in project.roles.items())
    for name, text in ((ALIASES_NAME, aliases), (SHELL_NAME, shell_text), (NAME, whole)):
        if files.read_own(f"{folder}/{name}") != text:
            files.write_private(f"{folder}/{name}", text)
    for number, mtime in enumerate(project.inputs.values()):
        _stamp(f"{stamps}/{number}", mtime)


def head(where: "Place") -> "Head | None":
    """Return what bash's file says of the files it was made of; None where one of them changed since."""
    return _head(where, files.read_own(f"{where.folder}/{SHELL_NAME}") or "")


@dataclass(frozen=True, slots=True)
class Head:
    """What stands before the values of `.env`: see Project for `identity`, and `digest` and `inputs`."""

    digest: str
    default_role: str
    identity: str
    inputs: "Mapping[str, int | None]"
    has_news: bool


def _head(where: "Place", shell_text: str) -> Head | None:
    if not (shell_text.startswith(f"{FORMAT}\n") and shell_text.endswith(f"\n{END}\n")):
        return None
    digest = default_role = identity = ""
    inputs: dict[str, int | None] = {}
    has_news = False
    for line in shell_text.split("\n")[1:]:
        name, _, value = line.partition("=")
        if name == "@inputs":
            digest = value
        elif name == "@default":
            default_role = value
        elif name == "@identity":
            identity = value
        elif name == "@news":
            has_news = True
        elif name == "@delivery":
            continue
        elif name == "@input":
            stamp = files.mtime_ns(f"{where.folder}/{STAMPS}/{len(inputs)}")
            if files.mtime_ns(f"{where.root}/{value}") != stamp:
                return None
            inputs[value] = stamp
        else:
            break
    return Head(digest, default_role, identity, inputs, has_news) if digest else None


def read(where: "Place") -> Project | None:
    """Return the project as the snapshot has it; None where it is not the present truth, or not whole."""
    path = f"{where.folder}/{NAME}"
    shell_text = files.read_own(f"{where.folder}/{SHELL_NAME}") or ""
    kept = _head(where, shell_text)
    if kept is None or kept.has_news:
        return None
    checksum, _, text = (files.read_own(path) or "").partition("\n")
    if not text or checksum != _checksum(shell_text, text):
        return None
    above, _, sections = text.partition("\n[")
    facts = role_lines.values_of(above)
    values = _values(where, facts, shell_text)
    if values is None:
        return None
    return Project(
        place=where,
        name=facts["name"],
        default_role=facts.get("default_role"),
        declared_region=facts.get("declared_region"),
        roles=role_lines.LazyRoles(f"\n[{sections}" if sections else ""),
        env=values.plain,
        secrets=values.secrets,
        profile=facts.get("profile"),
        tools=tuple(role_lines.split(facts.get("tools", ""))),
        mfa_serial=facts.get("mfa_serial"),
        mfa_process=facts.get("mfa_process"),
        delivery=facts.get("delivery", "keys"),
        sso=role_lines.portals(facts),
        digest=kept.digest,
        inputs=kept.inputs,
        identity_lines={name[5:]: int(value) for name, value in facts.items() if name.startswith("line.")},
        refused=tuple(line[9:] for line in shell_text.split("\n") if line.startswith("@refused=")),
        kept_default=kept.default_role,
    )


def _values(where: "Place", facts: "Mapping[str, str]", shell_text: str) -> dotenv.Values | None:
    """Return the values of `.env`: the shell's from the snapshot, each key from its own line of `.env`.

    None where such a line is not there.
    """
    lines = (line.partition("=") for line in shell_text.split("\n") if line and not line.startswith("@"))
    values = {name: role_lines.decoded(value) for name, _, value in lines}
    values |= {name[4:]: value for name, value in facts.items() if name.startswith("env.")}
    secrets: dict[str, Secret] = {}
    wanted = {name[5:]: int(value) for name, value in facts.items() if name.startswith("line.")}
    own = (files.read_text(f"{where.root}/.env") or "").split("\n") if wanted else []
    for name, number in wanted.items():
        found, _, value = (own[number - 1] if number <= len(own) else "").partition("=")
        if found != name:
            return None
        if name in dotenv.SECRETS:
            secrets[name] = Secret(value)
        else:
            values[name] = value
    return dotenv.Values(values, secrets)


def _text(project: Project) -> str:
    """Return the lines for Python; nothing where a key cannot be read again from one line of `.env`."""
    hidden = [name for name in dotenv.KEYS if project.env.get(name) or project.secrets.get(name)]
    if any(name not in project.identity_lines for name in hidden):
        return ""
    facts: dict[str, str] = {name: value for name in FACTS if (value := getattr(project, name))}
    facts |= {f"line.{name}": str(project.identity_lines[name]) for name in hidden}
    facts |= {f"env.{name}": project.env[name] for name in OPEN if name in project.env}
    facts |= {"tools": role_lines.joined(project.tools)} if project.tools else {}
    above = role_lines.lines_of({**facts, **role_lines.portal_facts(project.sso)})
    return "\n".join([above, *(role_lines.section(name, role) for name, role in project.roles.items())])


def _checksum(*texts: str) -> str:
    """Return one word for both files: a snapshot cut short, or half of another one, is none."""
    from hashlib import sha256

    return sha256("\0".join(texts).encode()).hexdigest()


def _shell_text(project: Project, default_role: str | None, *, has_news: bool) -> str:
    lines = [
        FORMAT,
        f"@inputs={project.digest}",
        f"@default={default_role or ''}",
        f"@identity={project.identity}",
    ]
    lines += [f"@delivery={project.delivery}"] if project.delivery != "keys" else []
    lines += ["@news=1"] if has_news else []
    lines += [f"@input={name}" for name in project.inputs]
    lines += [f"@refused={line}" for line in project.refused]
    for name, value in dotenv.for_shell(project.env).items():
        if "\0" in value:
            raise ConfigError(
                "env-value",
                f"{name} in .env holds a NUL byte, which no environment can",
                hint=f"grep -n {name} .env",
            )
        lines.append(f"{name}={role_lines.encoded(value)}")
    return "".join(f"{line}\n" for line in [*lines, END])


def _stamp(path: str, mtime: int | None) -> None:
    if mtime is None:
        files.remove(path)
    elif files.mtime_ns(path) != mtime:
        files.touch_private(path, mtime)
