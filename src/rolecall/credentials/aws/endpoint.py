"""Which STS to call, and the region to sign for: AWS's rules of regions and partitions, for STS alone."""

from rolecall.credentials.aws.https import url
from rolecall.credentials.aws.query.errors import AwsUnreachableError
from rolecall.errors import ConfigError
from rolecall.system.python.frozen import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from rolecall.credentials.aws.https.url import Url

VARIABLES = ("AWS_ENDPOINT_URL_STS", "AWS_ENDPOINT_URL")
REGION_LETTERS = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-")
REGION_MOST = 63  # a DNS label
# The regions that `AWS_STS_REGIONAL_ENDPOINTS=legacy` sends to the one global endpoint.
LEGACY = frozenset(
    (
        *("ap-northeast-1", "ap-south-1", "ap-southeast-1", "ap-southeast-2", "aws-global", "ca-central-1"),
        *("eu-central-1", "eu-north-1", "eu-west-1", "eu-west-2", "eu-west-3", "sa-east-1"),
        *("us-east-1", "us-east-2", "us-west-1", "us-west-2"),
    )
)


@dataclass(frozen=True, slots=True)
class Partition:
    """A set of regions with accounts of their own, and the names of its endpoints."""

    name: str
    prefix: str
    suffix: str
    dual_suffix: str
    default_region: str


AWS = Partition("aws", "", "amazonaws.com", "api.aws", "us-east-1")
OTHERS = (
    Partition("aws-cn", "cn-", "amazonaws.com.cn", "api.amazonwebservices.com.cn", "cn-north-1"),
    Partition("aws-us-gov", "us-gov-", "amazonaws.com", "api.aws", "us-gov-west-1"),
    Partition("aws-iso", "us-iso-", "c2s.ic.gov", "api.aws.ic.gov", "us-iso-east-1"),
    Partition("aws-iso-b", "us-isob-", "sc2s.sgov.gov", "api.aws.scloud", "us-isob-east-1"),
    Partition("aws-iso-e", "eu-isoe-", "cloud.adc-e.uk", "api.cloud-aws.adc-e.uk", "eu-isoe-west-1"),
    Partition("aws-iso-f", "us-isof-", "csp.hci.ic.gov", "api.aws.hci.ic.gov", "us-isof-south-1"),
    Partition("aws-eusc", "eusc-", "amazonaws.eu", "api.amazonwebservices.eu", "eusc-de-east-1"),
)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where STS is, and the region that a request to it is signed for."""

    url: "Url"
    region: str


def of(region: str, environ: "Mapping[str, str]") -> Endpoint:
    """Return the endpoint for `region`, as `environ` wants it.

    An endpoint that `environ` names goes before FIPS, dual stack and legacy, as in botocore. Raises
    ConfigError for one that is no http address, and AwsUnreachableError where there can be no such region.
    """
    if not REGION_LETTERS.issuperset(region) or not 0 < len(region) <= REGION_MOST:
        raise AwsUnreachableError("region-unknown", ascii(region))
    name = next((name for name in VARIABLES if environ.get(name)), None)
    if name:
        return Endpoint(_named(name, environ[name]), region)
    is_fips, is_dual = (_is_on(environ, f"AWS_USE_{kind}_ENDPOINT") for kind in ("FIPS", "DUALSTACK"))
    is_legacy = environ.get("AWS_STS_REGIONAL_ENDPOINTS") == "legacy" and region in LEGACY
    if (is_legacy or region == "aws-global") and not (is_fips or is_dual):
        return Endpoint(url.parse("https://sts.amazonaws.com"), "us-east-1")
    return Endpoint(url.parse(f"https://{_host(region, is_fips=is_fips, is_dual=is_dual)}"), region)


def region_for(arn: str, wanted: str | None) -> str:
    """Return `wanted` where it lies in the ARN's partition, else that partition's own default region."""
    name = arn.split(":")[1] if arn.startswith("arn:") else ""
    if wanted and name in ("", _partition(wanted).name):
        return wanted
    found = next((one for one in (AWS, *OTHERS) if one.name == (name or "aws")), None)
    return found.default_region if found else wanted or AWS.default_region


def _host(region: str, *, is_fips: bool, is_dual: bool) -> str:
    found = _partition(region)
    suffix = found.dual_suffix if is_dual else found.suffix
    is_plain_gov = found.name == "aws-us-gov" and not is_dual  # there, the ordinary endpoints are FIPS
    return f"sts{'-fips' if is_fips and not is_plain_gov else ''}.{region}.{suffix}"


def _named(name: str, text: str) -> "Url":
    try:
        return url.parse(text)
    except ValueError as problem:
        raise ConfigError(
            "endpoint-invalid",
            f"{name} is not the address of an endpoint: {problem}",
            hint="${EDITOR:-vi} .env",
        ) from None


def _partition(region: str) -> Partition:
    for one in OTHERS:
        if region.startswith(one.prefix) or region == f"{one.name}-global":
            return one
    return AWS


def _is_on(environ: "Mapping[str, str]", name: str) -> bool:
    return environ.get(name, "").strip().lower() == "true"
