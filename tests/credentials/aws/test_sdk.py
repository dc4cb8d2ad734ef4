"""An SDK session in an environment of its own: what its clients are given, and who is looked for."""

import os
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ConnectionClosedError, CredentialRetrievalError, SSLError
from botocore.parsers import ResponseParserError

from rolecall.credentials.aws import sdk
from support.fake_aws import FakeAws, json_reply


def client(environ: dict[str, str], service: str = "sts", **more: Any) -> Any:
    return sdk.bare(environ).create_client(service, region_name="eu-west-1", **more)


def test_client_when_proxies_are_those_of_the_process_then_left_to_botocore(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It finds them itself; others are given to it, and none where the address is passed by."""
    assert client(dict(os.environ)).meta.config.proxies is None
    own = {"HTTPS_PROXY": "http://p:1", "http_proxy": "http://p:2"}
    assert client(own).meta.config.proxies == {"https": "http://p:1", "http": "http://p:2"}
    assert client({**own, "NO_PROXY": "amazonaws.com"}).meta.config.proxies == {}
    named = {**own, "AWS_ENDPOINT_URL": "http://h.example:1", "no_proxy": "h.example"}
    assert client(named).meta.config.proxies == {}
    assert client({**named, "AWS_ENDPOINT_URL": "http://i.example"}).meta.config.proxies == {
        "https": "http://p:1",
        "http": "http://p:2",
    }


@pytest.mark.parametrize(
    ("environ", "service", "url"),
    [
        ({}, "sts", None),
        ({"AWS_ENDPOINT_URL": "http://all"}, "sts", "http://all"),
        ({"AWS_ENDPOINT_URL": "http://all", "AWS_ENDPOINT_URL_STS": "http://own"}, "sts", "http://own"),
        ({"AWS_ENDPOINT_URL_SSO_OIDC": "http://own"}, "sso-oidc", "http://own"),
        ({"AWS_ENDPOINT_URL_SSO": "http://own"}, "sso-oidc", None),
        ({"AWS_ENDPOINT_URL": "", "AWS_ENDPOINT_URL_STS": ""}, "sts", None),
    ],
)
def test_endpoint_when_the_environment_names_one_then_that(
    environ: dict[str, str], service: str, url: str | None
) -> None:
    """That of the service goes first."""
    assert sdk.endpoint(environ, service) == url
    if url:
        assert client(environ, service).meta.endpoint_url == url


def test_client_when_only_the_process_names_one_then_awss_own(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Botocore would look into the process's environment; an address that is given goes before all."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    assert client({}).meta.endpoint_url == "https://sts.eu-west-1.amazonaws.com"
    given = client({"AWS_ENDPOINT_URL": "http://all"}, endpoint_url="http://given")
    assert given.meta.endpoint_url == "http://given"


def answer(body: bytes, status: int = 200, **headers: str) -> None:
    """Meet an answer of AWS before botocore reads it."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    sdk._refuse_pages({"body": body, "headers": named, "status_code": status})


@pytest.mark.parametrize(
    ("body", "status", "headers"),
    [
        (b" <!DOCTYPE html>", 200, {}),
        (b"<HTML>", 403, {}),
        (b"{}", 200, {"content_type": "text/html; charset=x"}),
        (b"{}", 302, {}),
        (b"{}", 300, {}),
        (b"{}", 399, {}),
        (b"{}", 511, {}),
        (b"plain", 200, {}),
        (b" " * 400 + b"{}", 200, {}),
    ],
)
def test_answer_when_it_is_no_aws_services_then_refused(
    body: bytes, status: int, headers: dict[str, str]
) -> None:
    """A page, a redirection, the sign-in of a network, or neither XML nor JSON."""
    with pytest.raises(ResponseParserError):
        answer(body, status, **headers)


@pytest.mark.parametrize(
    ("body", "status", "headers"),
    [
        (b"{}", 200, {"content_length": "2"}),
        (b"<AssumeRoleResponse>", 200, {"content_length": "odd"}),
        (b"plain", 403, {}),
        (b"", 400, {}),
        (b"plain", 299, {}),
    ],
)
def test_answer_when_it_may_be_awss_then_botocore_reads_it(
    body: bytes, status: int, headers: dict[str, str]
) -> None:
    """A refusal may have any body."""
    answer(body, status, **headers)


def test_answer_when_it_is_cut_then_the_connection_was_lost() -> None:
    """Not an odd document."""
    with pytest.raises(ConnectionClosedError):
        answer(b"{", content_length="2")


def test_resolving_when_without_files_then_only_whom_they_have_no_say_in() -> None:
    """The environment, a container, an instance: by botocore's own names."""

    def methods(*, without_files: bool) -> list[str]:
        session = sdk.resolving({}, profile=None, ask_mfa=str, child_environ={}, without_files=without_files)
        return [one.METHOD for one in session.get_component("credential_provider").providers]

    assert methods(without_files=True) == ["env", "container-role", "iam-role"]
    assert {"assume-role", "sso", "custom-process", "config-file"} <= set(methods(without_files=False))


@pytest.mark.parametrize(
    ("environ", "region"),
    [
        ({"AWS_REGION": "eu-west-3"}, "eu-west-3"),
        ({"AWS_REGION": "eu-west-3", "AWS_DEFAULT_REGION": "eu-west-2"}, "eu-west-2"),
        ({}, None),
    ],
)
def test_resolving_when_the_region_has_its_newer_name_then_read_too(
    environ: dict[str, str], region: str | None
) -> None:
    """Botocore knows AWS_DEFAULT_REGION alone."""
    session = sdk.resolving(environ, profile=None, ask_mfa=str, child_environ={})
    assert session.get_config_variable("region") == region


def test_resolving_when_the_environment_names_a_source_then_only_that_environments(aws: FakeAws) -> None:
    """The process's own is not looked into."""
    given = {"AccessKeyId": "ASIACONTAINER", "SecretAccessKey": "s", "Token": "t"}
    aws.queue("GET /creds", json_reply({**given, "Expiration": "2099-01-01T00:00:00Z"}))
    keys = {"AWS_ACCESS_KEY_ID": "AKIAENV", "AWS_SECRET_ACCESS_KEY": "s"}
    for environ, key_id in (
        (keys, "AKIAENV"),
        ({"AWS_CONTAINER_CREDENTIALS_FULL_URI": f"{aws.url}/creds"}, "ASIACONTAINER"),
    ):
        session = sdk.resolving(environ, profile=None, ask_mfa=str, child_environ={})
        assert session.get_credentials().access_key == key_id


@pytest.mark.parametrize(
    ("problem", "kind"),
    [
        (SSLError(endpoint_url="https://h", error="x"), SSLError),
        (OSError("x"), CredentialRetrievalError),
        (KeyError("x"), CredentialRetrievalError),
        (AttributeError("x"), CredentialRetrievalError),
        (TypeError("x"), CredentialRetrievalError),
        (ValueError("x"), CredentialRetrievalError),
        (ZeroDivisionError("x"), ZeroDivisionError),
    ],
)
def test_provider_when_it_stumbles_then_the_sdks_own_error(problem: Exception, kind: type[Exception]) -> None:
    """With its name and what it stumbled over; an error of the SDK, and a bug, stay what they are."""

    class Stock:
        METHOD = "custom-process"

        def load(self) -> None:
            raise problem

    own = sdk._Explaining(Stock())
    with pytest.raises(kind) as caught:
        own.load()
    if kind is CredentialRetrievalError:
        assert f"custom-process: {type(problem).__name__}: " in str(caught.value)
    assert own.METHOD == "custom-process"


def test_process_when_it_does_not_answer_then_ended_and_said(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Botocore would wait for ever."""
    monkeypatch.setattr(sdk, "PROCESS_SECONDS", 0.3)
    (home / "config").write_text(
        f"[profile ann]\ncredential_process = sh -c 'echo $$ >{home}/pid; exec sleep 30'\n"
    )
    environ = {"AWS_CONFIG_FILE": f"{home}/config", "PATH": os.environ["PATH"]}
    session = sdk.resolving(environ, profile="ann", ask_mfa=str, child_environ=environ)
    with pytest.raises(CredentialRetrievalError, match="TimeoutError: no answer in 0 s"):
        session.get_credentials()
    with pytest.raises(ProcessLookupError):
        os.kill(int((home / "pid").read_text()), 0)


def test_client_when_the_config_file_names_an_endpoint_then_that(home: Path) -> None:
    """Nothing else names one: it is the person's own setting."""
    (home / ".aws").mkdir()
    (home / ".aws/config").write_text("[default]\nendpoint_url = http://file.example\n")
    assert client({}).meta.endpoint_url == "http://file.example"
    assert client({"AWS_ENDPOINT_URL": "http://all"}).meta.endpoint_url == "http://all"
