"""A session for a test, by the way that every caller takes; and a project's place."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from rolecall.credentials import broker
from rolecall.credentials.model import Session, SessionRequest
from rolecall.credentials.store import choice
from rolecall.project import config
from rolecall.system.clock import Deadline
from rolecall.system.disk import place
from rolecall.system.disk.place import Place
from rolecall.system.text.secret import Secret


def obtain(
    root: Path,
    role: str = "",
    *,
    seconds: float = 30,
    warn: Callable[[str], object] | None = None,
    **more: Any,
) -> Session:
    """Return a session of `role`; `more` are the fields of SessionRequest."""
    project = config.load(root)
    wanted = SessionRequest(choice.chain(project, role), **more)
    return broker.obtain(project, wanted, deadline=Deadline.after(seconds), warn=warn)


def place_of(root: Path, **more: Any) -> Place:
    """Return the place of the project at `root`, in the test's environment; `more` as of place.at."""
    return place.at(root, **more)


SESSION = Session(
    role="dev",
    role_arn="arn:aws:iam::111122223333:role/dev",
    account="111122223333",
    assumed_arn="arn:aws:sts::111122223333:assumed-role/dev/me@shop",
    assumed_id="AROA:me@shop",
    key_id="ASIAEXAMPLE",
    secret=Secret("a/b+c="),
    token=Secret("x/y+z=="),
    expires=2_000_000_000,
    renew_at=1_999_999_100,
    region="eu-west-1",
    fingerprint="f" * 32,
)
