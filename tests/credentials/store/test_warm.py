"""What a program is handed from disk alone, and what is left to the broker."""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from rolecall.credentials.store import cache, choice, held, recent_failure, warm
from rolecall.credentials.store.cache import Entry
from rolecall.errors import MachineError
from rolecall.project import config, snapshot
from rolecall.system.disk import paths
from rolecall.system.disk.place import Place
from rolecall.system.python.frozen import replace
from support import write_env
from support.credentials import SESSION, place_of

KEYS = "AWS_ACCESS_KEY_ID=AKIAFAKEFAKEFAKE1234\nAWS_SECRET_ACCESS_KEY=s\n"
LEFT = 3000


def kept(root: Path, *, env: str = KEYS, **session: Any) -> None:
    """Write the project's files, and a session made of them."""
    write_env(root, env)
    project = config.load(root)
    snapshot.write(project, choice.default(project))
    cache.publish(project.place, Entry(replace(SESSION, **session), project.digest, ""))


def read(
    root: Path, left: float = LEFT, role: str = "dev", environ: Mapping[str, str] = {}
) -> dict[str, str]:
    """Return what a program gets, `left` seconds before the end of the session."""
    where = place_of(root, environ={**os.environ, **environ}, clock=lambda: SESSION.expires - left)
    return warm.read(where, role)


def test_warm_when_nothing_stands_against_it_then_is_the_session(shop: Path) -> None:
    """The control for what follows."""
    kept(shop)
    assert read(shop)["AWS_SECRET_ACCESS_KEY"] == SESSION.secret.reveal()


@pytest.mark.parametrize("name", ["AWS_WEB_IDENTITY_TOKEN_FILE", "ACTIONS_ID_TOKEN_REQUEST_URL"])
def test_warm_when_a_ci_systems_token_goes_before_the_keys_then_nothing(shop: Path, name: str) -> None:
    """Another identity would assume."""
    kept(shop)
    assert read(shop, environ={name: "x"}) == {}


def test_warm_when_the_project_names_a_token_then_the_environment_has_no_say(shop: Path) -> None:
    """`.env` goes before the environment."""
    kept(shop, env="AWS_WEB_IDENTITY_TOKEN_FILE=/token\n")
    assert read(shop)
    assert read(shop, environ={"AWS_WEB_IDENTITY_TOKEN_FILE": "/other"})


@pytest.mark.parametrize(
    ("values", "is_given"),
    [
        ({}, True),
        ({"AWS_PROFILE": "other"}, True),
        ({"AWS_CONFIG_FILE": "/x"}, False),
        ({"AWS_SHARED_CREDENTIALS_FILE": "/x"}, False),
        ({"AWS_WEB_IDENTITY_TOKEN_FILE": "/x"}, False),
    ],
)
def test_warm_when_the_project_names_a_profile_then_it_is_that_of_the_usual_files(
    shop: Path, values: dict[str, str], *, is_given: bool
) -> None:
    """In another file a profile of that name is another one."""
    kept(shop, env="AWS_PROFILE=ann\n")
    assert bool(read(shop, environ=values)) is is_given


@pytest.mark.parametrize(
    ("resolving", "is_given"), [("dev", False), ("x/y,dev", False), ("prod", True), ("", True)]
)
def test_warm_when_whoever_fetches_this_session_asks_then_nothing(
    shop: Path, resolving: str, *, is_given: bool
) -> None:
    """A role must not become its own source; another role may."""
    kept(shop)
    first, _, last = resolving.rpartition(",")
    words = f"{first}," * bool(first) + f"{place_of(shop).key}/{last}" * bool(last)
    assert bool(read(shop, environ={"ROLECALL_RESOLVING": words})) is is_given


def test_warm_when_the_file_is_another_roles_or_another_states_then_nothing(shop: Path) -> None:
    """It says inside whose it is, and what it was made of."""
    kept(shop)
    where = place_of(shop)
    other = Path(where.folder) / f"{paths.file_name('prod')}.env"
    other.write_text(Path(cache.session_path(where, "dev")).read_text())
    assert read(shop, role="prod") == {}
    write_env(shop, f"{KEYS}AWS_REGION=us-east-2\n")
    assert read(shop) == {}
    project = config.load(shop)
    snapshot.write(project, choice.default(project))
    assert read(shop) == {}


def test_warm_when_the_file_is_another_environments_then_nothing(shop: Path) -> None:
    """A file that was copied over it serves no identity but its own; the shell looks at the same line."""
    kept(shop)
    path = Path(cache.session_path(place_of(shop), "dev"))
    path.write_text(path.read_text().replace("ROLECALL_ENVIRON=\n", "ROLECALL_ENVIRON=another\n"))
    assert read(shop) == {}


def fail(where: Place, role: str = "dev") -> None:
    recent_failure.record(where, role, MachineError("x", "no"), since=where.clock())


@pytest.mark.parametrize(
    ("left", "session", "before", "after"),
    [
        (16 * 60, {}, True, True),
        (16 * 60 - 1, {}, False, True),
        (2, {}, False, True),
        (1, {}, False, False),
        (-1, {}, False, False),
        (449, {"renew_at": SESSION.expires - 225}, False, True),
        (450, {"renew_at": SESSION.expires - 225}, True, True),
        (120, {"renew_at": SESSION.expires}, True, True),
        (119, {"renew_at": SESSION.expires}, False, True),
    ],
)
def test_warm_when_it_ends_soon_then_only_where_the_renewal_just_failed(
    shop: Path, left: int, session: dict[str, Any], *, before: bool, after: bool
) -> None:
    """An SDK's own window is shorter; where STS is away, what is valid is better than nothing."""
    kept(shop, **session)
    assert bool(read(shop, left)) is before
    fail(place_of(shop, clock=lambda: SESSION.expires - left))
    assert bool(read(shop, left)) is after


@pytest.mark.parametrize("line", ["ROLECALL_EXPIRES=", "ROLECALL_RENEW_AT=0", "ROLECALL_RENEW_AT=x"])
def test_warm_when_a_moment_is_none_then_nothing(shop: Path, line: str) -> None:
    """A file of no sense is a miss."""
    kept(shop)
    path = Path(cache.session_path(place_of(shop), "dev"))
    name = line.partition("=")[0]
    lines = [line if one.startswith(f"{name}=") else one for one in path.read_text().splitlines()]
    path.write_text("\n".join(lines) + "\n")
    assert read(shop) == {}


def test_reply_when_given_then_is_version_1_of_the_sdks_reference(shop: Path) -> None:
    """AWS SDKs and Tools Reference Guide, "Process credential provider"."""
    kept(shop)
    assert json.loads(warm.process_reply(read(shop))) == {
        "Version": 1,
        "AccessKeyId": SESSION.key_id,
        "SecretAccessKey": SESSION.secret.reveal(),
        "SessionToken": SESSION.token.reveal(),
        "Expiration": "2033-05-18T03:33:20Z",
    }


@pytest.mark.parametrize(("left", "is_given"), [(120, True), (119, False)])
def test_warm_when_of_a_protected_role_then_to_its_last_two_minutes(
    shop: Path, left: int, *, is_given: bool
) -> None:
    """Nobody renews it; a program that was given it keeps it as long as a shell does."""
    kept(shop)
    project = config.load(shop)
    given = held.by_programs(project.place)
    held.make(given)
    cache.remove(project.place, "dev")
    cache.publish(given, Entry(replace(SESSION, protected=True), project.digest, ""))
    assert bool(read(shop, left)) is is_given
