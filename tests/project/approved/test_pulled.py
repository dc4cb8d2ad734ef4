"""What a pulled `roles.toml` asks for, says, or does in silence."""

import json
from pathlib import Path

import pytest

from rolecall.project import config
from rolecall.project.approved import approval_file, record
from rolecall.project.approved.changes import Changes
from support.upstream import Upstream, upstream_of

ROLES = """\
[project]
default_role = "dev"
[roles.dev]
role_arn = "arn:aws:iam::111122223333:role/dev"
duration = "1h"
mfa = true
[roles.prod]
role_arn = "arn:aws:iam::444455556666:role/prod"
source = "dev"
protected = true
policy_arns = ["arn:aws:iam::aws:policy/ReadOnlyAccess", "arn:aws:iam::aws:policy/SecurityAudit"]
session_policy = "prod.json"
tags = { team = "core" }
transitive_tags = ["team"]
source_identity = "ann"
[roles.look]
role_arn = "arn:aws:iam::111122223333:role/look"
read_only = true
[roles.desk]
sso = { session = "corp", account_id = "111122223333", role_name = "Admin" }
[sso.corp]
start_url = "https://corp.awsapps.com/start"
region = "eu-west-1"
"""
THROUGH = """source = "far"
[roles.far]
role_arn = "arn:aws:iam::123456789012:role/far"
[roles.x]
role_arn = "arn:aws:iam::123456789012:role/x"
"""
POLICY = json.dumps({"Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]})


@pytest.fixture
def upstream(tmp_path: Path) -> Upstream:
    """Make a project that has a remote, and whose roles are approved."""
    root = tmp_path / "my shöp"
    (root / "envrc.d").mkdir(parents=True)
    (root / "envrc.d/roles.toml").write_text(ROLES)
    (root / "envrc.d/prod.json").write_text(POLICY)
    (root / ".env").write_text("")
    found = upstream_of(root)
    record.accept(config.load(root))
    return found


def changed(upstream: Upstream, old: str, new: str) -> Changes:
    """Pull `roles.toml` with `new` in place of `old`; return what has changed."""
    assert old in ROLES
    upstream.pull({"envrc.d/roles.toml": ROLES.replace(old, new)})
    return record.changes(config.load(upstream.root))


@pytest.mark.parametrize(
    ("old", "new", "role", "says"),
    [
        ("111122223333:role/dev", "123456789012:role/dev", "dev", "is in account 123456789012"),
        ("444455556666:role/prod", "123456789012:role/prod", "prod", "it was in 444455556666"),
        (
            'source = "dev"',
            THROUGH,
            "prod",
            "is assumed through role far in account 123456789012",
        ),
        ("https://corp.", "https://c0rp.", "desk", "logs in at another portal: corp https://c0rp."),
        ('region = "eu-west-1"', 'region = "us-east-1"', "desk", "logs in at another portal"),
        ('session = "corp"', 'session = "mine"', "desk", "logs in at another portal: mine"),
        ('account_id = "111122223333"', 'account_id = "123456789012"', "desk", "is in account 123456789012"),
        (
            "[project]",
            '[project]\nmfa_process = "curl evil"',
            "dev",
            "takes its MFA code from another command",
        ),
    ],
    ids=["account", "chained", "source", "start_url", "sso-region", "portal", "sso-account", "mfa_process"],
)
def test_change_when_a_role_moves_then_it_asks(
    upstream: Upstream, old: str, new: str, role: str, says: str
) -> None:
    """Another account, or other hands that the request goes through."""
    found = changed(upstream, old, new)
    assert says in found.ask_for(role)
    assert found.ask_for("x") == ""
    assert found.asks_default == ""


WIDER = [
    ("mfa = true\n", "", "dev: mfa dropped"),
    ("protected = true\n", "", "prod: protected dropped"),
    ('duration = "1h"', 'duration = "12h"', "dev: duration 1h00m -> 12h00m"),
    ("read_only = true\n", "", "look: read_only dropped"),
    ("role/dev", "role/admin", "dev: it is admin, was dev"),
    ('"arn:aws:iam::aws:policy/ReadOnlyAccess", ', "", "prod: policy_arns removed: ReadOnlyAccess"),
    ("policy/SecurityAudit", "policy/AdministratorAccess", "policy_arns added: AdministratorAccess"),
    ('session_policy = "prod.json"\n', "", "prod: session_policy removed"),
    ('team = "core"', 'team = "admins"', "prod: tags changed"),
    ('transitive_tags = ["team"]\n', "", "prod: transitive_tags changed"),
    ('source_identity = "ann"', 'source_identity = "bob"', "prod: source_identity changed"),
    ('source = "dev"\n', "", "prod: source changed"),
]


@pytest.mark.parametrize(("old", "new", "says"), WIDER, ids=[says for _, _, says in WIDER])
def test_change_when_a_role_may_do_more_then_it_is_said(
    upstream: Upstream, old: str, new: str, says: str
) -> None:
    """It is taken all the same, and the person knows."""
    found = changed(upstream, old, new)
    assert says in found.news
    assert "\n" not in found.news
    assert not found.asks


def test_change_when_a_session_policy_has_another_text_then_it_is_said(upstream: Upstream) -> None:
    """The file counts, not its name."""
    upstream.pull({"envrc.d/prod.json": POLICY.replace("s3:*", "*")})
    assert "prod: session_policy changed" in record.changes(config.load(upstream.root)).news


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("[sso.corp]", '[roles.new]\nrole_arn = "arn:aws:iam::123456789012:role/new"\n[sso.corp]'),
        ('duration = "1h"', 'duration = "30m"\nprotected = true'),
        ("mfa = true", 'mfa = true\npolicy_arns = ["arn:aws:iam::aws:policy/ReadOnlyAccess"]'),
        ("[project]", '[project]\nname = "other"  # a comment'),
    ],
    ids=["added", "narrower", "policy", "name"],
)
def test_change_when_a_role_is_new_or_narrower_then_nothing_is_said(
    upstream: Upstream, old: str, new: str
) -> None:
    """A role that is added is data; one that may do less needs no word."""
    assert changed(upstream, old, new) == Changes()


def test_change_when_a_role_goes_and_comes_back_in_another_account_then_it_asks(upstream: Upstream) -> None:
    """Two pulls are no way around: a role that is gone is remembered."""
    without = ROLES[: ROLES.index("[roles.desk]")]
    upstream.pull({"envrc.d/roles.toml": without})
    project = config.load(upstream.root)
    record.settle(project, record.changes(project), is_said=True)
    back = f'{without}[roles.desk]\nrole_arn = "arn:aws:iam::123456789012:role/desk"\n'
    upstream.pull({"envrc.d/roles.toml": back})
    assert "is in account 123456789012" in record.changes(config.load(upstream.root)).ask_for("desk")


def test_change_when_the_default_role_is_a_new_one_elsewhere_then_the_old_one_stays(
    upstream: Upstream,
) -> None:
    """A role that is added and made the default would be an alias that moves by another name."""
    evil = ROLES.replace('default_role = "dev"', 'default_role = "evil"')
    evil += '[roles.evil]\nrole_arn = "arn:aws:iam::123456789012:role/dev"\n'
    upstream.pull({"envrc.d/roles.toml": evil})
    project = config.load(upstream.root)
    assert (
        "the default role is evil in account 123456789012; it was dev" in record.changes(project).asks_default
    )
    record.settle(project, record.changes(project), is_said=True)
    assert record.default_role(project) == "dev"
    record.accept(project)
    assert record.default_role(project) == "evil"


def test_accept_when_it_is_one_role_then_the_default_role_stays(upstream: Upstream) -> None:
    """A yes to a role is none to another default in another account."""
    evil = ROLES.replace('default_role = "dev"', 'default_role = "evil"').replace("mfa = true\n", "")
    evil += '[roles.evil]\nrole_arn = "arn:aws:iam::123456789012:role/x"\n'
    upstream.pull({"envrc.d/roles.toml": evil})
    project = config.load(upstream.root)
    record.accept(project, "dev")
    assert (record.default_role(project), record.changes(project).news) == ("dev", "")
    assert record.changes(project).asks_default


def test_change_when_a_new_role_stands_first_then_the_others_are_still_compared(upstream: Upstream) -> None:
    """What is new needs no approval; what comes after it in the file may."""
    new = '[roles.aaa]\nrole_arn = "arn:aws:iam::123456789012:role/new"\n[roles.dev]'
    text = ROLES.replace("[roles.dev]", new).replace("111122223333:role/dev", "123456789012:role/dev")
    upstream.pull({"envrc.d/roles.toml": text})
    found = record.changes(config.load(upstream.root))
    assert found.ask_for("dev")
    assert found.ask_for("aaa") == ""


def test_review_command_when_the_copy_is_there_then_it_and_else_our_own(upstream: Upstream) -> None:
    """The copy that setup wrote runs nothing of the project; before setup there is none."""
    where = config.load(upstream.root).place
    assert record.review_command(where) == "rolecall review"
    (Path(where.state) / record.REVIEW).touch()
    assert record.review_command(where) == f"{where.state}/review"


def test_accept_when_it_is_one_role_then_the_others_still_ask(upstream: Upstream) -> None:
    """A yes to one role is none to another."""
    moved = ROLES.replace("111122223333", "123456789012").replace("444455556666", "123456789012")
    upstream.pull({"envrc.d/roles.toml": moved})
    project = config.load(upstream.root)
    record.accept(project, "dev")
    found = record.changes(project)
    assert found.ask_for("dev") == ""
    assert found.ask_for("prod")
    assert found.ask_for("desk")
    record.accept(project)
    assert record.changes(project) == Changes()


def test_settle_when_a_change_was_not_said_then_it_stays_news(upstream: Upstream) -> None:
    """An SDK that asks first must not swallow the line."""
    upstream.pull({"envrc.d/roles.toml": ROLES.replace("mfa = true\n", "")})
    project = config.load(upstream.root)
    record.settle(project, record.changes(project), is_said=False)
    assert record.changes(project).news
    record.settle(project, record.changes(project), is_said=True)
    assert record.changes(project) == Changes()


@pytest.mark.parametrize("text", ["", "x", "0\ndigest=", "é\n\n[dev"], ids=["empty", "word", "sum", "odd"])
def test_read_when_the_file_is_not_whole_then_nothing_was_approved(upstream: Upstream, text: str) -> None:
    """A corrupt file is a miss, never a crash."""
    where = config.load(upstream.root).place
    Path(where.state, approval_file.NAME).write_text(text)
    assert approval_file.read(where) is None


# Where requests go

OTHER = {
    "AWS_ENDPOINT_URL": "https://evil.example",
    "AWS_ENDPOINT_URL_STS": "https://evil.example/",
    "HTTPS_PROXY": "http://ann:s3cret@evil.example:8080",
    "https_proxy": "evil.example:8080",
    "AWS_CA_BUNDLE": "/tmp/evil.pem",
    "AWS_CONFIG_FILE": "/tmp/evil",
    "AWS_SHARED_CREDENTIALS_FILE": "/tmp/evil",
    "AWS_WEB_IDENTITY_TOKEN_FILE": "/tmp/evil",
    "REQUESTS_CA_BUNDLE": "/tmp/evil.pem",
    "SSL_CERT_FILE": "/tmp/evil.pem",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://evil.example/",
    "AWS_EC2_METADATA_SERVICE_ENDPOINT": "http://evil.example/",
    "AWS_ENDPOINT_URL_S3": "http://127.0.0.1@evil.example",
    "ALL_PROXY": "http://127.0.0.1.evil.example",
}


@pytest.mark.parametrize("name", OTHER)
def test_change_when_env_sends_requests_elsewhere_then_every_role_asks(upstream: Upstream, name: str) -> None:
    """Also a `.env` that came with a pull and was then taken out of git."""
    (upstream.root / ".env").write_text(f"{name}={OTHER[name]}\n")
    says = record.changes(config.load(upstream.root)).ask_for("dev")
    assert says.startswith(f".env sets {name} to ")
    assert "evil" in says
    assert "s3cret" not in says
    record.accept(config.load(upstream.root))
    assert record.changes(config.load(upstream.root)) == Changes()
    state = Path(config.load(upstream.root).place.state, approval_file.NAME).read_text()
    assert "s3cret" not in state


@pytest.mark.parametrize("value", ["http://127.0.0.1:5000", "http://localhost:1/", "http://[::1]:5000"])
def test_change_when_env_names_this_machine_then_nothing_asks(upstream: Upstream, value: str) -> None:
    """The sandbox comes and goes: a request to it does not leave the machine."""
    (upstream.root / ".env").write_text(f"AWS_ENDPOINT_URL='{value}'\n")
    assert record.changes(config.load(upstream.root)) == Changes()


@pytest.mark.parametrize("kind", ["env", "shell"])
def test_change_when_a_file_of_the_project_that_decides_is_pulled_then_every_role_asks(
    upstream: Upstream, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    """A team's own CA bundle or AWS config file is a file that a pull can change."""
    (upstream.root / "aws.config").write_text("[default]\n")
    if kind == "shell":
        monkeypatch.setenv("AWS_CONFIG_FILE", str(upstream.root / "aws.config"))
    else:
        (upstream.root / ".env").write_text("AWS_CONFIG_FILE=aws.config\n")
    record.accept(config.load(upstream.root))
    assert record.changes(config.load(upstream.root)) == Changes()
    (upstream.root / "aws.config").unlink()
    upstream.pull({"aws.config": "[default]\nendpoint_url = https://evil.example\n"})
    says = record.changes(config.load(upstream.root)).ask_for("dev")
    assert says == "aws.config, which AWS_CONFIG_FILE names, is not as you approved it"


def test_change_when_the_account_is_the_persons_own_word_then_nothing_asks(upstream: Upstream) -> None:
    """ROLE_ARN in `.env` is personal: whoever edits it means it."""
    arn = "arn:aws:iam::123456789012:role/dev"
    (upstream.root / ".env").write_text(f"ROLE_ARN={arn}\n")
    assert changed(upstream, "arn:aws:iam::111122223333:role/dev", arn).ask_for("dev") == ""


@pytest.mark.parametrize("below", ["sub", "a folder/" * 20 + "sub"], ids=["near", "deep"])
def test_change_when_roles_moved_to_a_folder_below_then_another_account_asks(
    upstream: Upstream, below: str
) -> None:
    """Until the person approves them; a role of the same account, and a project elsewhere, do not ask.

    While the project above declares its roles itself, the one below is another project.
    """
    moved = ROLES.replace("111122223333:role/dev", "123456789012:role/dev")
    for root in (upstream.root / below, upstream.root.parent / "other", upstream.root.parent / "my shöp 2"):
        (root / "envrc.d").mkdir(parents=True)
        (root / "envrc.d/roles.toml").write_text(moved)
        (root / "envrc.d/prod.json").write_text(POLICY)
        project = config.load(root)
        upstream_roles = upstream.root / "envrc.d/roles.toml"
        if upstream_roles.exists():
            assert not record.changes(project).asks
            upstream_roles.unlink()
        found = record.changes(project)
        assert ("dev" in found.asks) == (root.name == "sub")
        assert "look" not in found.asks
        record.settle(project, found, is_said=True)
        assert record.changes(project).asks == found.asks
        record.accept(project)
        assert not record.changes(project).asks
