"""Who assumes: every source, in order, and never the role itself."""

import base64
import json
import os
import shutil
import subprocess
import sys
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from rolecall.credentials.aws import environment as aws_environment
from rolecall.credentials.identity import sdk_session, sources
from rolecall.credentials.model import Session
from rolecall.errors import CredentialError, RolecallError
from rolecall.project import config
from support import Sts, write_env
from support.credentials import obtain
from support.fake_aws import FakeAws, Reply, json_reply, refusal
from support.terminals import OLD_BASH, needs_old_bash

ARN = "arn:aws:iam::111122223333:role/dev"
Configure = Callable[..., None]


def take(root: Path, role: str = "dev") -> Session:
    return obtain(root, role)


def key_of(aws: FakeAws, at: int = -1) -> str:
    """Return which key signed a call of AssumeRole."""
    calls = [one for one in aws.seen if one.operation == "AssumeRole"]
    return calls[at].headers["authorization"].partition("Credential=")[2].partition("/")[0]


@pytest.fixture
def keyless(shop: Path, aws: FakeAws) -> Path:
    """Take the keys out of the project's `.env`."""
    write_env(shop, f"AWS_ENDPOINT_URL={aws.url}\n")
    return shop


@pytest.fixture
def aws_files(home: Path) -> Configure:
    """Return a function that writes the user's AWS files."""

    def write(config_text: str = "", credentials: str = "") -> None:
        (home / ".aws").mkdir(exist_ok=True)
        (home / ".aws/config").write_text(config_text)
        (home / ".aws/credentials").write_text(credentials)

    return write


@pytest.fixture
def container(aws: FakeAws, monkeypatch: pytest.MonkeyPatch) -> str:
    """Offer a container's credential endpoint; return the key id that it gives."""
    key_id = "ASIACONTAINER0000001"
    given = {
        "AccessKeyId": key_id,
        "SecretAccessKey": "s",
        "Token": "t",
        "Expiration": "2099-01-01T00:00:00Z",
    }
    aws.queue("GET /creds", json_reply(given), json_reply(given))
    monkeypatch.setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", f"{aws.url}/creds")
    return key_id


def loaded(before: dict[str, str], after: dict[str, str]) -> str:
    """Return DIRENV_DIFF as direnv writes it."""
    packed = zlib.compress(json.dumps({"p": before, "n": after}).encode())
    return base64.urlsafe_b64encode(packed).decode()


HELD = {
    "AWS_ACCESS_KEY_ID": "ASIAROLEROLEROLE0009",
    "AWS_SECRET_ACCESS_KEY": "role-secret",
    "AWS_SESSION_TOKEN": "role-token",
    "AWS_CREDENTIAL_EXPIRATION": "2099-01-01T00:00:00Z",
    "AWS_ACCOUNT_ID": "111122223333",
    "ROLECALL_ROLE": "dev",
}


def hold(monkeypatch: pytest.MonkeyPatch, values: dict[str, str]) -> None:
    for name, value in values.items():
        monkeypatch.setenv(name, value)


def test_keys_when_in_env_file_then_used_without_the_environments_token(
    shop: Path, aws: FakeAws, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Keys of `.env` never travel with a token from the environment."""
    hold(monkeypatch, {"AWS_SESSION_TOKEN": "stale", "AWS_SECURITY_TOKEN": "stale", "AWS_PROFILE": "nobody"})
    take(shop)
    assert key_of(aws) == "AKIAFAKEFAKEFAKE1234"
    assert "x-amz-security-token" not in aws.seen[-1].headers


@pytest.mark.parametrize(
    "text", ["[profile x\nbroken", "\x00\x01", "[default]\nregion = eu-west-1\nservices = none\n"]
)
def test_keys_when_the_config_file_is_broken_then_used_all_the_same(
    shop: Path, aws_files: Configure, text: str
) -> None:
    """A broken AWS config file is none of the keys' business."""
    aws_files(text)
    assert take(shop).role == "dev"


def test_keys_when_the_config_file_names_a_ca_bundle_then_it_still_counts(
    shop: Path, aws_files: Configure, tmp_path: Path
) -> None:
    """What the config file says of the network holds for the keys of `.env` too."""
    from rolecall.credentials.aws import sdk

    aws_files(f"[default]\nca_bundle = {tmp_path}/ca.pem\n")
    assert sdk.bare(dict(os.environ)).get_config_variable("ca_bundle") == f"{tmp_path}/ca.pem"


def test_profile_when_static_then_its_keys(keyless: Path, aws: FakeAws, aws_files: Configure) -> None:
    """A profile with keys of its own assumes the role."""
    aws_files(credentials="[ann]\naws_access_key_id = AKIAPROFILEPROFILE77\naws_secret_access_key = s\n")
    write_env(keyless, f"AWS_PROFILE=ann\nAWS_ENDPOINT_URL={aws.url}\n")
    take(keyless)
    assert key_of(aws) == "AKIAPROFILEPROFILE77"


def test_profile_when_edited_then_another_identity(keyless: Path, aws: FakeAws, aws_files: Configure) -> None:
    """The same name with other keys does not get the session of the keys before; unchanged, it does."""
    text = "[ann]\naws_access_key_id = {}\naws_secret_access_key = s\n"
    write_env(keyless, f"AWS_PROFILE=ann\nAWS_ENDPOINT_URL={aws.url}\n")
    for key_id in ("AKIAPROFILEPROFILE77", "AKIAPROFILEPROFILE77", "AKIAPROFILEPROFILE88"):
        aws_files(credentials=text.format(key_id))
        take(keyless)
    assert (len(aws.asked("AssumeRole")), key_of(aws)) == (2, "AKIAPROFILEPROFILE88")


def test_profile_when_named_in_roles_toml_then_used(
    keyless: Path, aws: FakeAws, aws_files: Configure
) -> None:
    """The team may name the profile; `.env` may name another."""
    aws_files(credentials="[team]\naws_access_key_id = AKIATEAMTEAMTEAM0001\naws_secret_access_key = s\n")
    path = keyless / "envrc.d/roles.toml"
    path.write_text(path.read_text().replace('name = "shop"', 'name = "shop"\nprofile = "team"'))
    take(keyless)
    assert key_of(aws) == "AKIATEAMTEAMTEAM0001"


def test_profile_when_it_assumes_a_role_then_chained(
    keyless: Path, aws: FakeAws, aws_files: Configure
) -> None:
    """A profile that assumes a role itself comes first, and the role after it lasts an hour at most."""
    aws_files(
        "[profile hub]\nrole_arn = arn:aws:iam::111122223333:role/hub\n"
        "source_profile = ann\nregion = eu-west-1\n",
        "[ann]\naws_access_key_id = AKIAPROFILEPROFILE77\naws_secret_access_key = s\n",
    )
    write_env(keyless, f"AWS_PROFILE=hub\nAWS_ENDPOINT_URL={aws.url}\n")
    take(keyless)
    assert [asked["RoleArn"].rpartition("/")[2] for asked in aws.asked("AssumeRole")] == ["hub", "dev"]


def test_profile_when_its_own_role_is_denied_then_that_role_is_named(
    keyless: Path, aws: FakeAws, aws_files: Configure
) -> None:
    """Not the role that was asked for is the one that refuses, but the profile's."""
    aws_files(
        "[profile hub]\nrole_arn = arn:aws:iam::111122223333:role/hub\n"
        "source_profile = ann\nregion = eu-west-1\n",
        "[ann]\naws_access_key_id = AKIAPROFILEPROFILE77\naws_secret_access_key = s\n",
    )
    write_env(keyless, f"AWS_PROFILE=hub\nAWS_ENDPOINT_URL={aws.url}\n")
    message = "User: {} is not authorized to perform: sts:AssumeRole on resource: {}"
    where = "arn:aws:iam::111122223333:role/hub"
    aws.queue("AssumeRole", refusal("AccessDenied", message.format(aws.user_arn, where), status=403))
    with pytest.raises(CredentialError, match=f"{aws.user_arn} may not take {where}:") as caught:
        take(keyless)
    assert caught.value.code == "trust-denied"


def process(tmp_path: Path, body: str) -> str:
    """Write a credential_process and return its command."""
    script = tmp_path / "process.py"
    script.write_text(body)
    return f'"{sys.executable}" {script}'


GIVING = """\
import json, os
print(json.dumps({"Version": 1, "AccessKeyId": "AKIAPROCESSPROCESS55", "SecretAccessKey": "s",
                  "SessionToken": os.environ.get("AWS_SESSION_TOKEN", "none")}))
"""


LOCKED = 'raise SystemExit("vault is locked")'


def test_process_when_the_shell_holds_a_role_then_it_sees_none_of_it(
    keyless: Path, aws: FakeAws, aws_files: Configure, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A credential_process runs in the environment as it was before rolecall."""
    aws_files(f"[profile ann]\ncredential_process = {process(tmp_path, GIVING)}\n")
    write_env(keyless, f"AWS_PROFILE=ann\nAWS_ENDPOINT_URL={aws.url}\n")
    hold(monkeypatch, HELD)
    take(keyless)
    assert key_of(aws) == "AKIAPROCESSPROCESS55"
    assert aws.seen[-1].headers["x-amz-security-token"] == "none"


def test_process_when_it_fails_then_its_last_words(
    keyless: Path, aws: FakeAws, aws_files: Configure, tmp_path: Path
) -> None:
    """What a failing credential_process said is in the message."""
    aws_files(f"[profile ann]\ncredential_process = {process(tmp_path, LOCKED)}\n")
    write_env(keyless, f"AWS_PROFILE=ann\nAWS_ENDPOINT_URL={aws.url}\n")
    with pytest.raises(
        CredentialError, match=r"profile ann: its credential_process failed: .*vault is locked"
    ) as caught:
        take(keyless)
    assert caught.value.code == "process-failed"


def own_process(root: Path) -> str:
    """Return a credential_process that is rolecall."""
    return f'"{sys.executable}" -P -m rolecall credential-process dev "{root}"'


def wrapped_process(root: Path) -> str:
    """Return a credential_process that is rolecall behind a script of the person's."""
    script = root / "wrapper"
    script.write_text(f"exec {own_process(root)}\n")
    return f'sh "{script}"'


def test_profile_when_it_calls_rolecall_back_then_recognised(
    keyless: Path, aws: FakeAws, aws_files: Configure
) -> None:
    """A profile whose script calls rolecall for this very role ends at once, with the reason."""
    aws_files(f"[profile shop-dev]\ncredential_process = {wrapped_process(keyless)}\n")
    write_env(keyless, f"AWS_PROFILE=shop-dev\nAWS_ENDPOINT_URL={aws.url}\n")
    with pytest.raises(CredentialError) as caught:
        take(keyless)
    assert caught.value.code == "identity-loop"
    assert "profile shop-dev gets its credentials from rolecall" in caught.value.message


def test_chain_when_the_profile_is_rolecalls_own_then_it_is_ignored_and_said(
    keyless: Path, aws: FakeAws, aws_files: Configure, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A terminal for `aws --profile shop-dev` still takes the role, with the identity behind it."""
    command = f'"{sys.executable}" -P -m rolecall credential-process dev "{keyless}"'
    aws_files(
        f"[profile shop-dev]\ncredential_process = {command}\n",
        "[default]\naws_access_key_id = AKIADEFAULTDEFAULT01\naws_secret_access_key = s\n",
    )
    monkeypatch.setenv("AWS_PROFILE", "shop-dev")
    session = obtain(keyless, "dev")
    assert key_of(aws) == "AKIADEFAULTDEFAULT01"
    assert any("AWS_PROFILE=shop-dev is ignored" in note for note in session.notes)


DEFAULT = "[default]\naws_access_key_id = AKIADEFAULTDEFAULT01\naws_secret_access_key = s\n"


@pytest.mark.parametrize("name", ["shop-dev", "behind"])
@pytest.mark.parametrize("place", [".env", "roles.toml", "environment"])
def test_profile_when_it_is_rolecalls_own_then_it_is_ignored_wherever_it_is_named(
    keyless: Path,
    aws: FakeAws,
    aws_files: Configure,
    monkeypatch: pytest.MonkeyPatch,
    *,
    place: str,
    name: str,
) -> None:
    """A profile that gets its credentials from rolecall, or whose source does, is nobody who could assume."""
    aws_files(
        f"[profile shop-dev]\ncredential_process = {own_process(keyless)}\n"
        "[profile behind]\nsource_profile = shop-dev\nrole_arn = arn:aws:iam::111122223333:role/x\n",
        DEFAULT,
    )
    if place == ".env":
        write_env(keyless, f"AWS_PROFILE={name}\nAWS_ENDPOINT_URL={aws.url}\n")
    elif place == "environment":
        monkeypatch.setenv("AWS_PROFILE", name)
    else:
        path = keyless / "envrc.d/roles.toml"
        path.write_text(path.read_text().replace('name = "shop"', f'name = "shop"\nprofile = "{name}"'))
    session = take(keyless)
    assert key_of(aws) == "AKIADEFAULTDEFAULT01"
    assert [note for note in session.notes if f"AWS_PROFILE={name} is ignored" in note]


def test_profile_when_ignored_and_nobody_else_is_there_then_the_message_says_so(
    keyless: Path, aws: FakeAws, aws_files: Configure
) -> None:
    """Who reads "no identity" would look at the profile and see nothing wrong."""
    aws_files(f"[profile shop-dev]\ncredential_process = {own_process(keyless)}\n")
    write_env(keyless, f"AWS_PROFILE=shop-dev\nAWS_ENDPOINT_URL={aws.url}\n")
    with pytest.raises(CredentialError, match="AWS_PROFILE=shop-dev is ignored") as caught:
        take(keyless)
    assert caught.value.code == "identity-missing"


def test_default_profile_when_it_is_rolecalls_own_then_it_is_ignored_and_said(
    keyless: Path, aws: FakeAws, container: str, aws_files: Configure
) -> None:
    """`[default]` needs no AWS_PROFILE to be the SDK's choice; what comes after the AWS files is asked."""
    behind = "source_profile = shop-dev\nrole_arn = arn:aws:iam::111122223333:role/x\n"
    for default in (
        f"[default]\ncredential_process = {own_process(keyless)}\n",
        f"[profile shop-dev]\ncredential_process = {own_process(keyless)}\n[default]\n{behind}",
    ):
        aws_files(default)
        session = obtain(keyless, "dev", refresh=True)
        assert key_of(aws) == container
        assert [note for note in session.notes if "[default] of the AWS config file is ignored" in note]


def test_default_profile_when_ignored_and_nobody_else_is_there_then_the_message_says_so(
    keyless: Path, aws_files: Configure
) -> None:
    """The message names what was passed over, and it is no loop."""
    aws_files(f"[default]\ncredential_process = {own_process(keyless)}\n")
    with pytest.raises(CredentialError, match=r"\[default\] of the AWS config file is ignored") as caught:
        obtain(keyless, "dev")
    assert caught.value.code == "identity-missing"


def test_profile_when_it_has_keys_beside_rolecalls_process_then_they_are_a_source(
    keyless: Path, aws_files: Configure
) -> None:
    """The SDK takes the keys of a profile before its credential_process, so rolecall is never asked."""
    keys = "[shop-dev]\naws_access_key_id = AKIAPROFILEPROFILE77\naws_secret_access_key = s\n"
    aws_files(f"[profile shop-dev]\ncredential_process = {own_process(keyless)}\n", keys)
    write_env(keyless, "AWS_PROFILE=shop-dev\n")
    assert sources.find(config.load(keyless)).label == "profile shop-dev"


def test_chain_when_the_profile_is_of_rolecall_elsewhere_then_it_is_a_source(
    keyless: Path, aws_files: Configure, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another project's role may assume this one's."""
    aws_files('[profile hub]\ncredential_process = "py" -m rolecall credential-process dev /other\n')
    monkeypatch.setenv("AWS_PROFILE", "hub")
    assert sources.find(config.load(keyless)).label == "profile hub"


@pytest.mark.parametrize("name", ["AWS_PROFILE", "AWS_DEFAULT_PROFILE"])
@pytest.mark.parametrize("place", [".env", "environment"])
def test_profile_when_named_by_either_variable_then_it_is_the_identity(
    keyless: Path, aws_files: Configure, monkeypatch: pytest.MonkeyPatch, *, place: str, name: str
) -> None:
    """The SDKs know two names for it."""
    aws_files("[profile ann]\naws_access_key_id = AKIAPROFILEPROFILE77\naws_secret_access_key = s\n")
    if place == ".env":
        write_env(keyless, f"{name}=ann\n")
    else:
        monkeypatch.setenv(name, "ann")
    assert sources.find(config.load(keyless)).label == "profile ann"


@pytest.mark.parametrize(
    ("change", "identities"),
    [
        ("[profile eve]\nregion = us-east-1\n", 1),
        ("# a remark\n\n", 1),
        ("role_session_name = x\n", 2),
    ],
)
def test_profile_when_the_files_change_then_only_its_own_lines_count(
    keyless: Path, aws: FakeAws, aws_files: Configure, change: str, identities: int
) -> None:
    """An unrelated profile costs no session, and its source's lines are its own."""
    text = (
        "[profile top]\nrole_arn = arn:aws:iam::111122223333:role/top\nsource_profile = ann\n"
        "[profile ann]\naws_access_key_id = AKIAPROFILEPROFILE77\naws_secret_access_key = s\n"
    )
    write_env(keyless, f"AWS_PROFILE=top\nAWS_ENDPOINT_URL={aws.url}\n")
    found = []
    for more in ("", change):
        aws_files(text + more)
        found.append(sources.find(config.load(keyless)).fingerprint)
    assert len(set(found)) == identities


def test_warm_session_when_its_own_fetch_asks_for_it_then_not_handed_out(
    keyless: Path, aws: FakeAws, aws_files: Configure
) -> None:
    """A profile that calls rolecall back does not get the session that is being renewed with it."""
    command = wrapped_process(keyless)
    aws_files(
        f"[profile shop-dev]\ncredential_process = {command}\n",
        "[shop-dev]\naws_access_key_id = AKIAPROFILEPROFILE77\naws_secret_access_key = s\n",
    )
    write_env(keyless, f"AWS_PROFILE=shop-dev\nAWS_ENDPOINT_URL={aws.url}\n")
    take(keyless)
    aws_files(f"[profile shop-dev]\ncredential_process = {command}\n")
    with pytest.raises(CredentialError) as caught:
        obtain(keyless, "dev", refresh=True)
    assert (caught.value.code, len(aws.asked("AssumeRole"))) == ("identity-loop", 1)


def test_chain_when_direnv_loaded_a_role_then_what_was_before_counts(
    keyless: Path, aws: FakeAws, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The person's own variables from before `cd` assume the role, not the role that `cd` brought."""
    own = {"AWS_ACCESS_KEY_ID": "AKIAOWNOWNOWNOWN0042", "AWS_SECRET_ACCESS_KEY": "own"}
    hold(monkeypatch, HELD | {"DIRENV_DIFF": loaded(own, HELD)})
    take(keyless)
    assert key_of(aws) == "AKIAOWNOWNOWNOWN0042"
    assert "x-amz-security-token" not in aws.seen[-1].headers


@pytest.mark.parametrize("more", [{"ROLECALL_RENEW_AT": "4070908800"}, {}], ids=["from cd", "from exec"])
def test_chain_when_only_a_role_is_held_then_it_is_never_its_own_source(
    keyless: Path, aws: FakeAws, monkeypatch: pytest.MonkeyPatch, more: dict[str, str]
) -> None:
    """Without direnv's record (sudo, a container, `exec`) the role is still not the identity."""
    hold(monkeypatch, HELD | more)
    with pytest.raises(RolecallError) as caught:
        take(keyless)
    assert caught.value.code == "identity-missing"
    assert aws.asked("AssumeRole") == []


def test_sdk_session_when_made_then_the_process_environment_is_untouched(
    keyless: Path, aws: FakeAws, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Other threads see the same environment throughout: nothing is hidden by changing os.environ."""
    hold(
        monkeypatch,
        HELD
        | {
            "DIRENV_DIFF": loaded(
                {"AWS_ACCESS_KEY_ID": "AKIAOWNOWNOWNOWN0042", "AWS_SECRET_ACCESS_KEY": "o"}, HELD
            )
        },
    )
    changed: list[str] = []
    monkeypatch.setattr("os._Environ.__setitem__", lambda _environ, name, _value: changed.append(name))
    monkeypatch.setattr("os._Environ.__delitem__", lambda _environ, name: changed.append(name))
    take(keyless)
    monkeypatch.undo()
    assert changed == []


def test_endpoint_when_only_left_over_in_the_shell_then_not_used(
    keyless: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An endpoint that `.env` no longer names is not used because the shell still has it."""
    write_env(keyless, "AWS_ACCESS_KEY_ID=AKIAFAKEFAKEFAKE1234\nAWS_SECRET_ACCESS_KEY=s\n")
    after = {"AWS_ENDPOINT_URL": "http://127.0.0.1:9"}
    hold(monkeypatch, after | {"DIRENV_DIFF": loaded({}, after)})
    session = sdk_session.opened(sources.find(config.load(keyless)))
    assert (
        session.create_client("sts", region_name="eu-west-1").meta.endpoint_url
        == "https://sts.eu-west-1.amazonaws.com"
    )


def test_container_when_its_endpoint_is_there_then_its_credentials(
    keyless: Path, aws: FakeAws, container: str
) -> None:
    """A container's credential endpoint is the last but one source."""
    take(keyless)
    assert key_of(aws) == container


def test_instance_when_it_has_a_role_then_its_credentials(
    keyless: Path, aws: FakeAws, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An EC2 instance's role is the last source of all."""
    where = "/latest/meta-data/iam/security-credentials/"
    keys = {"AccessKeyId": "ASIAINSTANCE00000001", "SecretAccessKey": "s", "Token": "t"}
    aws.queue("PUT /latest/api/token", Reply(200, "imds-token"))
    aws.queue(f"GET {where}", Reply(200, "worker"))
    aws.queue(
        f"GET {where}worker", json_reply({**keys, "Code": "Success", "Expiration": "2099-01-01T00:00:00Z"})
    )
    monkeypatch.delenv("AWS_EC2_METADATA_DISABLED")
    monkeypatch.setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", aws.url)
    take(keyless)
    assert key_of(aws) == "ASIAINSTANCE00000001"


def test_web_identity_when_the_token_is_for_the_role_then_one_call(
    shop: Path, aws: FakeAws, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A CI's token for the wanted role gives it in one unsigned call, for as long as declared."""
    (tmp_path / "token").write_text("the-token\n")
    hold(monkeypatch, {"AWS_WEB_IDENTITY_TOKEN_FILE": str(tmp_path / "token"), "AWS_ROLE_ARN": ARN})
    path = shop / "envrc.d/roles.toml"
    path.write_text(path.read_text().replace('duration = "1h"', 'duration = "2h"'))
    session = take(shop)
    (call,) = aws.seen
    assert (call.operation, call.asked["WebIdentityToken"], call.asked["DurationSeconds"]) == (
        "AssumeRoleWithWebIdentity",
        "the-token",
        "7200",
    )
    assert "authorization" not in call.headers
    assert session.account == "111122223333"


def test_web_identity_when_the_token_is_for_another_role_then_chained(
    keyless: Path, aws: FakeAws, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A token for a base role takes that one first."""
    (tmp_path / "token").write_text("the-token")
    base = "arn:aws:iam::111122223333:role/base"
    hold(monkeypatch, {"AWS_WEB_IDENTITY_TOKEN_FILE": str(tmp_path / "token"), "AWS_ROLE_ARN": base})
    take(keyless)
    assert [(one.operation, one.asked["RoleArn"]) for one in aws.seen] == [
        ("AssumeRoleWithWebIdentity", base),
        ("AssumeRole", ARN),
    ]


@pytest.mark.parametrize(
    ("reply", "code"),
    [
        (
            refusal("InvalidIdentityToken", "No OpenIDConnect provider found in your account"),
            "web-identity-refused",
        ),
        (
            refusal("AccessDenied", "Not authorized to perform sts:AssumeRoleWithWebIdentity", status=403),
            "web-identity-refused",
        ),
        (
            refusal("ExpiredTokenException", "Token expired: current date/time 1 must be before 0"),
            "web-identity-expired",
        ),
    ],
)
def test_web_identity_when_refused_then_explained(
    shop: Path, aws: FakeAws, monkeypatch: pytest.MonkeyPatch, reply: Reply, code: str
) -> None:
    """The account's refusals of a token are named."""
    (shop / "token").write_text("the-token")
    hold(monkeypatch, {"AWS_WEB_IDENTITY_TOKEN_FILE": str(shop / "token"), "AWS_ROLE_ARN": ARN})
    aws.queue("AssumeRoleWithWebIdentity", reply)
    with pytest.raises(CredentialError) as caught:
        take(shop)
    assert caught.value.code == code


def test_web_identity_when_the_file_is_missing_then_named(
    shop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A token file that is not there is named."""
    hold(monkeypatch, {"AWS_WEB_IDENTITY_TOKEN_FILE": "/nowhere/token", "AWS_ROLE_ARN": ARN})
    with pytest.raises(CredentialError, match="/nowhere/token") as caught:
        take(shop)
    assert caught.value.code == "web-identity-file"


def github(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    hold(
        monkeypatch,
        {
            "ACTIONS_ID_TOKEN_REQUEST_URL": f"{url}/oidc?api=2",
            "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "request-token",
        },
    )


def test_github_when_the_job_may_have_a_token_then_the_role_without_keys(
    keyless: Path, aws: FakeAws, monkeypatch: pytest.MonkeyPatch
) -> None:
    """GitHub's token is fetched for STS, and takes the role itself."""
    github(monkeypatch, aws.url)
    aws.queue("GET /oidc", json_reply({"value": "github-token"}))
    take(keyless)
    token, role = aws.seen
    assert (token.asked["audience"], token.headers["authorization"]) == (
        "sts.amazonaws.com",
        "bearer request-token",
    )
    assert (role.operation, role.asked["WebIdentityToken"]) == ("AssumeRoleWithWebIdentity", "github-token")


@pytest.mark.parametrize("reply", [Reply(403, "no"), Reply(200, "<html>"), Reply(200, "{}")])
def test_github_when_it_gives_no_token_then_the_permission_is_named(
    keyless: Path, aws: FakeAws, monkeypatch: pytest.MonkeyPatch, reply: Reply
) -> None:
    """A job without a token hears which permission it lacks."""
    github(monkeypatch, aws.url)
    aws.queue("GET /oidc", reply)
    with pytest.raises(CredentialError) as caught:
        take(keyless)
    assert (caught.value.code, "id-token: write" in caught.value.message) == ("oidc-unavailable", True)


def test_order_when_all_are_there_then_ci_keys_keyring_profile_chain(
    shop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each source gives way to the one before it."""
    kinds = []
    every = {
        "AWS_ACCESS_KEY_ID": "AKIAFAKEFAKEFAKE1234",
        "AWS_SECRET_ACCESS_KEY": "s",
        "ROLECALL_KEYRING": "1234-abcdef01",
        "AWS_PROFILE": "ann",
    }
    monkeypatch.setenv("AWS_WEB_IDENTITY_TOKEN_FILE", "/t")
    pair = "AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY"
    for gone in ("", "AWS_WEB_IDENTITY_TOKEN_FILE", pair, "ROLECALL_KEYRING", "AWS_PROFILE"):
        for name in gone.split():
            monkeypatch.delenv(name, raising=False)
            every.pop(name, None)
        write_env(shop, "".join(f"{name}={value}\n" for name, value in every.items()))
        kinds.append(sources.find(config.load(shop)).kind)
    assert kinds == ["web-identity", "keys", "keyring", "profile", "chain"]


def test_mark_when_the_environment_decides_then_plain_and_changing_with_it(
    keyless: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The mark fits a session file, whatever the profile is called, and tells two environments apart."""
    marks = []
    for profile in ("", "My Profile", "other"):
        monkeypatch.setenv("AWS_PROFILE", profile)
        marks.append(sources.find(config.load(keyless)).environ_mark)
    assert marks == ["", "My Profile:::::", "other:::::"]


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"AWS_PROFILE": "My Profile/x"},
        {"AWS_ACCESS_KEY_ID": "AKIAFAKEFAKEFAKE1234"},
        {"AWS_ACCESS_KEY_ID": "ab", "AWS_PROFILE": "p"},
        {"AWS_ACCESS_KEY_ID": "0" * 9 + "a" * 10 + "Z"},
        {"AWS_ACCESS_KEY_ID": "x[$(touch pwned)] é@_-" + "Q" * 128},
        {"AWS_WEB_IDENTITY_TOKEN_FILE": "/var/run/a token", "AWS_ROLE_ARN": ARN},
        {"ACTIONS_ID_TOKEN_REQUEST_URL": "https://x?y"},
        {
            "ACTIONS_ID_TOKEN_REQUEST_URL": "https://x?y",
            "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "t",
            "GITHUB_REPOSITORY": "ann/shop",
            "GITHUB_REF": "refs/heads/main",
        },
        {"AWS_DEFAULT_PROFILE": "ann", "AWS_CONFIG_FILE": "/etc/aws", "AWS_SHARED_CREDENTIALS_FILE": "~/c"},
        {"AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://127.0.0.1/x"},
        {"AWS_ACCESS_KEY_ID": "ASIAHELDHELD", "ROLECALL_RENEW_AT": "1"},
        {
            "AWS_PROFILE": "p",
            "AWS_ACCESS_KEY_ID": "ASIAHELDHELD",
            "ROLECALL_ROLE": "dev",
            "AWS_ACCOUNT_ID": "111122223333",
            "AWS_CREDENTIAL_EXPIRATION": "2033-05-18T03:33:20Z",
        },
    ],
)
@pytest.mark.parametrize("bash", ["bash", pytest.param(OLD_BASH, marks=needs_old_bash)], ids=["new", "old"])
@pytest.mark.parametrize(
    "own", ["", "AWS_PROFILE=ann\n", "AWS_ACCESS_KEY_ID=AKIA\n", "AWS_WEB_IDENTITY_TOKEN_FILE=/token\n"]
)
def test_mark_when_bash_computes_it_then_the_same(
    keyless: Path, bash: str, own: str, values: dict[str, str]
) -> None:
    """A session file is named by the mark: `.envrc` and Python find the same one, also within `exec`."""
    write_env(keyless, own)
    project = config.load(keyless, environ={**values, "HOME": "/nowhere", "XDG_RUNTIME_DIR": str(keyless)})
    fragment = (Path(__file__).resolve().parents[3] / "envrc.d/49-environ.cold.sh").read_text()
    script = f'{fragment}_rolecall_identity=$1; _rolecall_mark_environ; printf %s "$_rolecall_mark"'
    done = subprocess.run(
        [shutil.which(bash) or bash, "-c", script, "bash", project.identity],
        env=values,
        cwd=keyless,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == aws_environment.mark(project)
    assert not (keyless / "pwned").exists()


def test_mark_when_two_keys_end_alike_then_tells_them_apart_and_shows_neither() -> None:
    """The last four characters of a key are chance; its mark is in the name of a file."""
    keys = [f"AKIA{letter}AAAAAAAAAAA1234" for letter in "ABCDEFGHIJ"]
    numbers = {aws_environment.key_number(key) for key in keys}
    assert len(numbers) == len(keys)
    assert max(numbers) < 1 << 41
    assert all(aws_environment.key_number(key) != aws_environment.key_number(key.lower()) for key in keys)


def test_account_when_another_one_answers_then_nothing_is_kept(shop: Path, aws: FakeAws) -> None:
    """The account that answers must be the one in the ARN."""
    aws.queue("AssumeRole", _from_account("123456789012"))
    with pytest.raises(CredentialError, match="account 123456789012, its ARN says 111122223333") as caught:
        take(shop)
    assert caught.value.code == "account-mismatch"
    assert len(list((Path(os.environ["XDG_RUNTIME_DIR"]) / "rolecall").glob("*/*.env"))) == 0


def test_everything_when_sts_is_real_then_chain_of_two_accounts(project: Path, sts: Sts) -> None:
    """moto, too, gives a chained role."""
    path = project / "envrc.d/roles.toml"
    path.write_text(f'{path.read_text()}source = "dev"\nexternal_id = "ext"\ntags = {{ a = "b" }}\n')
    assert take(project, "prod").assumed_arn.startswith("arn:aws:sts::444455556666:assumed-role/prod/")


def _from_account(account: str) -> Reply:
    from support.fake_aws import _assumed

    return _assumed("AssumeRole", {"RoleArn": f"arn:aws:iam::{account}:role/dev", "RoleSessionName": "x"})


@pytest.mark.parametrize(
    "url", ["http://198.51.100.7", "http://localhost.evil.example:1", "ftp://127.0.0.1:1", "file:///"]
)
def test_github_when_the_address_is_not_https_then_the_bearer_token_stays_here(
    keyless: Path, monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    """The job's token goes over TLS, or to this machine, or nowhere."""
    github(monkeypatch, url)
    with pytest.raises(
        CredentialError, match="ACTIONS_ID_TOKEN_REQUEST_URL is not an https address"
    ) as caught:
        take(keyless)
    assert caught.value.code == "oidc-unavailable"


def test_chain_when_rolecall_role_is_set_by_hand_then_the_persons_keys_assume(
    keyless: Path, aws: FakeAws, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`ROLECALL_ROLE=dev` beside a person's own keys does not make them rolecall's."""
    own = {
        "AWS_ACCESS_KEY_ID": "AKIAOWNOWNOWNOWN0042",
        "AWS_SECRET_ACCESS_KEY": "own",
        "AWS_SESSION_TOKEN": "t",
    }
    hold(monkeypatch, own | {"ROLECALL_ROLE": "dev"})
    take(keyless)
    assert key_of(aws) == "AKIAOWNOWNOWNOWN0042"
    assert aws.seen[-1].headers["x-amz-security-token"] == "t"
