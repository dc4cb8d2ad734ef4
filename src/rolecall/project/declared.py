"""A project's declarations as frozen values: `roles.toml` alone, and the whole with `.env`."""

from rolecall.project.env_file import dotenv, own_exports
from rolecall.system.python.frozen import dataclass, field

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from rolecall.project.roles import Role, SsoSession
    from rolecall.system.disk.place import Place
    from rolecall.system.text.secret import Secret


@dataclass(frozen=True, slots=True)
class Declared:
    """The content of `roles.toml`."""

    name: str | None = None
    default_role: str | None = None
    region: str | None = None
    profile: str | None = None
    mfa_serial: str | None = None
    mfa_process: str | None = None
    tools: tuple[str, ...] = ()
    env: str = "all"  # what of `.env` belongs to the project: all, or aws
    delivery: str = "keys"  # how a shell gets the role: keys, or profile
    rolecall: str | None = None  # the versions of rolecall that the project works with
    roles: "Mapping[str, Role]" = field(default_factory=dict)
    sso: "Mapping[str, SsoSession]" = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Project:
    """Everything declared about a project.

    `env` is the whole of `.env` (with `[project] env = "aws"`, its AWS settings alone) but for `secrets`,
    which are those of the identity, by name, and for names that are `refused`: a line for each reason.
    `digest` stands for the content of the files, and `inputs` holds their mtimes in nanoseconds (None: no
    such file) by path relative to the project, `.env` and `roles.toml` first. `identity_lines` says on which
    line of `.env` a key stands. `kept_default` is the default role in the snapshot that the project was read
    from; None where it was read from its files.
    """

    place: "Place"
    name: str
    default_role: str | None
    declared_region: str | None
    roles: "Mapping[str, Role]"
    env: "Mapping[str, str]" = field(repr=False)
    secrets: "Mapping[str, Secret]" = field(default_factory=dict)
    profile: str | None = None
    tools: tuple[str, ...] = ()
    mfa_serial: str | None = None
    mfa_process: str | None = field(default=None, repr=False)
    delivery: str = "keys"
    sso: "Mapping[str, SsoSession]" = field(default_factory=dict)
    digest: str = ""
    inputs: "Mapping[str, int | None]" = field(default_factory=dict)
    identity_lines: "Mapping[str, int]" = field(default_factory=dict)
    refused: tuple[str, ...] = ()
    kept_default: str | None = None

    @property
    def root(self) -> str:
        """The project's folder."""
        return self.place.root

    @property
    def region(self) -> str | None:
        """The region that is declared, else the one that the person's environment names.

        Never the one that rolecall exported for another role.
        """
        return self.declared_region or own_exports.region(self.place.environ)

    @property
    def identity(self) -> str:
        """How the project itself names who assumes: "token", "named" (keys, keyring), "profile" or nothing.

        What a profile is depends on the AWS files that the environment names; with nothing, the environment
        decides alone. `envrc.d/20-project.load.sh` reads the word in the snapshot.
        """
        if self.env.get("AWS_WEB_IDENTITY_TOKEN_FILE"):
            return "token"
        names = ("AWS_ACCESS_KEY_ID", dotenv.KEYRING)
        if any(self.env.get(name) for name in names) or self.secrets.get("AWS_SECRET_ACCESS_KEY"):
            return "named"
        return "profile" if self.profile else ""

    @property
    def endpoint(self) -> str | None:
        """The address that stands in for every AWS service, if `.env` names one."""
        return self.env.get("AWS_ENDPOINT_URL") or None
