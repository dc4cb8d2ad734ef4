"""Failures of the network and of AWS itself, by the names that AWS and its SDK give them."""

import pytest

from rolecall.credentials.failures import recognise
from support import failure_names

ANSWERED = {
    "clock-off": [
        ("SignatureDoesNotMatch", "Signature expired: a is now earlier than b"),
        ("SignatureDoesNotMatch", "Signature not yet current: a is still later than b"),
        ("InvalidSignatureException", "Signature expired: a is now earlier than b"),
        ("InvalidSignatureException", "Signature not yet current: a"),
        ("RequestExpired", ""),
        ("RequestTimeTooSkewed", ""),
    ],
    "region-disabled": [("RegionDisabledException", ""), ("OptInRequired", "")],
    "throttled": [
        ("Throttling", ""),
        ("ThrottlingException", ""),
        ("ThrottledException", ""),
        ("RequestThrottled", ""),
        ("RequestThrottledException", ""),
        ("TooManyRequestsException", ""),
        ("RequestLimitExceeded", ""),
        ("SlowDown", ""),
    ],
    "aws-down": [("IDPCommunicationError", "")],
    "refused": [
        ("AccessDenied", "User: x is not authorized to perform: sts:GetCallerIdentity"),
        ("SomethingNew", ""),
    ],
}
RAISED = {
    "region-unknown": [
        "InvalidRegionError",
        "NoRegionError",
        "EndpointProviderError",
        "EndpointVariantError",
        "UnknownRegionError",
    ],
    "connection-lost": ["HTTPClientError", "ConnectionClosedError", "ResponseStreamingError"],
    "timeout": ["ConnectTimeoutError", "ReadTimeoutError"],
    "proxy-failed": ["ProxyConnectionError", "InvalidProxiesConfigError"],
    "tls-failed": ["SSLError"],
    "refused": ["PaginationError"],
}


@pytest.mark.parametrize(("code", "problem"), failure_names.problems(ANSWERED, RAISED))
def test_problem_when_aws_or_its_sdk_names_it_then_its_row(code: str, problem: Exception) -> None:
    """By its name; where one name means many things, by its words."""
    assert recognise.code_of(problem) == code
