"""`roles --trust-policy` and `--identity-policy`, for the identity that STS on loopback knows."""

import json
from pathlib import Path

import pytest

from support.invoked import invoke

FAR = '\n[roles.far]\nrole_arn = "arn:aws:iam::444455556666:role/far"\nsource = "dev"\nexternal_id = "s-1"\n'


@pytest.fixture
def shop(project: Path) -> Path:
    """Give the project its tasks, and a role that another one takes."""
    (project / "tasks.py").write_text("from rolecall.tasks import namespace\n")
    with (project / "envrc.d/roles.toml").open("a") as file:
        file.write(FAR)
    return project


def test_trust_policy_when_asked_then_names_whoever_sts_says_we_are(shop: Path) -> None:
    """Data on stdout alone: it can be piped into a file."""
    done = invoke(shop, "roles", "--trust-policy", "dev")
    (statement,) = json.loads(done.stdout)["Statement"]
    assert statement["Principal"] == {"AWS": "arn:aws:iam::123456789012:user/developer"}


def test_trust_policy_when_the_role_is_behind_another_then_names_that_one_and_asks_nobody(shop: Path) -> None:
    """The source role takes it, whoever we are; so no connection is needed."""
    done = invoke(shop, "roles", "--trust-policy", "far", AWS_ENDPOINT_URL="http://127.0.0.1:9")
    (statement,) = json.loads(done.stdout)["Statement"]
    assert statement["Principal"] == {"AWS": "arn:aws:iam::111122223333:role/dev"}
    assert statement["Condition"] == {"StringEquals": {"sts:ExternalId": "s-1"}}


def test_trust_policy_when_ci_takes_the_role_then_its_provider_is_named_on_stderr(shop: Path) -> None:
    """The account needs an identity provider first."""
    words = ("--subject", "repo:acme/shop:*", "--as", "terraform")
    done = invoke(shop, "roles", "--trust-policy", "dev", *words)
    assert done.stdout.startswith('resource "aws_iam_role" "dev"')
    assert "needs the identity provider" in done.stderr


def test_identity_policy_when_asked_then_has_the_roles_that_the_identity_takes(shop: Path) -> None:
    """A role behind another is that one's matter."""
    own = json.loads(invoke(shop, "roles", "--identity-policy").stdout)["Statement"][0]["Resource"]
    of_dev = json.loads(invoke(shop, "roles", "--identity-policy", "--source", "dev").stdout)
    assert own == ["arn:aws:iam::111122223333:role/dev", "arn:aws:iam::444455556666:role/prod"]
    assert of_dev["Statement"][0]["Resource"] == ["arn:aws:iam::444455556666:role/far"]


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (("--trust-policy", "nobody"), 1, "nobody"),
        (("--trust-policy", "dev", "--as", "yaml"), 2, "--as yaml"),
        (("--identity-policy", "--as", "terraform"), 2, "printed as JSON"),
        (("--identity-policy", "--source", "far"), 1, "takes no role"),
    ],
)
def test_policies_when_the_words_mean_nothing_then_says_so(
    shop: Path, words: tuple[str, ...], code: int, says: str
) -> None:
    """Nothing is printed that could be sent by mistake."""
    done = invoke(shop, "roles", *words)
    assert (done.returncode, done.stdout) == (code, ""), done.stderr
    assert says in done.stderr
