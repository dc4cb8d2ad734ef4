"""Tasks that hand the role to a program: `exec`, in its environment or by an endpoint, and `serve`."""

import contextlib
import os
import secrets
import shlex
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

from rolecall.credentials import variables
from rolecall.credentials.model import HARD_SECONDS, Session, SessionRequest
from rolecall.credentials.store import choice
from rolecall.project import config
from rolecall.project.declared import Project
from rolecall.project.env_file import own_exports
from rolecall.system.disk import files
from rolecall.system.person import person
from rolecall.system.programs import processes
from rolecall.tasks import door, usage
from rolecall.tasks.sessions import obtain, regions


@door.task(
    help={
        "role": "the role to run it in (default: this terminal's role)",
        "serve": "give it an endpoint instead of keys: then it renews the role as long as it runs",
        "min-ttl": "renew first if less than this is left, such as 45m",
        "region": "the region it runs in (default: this terminal's, else the role's)",
    },
    name="exec",
)
def exec_(
    _c: object, role: str | None = None, serve: bool = False, min_ttl: str = "", region: str | None = None
) -> None:
    """Run one command in a role; it stands after the word --."""
    name = usage.name_of(role)
    words = door.command("exec")
    project = door.here()
    seconds = obtain.ttl_seconds(min_ttl, "exec") if min_ttl else HARD_SECONDS
    chain = choice.chain(project, name)
    asked = regions.asked(project, chain.role, region, "exec")
    wanted = SessionRequest(chain, min_ttl_seconds=seconds)
    held = regions.applied(obtain.obtain(project, wanted, is_retry=False), asked)
    environ = variables.child_environ(project, held, os.environ)
    if serve:
        from rolecall.services.endpoint import launch

        beside = launch.beside(
            Path(project.root), held.role, pid=os.getpid()
        )  # our pid becomes the command's
        environ = launch.child_environ(beside, environ)
    processes.replace(words, environ=environ)


@door.task(help={"role": "the role to serve (default: this terminal's role)"})
def serve(_c: object, role: str | None = None) -> None:
    """Serve a role to programs that ask a container credentials endpoint, until Ctrl-C."""
    from rolecall.services.endpoint import launch, server

    root = door.root()
    project = config.load(root)
    chain = choice.chain(project, usage.name_of(role))
    held = obtain.obtain(project, SessionRequest(chain))
    token, parent = secrets.token_urlsafe(launch.TOKEN_BYTES), server.gone(os.getppid())
    with server.listen() as listening, _token_file(project, token) as path:
        address = launch.url(listening.getsockname()[1])
        for name, value in _found_by(project, held, address, path).items():
            print(f"export {name}={shlex.quote(value)}")
        sys.stdout.flush()
        person.say(f"{held.role} · {held.account}: serving it until Ctrl-C")
        with _hanging_up():
            answer = lambda: server.credentials(root, chain.role.name)  # noqa: E731 - said in one line
            server.Server(listening, token, answer, is_over=parent).serve()


def _found_by(project: Project, held: Session, address: str, token_file: Path) -> dict[str, str]:
    """Return the variables by which a program finds the endpoint; the token itself is in no variable."""
    own = {own_exports.ENDPOINT[0]: address, own_exports.ENDPOINT[2]: str(token_file)}
    own[own_exports.OWN_ENDPOINT] = address
    region = held.region or held.profile_region
    regions = {"AWS_REGION": region, "AWS_DEFAULT_REGION": region} if region else {}
    return variables.settings(project) | regions | own


@contextlib.contextmanager
def _token_file(project: Project, token: str) -> Iterator[Path]:
    """Keep the token in a private file as long as the endpoint serves."""
    folder = files.private_dir(project.place.folder)
    path = Path(folder, f"endpoint-{os.getpid()}")
    files.write_private(path, token)
    try:
        yield path
    finally:
        files.remove(path)


@contextlib.contextmanager
def _hanging_up() -> Iterator[None]:
    """Make SIGTERM and SIGHUP end the endpoint as Ctrl-C does, with its token file removed."""

    def interrupt(*_words: object) -> None:
        raise KeyboardInterrupt

    before = {number: signal.signal(number, interrupt) for number in (signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
