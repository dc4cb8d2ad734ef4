"""The decorator `needs_role`: a project's own Invoke task whose body runs in a role.

Other tasks of the same run, its pre-tasks among them, are not in the role.
"""

import contextlib
import functools
import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping, MutableMapping
from typing import Any, TypeVar, overload

from invoke.tasks import Task

from rolecall.credentials import variables
from rolecall.credentials.model import HARD_SECONDS, Session, SessionRequest
from rolecall.credentials.store import choice
from rolecall.errors import RolecallError, UsageError
from rolecall.project.declared import Project
from rolecall.project.env_file import own_exports
from rolecall.project.roles_toml import values
from rolecall.system.clock import human
from rolecall.system.person import person
from rolecall.tasks import door
from rolecall.tasks.sessions import obtain

Body = TypeVar("Body", bound=Callable[..., Any])
IDENTITY = (*variables.HELD, *own_exports.ENDPOINT, own_exports.OWN_ENDPOINT)


@overload
def needs_role(role: Body) -> Body: ...
@overload
def needs_role(
    role: str | None = None, *, min_ttl: str = "", serve: bool = False
) -> Callable[[Body], Body]: ...
def needs_role(role: Any = None, *, min_ttl: str = "", serve: bool = False) -> Any:
    """Run a task's body in `role` (default: this terminal's), above `@task` or below it.

    `min_ttl`, such as "45m": the session lasts at least so long when the body begins, or the task ends before
    it. `serve`: `c.run` and boto3 get an endpoint instead of keys, which renews the role as long as Invoke
    runs. A protected role is asked for, and refused where nobody can answer. What stands for the role in
    `os.environ` and in the context's `run.env` is put back afterwards.
    """
    if isinstance(role, Task) or callable(role):  # @needs_role, without parentheses
        return needs_role(None)(role)

    def decorate(task: Any) -> Any:
        if isinstance(task, Task):
            task.body = decorate(task.body)
            return task

        @functools.wraps(task)
        def body(context: Any, *words: Any, **flags: Any) -> Any:
            environ = _environ_or_exit(role, min_ttl, task.__name__, is_served=serve)
            with _in_place_of(os.environ, environ), _run_env(context.config.run, environ), _fresh_boto3():
                return task(context, *words, **flags)

        return body

    return decorate


def _environ_or_exit(role: str | None, min_ttl: str, task_name: str, *, is_served: bool) -> Mapping[str, str]:
    """Return the environment of the role; where there is none, say why and end as every task here does."""
    try:
        project = door.here()
        session = _session(project, role, min_ttl)
        left = human(session.seconds_left(time.time()))
        person.say(f"{session.role} · {session.account} · {left} left, for {task_name}")
        environ = variables.child_environ(project, session, os.environ)
        return _served(project, session, environ) if is_served else environ
    except RolecallError as problem:
        door.fail(problem)
    except KeyboardInterrupt:
        door.interrupted()


def _session(project: Project, role: str | None, min_ttl: str) -> Session:
    try:
        seconds = values.duration_seconds(min_ttl, least=0) if min_ttl else HARD_SECONDS
    except ValueError as problem:
        hint = "grep -n needs_role tasks.py"
        raise UsageError("min-ttl", f"needs_role(min_ttl={min_ttl!r}): {problem}", hint=hint) from None
    chain = choice.chain(project, role or "")
    return obtain.obtain(project, SessionRequest(chain, min_ttl_seconds=seconds), is_retry=False)


def _served(project: Project, session: Session, environ: Mapping[str, str]) -> Mapping[str, str]:
    from pathlib import Path

    from rolecall.services.endpoint import launch

    beside = launch.beside(Path(project.root), session.role, pid=os.getpid())
    return launch.child_environ(beside, environ)


@contextlib.contextmanager
def _in_place_of(environ: MutableMapping[str, str], wanted: Mapping[str, str]) -> Iterator[None]:
    """Make `environ` be `wanted`, then put back what that changed; what the body changed stays."""
    before = dict(environ)
    changed = {name for name in {*before, *wanted} if before.get(name) != wanted.get(name)}
    _set(environ, wanted, changed)
    try:
        yield
    finally:
        _set(environ, before, changed)


def _set(environ: MutableMapping[str, str], wanted: Mapping[str, str], names: set[str]) -> None:
    for name in names:
        if name in wanted:
            environ[name] = wanted[name]
        else:
            environ.pop(name, None)


@contextlib.contextmanager
def _run_env(run: Any, environ: Mapping[str, str]) -> Iterator[None]:
    """Let the role win over what Invoke's own settings (`run.env`) add to each command.

    With `run.replace_env`, that is all that a command gets.
    """
    before = dict(run.env)
    own = {name: environ[name] for name in IDENTITY if name in environ} if run.replace_env else {}
    for name in set(IDENTITY) & set(before):
        del run.env[name]
    run.env.update(own)
    try:
        yield
    finally:
        for name in own:
            run.env.pop(name, None)
        run.env.update({name: before[name] for name in IDENTITY if name in before})


@contextlib.contextmanager
def _fresh_boto3() -> Iterator[None]:
    """Let boto3's default session, which keeps the keys that it found first, be made anew; then put back."""
    before = getattr(sys.modules.get("boto3"), "DEFAULT_SESSION", None)
    _set_default(None)
    try:
        yield
    finally:
        _set_default(before)


def _set_default(session: Any) -> None:
    if boto3 := sys.modules.get("boto3"):
        boto3.DEFAULT_SESSION = session  # type: ignore[attr-defined] # a module's attribute, by name alone
