"""Failures of the network and of AWS itself, by the names that AWS and its SDK give them."""

import pytest

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


@pytest.mark.parametrize(("code", "answers"), ANSWERED.items())
def test_answer_when_aws_gives_this_error_then_its_row(code: str, answers: list[tuple[str, str]]) -> None:
    """By AWS's own code, and where one code means many things, by its words."""
    assert [failure_names.answered([one]) for one in answers] == [{code}] * len(answers)


@pytest.mark.parametrize(("code", "names"), RAISED.items())
def test_exception_when_the_sdk_raises_it_then_its_row(code: str, names: list[str]) -> None:
    """By the name of its kind."""
    assert [failure_names.raised([one]) for one in names] == [{code}] * len(names)
