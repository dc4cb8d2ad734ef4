"""The worked example: `hello_ec2` in the role, through the fixture that the plugin brings, on a sandbox."""

import logging
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from hello_ec2 import MOST, hello_ec2
from rolecall.services.sandbox import sandbox as service
from support import ROLES_TOML, write_env

if TYPE_CHECKING:
    import boto3


@pytest.fixture(scope="session")
def rolecall_root(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Use a project with a sandbox of its own instead of this repository, and a home for it.

    A project of yours needs none of this: its own `.env` and roles are found.
    """
    root = tmp_path_factory.mktemp("shop")
    (root / "envrc.d").mkdir()
    (root / "envrc.d/roles.toml").write_text(ROLES_TOML)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HOME", str(root))
        for name in ("XDG_STATE_HOME", "XDG_CACHE_HOME", "XDG_RUNTIME_DIR", "ROLECALL_ROLE", "ROLE_ARN"):
            patch.delenv(name, raising=False)
        box = service.start(root)
        write_env(root, "".join(f"{name}={value}\n" for name, value in box.values.items()))
        yield root
        patch.setenv("HOME", str(root))
        service.stop(root)


def test_hello_ec2_in_the_role_lists_security_groups(
    assume_role_session: "boto3.Session", caplog: pytest.LogCaptureFixture
) -> None:
    """A new account has at least its default group; the log names each."""
    caplog.set_level(logging.INFO)

    groups = hello_ec2(assume_role_session.resource("ec2"))

    assert 1 <= len(groups) <= MOST
    assert all(group in caplog.text for group in groups)


def test_hello_ec2_when_there_are_many_lists_ten(assume_role_session: "boto3.Session") -> None:
    """Ten is the most, however many there are."""
    ec2 = assume_role_session.resource("ec2")
    for number in range(MOST + 1):
        ec2.create_security_group(GroupName=f"group-{number}", Description="one of many")

    assert len(hello_ec2(ec2)) == MOST


def test_assume_role_session_is_the_role_and_user_session_the_identity(
    assume_role_session: "boto3.Session", aws_user_session: "boto3.Session"
) -> None:
    """The two fixtures are two callers."""
    role = assume_role_session.client("sts").get_caller_identity()["Arn"]
    user = aws_user_session.client("sts").get_caller_identity()["Arn"]

    assert role.startswith("arn:aws:sts::111122223333:assumed-role/dev/")
    assert user == "arn:aws:iam::123456789012:user/developer"
