"""Which STS is called, compared with what botocore resolves for every region it knows."""

import botocore.session
import pytest
from botocore.endpoint_provider import EndpointProvider
from botocore.exceptions import EndpointVariantError

from rolecall.credentials.aws import endpoint
from rolecall.credentials.aws.query.errors import AwsUnreachableError
from rolecall.errors import ConfigError

LOADER = botocore.session.Session().get_component("data_loader")
PARTITIONS = LOADER.load_data("partitions")
RULES = EndpointProvider(LOADER.load_service_model("sts", "endpoint-rule-set-1"), PARTITIONS)


def regions() -> list[str]:
    known = PARTITIONS["partitions"]
    return sorted(
        region for partition in known for region in [*partition["regions"], f"{partition['id']}-x-9"]
    )


VARIANTS = [
    {},
    {"AWS_USE_FIPS_ENDPOINT": "true"},
    {"AWS_USE_DUALSTACK_ENDPOINT": "True"},
    {"AWS_USE_FIPS_ENDPOINT": "true", "AWS_USE_DUALSTACK_ENDPOINT": "true"},
    {"AWS_STS_REGIONAL_ENDPOINTS": "legacy"},
    {"AWS_STS_REGIONAL_ENDPOINTS": "legacy", "AWS_USE_FIPS_ENDPOINT": "true"},
    {"AWS_STS_REGIONAL_ENDPOINTS": "regional", "AWS_USE_FIPS_ENDPOINT": "false"},
]


@pytest.mark.parametrize("environ", VARIANTS, ids=lambda environ: " ".join(environ) or "plain")
def test_endpoint_when_botocore_knows_the_region_then_is_the_same(
    environ: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every region of every partition: the address, and the region that is signed for."""
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    session = botocore.session.Session()
    differing = [
        (region, ours, theirs)
        for region in regions()
        if (ours := resolved(region, environ)) != (theirs := botocores(session, region))
    ]
    assert differing == []


@pytest.mark.parametrize(
    "text", ["http://127.0.0.1:5000", "https://proxy.example/sts/", "http://[::1]:8080/a"]
)
def test_endpoint_when_environ_names_one_then_goes_before_every_rule(text: str) -> None:
    """A custom endpoint has its port and path, and is signed for the region that was wanted."""
    wants = {
        "AWS_ENDPOINT_URL": text,
        "AWS_USE_FIPS_ENDPOINT": "true",
        "AWS_STS_REGIONAL_ENDPOINTS": "legacy",
    }
    assert resolved("eu-west-1", wants) == (text, "eu-west-1")


def test_endpoint_when_both_are_named_then_the_one_of_sts_wins() -> None:
    """The service's own variable goes first."""
    both = {"AWS_ENDPOINT_URL": "http://localhost:1", "AWS_ENDPOINT_URL_STS": "http://localhost:2"}
    assert resolved("eu-west-1", both) == ("http://localhost:2", "eu-west-1")


@pytest.mark.parametrize(
    "text",
    [
        "ftp://sts.example",
        "sts.example",
        "http://",
        "http://:80",
        "http://a b/",
        "http://host:0",
        "http://host:65536",
        "http://host:+8",
        "http://host/?x=1",
        "http://host/\r\nx-y: z",
        "http://user:hunter2@ho st/",
        "http://[::1",
    ],
)
def test_endpoint_when_it_is_no_address_then_says_so_without_the_password(text: str) -> None:
    """The variable is named, and what it holds is not repeated."""
    with pytest.raises(ConfigError, match="AWS_ENDPOINT_URL") as caught:
        endpoint.of("eu-west-1", {"AWS_ENDPOINT_URL": text})
    assert caught.value.code == "endpoint-invalid"
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize("region", ["", "eu west", "eu_west_1", "a/b", "x" * 64, "é"])
def test_endpoint_when_no_region_can_have_that_name_then_is_unknown(region: str) -> None:
    """A region that is no DNS label never reaches DNS."""
    with pytest.raises(AwsUnreachableError) as caught:
        endpoint.of(region, {})
    assert caught.value.code == "region-unknown"


@pytest.mark.parametrize(
    ("arn", "wanted", "expected"),
    [
        ("arn:aws:iam::111122223333:role/r", "eu-west-1", "eu-west-1"),
        ("arn:aws-cn:iam::111122223333:role/r", "eu-west-1", "cn-north-1"),
        ("arn:aws-cn:iam::111122223333:role/r", "cn-northwest-1", "cn-northwest-1"),
        ("arn:aws-us-gov:iam::111122223333:role/r", None, "us-gov-west-1"),
        ("arn:aws:iam::111122223333:role/r", None, "us-east-1"),
        ("", "eu-west-1", "eu-west-1"),
    ],
)
def test_region_when_partition_differs_then_is_the_partitions_own(
    arn: str, wanted: str | None, expected: str
) -> None:
    """STS is asked in the role's partition, whatever region the project works in."""
    assert expected == endpoint.region_for(arn, wanted)


@pytest.mark.parametrize(
    ("arn", "expected"),
    [
        ("arn:aws-iso-e:iam::111122223333:role/a", "eu-isoe-west-1"),
        ("arn:aws-new:iam::1:role/a", "eu-west-1"),
    ],
)
def test_region_when_partition_is_rare_then_is_its_own_or_what_was_wanted(arn: str, expected: str) -> None:
    """A partition nobody told us of keeps the region that was asked for."""
    assert endpoint.region_for(arn, "eu-west-1") == expected


def resolved(region: str, environ: dict[str, str]) -> tuple[str, str]:
    found = endpoint.of(region, environ)
    return found.url.text, found.region


def botocores(session: botocore.session.Session, region: str) -> tuple[str, str]:
    """Return what botocore's rules say; its clients refuse some rare partitions before asking them."""
    try:
        client = session.create_client(
            "sts", region_name=region, aws_access_key_id="a", aws_secret_access_key="b"
        )
    except EndpointVariantError:
        found = RULES.resolve_endpoint(
            Region=region,
            UseFIPS=session.get_config_variable("use_fips_endpoint") is True,
            UseDualStack=session.get_config_variable("use_dualstack_endpoint") is True,
            UseGlobalEndpoint=False,
        )
    else:
        operation = client.meta.service_model.operation_model("GetCallerIdentity")
        found = client._ruleset_resolver.construct_endpoint(operation, {}, {})
    schemes = found.properties.get("authSchemes") or [{}]
    return found.url, schemes[0].get("signingRegion", region)
