"""The task `console`: the AWS console in a role, in the browser or as an address."""

import os

from rolecall.credentials.model import SessionRequest
from rolecall.credentials.store import choice
from rolecall.errors import ConfigError, MachineError, UsageError
from rolecall.project.declared import Project
from rolecall.project.env_file.dotenv import for_shell
from rolecall.project.roles import Chain, Role
from rolecall.project.roles_toml import values
from rolecall.system.person import person
from rolecall.tasks import door, usage
from rolecall.tasks.sessions import obtain, regions

OWN_ENDPOINT = "AWS_ENDPOINT_URL_SIGNIN"


@door.task(
    help={
        "role": "the role to sign in as (default: this terminal's role)",
        "service": "the service whose page opens, such as s3, ec2 or logs (default: the first page)",
        "region": "the region of that page (default: this terminal's, else the role's)",
        "duration": "how long the console lasts, such as 4h (default: as long as the session)",
        "print": "print the address instead; whoever has it is signed in",
    }
)
def console(
    _c: object,
    role: str | None = None,
    service: str = "",
    region: str | None = None,
    duration: str = "",
    print_: bool = False,
) -> None:
    """Open the AWS console in a role."""
    from rolecall.services.console import places, sign_in

    project = door.here()
    chain = choice.chain(project, usage.name_of(role))
    place = places.console_of(chain.role.role_arn)
    wanted = _region(project, chain.role, region) or place.region
    page = places.page(place, service, wanted)
    seconds = _seconds(duration, chain)
    endpoint = _endpoint(project) or place.sign_in
    held = obtain.obtain(project, SessionRequest(chain))
    environ = {**os.environ, **for_shell(project.env)}
    url = sign_in.address(held, endpoint, page, seconds=seconds, environ=environ)
    if print_:
        person.put(url)
    elif not person.browse(url):
        hint = f"invoke console --role {chain.role.name} --print"
        raise MachineError("browser-missing", "there is no browser here to open the console in", hint=hint)
    else:
        person.say(f"{held.role} · {held.account} · {wanted}: the console opens in your browser")


def _region(project: Project, role: Role, named: str | None) -> str | None:
    """Return the region that was asked for, else this terminal's, else the role's. Raises UsageError."""
    asked = regions.asked(project, role, named, "console")
    if asked is None:
        asked = choice.region(project.place, role.role_arn)
    return asked or role.region or project.region


def _seconds(duration: str, chain: Chain) -> int | None:
    """Return the console's duration in seconds; AWS takes none for a role that another role assumes."""
    if not duration:
        return None
    if len(chain.hops) > 1:
        raise UsageError(
            "console-chained",
            f"role {chain.role.name} is assumed by another role: its console lasts as long as its session",
            hint=f"invoke console --role {chain.role.name}",
        )
    try:
        return values.duration_seconds(duration)
    except ValueError as problem:
        raise UsageError(
            "duration", f"--duration {duration}: {problem}", hint="invoke console --duration 1h"
        ) from None


def _endpoint(project: Project) -> str:
    """Return another sign-in address, where one is set. Raises ConfigError where AWS is the sandbox."""
    own = {**os.environ, **for_shell(project.env)}
    if own.get(OWN_ENDPOINT):
        return own[OWN_ENDPOINT]
    if own.get("AWS_ENDPOINT_URL"):
        raise ConfigError(
            "console-endpoint",
            f"requests go to {own['AWS_ENDPOINT_URL']} (AWS_ENDPOINT_URL), which has no console",
            hint="invoke setup",
        )
    return ""
