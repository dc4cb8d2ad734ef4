"""Failures between here and AWS: the clock, the network, TLS, proxies, and AWS's own trouble."""

from rolecall.credentials.failures.row import EDIT_ENV, EDIT_ROLES, Row

AGAIN = "invoke assume"
DOCTOR = "invoke doctor"

ROWS = {
    "clock-off": Row(
        "this machine's clock is off",
        "this machine's clock is {skew}; AWS accepts five minutes",
        "{set_clock}",
        answers=(
            "SignatureDoesNotMatch: Signature (expired|not yet current)",
            "InvalidSignatureException: Signature (expired|not yet current)",
            "RequestExpired",
            "RequestTimeTooSkewed",
        ),
    ),
    "region-disabled": Row(
        "STS is not activated in that region",
        "STS is not activated in region {region} for this account: its owner "
        "activates it in IAM's account settings, or region in envrc.d/roles.toml names another one",
        EDIT_ROLES,
        answers=(
            "RegionDisabledException",
            "OptInRequired",
        ),
    ),
    "region-unknown": Row(
        "there is no such region, or none is set",
        "the region is not one AWS has: {detail}; region in envrc.d/roles.toml or AWS_REGION in .env sets it",
        EDIT_ROLES,
        raised=(
            "InvalidRegionError",
            "NoRegionError",
            "EndpointProviderError",
            "EndpointVariantError",
            "UnknownRegionError",
        ),
    ),
    "throttled": Row(
        "STS throttles, and kept doing so until the deadline",
        "AWS is throttling this account's requests; tried until the deadline, try again in a minute",
        AGAIN,
        answers=(
            "Throttling",
            "ThrottlingException",
            "ThrottledException",
            "RequestThrottled",
            "RequestThrottledException",
            "TooManyRequestsException",
            "RequestLimitExceeded",
            "SlowDown",
        ),
        is_transient=True,
    ),
    "aws-down": Row(
        "AWS answered with an error of its own",
        "AWS answered with an error of its own ({detail}); try again in a minute",
        AGAIN,
        answers=("IDPCommunicationError",),
        is_transient=True,
    ),
    "answer-wrong": Row(
        "something that is not STS answered in a way that cannot be read",
        "{endpoint} answered something that is not an STS answer ({detail}); "
        "AWS_ENDPOINT_URL or a proxy leads there",
        DOCTOR,
        raised=("ResponseParserError",),
    ),
    "answer-expired": Row(
        "the session that STS gave has expired already, by this machine's clock",
        "{arn}: the session that AWS gave has expired already by this machine's clock, which may be fast",
        "{set_clock}",
    ),
    "refused": Row(
        "any refusal not named here",
        "AWS refused: {detail}",
        "invoke whoami",
        answers=("AccessDenied: sts:Get",),
    ),
    "sandbox-down": Row(
        "nothing listens at the endpoint on this machine",
        "nothing listens at {endpoint}: the sandbox is not running",
        "invoke sandbox",
    ),
    "captive-portal": Row(
        "a captive portal or proxy answered HTML",
        "{endpoint} answered a web page: a captive portal or a proxy stands between here and AWS; "
        "open any page in a browser and sign in to the network",
        AGAIN,
        raised=("a web page",),
    ),
    "dns-failed": Row(
        "the name of the endpoint cannot be resolved (offline)",
        "cannot resolve {host}: this machine is offline, or its DNS is down",
        DOCTOR,
    ),
    "connection-refused": Row(
        "the endpoint refuses the connection",
        "{host} refuses the connection; AWS_ENDPOINT_URL, the network or the VPN may be wrong",
        DOCTOR,
    ),
    "connection-lost": Row(
        "the connection was cut",
        "the connection to {host} was cut before an answer came; try again in a minute",
        AGAIN,
        raised=("HTTPClientError", "ConnectionClosedError", "ResponseStreamingError"),
        is_transient=True,
    ),
    "timeout": Row(
        "no answer before the deadline",
        "{host} did not answer in time; the network or the VPN may be down",
        DOCTOR,
        raised=("TimeoutError", "ConnectTimeoutError", "ReadTimeoutError"),
    ),
    "proxy-failed": Row(
        "the proxy cannot be reached, or refuses",
        "the proxy {proxy} cannot be used: {detail}; HTTPS_PROXY and NO_PROXY decide on it",
        DOCTOR,
        raised=("ProxyConnectionError", "InvalidProxiesConfigError"),
    ),
    "tls-failed": Row(
        "the server's certificate is not trusted (often a company's proxy)",
        "the certificate of {host} is not trusted: {detail}; "
        "AWS_CA_BUNDLE in .env may name your company's CA file",
        EDIT_ENV,
        raised=("SSLError",),
    ),
}
