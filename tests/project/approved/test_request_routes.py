"""Where requests go, as the project says it: which values count, which are this machine's, what is shown."""

import os
from pathlib import Path

import pytest

from rolecall.project.approved import request_routes
from rolecall.project.declared import Project
from rolecall.system.disk import place


def routes(root: Path, env: dict[str, str], **environ: str) -> dict[str, str]:
    """Return the words of each route of the project at `root`."""
    where = place.at(root, environ={"HOME": "/people/ann", **environ})
    found = request_routes.of(Project(where, "shop", None, None, {}, env))
    assert all(len(route.digest) == 16 for route in found.values())
    return {name: route.says for name, route in found.items()}


@pytest.mark.parametrize(
    ("name", "value", "host"),
    [
        ("AWS_ENDPOINT_URL", "https://a.example/x", "a.example"),
        ("AWS_ENDPOINT_URL_S3", "https://a.example", "a.example"),
        ("HTTP_PROXY", "a.example:80", "a.example"),
        ("https_proxy", "http://ann:pw@a.example:80", "a.example"),
        ("ALL_PROXY", "http://", "(no host)"),
        ("HTTPS_PROXY", "http://[::1", "(no host)"),
        ("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://127.0.0.1:x/", "127.0.0.1"),
        ("AWS_EC2_METADATA_SERVICE_ENDPOINT", "http://a.127.0.0.1", "a.127.0.0.1"),
        ("AWS_ENDPOINT_URL", "http://a.example/localhost", "a.example"),
        ("AWS_ENDPOINT_URL", "127.0.0.1:5000", "127.0.0.1"),
        ("AWS_ENDPOINT_URL", "http://127.0.0.1", ""),
        ("AWS_ENDPOINT_URL", "http://localhost:5000/x", ""),
        ("AWS_ENDPOINT_URL", "http://[::1]:5000", ""),
        ("AWS_ENDPOINT_URL", "", ""),
        ("AWS_ENDPOINT_URLS", "https://a.example", ""),
        ("aws_endpoint_url", "https://a.example", ""),
        ("NO_PROXY", "a.example", ""),
    ],
)
def test_of_when_env_has_an_address_then_its_host_is_said_unless_it_is_here(
    tmp_path: Path, name: str, value: str, host: str
) -> None:
    """Proxies in any case, endpoints as SDKs read them; a password before the host is not shown."""
    says = {name: f".env sets {name} to {host}"} if host else {}
    assert routes(tmp_path, {name: value}) == says


@pytest.mark.parametrize(
    "name",
    [
        *("AWS_CA_BUNDLE", "REQUESTS_CA_BUNDLE", "SSL_CERT_FILE", "AWS_CONFIG_FILE"),
        *("AWS_SHARED_CREDENTIALS_FILE", "AWS_WEB_IDENTITY_TOKEN_FILE"),
    ],
)
def test_of_when_a_file_is_named_then_only_one_inside_the_project_is_looked_into(
    tmp_path: Path, name: str
) -> None:
    """From `.env` the name counts too; the shell's own files are the person's."""
    inside = f"ca.pem, which {name} names, is not as you approved it"
    assert routes(tmp_path, {name: "/etc/ca.pem"}) == {name: f".env sets {name} to /etc/ca.pem"}
    assert routes(tmp_path, {name: "~/ca.pem"}) == {name: f".env sets {name} to ~/ca.pem"}
    assert list(routes(tmp_path, {name: "ca.pem"}).values()) == [f".env sets {name} to ca.pem", inside]
    assert list(routes(tmp_path, {}, **{name: f"{tmp_path}/ca.pem"}).values()) == [inside]
    assert routes(tmp_path, {}, **{name: "/etc/ca.pem"}) == {}
    assert routes(tmp_path, {name: ""}, **{name: ""}) == {}


def test_of_when_a_name_steers_the_terminal_then_it_is_written_out(tmp_path: Path) -> None:
    """It is shown in a question."""
    says = routes(tmp_path, {"AWS_CA_BUNDLE": "a\x1b[2J"}).values()
    assert not [one for one in says if "\x1b" in one]
    assert "a\\x1b[2J" in "".join(says)


@pytest.mark.parametrize("kind", ["file", "large", "folder"])
def test_of_when_a_pull_changes_what_is_named_then_the_digest_is_another(tmp_path: Path, kind: str) -> None:
    """A folder of certificates, and a file too large to be read, are known by the time of the last change."""
    where = place.at(tmp_path, environ={"HOME": "/people/ann"})
    project = Project(where, "shop", None, None, {}, {"REQUESTS_CA_BUNDLE": "ca"})
    path = tmp_path / "ca"
    digests = {list(request_routes.of(project).values())[1].digest}
    for moment, content in enumerate((b"one", b"two"), 1):
        if kind == "folder":
            path.mkdir(exist_ok=True)
            (path / content.decode()).touch()
        else:
            path.write_bytes(bytes(5 << 20 if kind == "large" else 0) + content)
        os.utime(path, (moment, moment))
        digests.add(list(request_routes.of(project).values())[1].digest)
    assert len(digests) == 3


def test_of_when_what_is_named_is_a_pipe_then_nobody_waits_for_it(tmp_path: Path) -> None:
    """It is there, and nothing is read from it."""
    os.mkfifo(tmp_path / "ca.pem")
    assert len(routes(tmp_path, {"AWS_CA_BUNDLE": "ca.pem"})) == 2
