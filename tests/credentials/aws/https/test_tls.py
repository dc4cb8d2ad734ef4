"""What TLS trusts: the bundle that is named, else the system's, the cheapest part of it first."""

import _ssl
from pathlib import Path
from typing import Any

import pytest

from rolecall.credentials.aws.https import tls
from rolecall.credentials.aws.query.errors import AwsUnreachableError
from support.scripted_server import Authority


@pytest.fixture
def known(tmp_path: Path, authority: Authority) -> dict[str, Path]:
    """Make a file of certificates, a folder with one by its hash, one without, and one that is empty."""
    hashed, plain, empty = (tmp_path / name for name in ("hashed", "plain", "empty"))
    for folder in (hashed, plain, empty):
        folder.mkdir()
    (hashed / "00000000.0").write_bytes(authority.bundle.read_bytes())
    (plain / "ca.pem").write_bytes(authority.bundle.read_bytes())
    return {"file": authority.bundle, "hashed": hashed, "plain": plain, "empty": empty}


def system(monkeypatch: pytest.MonkeyPatch, file: object, folder: object) -> None:
    """Let OpenSSL's own places be these."""
    paths = ("SSL_CERT_FILE", str(file), "SSL_CERT_DIR", str(folder))
    monkeypatch.setattr(_ssl, "get_default_verify_paths", lambda: paths)


def counts(environ: dict[str, str]) -> list[int]:
    """Return how many certificates each store has loaded; one in a folder is read when it is needed."""
    return [len(store.get_ca_certs()) for store in tls.stores(environ)]


def test_stores_when_a_bundle_is_named_then_that_alone(known: dict[str, Path]) -> None:
    """AWS's variable goes before that of requests; an empty one names nothing."""
    bundle = str(known["file"])
    assert counts({"AWS_CA_BUNDLE": bundle, "REQUESTS_CA_BUNDLE": "/nowhere"}) == [1]
    assert counts({"AWS_CA_BUNDLE": "", "REQUESTS_CA_BUNDLE": bundle}) == [1]
    assert counts({"AWS_CA_BUNDLE": str(known["hashed"])}) == [0]


@pytest.mark.parametrize(
    ("file", "folder", "environ", "stores"),
    [
        ("file", "hashed", {}, [0, 1]),
        ("file", "plain", {}, [1]),
        ("file", "nowhere", {}, [1]),
        ("nowhere", "hashed", {}, [0, 0]),
        ("nowhere", "empty", {}, [0]),
        ("nowhere", "hashed", {"SSL_CERT_FILE": "file"}, [1]),
        ("file", "empty", {"SSL_CERT_DIR": "hashed"}, [0, 1]),
    ],
)
def test_stores_when_the_systems_own_then_its_folder_and_then_all_of_it(
    monkeypatch: pytest.MonkeyPatch,
    known: dict[str, Path],
    *,
    file: str,
    folder: str,
    environ: dict[str, str],
    stores: list[int],
) -> None:
    """The folder first, where it names certificates by their hash and the person named no file."""
    system(monkeypatch, known.get(file, "/nowhere"), known.get(folder, "/nowhere"))
    assert counts({name: str(known[value]) for name, value in environ.items()}) == stores


def test_stores_when_the_system_has_none_then_those_that_come_with_botocore(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Some Pythons on macOS know of none."""
    system(monkeypatch, "/nowhere", "/nowhere")
    (count,) = counts({})
    assert count > 50
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    assert counts({}) == [0]


def test_store_when_made_then_checks_host_and_certificate_and_takes_no_cut_for_an_end() -> None:
    """Debian's Python would."""
    (store, *_) = tls.stores({})
    assert (store.check_hostname, store.verify_mode) == (True, 2)
    assert not store.options & 0x80


@pytest.mark.parametrize("wrong", [{"check_hostname": False}, {"verify_mode": 1}])
def test_store_when_this_python_does_not_check_then_refused(
    monkeypatch: pytest.MonkeyPatch, wrong: dict[str, object]
) -> None:
    """Nothing is sent to whoever answers."""

    class Context:
        check_hostname, verify_mode = True, 2

        def __init__(self, _protocol: object) -> None:
            vars(self).update(wrong)

    monkeypatch.setattr(_ssl, "_SSLContext", Context)
    with pytest.raises(AwsUnreachableError, match="does not check certificates"):
        list(tls.stores({}))


def said(**facts: Any) -> AwsUnreachableError:
    problem = _ssl.SSLError("as OpenSSL says")
    for name, value in facts.items():
        setattr(problem, name, value)
    return tls._failed(problem)


def test_handshake_when_it_fails_then_whose_fault() -> None:
    """An issuer that a larger store may know, a connection that was cut, or the certificate."""
    kinds = [isinstance(said(verify_code=code), tls.UnknownIssuerError) for code in (10, 18, 19, 20, 21, 62)]
    assert kinds == [False, True, True, True, True, False]
    assert said(reason="UNEXPECTED_EOF_WHILE_READING").code == "connection-lost"
    assert tls._failed(_ssl.SSLEOFError("x")).code == "connection-lost"
    lost = said(reason="CERTIFICATE_VERIFY_FAILED", verify_message="Hostname mismatch")
    assert (lost.code, lost.kwargs["error"]) == ("tls-failed", "hostname mismatch")
    assert said(reason="WRONG_VERSION").kwargs["error"] == "wrong version"
    assert "as openssl says" in said().kwargs["error"]
