"""The sandbox refuses what AWS would refuse, so that a wrong `.env` shows before it meets an account."""

from datetime import UTC, datetime, timedelta

import pytest
from botocore.exceptions import ClientError

from rolecall.services.sandbox import gate
from rolecall.services.sandbox.sandbox import SAMPLE, Sandbox
from support.sandbox_client import client, role_keys

pytestmark = pytest.mark.usefixtures("home")


def test_gate_when_keys_are_the_users_then_passes_as_the_user(box: Sandbox) -> None:
    """The keys for `.env` are an IAM user's."""
    assert client(box, "sts").get_caller_identity()["Arn"] == "arn:aws:iam::123456789012:user/developer"


def test_gate_when_role_is_assumed_then_its_session_works_for_sts_and_ec2(box: Sandbox) -> None:
    """A role's session is good for more than STS, in the role's own account."""
    keys = role_keys(box, SAMPLE["dev"])

    assert client(box, "sts", *keys).get_caller_identity()["Account"] == "111122223333"
    assert client(box, "ec2", *keys).describe_security_groups()["SecurityGroups"]


def test_gate_when_role_is_reached_through_another_then_passes(box: Sandbox) -> None:
    """A chain of roles works."""
    keys = role_keys(box, SAMPLE["prod"], *role_keys(box, SAMPLE["dev"]))

    assert client(box, "sts", *keys).get_caller_identity()["Account"] == "444455556666"


def test_gate_when_paths_and_bodies_are_odd_then_the_signature_still_holds(box: Sandbox) -> None:
    """Spaces, slashes, `~`, `*` and letters beyond ASCII in a path are no reason to refuse."""
    s3 = client(box, "s3", *role_keys(box, SAMPLE["dev"]))
    s3.create_bucket(Bucket="shop-bucket", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})

    s3.put_object(Bucket="shop-bucket", Key="a b//é+1~*.txt", Body=b"text")

    assert s3.get_object(Bucket="shop-bucket", Key="a b//é+1~*.txt")["Body"].read() == b"text"


@pytest.mark.parametrize(
    ("service", "operation", "code"),
    [
        ("sts", "get_caller_identity", "InvalidClientTokenId"),
        ("ec2", "describe_security_groups", "AuthFailure"),
        ("s3", "list_buckets", "InvalidAccessKeyId"),
        ("dynamodb", "list_tables", "InvalidClientTokenId"),
    ],
)
def test_gate_when_key_is_unknown_then_refuses_in_the_services_own_words(
    box: Sandbox, service: str, operation: str, code: str
) -> None:
    """A wrong key id is refused, and SDKs can read the answer of each protocol."""
    with pytest.raises(ClientError) as refused:
        getattr(client(box, service, "AKIAWRONGWRONGWRONG1", "wrong"), operation)()

    assert refused.value.response["Error"]["Code"] == code


def test_gate_when_secret_is_wrong_then_refuses_the_signature(box: Sandbox) -> None:
    """A wrong secret is refused."""
    with pytest.raises(ClientError, match="SignatureDoesNotMatch"):
        client(box, "sts", box.values["AWS_ACCESS_KEY_ID"], "wrong").get_caller_identity()


@pytest.mark.parametrize("token", [(), ("another token",)], ids=["absent", "wrong"])
def test_gate_when_session_token_does_not_belong_then_refuses(box: Sandbox, token: tuple[str, ...]) -> None:
    """Half a session is no session."""
    key_id, secret, _ = role_keys(box, SAMPLE["dev"])

    with pytest.raises(ClientError, match="InvalidClientTokenId"):
        client(box, "sts", key_id, secret, *token).get_caller_identity()


def test_gate_when_role_is_unknown_then_denies_and_names_who_and_what(box: Sandbox) -> None:
    """Moto would assume any role; AWS says AccessDenied."""
    with pytest.raises(ClientError, match=r"user/developer is not authorized .*:role/nope") as refused:
        role_keys(box, "arn:aws:iam::111122223333:role/nope")

    assert refused.value.response["Error"]["Code"] == "AccessDenied"


def test_gate_when_session_has_expired_then_refuses() -> None:
    """An old session answers ExpiredToken."""
    past = datetime.now(UTC) - timedelta(seconds=1)

    with pytest.raises(gate.Refused) as refused:
        gate._check_session(
            gate.Caller("arn", "secret", "token", past), {"HTTP_X_AMZ_SECURITY_TOKEN": "token"}
        )

    assert refused.value.code == "ExpiredToken"


def test_gate_when_an_mfa_session_is_asked_for_then_its_keys_are_the_users_and_take_roles(
    box: Sandbox,
) -> None:
    """GetSessionToken gives keys of the user, as AWS does, that are good for AssumeRole and end in time."""
    answer = client(box, "sts").get_session_token(
        DurationSeconds=900, SerialNumber="arn:aws:iam::123456789012:mfa/developer", TokenCode="123456"
    )["Credentials"]
    keys = (answer["AccessKeyId"], answer["SecretAccessKey"], answer["SessionToken"])

    assert client(box, "sts", *keys).get_caller_identity()["Arn"].endswith(":user/developer")
    assert client(box, "sts", *role_keys(box, SAMPLE["dev"], *keys)).get_caller_identity()
    assert 880 < (answer["Expiration"] - datetime.now(UTC)).total_seconds() <= 900
    with pytest.raises(ClientError, match="InvalidClientTokenId"):
        client(box, "sts", *keys[:2]).get_caller_identity()


def test_gate_when_temporary_keys_ask_for_an_mfa_session_then_refused(box: Sandbox) -> None:
    """A role has no MFA device."""
    with pytest.raises(ClientError, match="AccessDenied"):
        client(box, "sts", *role_keys(box, SAMPLE["dev"])).get_session_token()
