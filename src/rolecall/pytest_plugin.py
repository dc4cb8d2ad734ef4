"""Fixtures for any project's tests: the source identity, and the role.

Must not import boto3 or read the project before a test asks for a fixture.
"""

import logging
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    import boto3

LOG = logging.getLogger("rolecall")
OPTION = "rolecall_role"
HANDLERS = ("caplog_handler", "report_handler", "log_cli_handler", "log_file_handler")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add `--rolecall-role` and the ini key `rolecall_role`."""
    text = "the role of assume_role_session: an alias or a full ARN (default: the one that applies here)"
    parser.getgroup("rolecall").addoption(
        "--rolecall-role", dest=OPTION, default=None, metavar="ROLE", help=text
    )
    parser.addini(OPTION, text, default="")


@pytest.hookimpl(trylast=True)
def pytest_configure(config: pytest.Config) -> None:
    """Take secrets out of what pytest logs: botocore's debug records hold AWS's answers."""
    plugin = config.pluginmanager.get_plugin("logging-plugin")
    for name in HANDLERS:
        handler = getattr(plugin, name, None)
        if isinstance(handler, logging.Handler):
            handler.addFilter(_redact_record)


@pytest.hookimpl(hookwrapper=True, tryfirst=True)
def pytest_runtest_makereport() -> Iterator[None]:
    """Take secrets out of a failed test's report: `pytest -l` shows botocore's frames, with keys as text."""
    outcome: Any = yield
    report = outcome.get_result()
    if _knows_secrets():
        report.longrepr = _redacted(report.longrepr)
        report.sections = _redacted(report.sections)


def _knows_secrets() -> bool:
    secret = sys.modules.get("rolecall.system.text.secret")
    return secret is not None and bool(secret.known())


def _redacted(value: Any) -> Any:
    """Return `value`, a part of a report, with every text in it redacted."""
    from rolecall.system.text import redaction

    if isinstance(value, str):
        return redaction.redacted(value)
    if isinstance(value, list | tuple):
        return type(value)(map(_redacted, value))
    if type(value).__module__.startswith("_pytest."):
        for name, part in vars(value).items():
            setattr(value, name, _redacted(part))
    return value


def _redact_record(record: logging.LogRecord) -> bool:
    from rolecall.system.text import redaction

    text = record.getMessage()
    record.msg, record.args = redaction.without_fields(text), ()
    return True


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
