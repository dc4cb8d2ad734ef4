"""Every failure of the table, produced: what it is called, what it says, and what it tells to do next."""

import ast
import importlib
import socket
import ssl
import string
import subprocess
import sys
import threading
import time
from email.utils import formatdate
from pathlib import Path
from typing import TypeGuard

import pytest

from rolecall.credentials.aws import sdk
from rolecall.credentials.failures import remedy
from rolecall.credentials.failures import table as failures
from rolecall.errors import EXIT_LOGIN, RolecallError
from rolecall.project import config
from rolecall.project.approved import record as approved
from support import free_port, write_env
from support.credentials import obtain
from support.fake_aws import FakeAws, Reply, granted, page, refusal

NOT_ALLOWED = (
    "User: arn:aws:iam::111122223333:user/ann is not authorized to perform: {} "
    "on resource: arn:aws:iam::111122223333:role/dev{}"
)


def failure(root: Path, *, seconds: float = 20.0) -> RolecallError:
    """Try to take the role dev and return why that failed."""
    with pytest.raises(RolecallError) as caught:
        obtain(root, "dev", seconds=seconds)
    return caught.value


def env(root: Path, **changes: str) -> None:
    path = root / ".env"
    lines = [line for line in path.read_text().splitlines() if line.partition("=")[0] not in changes]
    write_env(root, "".join(f"{line}\n" for line in [*lines, *(f"{k}={v}" for k, v in changes.items() if v)]))


REFUSED = [
    (
        "trust-denied",
        refusal("AccessDenied", NOT_ALLOWED.format("sts:AssumeRole", ""), status=403),
        "user/ann",
    ),
    (
        "explicitly-denied",
        refusal(
            "AccessDenied",
            NOT_ALLOWED.format("sts:AssumeRole", " with an explicit deny in a service control policy"),
            status=403,
        ),
        "explicit deny",
    ),
    (
        "tags-denied",
        refusal("AccessDenied", NOT_ALLOWED.format("sts:TagSession", ""), status=403),
        "sts:TagSession",
    ),
    (
        "source-identity-denied",
        refusal("AccessDenied", NOT_ALLOWED.format("sts:SetSourceIdentity", ""), status=403),
        "sts:SetSourceIdentity",
    ),
    (
        "duration-above-maximum",
        refusal(
            "ValidationError",
            "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
        ),
        "duration 1h00m",
    ),
    (
        "chained-over-hour",
        refusal(
            "ValidationError",
            "DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.",
        ),
        "one hour",
    ),
    ("request-invalid", refusal("ValidationError", "1 validation error detected"), "1 validation error"),
    ("policy-malformed", refusal("MalformedPolicyDocument", "Syntax errors in policy."), "Syntax errors"),
    ("policy-too-large", refusal("PackedPolicyTooLarge", "Packed size of 120%"), "120%"),
    ("key-unknown", refusal("InvalidClientTokenId", "The security token is invalid.", status=403), "…1234"),
    (
        "secret-wrong",
        refusal("SignatureDoesNotMatch", "The request signature we calculated does not match", status=403),
        "…1234",
    ),
    (
        "token-expired",
        refusal("ExpiredToken", "The security token is expired", status=403),
        "keys …1234 in .env",
    ),
    ("token-invalid", refusal("InvalidToken", "The token is malformed", status=403), "session token"),
    (
        "region-disabled",
        refusal("RegionDisabledException", "STS is not activated in this region", status=403),
        "eu-west-1",
    ),
    ("aws-down", Reply(503, "", {}), "error of its own"),
    ("throttled", refusal("Throttling", "Rate exceeded"), "throttling"),
    ("refused", refusal("SomethingNew", "never heard of"), "SomethingNew: never heard of"),
    ("captive-portal", page(200), "web page"),
    ("captive-portal", page(403), "web page"),
    ("captive-portal", Reply(302, "", {"Location": "http://login.example/"}), "web page"),
    ("answer-wrong", Reply(200, "not xml at all", {"Content-Type": "text/xml"}), "not an STS answer"),
    ("connection-lost", Reply(200, "<Assume", is_cut=True), "was cut"),
]


@pytest.mark.parametrize(
    ("code", "reply", "says"), REFUSED, ids=[f"{row[0]}-{at}" for at, row in enumerate(REFUSED)]
)
def test_refusal_when_sts_answers_so_then_named_and_explained(
    shop: Path, aws: FakeAws, code: str, reply: Reply, says: str
) -> None:
    """Each answer of STS is called by its name, and concerns a role."""
    aws.queue("AssumeRole", *[reply] * 8)
    problem = failure(shop, seconds=3 if failures.ROWS[code].is_transient else 20)
    assert (code, True) == (problem.code, says in problem.message)
    assert "role dev" in problem.message
    assert "\n" not in str(problem)
    assert "secret-of-ann" not in str(problem)


def test_trust_denied_when_sts_does_not_say_who_you_are_then_asked(shop: Path, aws: FakeAws) -> None:
    """Your ARN is in the message even where STS left it out."""
    aws.queue("AssumeRole", refusal("AccessDenied", "Access denied", status=403))
    assert f"{aws.user_arn} may not take" in failure(shop).message


def test_trust_denied_when_nothing_was_sent_along_then_what_may_be_missing_is_named(
    shop: Path, aws: FakeAws
) -> None:
    """AWS answers a missing external id or MFA in the same words as a missing trust: both are named."""
    aws.queue("AssumeRole", refusal("AccessDenied", NOT_ALLOWED.format("sts:AssumeRole", ""), status=403))
    assert "external_id or MFA" in failure(shop).message
    path = shop / "envrc.d/roles.toml"
    path.write_text(path.read_text().replace('duration = "1h"', 'external_id = "ext-1"'))
    aws.queue("AssumeRole", refusal("AccessDenied", NOT_ALLOWED.format("sts:AssumeRole", ""), status=403))
    message = failure(shop).message
    assert "(it may want MFA, which the role does not declare, or it may want another external_id)" in message


@pytest.mark.parametrize(
    ("seconds", "says"),
    [(-17 * 60 - 5, "17m fast"), (65 * 60 + 5, "1h05m slow")],
    ids=["our clock is fast", "slow"],
)
def test_clock_when_off_then_said_by_how_much(shop: Path, aws: FakeAws, seconds: int, says: str) -> None:
    """The Date of a refusal tells how far our clock is off; signed by that, the next try works."""
    date = formatdate(time.time() + seconds, usegmt=True)
    refused = refusal("SignatureDoesNotMatch", "Signature expired: a is now earlier than b", Date=date)
    aws.queue("AssumeRole", refused, refused)
    problem = failure(shop)
    assert (problem.code, says in problem.message) == ("clock-off", True)
    aws.queue("AssumeRole", refused)
    assert f"this machine's clock is {says}; please set it" in obtain(shop, "dev").notes


def test_endpoint_when_nothing_listens_on_loopback_then_sandbox(shop: Path) -> None:
    """A refused connection on this machine means that the sandbox is not running."""
    env(shop, AWS_ENDPOINT_URL=f"http://127.0.0.1:{free_port()}")
    problem = failure(shop)
    assert (problem.code, problem.hint) == ("sandbox-down", "invoke sandbox")


def test_endpoint_when_a_host_elsewhere_refuses_then_the_network(
    shop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A refused connection to another host has nothing to do with the sandbox."""
    port = free_port()
    here = socket.getaddrinfo("127.0.0.1", port, type=socket.SOCK_STREAM)
    monkeypatch.setattr("_socket.getaddrinfo", lambda *_words, **_options: here)
    env(shop, AWS_ENDPOINT_URL=f"http://sts.example.test:{port}", NO_PROXY="sts.example.test")
    problem = failure(shop)
    assert (problem.code, "sts.example.test refuses" in problem.message) == ("connection-refused", True)


def test_endpoint_when_it_hangs_then_timeout(shop: Path, aws: FakeAws) -> None:
    """A server that accepts and says nothing ends at the deadline."""
    aws.queue("AssumeRole", *[Reply(200, "", pause_seconds=5)] * 3)
    began = time.monotonic()
    problem = failure(shop, seconds=1.0)
    assert problem.code == "timeout"
    assert time.monotonic() - began < 4.5


def test_name_when_it_does_not_resolve_then_offline(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that cannot be resolved means: offline."""

    def unresolved(*_words: object, **_options: object) -> None:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unresolved)
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"):
        monkeypatch.delenv(name)
    env(shop, AWS_ENDPOINT_URL="")
    problem = failure(shop)
    assert (problem.code, "sts.eu-west-1.amazonaws.com" in problem.message) == ("dns-failed", True)


def test_proxy_when_unreachable_then_proxy_named_without_password(
    shop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The proxy is named, its password is not."""
    port = free_port()
    monkeypatch.setenv("HTTPS_PROXY", f"http://ann:hunter2@127.0.0.1:{port}")
    monkeypatch.setenv("https_proxy", f"http://ann:hunter2@127.0.0.1:{port}")
    env(shop, AWS_ENDPOINT_URL="")
    problem = failure(shop)
    assert (problem.code, f"127.0.0.1:{port}" in problem.message) == ("proxy-failed", True)
    assert "hunter2" not in str(problem)


def test_proxy_when_only_env_file_names_it_then_used(shop: Path, aws: FakeAws) -> None:
    """A proxy of `.env` is used before any shell has loaded it; NO_PROXY there counts too."""
    env(shop, AWS_ENDPOINT_URL="http://sts.example.test", HTTP_PROXY=aws.url)
    obtain(shop, "dev")
    assert aws.seen[-1].headers["host"] == "sts.example.test"
    env(shop, AWS_ENDPOINT_URL=aws.url, HTTP_PROXY="http://127.0.0.1:9", NO_PROXY="127.0.0.1")
    obtain(shop, "dev", refresh=True)
    assert aws.seen[-1].headers["host"] == aws.url.removeprefix("http://")


@pytest.fixture
def impostor(tmp_path: Path) -> str:
    """Serve TLS on loopback with a certificate nobody trusts; return the address."""
    key, cert = tmp_path / "key.pem", tmp_path / "cert.pem"
    words = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-days",
        "1",
        "-subj",
        "/CN=localhost",
        "-addext",
        "subjectAltName=IP:127.0.0.1",
    ]
    subprocess.run([*words, "-keyout", str(key), "-out", str(cert)], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                connection, _ = listener.accept()
                context.wrap_socket(connection, server_side=True).close()
            except ssl.SSLError:
                continue
            except OSError:
                return

    threading.Thread(target=serve, daemon=True).start()
    return f"https://127.0.0.1:{listener.getsockname()[1]}"


def test_certificate_when_not_trusted_then_tls(shop: Path, impostor: str) -> None:
    """A certificate that nobody vouches for points at AWS_CA_BUNDLE, which in `.env` is used."""
    env(shop, AWS_ENDPOINT_URL=impostor)
    problem = failure(shop)
    assert (problem.code, "AWS_CA_BUNDLE" in problem.message) == ("tls-failed", True)
    env(shop, AWS_CA_BUNDLE=str(shop.parent / "cert.pem"))
    approved.accept(config.load(shop))
    lost = failure(shop, seconds=2.0)
    assert lost.code == "connection-lost", lost.message


def test_profile_when_it_does_not_exist_then_named(shop: Path) -> None:
    """A profile of `.env` that no file has is named."""
    env(shop, AWS_ACCESS_KEY_ID="", AWS_SECRET_ACCESS_KEY="", AWS_PROFILE="nobody")
    problem = failure(shop)
    assert (problem.code, "nobody" in problem.message) == ("profile-missing", True)


@pytest.mark.parametrize(
    "text",
    [
        "[profile x\nbroken",
        "[profile ann]\nsource_profile = bob\nrole_arn = arn:aws:iam::111122223333:role/x\n",
    ],
)
def test_config_file_when_it_cannot_be_followed_then_said(shop: Path, home: Path, text: str) -> None:
    """A config file that is broken, or contradicts itself, is named as the cause."""
    (home / ".aws").mkdir()
    (home / ".aws/config").write_text(text)
    env(shop, AWS_ACCESS_KEY_ID="", AWS_SECRET_ACCESS_KEY="", AWS_PROFILE="ann")
    assert failure(shop).code == "profile-broken"


def test_identity_when_there_is_none_then_login_exit_code(shop: Path) -> None:
    """Nothing to assume with is for a person to mend: exit code 4."""
    env(shop, AWS_ACCESS_KEY_ID="", AWS_SECRET_ACCESS_KEY="")
    problem = failure(shop)
    assert (problem.code, problem.exit_code) == ("identity-missing", EXIT_LOGIN)


def test_region_when_aws_can_have_no_such_then_named(shop: Path) -> None:
    """What cannot be a region is said to be none, and by which name it goes."""
    env(shop, AWS_REGION="Frankfurt am Main")
    problem = failure(shop)
    assert (problem.code, "'Frankfurt am Main'" in problem.message) == ("region-unknown", True)


def test_region_when_neither_profile_nor_project_has_one_then_said_and_either_helps(
    shop: Path, home: Path, aws: FakeAws
) -> None:
    """A profile that takes a role needs a region; the project's will do, as the hint says."""
    (home / ".aws").mkdir()
    (home / ".aws/config").write_text(
        "[profile hub]\nrole_arn = arn:aws:iam::111122223333:role/hub\nsource_profile = ann\n"
        "[profile ann]\naws_access_key_id = AKIAPROFILEPROFILE77\naws_secret_access_key = s\n"
    )
    env(shop, AWS_ACCESS_KEY_ID="", AWS_SECRET_ACCESS_KEY="", AWS_PROFILE="hub")
    declared = shop / "envrc.d/roles.toml"
    text = declared.read_text()
    declared.write_text(text.replace('region = "eu-west-1"\n', ""))
    problem = failure(shop)
    assert (problem.code, "region in envrc.d/roles.toml" in problem.message) == ("region-unknown", True)
    declared.write_text(text)
    obtain(shop, "dev")
    assert [asked["RoleArn"].rpartition("/")[2] for asked in aws.asked("AssumeRole")] == ["hub", "dev"]


@pytest.mark.parametrize(
    ("where", "given", "missing"),
    [
        (".env", {"AWS_ACCESS_KEY_ID": "AKIAHALFHALFHALF0001"}, "AWS_SECRET_ACCESS_KEY"),
        (".env", {"AWS_SECRET_ACCESS_KEY": "alone"}, "AWS_ACCESS_KEY_ID"),
        ("environment", {"AWS_ACCESS_KEY_ID": "AKIAHALFHALFHALF0001"}, "AWS_SECRET_ACCESS_KEY"),
    ],
)
def test_keys_when_one_half_is_missing_then_no_other_identity_steps_in(
    shop: Path, monkeypatch: pytest.MonkeyPatch, where: str, given: dict[str, str], missing: str
) -> None:
    """Half a pair of keys is a slip to be told of, in `.env` as in the environment."""
    in_file = given if where == ".env" else {}
    env(shop, **{"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": "", **in_file})
    for name in given.keys() - in_file.keys():
        monkeypatch.setenv(name, given[name])
    problem = failure(shop)
    assert (problem.code, missing in problem.message) == ("identity-partial", True)


@pytest.mark.parametrize(
    ("backend", "code", "says"),
    [
        (None, "keyring-unusable", "the package keyring is not installed"),
        ("fail", "keyring-unusable", "No recommended backend"),
        ("null", "keyring-empty", "no access key …1234"),
    ],
    ids=["no package", "no keyring on this machine", "no such entry"],
)
def test_keyring_when_it_gives_no_keys_then_why(
    shop: Path, monkeypatch: pytest.MonkeyPatch, backend: str | None, code: str, says: str
) -> None:
    """Without its package, without a keyring, without the entry: each is told apart."""
    env(shop, AWS_ACCESS_KEY_ID="", AWS_SECRET_ACCESS_KEY="", ROLECALL_KEYRING="1234-abcdef01")
    if backend:
        keyring = importlib.import_module(f"keyring.backends.{backend}").Keyring()
        monkeypatch.setattr("keyring.core._keyring_backend", keyring)
    else:
        monkeypatch.setitem(sys.modules, "keyring", None)
    problem = failure(shop)
    assert (problem.code, says in problem.message) == (code, True), problem.message


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({}, "no role attached"),
        ({"AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://example.test/"}, "example.test"),
        ({"AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": "/nowhere/token"}, "/nowhere/token"),
        ({"AWS_EC2_METADATA_SERVICE_ENDPOINT": "not an address"}, "not an address"),
    ],
)
def test_metadata_when_it_gives_no_credentials_then_not_taken_for_a_process(
    shop: Path, aws: FakeAws, monkeypatch: pytest.MonkeyPatch, values: dict[str, str], says: str
) -> None:
    """A metadata service that fails, or that the environment names wrongly, is called by its name."""
    env(shop, AWS_ACCESS_KEY_ID="", AWS_SECRET_ACCESS_KEY="")
    monkeypatch.setattr("botocore.utils.ContainerMetadataFetcher.SLEEP_TIME", 0)
    for name, value in ({"AWS_CONTAINER_CREDENTIALS_FULL_URI": f"{aws.url}/creds"} | values).items():
        monkeypatch.setenv(name, value)
    aws.queue("GET /creds", *[Reply(500, "no role attached")] * 3)
    problem = failure(shop)
    assert (problem.code, says in problem.message) == ("metadata-failed", True), problem.message


@pytest.mark.parametrize("command", ["no-such-program", "/", "echo hello", "echo [1]", "'unclosed"])
def test_process_when_it_cannot_run_or_prints_nothing_of_use_then_said(
    shop: Path, home: Path, command: str
) -> None:
    """A credential_process that is not installed, or prints no JSON, is no bug of ours."""
    (home / ".aws").mkdir()
    (home / ".aws/config").write_text(f"[profile ann]\ncredential_process = {command}\n")
    env(shop, AWS_ACCESS_KEY_ID="", AWS_SECRET_ACCESS_KEY="", AWS_PROFILE="ann")
    problem = failure(shop)
    assert (problem.code, "profile ann" in problem.message) == ("process-failed", True), problem.message


@pytest.mark.parametrize(
    ("source", "code"), [("Ec2InstanceMetadata", "metadata-failed"), ("Environment", "profile-broken")]
)
def test_profile_when_its_credential_source_is_empty_then_that_is_the_cause(
    shop: Path, home: Path, source: str, code: str
) -> None:
    """A profile's credential_source that has nothing to give is no credential_process."""
    (home / ".aws").mkdir()
    (home / ".aws/config").write_text(
        "[profile hub]\nrole_arn = arn:aws:iam::111122223333:role/hub\n"
        f"credential_source = {source}\nregion = eu-west-1\n"
    )
    env(shop, AWS_ACCESS_KEY_ID="", AWS_SECRET_ACCESS_KEY="", AWS_PROFILE="hub")
    problem = failure(shop)
    assert (problem.code, "credential_source" in problem.message) == (code, True), problem.message


def test_rows_when_written_then_placeholders_are_known() -> None:
    """No row has a hole that nothing fills."""
    text = "".join(row.says + row.hint for row in failures.ROWS.values())
    fields = {name for _, name, _, _ in string.Formatter().parse(text) if name}
    of_role = {"role", "arn", "account", "you", "unsent", "serial", "duration", "key", "label"}
    of_place = {"detail", "session", "flag", "skew", "region", "endpoint", "host", "proxy"}
    of_machine = {"replace", "untoken", "set_clock", "install"}
    assert fields <= of_role | of_place | of_machine


PROD = "arn:aws:iam::444455556666:role/prod"
COMMANDS = {"invoke", "${EDITOR:-vi}", "grep", "sudo", "ls", "unset"}


@pytest.mark.parametrize("code", failures.ROWS)
@pytest.mark.parametrize("label", ["keys …1234 in .env", "keys …1234 in the environment", "profile ann"])
def test_hint_when_shown_then_is_a_command_that_runs_as_it_stands(code: str, label: str) -> None:
    """A hint begins with a program and has no hole in it; advice stands in the message instead."""
    hint = failures.error(code, role="dev", label=label, session="hub", flag=" --session hub").hint
    assert not hint or hint.split()[0] in COMMANDS
    assert not any(word in hint for word in ("{", "NAME", "CODE", "…", ", ", "; ")) or "${" in hint


@pytest.mark.parametrize(
    ("release", "platform", "command"),
    [
        ("6.1.0-generic", "linux", "sudo timedatectl set-ntp true"),
        ("5.15-microsoft-standard-WSL2", "linux", "sudo hwclock -s"),
        ("23.1.0", "darwin", "sudo sntp -sS time.apple.com"),
    ],
)
def test_clock_when_off_then_the_hint_is_this_machines_command(
    release: str, platform: str, command: str
) -> None:
    """Each system has its own way to set the clock."""
    assert remedy.set_clock(platform, release) == command


def test_chain_when_its_second_hop_is_denied_then_the_role_is_to_be_trusted(shop: Path, aws: FakeAws) -> None:
    """A trust policy names a role, not the session that AWS complains about; and it is that role's policy."""
    session = "arn:aws:sts::111122223333:assumed-role/dev/ann@shop"
    says = f"User: {session} is not authorized to perform: sts:AssumeRole on resource: {PROD}"
    path = shop / "envrc.d/roles.toml"
    path.write_text(path.read_text() + f'\n[roles.far]\nrole_arn = "{PROD}"\nsource = "dev"\n')
    aws.queue("AssumeRole", granted("arn:aws:iam::111122223333:role/dev"))
    aws.queue("AssumeRole", refusal("AccessDenied", says, status=403))
    with pytest.raises(RolecallError) as caught:
        obtain(shop, "far")
    message = caught.value.message
    assert "does not name arn:aws:iam::111122223333:role/dev" in message
    assert "the policies of arn:aws:iam::111122223333:role/dev lack" in message
    assert "assumed-role" not in message


def test_token_when_it_stands_beside_a_long_lived_key_then_it_is_blamed(shop: Path, aws: FakeAws) -> None:
    """AWS says of it what it says of an unknown key; the key is good."""
    env(shop, AWS_SESSION_TOKEN="left-from-yesterday")
    aws.queue("AssumeRole", refusal("InvalidClientTokenId", "The security token is invalid.", status=403))
    problem = failure(shop)
    assert (problem.code, "AWS_SESSION_TOKEN" in problem.message) == ("token-invalid", True)
    assert problem.hint == "${EDITOR:-vi} .env"


def test_key_when_a_profile_holds_it_then_the_profile_is_mended(shop: Path, home: Path, aws: FakeAws) -> None:
    """`.env` holds no key then, and setup is not the place to mend it."""
    (home / ".aws").mkdir()
    (home / ".aws/credentials").write_text(
        "[ann]\naws_access_key_id = AKIAPROFILEPROFILE77\naws_secret_access_key = s\n"
    )
    env(shop, AWS_ACCESS_KEY_ID="", AWS_SECRET_ACCESS_KEY="", AWS_PROFILE="ann")
    aws.queue("AssumeRole", refusal("InvalidClientTokenId", "The security token is invalid.", status=403))
    problem = failure(shop)
    assert (problem.code, "profile ann" in problem.message) == ("key-unknown", True)
    assert ".aws/credentials" in problem.hint


def test_key_id_when_it_is_none_then_its_end_is_not_shown(shop: Path, aws: FakeAws) -> None:
    """A secret that was pasted in the place of the key id keeps its last four characters."""
    env(shop, AWS_ACCESS_KEY_ID="wJalrXUtnFEMI/K7MDENG/bPxRfiCYzQx9")
    aws.queue("AssumeRole", refusal("InvalidClientTokenId", "The security token is invalid.", status=403))
    assert "zQx9" not in str(failure(shop))


@pytest.mark.parametrize("is_patient", [False, True], ids=["on cd", "by hand"])
def test_credential_process_when_it_hangs_then_named(
    shop: Path, home: Path, monkeypatch: pytest.MonkeyPatch, *, is_patient: bool
) -> None:
    """It is not the network, and by hand it is ended and said so."""
    (home / ".aws").mkdir()
    (home / ".aws/config").write_text("[profile ann]\ncredential_process = sleep 30\n")
    env(shop, AWS_ACCESS_KEY_ID="", AWS_SECRET_ACCESS_KEY="", AWS_PROFILE="ann")
    monkeypatch.setattr(sdk, "PROCESS_SECONDS", 0.5 if is_patient else 15.0)
    problem = failure(shop, seconds=10 if is_patient else 1)
    assert problem.code == ("process-failed" if is_patient else "identity-slow")
    assert problem.message.startswith("role dev: profile ann")
    assert "credential_process" in problem.message


def test_chain_when_nothing_names_an_identity_and_the_metadata_service_is_silent_then_said(
    shop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """There is no profile whose program could hang."""
    env(shop, AWS_ACCESS_KEY_ID="", AWS_SECRET_ACCESS_KEY="")
    monkeypatch.delenv("AWS_EC2_METADATA_DISABLED", raising=False)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"http://127.0.0.1:{silent.getsockname()[1]}"
        monkeypatch.setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", address)
        problem = failure(shop, seconds=0.5)
    assert (problem.code, problem.hint) == ("metadata-slow", "invoke setup")
    assert "credential_process" not in problem.message


def test_table_when_printed_then_one_line_for_each_failure() -> None:
    """The README's table has every row, and no unfilled placeholder."""
    lines = failures.table().splitlines()
    assert len(failures.ROWS) == len(lines) - 2
    assert "{" not in failures.table().replace("${", "")


def words_of(test: ast.FunctionDef, tables: dict[str, ast.expr]) -> set[str]:
    """Return every word in `test`, its parameters and the tables it names."""
    inside = list(ast.walk(test))
    named = [tables[node.id] for node in inside if isinstance(node, ast.Name) and node.id in tables]
    inside += [node for table in named for node in ast.walk(table)]
    return {node.value for node in inside if isinstance(node, ast.Constant) and isinstance(node.value, str)}


def looks_at_a_code(test: ast.stmt) -> TypeGuard[ast.FunctionDef]:
    is_test = isinstance(test, ast.FunctionDef) and test.name.startswith("test_")
    return is_test and any(isinstance(node, ast.Attribute) and node.attr == "code" for node in ast.walk(test))


def test_rows_when_compared_with_the_tests_then_each_is_produced() -> None:
    """A row whose code no test finds in an error's `.code` is a promise nobody keeps."""
    produced: set[str] = set()
    for path in Path(__file__).parents[1].rglob("test_*.py"):
        body = ast.parse(path.read_text()).body
        given = [(name, node.value) for node in body if isinstance(node, ast.Assign) for name in node.targets]
        tables = {name.id: value for name, value in given if isinstance(name, ast.Name)}
        produced = produced.union(*(words_of(test, tables) for test in body if looks_at_a_code(test)))
    assert set(failures.ROWS) - produced == set()
