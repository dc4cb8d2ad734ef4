"""Failures between here and AWS: the clock, the network, TLS, proxies, and AWS's own trouble."""

from rolecall.credentials.failures.row import Row

TRY_LATER = "try again in a minute: invoke assume"
WHO = "invoke whoami"

ROWS = {
    "clock-off": Row(
        "this machine's clock is off",
        "this machine's clock is {skew}; AWS accepts five minutes",
        "set the clock (timedatectl set-ntp true; WSL: sudo hwclock -s), then: invoke assume",
        answers=(
            "SignatureDoesNotMatch: Signature (expired|not yet current)",
            "InvalidSignatureException: Signature (expired|not yet current)",
            "RequestExpired",
            "RequestTimeTooSkewed",
        ),
    ),
    "region-disabled": Row(
        "STS is not activated in that region",
        "STS is not activated in region {region} for this account",
        "activate it in IAM's account settings, or set another region",
        answers=(
            "RegionDisabledException",
            "OptInRequired",
        ),
    ),
    "region-unknown": Row(
        "there is no such region, or none is set",
        "the region is not one AWS has: {detail}",
        "set region in envrc.d/roles.toml, or AWS_REGION in .env",
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
        "AWS is throttling this account's requests; tried until the deadline",
        TRY_LATER,
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
        "AWS answered with an error of its own ({detail})",
        TRY_LATER,
        answers=("IDPCommunicationError",),
        is_transient=True,
    ),
    "answer-wrong": Row(
        "something that is not STS answered in a way that cannot be read",
        "{endpoint} answered something that is not an STS answer",
        "check AWS_ENDPOINT_URL and proxies, then: invoke doctor",
        raised=("ResponseParserError",),
    ),
    "refused": Row(
        "any refusal not named here",
        "AWS refused: {detail}",
        WHO,
        answers=("AccessDenied: sts:Get",),
    ),
    "sandbox-down": Row(
        "nothing listens at the endpoint on this machine",
        "nothing listens at {endpoint}: the sandbox is not running",
        "invoke sandbox",
    ),
    "captive-portal": Row(
        "a captive portal or proxy answered HTML",
        "{endpoint} answered a web page: a captive portal or a proxy stands between here and AWS",
        "open any page in a browser and sign in to the network, then: invoke assume",
        raised=("a web page",),
    ),
    "dns-failed": Row(
        "the name of the endpoint cannot be resolved (offline)",
        "cannot resolve {host}: this machine is offline, or its DNS is",
        "check the network, then: invoke assume",
    ),
    "connection-refused": Row(
        "the endpoint refuses the connection",
        "{host} refuses the connection",
        "check AWS_ENDPOINT_URL, the network and the VPN, then: invoke assume",
    ),
    "connection-lost": Row(
        "the connection was cut",
        "the connection to {host} was cut before an answer came",
        TRY_LATER,
        raised=("HTTPClientError", "ConnectionClosedError", "ResponseStreamingError"),
        is_transient=True,
    ),
    "timeout": Row(
        "no answer before the deadline",
        "{host} did not answer in time",
        "check the network and the VPN, then: invoke assume",
        raised=("TimeoutError", "ConnectTimeoutError", "ReadTimeoutError"),
    ),
    "proxy-failed": Row(
        "the proxy cannot be reached, or refuses",
        "the proxy {proxy} cannot be used: {detail}",
        "check HTTPS_PROXY and NO_PROXY",
        raised=("ProxyConnectionError", "InvalidProxiesConfigError"),
    ),
    "tls-failed": Row(
        "the server's certificate is not trusted (often a company's proxy)",
        "the certificate of {host} is not trusted: {detail}",
        "point AWS_CA_BUNDLE in .env at your company's CA file",
        raised=("SSLError",),
    ),
}
