"""Fixtures for any project's tests: the source identity, and the role.

Must not import boto3 or read the project before a test asks for a fixture.
"""

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    import boto3

LOG = logging.getLogger("rolecall")
OPTION = "rolecall_role"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add `--rolecall-role` and the ini key `rolecall_role`."""
    text = "the role of assume_role_session: an alias or a full ARN (default: the one that applies here)"
    parser.getgroup("rolecall").addoption(
        "--rolecall-role", dest=OPTION, default=None, metavar="ROLE", help=text
    )
    parser.addini(OPTION, text, default="")


@pytest.fixture(scope="session")
def rolecall_root(pytestconfig: pytest.Config) -> Path:
    """The folder of the project whose `.env` and roles count: pytest's root; override it in a monorepo."""
    return pytestconfig.rootpath


@pytest.fixture(scope="session")
def aws_user_session(rolecall_root: Path) -> "boto3.Session":
    """A boto3 session of the identity in `.env`, even when the shell holds a role."""
    from rolecall import sdk

    with _explained():
        return sdk.source_session(root=rolecall_root)


@pytest.fixture(scope="session")
def assume_role_session(pytestconfig: pytest.Config, rolecall_root: Path) -> "boto3.Session":
    """A boto3 session in the role, which renews itself; says in the log who it is."""
    from rolecall import sdk
    from rolecall.system.clock import human

    role = pytestconfig.getoption(OPTION) or pytestconfig.getini(OPTION) or None
    with _explained():
        now = sdk.frozen_credentials(role, root=rolecall_root)
        LOG.info(
            "role %s: %s in account %s, %s left",
            now.role,
            now.assumed_arn,
            now.account,
            human(now.seconds_left(time.time())),
        )
        return sdk.session(now.role, root=rolecall_root)


@contextmanager
def _explained() -> Iterator[None]:
    """Fail with one line instead of a traceback."""
    from rolecall.errors import RolecallError

    try:
        yield
    except RolecallError as problem:
        pytest.fail(f"rolecall: {problem}", pytrace=False)
