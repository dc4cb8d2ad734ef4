"""Failures of the identity, by the names that AWS and its SDK give them."""

import pytest

from rolecall.credentials.failures import recognise
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


@pytest.mark.parametrize(("code", "problem"), failure_names.problems(ANSWERED, RAISED, PROVIDERS))
def test_problem_when_aws_or_its_sdk_names_it_then_its_row(code: str, problem: Exception) -> None:
    """By its name; where one name means many things, by its words."""
    assert recognise.code_of(problem) == code
