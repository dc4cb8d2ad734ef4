"""The bodies of requests, compared with botocore's own serializer."""

import random
from typing import Any
from urllib.parse import urlencode

import botocore.session
from botocore.serialize import create_serializer

from rolecall.credentials.aws.query import form

MODEL = botocore.session.Session().get_service_model("sts")
SETS = 2_000


def test_form_when_parameters_are_generated_then_equals_botocores() -> None:
    """Each of the four requests, with any of its parameters, in the same order and encoding."""
    dice = random.Random(2011_06_15)
    serializer = create_serializer("query", include_validation=False)
    for _ in range(SETS):
        operation, parameters = dice.choice([assume, web_identity, session_token, identity])(dice)
        serialized = serializer.serialize_to_request(parameters, MODEL.operation_model(operation))
        assert form.encoded(operation, parameters) == urlencode(serialized["body"], doseq=True).encode()


def test_form_when_list_is_empty_then_stands_as_an_empty_value() -> None:
    """As in botocore; callers leave out what is empty."""
    assert form.encoded("AssumeRole", {"Tags": []}) == b"Action=AssumeRole&Version=2011-06-15&Tags="


def assume(dice: random.Random) -> tuple[str, dict[str, Any]]:
    wanted = {
        "RoleArn": "arn:aws:iam::111122223333:role/a/b",
        "RoleSessionName": text(dice),
        "DurationSeconds": dice.randrange(900, 43200),
        "ExternalId": text(dice),
        "Policy": '{"Version": "2012-10-17",\n "Statement": []}',
        "PolicyArns": [{"arn": f"arn:aws:iam::aws:policy/{text(dice)}"} for _ in range(dice.randrange(12))],
        "Tags": [{"Key": text(dice), "Value": text(dice)} for _ in range(dice.randrange(4))],
        "TransitiveTagKeys": [text(dice) for _ in range(dice.randrange(4))],
        "SourceIdentity": text(dice),
        "SerialNumber": "arn:aws:iam::111122223333:mfa/ann",
        "TokenCode": "012345",
        "ProvidedContexts": [
            {"ProviderArn": "arn:aws:iam::aws:contextProvider/x", "ContextAssertion": text(dice)}
        ],
    }
    return "AssumeRole", some(dice, wanted)


def web_identity(dice: random.Random) -> tuple[str, dict[str, Any]]:
    wanted = {
        "RoleArn": "arn:aws:iam::111122223333:role/ci",
        "RoleSessionName": text(dice),
        "WebIdentityToken": f"{text(dice)}.{text(dice)}.{text(dice)}",
        "ProviderId": "www.amazon.com",
        "PolicyArns": [{"arn": text(dice)}],
        "DurationSeconds": 3600,
    }
    return "AssumeRoleWithWebIdentity", some(dice, wanted)


def session_token(dice: random.Random) -> tuple[str, dict[str, Any]]:
    wanted = {"DurationSeconds": 900, "SerialNumber": text(dice), "TokenCode": "123456"}
    return "GetSessionToken", some(dice, wanted)


def identity(dice: random.Random) -> tuple[str, dict[str, Any]]:
    return "GetCallerIdentity", {}


def some(dice: random.Random, wanted: dict[str, Any]) -> dict[str, Any]:
    return {name: wanted[name] for name in dice.sample(list(wanted), dice.randrange(len(wanted) + 1))}


def text(dice: random.Random) -> str:
    return "".join(dice.choice("abcXYZ019-_.~ +=/,@&%?#:;\"'<>\n\0äé漢🔑") for _ in range(dice.randrange(20)))
