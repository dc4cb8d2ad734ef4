"""Failures of the identity, by the names that AWS and its SDK give them."""

import pytest

from support import failure_names

ANSWERED = {
    "key-unknown": [("InvalidClientTokenId", ""), ("UnrecognizedClientException", "")],
    "secret-wrong": [("SignatureDoesNotMatch", "The request signature we calculated does not match")],
    "token-expired": [("ExpiredToken", ""), ("ExpiredTokenException", "The token has expired")],
    "token-invalid": [("InvalidToken", "")],
}
RAISED = {
    "token-expired": ["LoginError", "LoginRefreshRequired", "LoginTokenLoadError"],
    "identity-missing": ["NoCredentialsError"],
    "identity-partial": ["PartialCredentialsError"],
    "profile-missing": ["ProfileNotFound"],
    "profile-broken": [
        "ConfigNotFound",
        "ConfigParseError",
        "InvalidConfigError",
        "InfiniteLoopConfigError",
        "UnknownCredentialError",
    ],
    "metadata-failed": ["MetadataRetrievalError", "InvalidIMDSEndpointError", "InvalidIMDSEndpointModeError"],
}
PROVIDERS = {
    "profile-broken": ["Environment"],
    "metadata-failed": ["container-role", "iam-role", "EcsContainer", "Ec2InstanceMetadata"],
    "process-failed": ["custom-process", ""],
}


@pytest.mark.parametrize(("code", "answers"), ANSWERED.items())
def test_answer_when_aws_gives_this_error_then_its_row(code: str, answers: list[tuple[str, str]]) -> None:
    """By AWS's own code, and where one code means many things, by its words."""
    assert [failure_names.answered([one]) for one in answers] == [{code}] * len(answers)


@pytest.mark.parametrize(("code", "names"), RAISED.items())
def test_exception_when_the_sdk_raises_it_then_its_row(code: str, names: list[str]) -> None:
    """By the name of its kind."""
    assert [failure_names.raised([one]) for one in names] == [{code}] * len(names)


@pytest.mark.parametrize(("code", "names"), PROVIDERS.items())
def test_provider_when_it_gives_no_credentials_then_its_row(code: str, names: list[str]) -> None:
    """By botocore's names of them; any other is a program."""
    assert [failure_names.unprovided([one]) for one in names] == [{code}] * len(names)
