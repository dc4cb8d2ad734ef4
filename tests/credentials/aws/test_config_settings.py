"""The settings of STS in the AWS config file: read as the SDK would, and never over the environment's."""

from pathlib import Path

import pytest

from rolecall.credentials.aws import config_settings, sdk

FULL = """\
[profile other]
ca_bundle = /other.pem
[default]
ca_bundle = /ca.pem
 endpoint_url = belongs to the line before
use_fips_endpoint = true
use_dualstack_endpoint = true
STS_Regional_Endpoints = legacy
region = eu-west-3
endpoint_url = http://127.0.0.1:1/
[profile another]
region = us-east-1
"""
GIVEN = {
    "AWS_CA_BUNDLE": "/ca.pem",
    "AWS_USE_FIPS_ENDPOINT": "true",
    "AWS_USE_DUALSTACK_ENDPOINT": "true",
    "AWS_STS_REGIONAL_ENDPOINTS": "legacy",
    "AWS_DEFAULT_REGION": "eu-west-3",
    "AWS_ENDPOINT_URL": "http://127.0.0.1:1/",
}
SERVICES = """\
[default]
services = local
endpoint_url = http://127.0.0.1:1/
region = eu-west-3
[services local]
{} =
  endpoint_url = http://127.0.0.1:2/
"""


def config_file(home: Path, text: str) -> dict[str, str]:
    """Write the config file; return the environment that knows it."""
    (home / ".aws").mkdir(exist_ok=True)
    (home / ".aws/config").write_text(text)
    return {"HOME": str(home)}


@pytest.mark.parametrize("head", ["[default]", "[profile default]", "[ default ]"])
def test_added_when_the_default_profile_sets_them_then_each_by_its_variable(home: Path, head: str) -> None:
    """No other profile's, and no line that belongs to another."""
    environ = config_file(home, FULL.replace("[default]", head))
    assert config_settings.added(environ) == {**environ, **GIVEN}


def test_added_when_the_environment_sets_one_then_that_stands(home: Path) -> None:
    """One that is empty sets nothing, but where the file says nothing either."""
    environ = {**config_file(home, FULL), "AWS_CA_BUNDLE": "/own.pem", "AWS_USE_FIPS_ENDPOINT": "", "X": ""}
    own = {"AWS_CA_BUNDLE": "/own.pem", "X": ""}
    assert config_settings.added(environ) == {**GIVEN, "HOME": str(home), **own}


@pytest.mark.parametrize(
    "own",
    [
        {"AWS_ENDPOINT_URL": "http://h/"},
        {"AWS_ENDPOINT_URL_STS": "http://h/"},
        {"AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "True"},
    ],
)
@pytest.mark.parametrize("text", [FULL, SERVICES.format("sts")])
def test_added_when_the_environment_decides_where_sts_is_then_no_endpoint_of_the_file(
    home: Path, own: dict[str, str], text: str
) -> None:
    """Also where the file names one for STS alone; the other settings count all the same."""
    found = config_settings.added({**config_file(home, text), **own})
    assert {name: found[name] for name in found if "ENDPOINT_URL" in name} == own
    assert found["AWS_DEFAULT_REGION"] == "eu-west-3"


@pytest.mark.parametrize(("service", "port"), [("sts", 2), ("s3", 1)])
def test_added_when_the_file_names_services_then_that_of_sts_first(
    home: Path, service: str, port: int
) -> None:
    """Then the one for every service."""
    found = config_settings.added(config_file(home, SERVICES.format(service)))
    assert found["AWS_ENDPOINT_URL_STS"] == f"http://127.0.0.1:{port}/"
    assert found["AWS_DEFAULT_REGION"] == "eu-west-3"


def test_added_when_the_services_are_not_there_then_the_one_for_all(home: Path) -> None:
    """Or none at all."""
    text = SERVICES.partition("[services")[0]
    assert config_settings.added(config_file(home, text))["AWS_ENDPOINT_URL_STS"] == "http://127.0.0.1:1/"
    environ = config_file(home, "[default]\nservices = local\n")
    assert "AWS_ENDPOINT_URL_STS" not in config_settings.added(environ)
    odd = "[default]\nservices = local\n[services local]\nsts = x\n"
    assert "AWS_ENDPOINT_URL_STS" not in config_settings.added(config_file(home, odd))


def test_added_when_the_file_lies_elsewhere_then_read_there(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As AWS_CONFIG_FILE says, with a tilde for the home; without a file, the environment as it is."""
    (home / "own").write_text("[default]\nregion = eu-west-3\n")
    assert config_settings.added({"AWS_CONFIG_FILE": "~/own"})["AWS_DEFAULT_REGION"] == "eu-west-3"
    assert config_settings.added({"HOME": str(tmp_path), "X": "y"}) == {"HOME": str(tmp_path), "X": "y"}


def test_of_session_when_a_profile_sets_them_then_where_the_environment_does_not(home: Path) -> None:
    """What the SDK read of the file, as the environment spells it; what is off is not added."""
    environ = config_file(home, FULL + "use_fips_endpoint = false\nca_bundle = /another.pem\n")
    session = sdk.configured(environ, profile="another")
    found = config_settings.of_session(session, environ)
    assert found == {
        **environ,
        "AWS_CA_BUNDLE": "/another.pem",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_STS_REGIONAL_ENDPOINTS": "regional",
    }
    own = {**environ, "AWS_CA_BUNDLE": "/own.pem", "AWS_ENDPOINT_URL": "http://h/"}
    assert config_settings.of_session(session, own)["AWS_CA_BUNDLE"] == "/own.pem"
    session = sdk.bare(config_file(home, FULL))
    found = config_settings.of_session(session, own)
    assert (found["AWS_USE_FIPS_ENDPOINT"], "AWS_ENDPOINT_URL_STS" in found) == ("true", False)


def test_of_session_when_a_setting_is_empty_then_as_if_it_were_not_there(home: Path) -> None:
    """An empty CA bundle would be a file that cannot be read."""
    environ = config_file(home, "[default]\nca_bundle =\nregion =\nendpoint_url =\n")
    found = config_settings.of_session(sdk.bare(environ), environ)
    assert found == {**environ, "AWS_STS_REGIONAL_ENDPOINTS": "regional"}
    assert config_settings.added(environ) == environ
