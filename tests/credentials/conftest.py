"""What the tests of the credential path share: a scripted AWS, and a project that talks to it."""

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
