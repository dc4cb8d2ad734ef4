"""The flags of `invoke setup` as one value, and which of them contradict each other."""

from dataclasses import dataclass
from pathlib import Path

from rolecall.errors import UsageError
from rolecall.workstation.envrc import way
from rolecall.workstation.envrc.draft import CHOICES

OFFERS = ("profiles", "prompt", "quiet_direnv")  # each with a flag for yes, and one for no
IGNORE_IN = ("gitignore", "exclude")


@dataclass(frozen=True, slots=True)
class SetupOptions:
    """A person's choices for one run of setup. An empty text means that the flag was not given."""

    sandbox: bool = False
    plan: bool = False
    json: bool = False
    yes: bool = False
    profile: str = ""
    access_key_id: str = ""
    secret_from_stdin: bool = False
    role_arn: str = ""
    region: str = ""
    tools: tuple[str, ...] = ()
    on_edit: str = ""
    envrc: str = ""
    ask_again: bool = False
    picture: Path | None = None
    role_from: tuple[str, ...] = ()
    ignore_in: str = ""
    python: bool = False
    keyring: bool = False
    hooks: bool = False
    profiles: bool = False
    no_profiles: bool = False
    prompt: bool = False
    no_prompt: bool = False
    quiet_direnv: bool = False
    no_quiet_direnv: bool = False

    @property
    def account(self) -> dict[str, str]:
        """The values for `.env` of a real account that flags gave."""
        flags = {
            "AWS_PROFILE": self.profile,
            "AWS_ACCESS_KEY_ID": self.access_key_id,
            "ROLE_ARN": self.role_arn,
            "AWS_REGION": self.region,
        }
        return {name: value for name, value in flags.items() if value}

    def wants(self, offer: str) -> str:
        """Return what the flags say of one of OFFERS: "yes", "no", or nothing."""
        return "yes" if getattr(self, offer) else "no" if getattr(self, f"no_{offer}") else ""

    def validated(self) -> "SetupOptions":
        """Return these options. Raises UsageError where two of them contradict each other."""
        if self.sandbox and self.account:
            raise UsageError(
                "sandbox-or-account",
                "--sandbox brings its own identity and roles",
                hint="invoke setup --sandbox",
            )
        for offer in OFFERS:
            if getattr(self, offer) and getattr(self, f"no_{offer}"):
                flag = offer.replace("_", "-")
                says = f"--{flag} and --no-{flag} contradict each other"
                raise UsageError(f"{flag}-or-none", says, hint=f"invoke setup --{flag}")
        if self.json and not self.plan:
            raise UsageError("json-plan", "--json is for the plan", hint="invoke setup --plan --json")
        if self.ignore_in not in ("", *IGNORE_IN):
            says = f"--ignore-in {self.ignore_in}: {' or '.join(IGNORE_IN)}"
            raise UsageError("ignore-in", says, hint="invoke setup --ignore-in exclude")
        check_on_edit(self.on_edit)
        check_envrc(self.envrc)
        return self


@dataclass(frozen=True, slots=True)
class RenderOptions:
    """A person's choices for one run of render. Without `ci` and `devcontainer` it is about `.envrc`."""

    on_edit: str = ""
    envrc: str = ""
    yes: bool = False
    ci: bool = False
    devcontainer: bool = False
    role: str = ""
    package: str = ""

    def validated(self) -> "RenderOptions":
        """Return these options. Raises UsageError where one means nothing without another."""
        check_on_edit(self.on_edit)
        check_envrc(self.envrc)
        if self.role and not self.ci:
            raise UsageError(
                "render-role", "--role is for the workflow", hint="invoke render --ci --role NAME"
            )
        if self.package and not (self.ci or self.devcontainer):
            says = "--package is what a job or a container installs"
            raise UsageError("render-package", says, hint="invoke render --ci --package PACKAGE")
        return self


def check_on_edit(choice: str) -> str:
    """Return `choice` where it is one for an edited `.envrc`. Raises UsageError."""
    if choice and choice not in CHOICES:
        raise UsageError(
            "on-edit", f"--on-edit {choice}: merge, keep or replace", hint="invoke render --on-edit merge"
        )
    return choice


def check_envrc(choice: str) -> str:
    """Return `choice` where it is a way into `.envrc`. Raises UsageError."""
    if choice and choice not in way.CHOICES:
        raise UsageError("envrc-way", f"--envrc {choice}: rendered or line", hint="invoke setup --envrc line")
    return choice
