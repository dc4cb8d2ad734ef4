"""Clients of a sandbox, for the tests of the services."""

from typing import Any

from rolecall.services.sandbox.sandbox import Sandbox


def client(box: Sandbox, service_name: str, *keys: str) -> Any:
    """Return a client of the sandbox with `keys` (default: its user's)."""
    import botocore.session

    key_id, secret, *token = keys or (box.values["AWS_ACCESS_KEY_ID"], box.values["AWS_SECRET_ACCESS_KEY"])
    return botocore.session.Session().create_client(
        service_name,
        region_name="eu-west-1",
        endpoint_url=box.url,
        aws_access_key_id=key_id,
        aws_secret_access_key=secret,
        aws_session_token=token[0] if token else None,
    )


def role_keys(box: Sandbox, arn: str, *keys: str) -> tuple[str, str, str]:
    """Assume a role with `keys` (default: the user's); return its key id, secret and token."""
    answer = client(box, "sts", *keys).assume_role(RoleArn=arn, RoleSessionName="me@shop")["Credentials"]
    return answer["AccessKeyId"], answer["SecretAccessKey"], answer["SessionToken"]
