"""Which identity the project and the environment name, and what tells one from another; nothing is opened."""

from pathlib import Path
from typing import Any

import pytest

from rolecall.credentials.identity import sources
from rolecall.credentials.model import Identity
from rolecall.credentials.store import choice
from rolecall.errors import CredentialError
from rolecall.project import config, roles
from rolecall.system.python.frozen import replace
from support import write_env

ARN = "arn:aws:iam::111122223333:role/ci"
KEYS = "AWS_ACCESS_KEY_ID=AKIAFAKEFAKEFAKE1234\nAWS_SECRET_ACCESS_KEY=s\n"
JOB = {
    "ACTIONS_ID_TOKEN_REQUEST_URL": "https://x",
    "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "t",
    "GITHUB_REPOSITORY": "ann/shop",
    "GITHUB_REF": "refs/heads/main",
}


def find(root: Path, env: str = "", **environ: str) -> Identity:
    """Return the identity where `.env` and the environment hold just this."""
    write_env(root, env)
    home = {"HOME": str(root.parent / "home"), "XDG_RUNTIME_DIR": str(root.parent)}
    return sources.find(config.load(root, environ={**home, **environ}))


def config_file(root: Path, text: str) -> None:
    folder = root.parent / "home/.aws"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config").write_text(text)


@pytest.mark.parametrize(
    ("env", "environ", "kind", "label"),
    [
        ("", {"AWS_WEB_IDENTITY_TOKEN_FILE": "/t"}, "web-identity", "the web identity token"),
        (
            "",
            {"AWS_WEB_IDENTITY_TOKEN_FILE": "/t", "AWS_ROLE_ARN": ARN},
            "web-identity",
            f"the web identity token of {ARN}",
        ),
        (KEYS, JOB, "github", "GitHub Actions' OIDC token"),
        (KEYS, {}, "keys", "keys …1234 in .env"),
        ("ROLECALL_KEYRING=1234-abcdef01\n", {}, "keyring", "keys …1234 in the OS keyring"),
        ("AWS_PROFILE=ann\n", {}, "profile", "profile ann"),
        ("", {"AWS_PROFILE": "ann"}, "chain", "profile ann"),
        ("", {"AWS_DEFAULT_PROFILE": "ann"}, "chain", "profile ann"),
        ("", {"AWS_PROFILE": "ann", "AWS_DEFAULT_PROFILE": "eve"}, "chain", "profile ann"),
        ("", {"AWS_ACCESS_KEY_ID": "AKIAFAKEFAKEFAKE9999"}, "chain", "keys …9999 in the environment"),
        ("", {}, "chain", "the AWS SDK's default chain"),
    ],
)
def test_identity_when_named_then_its_kind_and_what_people_read(
    shop: Path, env: str, environ: dict[str, str], kind: str, label: str
) -> None:
    """Each way to say who assumes."""
    found = find(shop, env, **environ)
    assert (found.kind, found.label) == (kind, label)


@pytest.mark.parametrize("missing", ["ACTIONS_ID_TOKEN_REQUEST_URL", "ACTIONS_ID_TOKEN_REQUEST_TOKEN"])
def test_job_when_half_of_its_permission_is_there_then_no_token(shop: Path, missing: str) -> None:
    """It needs the address and the right to ask there."""
    assert find(shop, KEYS, **{name: value for name, value in JOB.items() if name != missing}).kind == "keys"


def test_identity_when_found_then_holds_what_opens_it(shop: Path) -> None:
    """The keys and their token, the entry, the profile, the role of a token; nothing of another kind."""
    keys = find(shop, f"{KEYS}AWS_SESSION_TOKEN=t\n")
    assert (keys.key_id, keys.secret.reveal(), keys.token.reveal()) == ("AKIAFAKEFAKEFAKE1234", "s", "t")
    assert not find(shop, KEYS).token
    assert find(shop, "ROLECALL_KEYRING=1234-abcdef01\n").keyring_name == "1234-abcdef01"
    assert (find(shop, "AWS_PROFILE=ann\n").profile, find(shop).profile) == ("ann", None)
    token = {"AWS_WEB_IDENTITY_TOKEN_FILE": "/t"}
    assert (find(shop, **token).role_arn, find(shop, **token, AWS_ROLE_ARN=ARN).role_arn) == (None, ARN)
    assert (find(shop, **JOB).role_arn, find(shop, **JOB, AWS_ROLE_ARN=ARN).role_arn) == (None, ARN)


@pytest.mark.parametrize(
    ("env", "environ", "other"),
    [
        ("", {"AWS_WEB_IDENTITY_TOKEN_FILE": "/t"}, {"AWS_WEB_IDENTITY_TOKEN_FILE": "/u"}),
        ("", {"AWS_WEB_IDENTITY_TOKEN_FILE": "/t"}, {"AWS_ROLE_ARN": ARN}),
        ("", JOB, {"GITHUB_REPOSITORY": "ann/other"}),
        ("", JOB, {"GITHUB_REF": "refs/heads/x"}),
        ("", JOB, {"AWS_ROLE_ARN": ARN}),
        ("", {}, {"AWS_PROFILE": "ann"}),
        ("", {}, {"AWS_ACCESS_KEY_ID": "AKIAFAKEFAKEFAKE9999"}),
        ("", {}, {"AWS_CONFIG_FILE": "/x"}),
        ("", {}, {"AWS_SHARED_CREDENTIALS_FILE": "/x"}),
        ("", {}, {"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "/x"}),
        ("", {}, {"AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://127.0.0.1/x"}),
    ],
)
def test_fingerprint_when_the_environment_names_another_identity_then_another(
    shop: Path, env: str, environ: dict[str, str], other: dict[str, str]
) -> None:
    """A session that one of them took is not the other's; the same one twice is the same."""
    first = find(shop, env, **environ).fingerprint
    assert len(first) == 16
    assert find(shop, env, **environ).fingerprint == first
    assert find(shop, env, **{**environ, **other}).fingerprint != first


@pytest.mark.parametrize(
    ("env", "other"),
    [
        (KEYS, KEYS.replace("1234", "9999")),
        ("ROLECALL_KEYRING=1234-abcdef01\n", "ROLECALL_KEYRING=1234-abcdef02\n"),
        ("AWS_PROFILE=ann\n", "AWS_PROFILE=eve\n"),
    ],
)
def test_fingerprint_when_the_project_names_another_identity_then_another(
    shop: Path, env: str, other: str
) -> None:
    """A secret is no part of it: it is replaced, and the identity stays."""
    assert find(shop, env).fingerprint != find(shop, other).fingerprint
    assert find(shop, KEYS).fingerprint == find(shop, KEYS.replace("=s\n", "=other\n")).fingerprint


def test_fingerprint_when_the_profiles_own_lines_change_then_another(shop: Path) -> None:
    """Of the one that is named, or of the default one; with keys in the environment, of none."""
    for env, environ, name in (
        ("AWS_PROFILE=ann\n", {}, "profile ann"),
        ("", {"AWS_PROFILE": "ann"}, "profile ann"),
        ("", {}, "default"),
    ):
        config_file(shop, f"[{name}]\nregion = a\n")
        first = find(shop, env, **environ).fingerprint
        config_file(shop, f"[{name}]\nregion = b\n")
        assert find(shop, env, **environ).fingerprint != first
    held = {"AWS_ACCESS_KEY_ID": "AKIAFAKEFAKEFAKE9999", "AWS_SECRET_ACCESS_KEY": "s"}
    first = find(shop, **held).fingerprint
    config_file(shop, "[default]\nregion = c\n")
    assert find(shop, **held).fingerprint == first


@pytest.mark.parametrize(
    ("line", "missing"), [(0, "AWS_ACCESS_KEY_ID is missing"), (1, "AWS_SECRET_ACCESS_KEY is missing")]
)
def test_keys_when_half_of_a_pair_stands_in_env_then_said(shop: Path, line: int, missing: str) -> None:
    """Another identity would be a surprise."""
    with pytest.raises(CredentialError, match=missing) as caught:
        find(shop, KEYS.splitlines(keepends=True)[1 - line])
    assert caught.value.code == "identity-partial"
    assert caught.value.message.startswith(".env: ")


def ours(root: Path) -> str:
    return f"credential_process = rolecall credential-process dev {root}\n"


@pytest.mark.parametrize(
    ("name", "environ", "passed"),
    [
        ("profile mine", {"AWS_PROFILE": "mine"}, "AWS_PROFILE=mine is ignored"),
        ("default", {}, "[default] of the AWS config file is ignored"),
        ("default", {"AWS_PROFILE": "default"}, "AWS_PROFILE=default is ignored"),
    ],
)
def test_profile_when_it_gets_its_credentials_from_this_project_then_no_identity(
    shop: Path, name: str, environ: dict[str, str], passed: str
) -> None:
    """A role would be its own source; it is said, once, and the end of a message says it, too."""
    config_file(shop, f"[{name}]\n{ours(shop)}")
    found = find(shop, **environ)
    assert (found.kind, found.label) == ("chain", "the AWS SDK's default chain")
    assert found.notes == (f"{passed}: that profile gets its credentials from rolecall",)
    assert sources.ignored(found) == f"; {found.notes[0]}"
    assert found.without_files is (name == "default")
    assert not {"AWS_PROFILE", "AWS_DEFAULT_PROFILE"} & found.environ.keys()


def test_profile_when_the_project_names_one_of_its_own_then_passed_over(shop: Path) -> None:
    """The chain decides, without the name."""
    config_file(shop, f"[profile mine]\n{ours(shop)}")
    found = find(shop, "AWS_PROFILE=mine\n")
    assert (found.kind, len(found.notes), found.without_files) == ("chain", 1, False)
    assert found.notes[0].startswith("AWS_PROFILE=mine is ignored")
    assert sources.ignored(find(shop)) == ""


def test_default_profile_when_keys_stand_in_the_environment_then_the_files_have_no_say(shop: Path) -> None:
    """Nothing is ignored: nobody would have asked it."""
    config_file(shop, f"[default]\n{ours(shop)}")
    found = find(shop, AWS_ACCESS_KEY_ID="AKIAFAKEFAKEFAKE9999", AWS_SECRET_ACCESS_KEY="s")
    assert (found.notes, found.without_files) == ((), False)


@pytest.mark.parametrize(
    ("kind", "words", "is_loop"),
    [
        ("profile", "k/dev", True),
        ("chain", "x/y,k/dev", True),
        ("profile", "k/prod", False),
        ("profile", "", False),
        ("keys", "k/dev", False),
    ],
)
def test_loop_when_the_profile_of_this_very_identity_asks_then_refused(
    kind: str, words: str, *, is_loop: bool
) -> None:
    """Keys ask nobody."""
    who = Identity(kind, "profile ann", "f")
    asked: dict[str, Any] = {"environ": {sources.RESOLVING: words} if words else {}}
    if not is_loop:
        sources.refuse_loop(who, "k/dev", **asked)
        return
    with pytest.raises(CredentialError, match="profile ann gets its credentials from rolecall") as caught:
        sources.refuse_loop(who, "k/dev", **asked)
    assert caught.value.code == "identity-loop"


PORTAL = """\
[roles.desk]
sso = {{ session = "{session}", account_id = "111122223333", role_name = "Admin" }}
[roles.end]
role_arn = "arn:aws:iam::444455556666:role/end"
source = "desk"
[sso.corp]
start_url = "{url}"
region = "{region}"
"""


def test_login_when_a_chain_begins_at_the_portal_then_it_is_the_identity(shop: Path) -> None:
    """Whatever keys there are; another portal is another identity."""

    def login(
        session: str = "corp", url: str = "https://c", region: str = "eu-west-1", **more: str
    ) -> Identity:
        text = PORTAL.format(session=session, url=url, region=region)
        (shop / "envrc.d/roles.toml").write_text(text)
        project = config.load(shop, environ={"HOME": str(shop), "XDG_RUNTIME_DIR": str(shop), **more})
        assert sources.find(project).kind == "keys"
        return sources.find(project, roles.resolve(project.roles, "end"))

    first = login()
    assert (first.kind, first.label) == ("sso", "the Identity Center login corp")
    others = [login(url="https://d"), login(region="us-east-1"), login(session="my")]
    others.append(login(session="my", AWS_CONFIG_FILE="/x"))
    assert len({one.fingerprint for one in (first, *others)}) == 5


def test_mark_when_found_then_the_environments(shop: Path) -> None:
    """Empty where `.env` decides."""
    assert find(shop, AWS_PROFILE="ann").environ_mark == "ann:::::"
    assert find(shop, KEYS).environ_mark == ""
    project = config.load(shop)
    assert replace(sources.find(project), environ_mark="") == replace(
        sources.find(project, choice.chain(project, "dev")), environ_mark=""
    )
