"""Causes that lie between here and AWS: the clock, the network, TLS, proxies, and AWS's own trouble.

Owns: their rows of the table of failures, and what a row is.
Must not: recognise a failure (diagnosis does).
Called by: failures.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from rolecall.errors import CredentialError


@dataclass(frozen=True, slots=True)
class Row:
    """One failure: when it happens (for the README), what is said of it, and the command that helps.

    `{role}`, `{detail}` and the like are filled in; a name that is not known reads as nothing.
    """

    when: str
    says: str
    hint: str
    kind: type[CredentialError] = CredentialError


TRY_LATER = "try again in a minute: invoke assume"
WHO = "invoke whoami"

ROWS: Mapping[str, Row] = {
    "clock-off": Row(
        "this machine's clock is off",
        "this machine's clock is {skew}; AWS accepts five minutes",
        "set the clock (timedatectl set-ntp true; WSL: sudo hwclock -s), then: invoke assume",
    ),
    "region-disabled": Row(
        "STS is not activated in that region",
        "STS is not activated in region {region} for this account",
        "activate it in IAM's account settings, or set another region",
    ),
    "region-unknown": Row(
        "there is no such region, or none is set",
        "the region is not one AWS has: {detail}",
        "set region in envrc.d/roles.toml, or AWS_REGION in .env",
    ),
    "throttled": Row(
        "STS throttles, and kept doing so until the deadline",
        "AWS is throttling this account's requests; tried until the deadline",
        TRY_LATER,
    ),
    "aws-down": Row(
        "AWS answered with an error of its own",
        "AWS answered with an error of its own ({detail})",
        TRY_LATER,
    ),
    "answer-wrong": Row(
        "something that is not STS answered in a way that cannot be read",
        "{endpoint} answered something that is not an STS answer",
        "check AWS_ENDPOINT_URL and proxies, then: invoke doctor",
    ),
    "refused": Row("any refusal not named here", "AWS refused: {detail}", WHO),
    "sandbox-down": Row(
        "nothing listens at the endpoint on this machine",
        "nothing listens at {endpoint}: the sandbox is not running",
        "invoke sandbox",
    ),
    "captive-portal": Row(
        "a captive portal or proxy answered HTML",
        "{endpoint} answered a web page: a captive portal or a proxy stands between here and AWS",
        "open any page in a browser and sign in to the network, then: invoke assume",
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
    ),
    "timeout": Row(
        "no answer before the deadline",
        "{host} did not answer in time",
        "check the network and the VPN, then: invoke assume",
    ),
    "proxy-failed": Row(
        "the proxy cannot be reached, or refuses",
        "the proxy {proxy} cannot be used: {detail}",
        "check HTTPS_PROXY and NO_PROXY",
    ),
    "tls-failed": Row(
        "the server's certificate is not trusted (often a company's proxy)",
        "the certificate of {host} is not trusted: {detail}",
        "point AWS_CA_BUNDLE in .env at your company's CA file",
    ),
}
