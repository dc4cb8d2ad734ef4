"""What the tests of the credential path share: a scripted AWS, and a project that talks to it."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from support import ROLES_TOML, write_env
from support.fake_aws import FakeAws


@pytest.fixture(scope="session", autouse=True)
def _sdk_is_loaded() -> None:
    """Load the SDK and its data once: a test's deadline is for what it tests."""
    import botocore.session

    for service in ("sts", "sso", "sso-oidc"):
        botocore.session.Session().create_client(
            service, region_name="eu-west-1", aws_access_key_id="a", aws_secret_access_key="b"
        )


@pytest.fixture
def aws() -> Iterator[FakeAws]:
    """Start a scripted AWS on loopback."""
    with FakeAws() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        yield server
        server.wait_before_answering.set()
        server.shutdown()
        thread.join()


KEYS = """\
AWS_ACCESS_KEY_ID=AKIAFAKEFAKEFAKE1234
AWS_SECRET_ACCESS_KEY=secret-of-ann
"""


@pytest.fixture
def shop(tmp_path: Path, aws: FakeAws) -> Path:
    """Make a project whose keys and endpoint are those of the scripted AWS."""
    root = tmp_path / "shop"
    (root / "envrc.d").mkdir(parents=True)
    (root / "envrc.d/roles.toml").write_text(ROLES_TOML)
    write_env(root, f"{KEYS}AWS_ENDPOINT_URL={aws.url}\n")
    return root
