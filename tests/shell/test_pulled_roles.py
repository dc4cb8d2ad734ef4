"""A pulled `roles.toml`: what moves asks before it is taken, what widens is said, and the rest is data."""

import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

import rolecall
from rolecall.errors import LoginNeededError
from rolecall.project import config
from rolecall.workstation.envrc import use_line
from rolecall.workstation.review import sources
from support import ROLES_TOML, Sts, write_env
from support.sts_gate import Gate
from support.terminals import SHELLS, Rendered, Terminal
from support.upstream import Upstream, upstream_of

MOVED = ROLES_TOML.replace("111122223333", "123456789012")
ASKS = "role dev is in account 123456789012; it was in 111122223333"
WIDER = ROLES_TOML.replace('duration = "1h"', 'duration = "2h"')
SAYS = "envrc.d/roles.toml allows more than before: role dev: duration 1h00m -> 2h00m"


@pytest.fixture
def upstream(rendered: Rendered) -> Upstream:
    """Give the rendered project a remote."""
    return upstream_of(rendered.root)


def pull_roles(upstream: Upstream, text: str) -> None:
    """Pull another `roles.toml`."""
    upstream.pull({"envrc.d/roles.toml": text})


def test_pull_when_a_role_moves_and_a_session_is_valid_then_that_one_stays(
    rendered: Rendered, upstream: Upstream, gate: Gate
) -> None:
    """The session of before is what was approved; AWS is not asked for another one."""
    first = rendered.cd()
    pull_roles(upstream, MOVED)
    second = rendered.cd()
    assert second.exports["AWS_SESSION_TOKEN"] == first.exports["AWS_SESSION_TOKEN"]
    assert second.exports["AWS_ACCOUNT_ID"] == "111122223333"
    assert any(ASKS in line and "rolecall review" in line for line in second.lines), second.said
    assert gate.assumed == 1


def test_pull_when_a_role_moves_and_no_session_is_left_then_it_is_not_taken(
    rendered: Rendered, upstream: Upstream, gate: Gate
) -> None:
    """Only that role: another one is there."""
    rendered.cd()
    rendered.move_times(expires=int(time.time()) - 5)
    pull_roles(upstream, MOVED)
    loaded = rendered.cd()
    assert "AWS_ACCESS_KEY_ID" not in loaded.exports
    assert ASKS in loaded.said
    assert rendered.cd(ROLECALL_ROLE="prod").exports["AWS_ACCOUNT_ID"] == "444455556666"
    assert gate.assumed == 2
    assert ASKS in rendered.cd().said, "another role's session has made it nobody's"


@pytest.mark.parametrize(("answer", "role"), [("y", "123456789012"), ("", ""), ("n", "")])
def test_pull_when_a_role_moves_then_a_typed_assume_asks_and_approves(
    rendered: Rendered,
    upstream: Upstream,
    open_terminal: Callable[[str], Terminal],
    answer: str,
    role: str,
) -> None:
    """Enter is a no."""
    rendered.cd()
    rendered.move_times(expires=int(time.time()) - 5)
    pull_roles(upstream, MOVED)
    terminal = open_terminal("bash")
    assert ASKS in terminal.run(f"cd '{rendered.root}'") + terminal.run("true")
    terminal.child.sendline("invoke assume --role dev")
    terminal.child.expect(r"Approve this, and take dev\? \[y/N\]")
    terminal.child.sendline(answer)
    terminal.run("true")
    assert terminal.value("AWS_ACCOUNT_ID") == role
    terminal.run(f"cd / && cd '{rendered.root}'")
    assert terminal.value("AWS_ACCOUNT_ID") == role


def test_pull_when_a_role_moves_and_keys_were_typed_ahead_then_they_are_no_answer(
    rendered: Rendered, upstream: Upstream, open_terminal: Callable[[str], Terminal]
) -> None:
    """A `y` that was typed while Python started was meant for something else."""
    rendered.cd()
    pull_roles(upstream, MOVED)
    terminal = open_terminal("bash")
    terminal.run(f"cd '{rendered.root}'")
    terminal.child.sendline("invoke assume --role dev")
    terminal.child.send("y\n")
    terminal.child.expect(r"Approve this, and take dev\? \[y/N\]")
    terminal.child.sendline("")
    assert "role dev was not taken" in terminal.run("true")


def test_pull_when_a_role_moves_then_no_door_takes_it(rendered: Rendered, upstream: Upstream) -> None:
    """An SDK and a credential_process have the session of before; without one, they say why."""
    token = rendered.cd().exports["AWS_SESSION_TOKEN"]
    pull_roles(upstream, MOVED)
    held = rolecall.frozen_credentials("dev", root=rendered.root)
    assert (held.token.reveal(), held.account) == (token, "111122223333")
    asked = [sys.executable, "-P", "-m", "rolecall", "credential-process", "dev", str(rendered.root)]
    assert str(token) in subprocess.run(asked, capture_output=True, text=True, check=True).stdout
    rendered.session().unlink()
    with pytest.raises(LoginNeededError, match=ASKS):
        rolecall.frozen_credentials("dev", root=rendered.root)
    done = subprocess.run(asked, capture_output=True, text=True, check=False)
    assert (done.returncode, ASKS in done.stderr) == (4, True)
    typed = [sys.executable, "-m", "invoke", "assume", "--role", "dev"]
    done = subprocess.run(typed, cwd=rendered.root, capture_output=True, text=True, check=False)
    assert (done.returncode, ASKS in done.stderr) == (4, True)


@pytest.mark.parametrize("shell", SHELLS)
def test_pull_when_a_role_may_do_more_then_the_next_prompt_says_so_once(
    rendered: Rendered, upstream: Upstream, open_terminal: Callable[[str], Terminal], shell: str
) -> None:
    """One line in an open terminal; the role is there."""
    terminal = open_terminal(shell)
    terminal.run(f"cd '{rendered.root}'")
    assert terminal.value("ROLECALL_ROLE") == "dev"
    pull_roles(upstream, WIDER)
    said = terminal.run("true") + terminal.run("true")
    assert said.count(SAYS) == 1, said
    assert terminal.value("ROLECALL_ROLE") == "dev"
    rendered.session().unlink()
    assert SAYS not in terminal.run(f"cd / && cd '{rendered.root}'") + terminal.run("true")


DENY = json.dumps({"Statement": [{"Effect": "Deny", "Action": "s3:*", "Resource": "*"}]})
READ_ONLY = "arn:aws:iam::aws:policy/ReadOnlyAccess"
NARROW = {
    "read_only": ("read_only = true\n", "read_only dropped"),
    "policy_arns": (f"policy_arns = ['{READ_ONLY}']\n", "policy_arns removed: ReadOnlyAccess"),
    "session_policy": ('session_policy = "p.json"\n', "session_policy removed"),
}


@pytest.mark.parametrize("narrowed", NARROW)
def test_pull_when_what_narrows_a_role_is_dropped_then_the_next_prompt_says_so(
    make_rendered: Callable[..., Rendered],
    open_terminal: Callable[[str], Terminal],
    gate: Gate,
    tmp_path: Path,
    narrowed: str,
) -> None:
    """In one line, in an open terminal; the session of before is not taken for the wider one."""
    line, says = NARROW[narrowed]
    (tmp_path / "shop/envrc.d").mkdir(parents=True)
    (tmp_path / "shop/envrc.d/p.json").write_text(DENY)
    rendered = make_rendered(
        tmp_path / "shop", roles=ROLES_TOML.replace('duration = "1h"\n', f'duration = "1h"\n{line}')
    )
    upstream = upstream_of(rendered.root)
    terminal = open_terminal("bash")
    terminal.run(f"cd '{rendered.root}'")
    token = terminal.value("AWS_SESSION_TOKEN")
    pull_roles(upstream, ROLES_TOML)
    said = terminal.run("true") + terminal.run("true")
    assert said.count(f"envrc.d/roles.toml allows more than before: role dev: {says}") == 1, said
    assert terminal.value("AWS_SESSION_TOKEN") not in ("", token)
    assert gate.assumed == 2


def test_pull_when_a_session_policy_has_another_text_then_the_next_prompt_says_so(
    make_rendered: Callable[..., Rendered], open_terminal: Callable[[str], Terminal], tmp_path: Path
) -> None:
    """`roles.toml` itself is as it was."""
    (tmp_path / "shop/envrc.d").mkdir(parents=True)
    (tmp_path / "shop/envrc.d/p.json").write_text(DENY)
    roles = ROLES_TOML.replace('duration = "1h"\n', 'duration = "1h"\nsession_policy = "p.json"\n')
    rendered = make_rendered(tmp_path / "shop", roles=roles)
    upstream = upstream_of(rendered.root)
    terminal = open_terminal("bash")
    terminal.run(f"cd '{rendered.root}'")
    assert terminal.value("ROLECALL_ROLE") == "dev"
    upstream.pull({"envrc.d/p.json": DENY.replace("Deny", "Allow")})
    said = terminal.run("true") + terminal.run("true")
    assert said.count("role dev: session_policy changed") == 1, said


@pytest.mark.parametrize("name", ["../../p.json", "/etc/hostname", "x/../../../p.json", ".."])
def test_pull_when_a_session_policy_is_outside_the_project_then_is_refused(
    rendered: Rendered, upstream: Upstream, name: str
) -> None:
    """What another repository's pull changes there, no review of this one would show."""
    (rendered.root.parent / "p.json").write_text(DENY)
    rendered.cd()
    pull_roles(upstream, ROLES_TOML.replace('duration = "1h"\n', f'session_policy = "{name}"\n'))
    rendered.session().unlink()
    loaded = rendered.cd()
    assert f"session_policy: {name} is outside the project" in loaded.said
    assert "AWS_ACCESS_KEY_ID" not in loaded.exports


def test_pull_when_a_link_stands_in_a_session_policys_path_then_the_review_shows_the_one_that_counts(
    rendered: Rendered, upstream: Upstream
) -> None:
    """The system goes up from where a link leads, a path as text from where it stands."""
    rendered.cd()
    allow = DENY.replace("Deny", "Allow")
    upstream.push({"envrc.d/p.json": DENY, "far/p.json": allow, "far/away/x": ""})
    (upstream.author / "envrc.d/link").symlink_to("../far/away")
    pull_roles(upstream, ROLES_TOML.replace('duration = "1h"\n', 'session_policy = "link/../p.json"\n'))
    used = config.load(rendered.root).roles["dev"].session_policy
    shown = sources.read(rendered.root)["envrc.d/p.json"]
    assert json.loads(used or "") == json.loads(shown)


def test_pull_when_an_sdk_was_first_then_the_line_is_said_all_the_same(
    rendered: Rendered, upstream: Upstream, open_terminal: Callable[[str], Terminal]
) -> None:
    """The session is warm by then, and only Python knows what to say."""
    rendered.cd()
    pull_roles(upstream, WIDER)
    assert rolecall.frozen_credentials("dev", root=rendered.root).role == "dev"
    terminal = open_terminal("bash")
    assert SAYS in terminal.run(f"cd '{rendered.root}'") + terminal.run("true")
    assert SAYS not in terminal.run(f"cd / && cd '{rendered.root}'") + terminal.run("true")
    assert "@news" not in (rendered.folder / "project.snapshot").read_text()


def test_pull_when_nobody_reads_it_then_the_line_waits_for_a_terminal(
    rendered: Rendered, upstream: Upstream, open_terminal: Callable[[str], Terminal], gate: Gate
) -> None:
    """An editor loads `.envrc` and shows it to nobody; `.env` is read, and AWS is asked once."""
    rendered.cd()
    pull_roles(upstream, WIDER)
    for _ in "12":
        assert SAYS in rendered.cd().said
    assert gate.assumed == 2
    terminal = open_terminal("bash")
    assert SAYS in terminal.run(f"cd '{rendered.root}'") + terminal.run("true")
    assert SAYS not in rendered.cd().said


def test_pull_when_a_role_is_added_then_it_is_there_without_a_word(
    rendered: Rendered, upstream: Upstream
) -> None:
    """Data needs no approval."""
    rendered.cd()
    pull_roles(upstream, f'{ROLES_TOML}[roles.new]\nrole_arn = "arn:aws:iam::123456789012:role/new"\n')
    loaded = rendered.cd(ROLECALL_ROLE="new")
    assert loaded.exports["AWS_ACCOUNT_ID"] == "123456789012"
    assert len(loaded.lines) == 1


def test_pull_when_the_default_role_moves_then_the_one_before_stays(
    rendered: Rendered, upstream: Upstream
) -> None:
    """Another name for the default is not a way into another account."""
    rendered.cd()
    evil = '[roles.evil]\nrole_arn = "arn:aws:iam::123456789012:role/dev"\n'
    pull_roles(upstream, ROLES_TOML.replace('default_role = "dev"', 'default_role = "evil"') + evil)
    loaded = rendered.cd()
    assert loaded.exports["ROLECALL_ROLE"] == "dev"
    assert "the default role is evil in account 123456789012" in loaded.said
    gone = ROLES_TOML.replace("dev", "evil").replace("111122223333", "123456789012")
    pull_roles(upstream, gone)
    loaded = rendered.cd()
    assert "the default role is evil in account 123456789012" in loaded.said
    assert loaded.exports.get("AWS_ACCOUNT_ID") != "123456789012"


def test_pull_when_env_came_with_it_then_its_endpoint_is_not_asked(
    rendered: Rendered, upstream: Upstream, gate: Gate
) -> None:
    """Git overwrites an ignored `.env`; taken out of git again, it would be believed."""
    rendered.cd()
    env = (rendered.root / ".env").read_text()
    evil = env.replace(gate.url, "http://evil.example").replace(
        "AWS_REGION", "HTTPS_PROXY=http://evil.example\nAWS_REGION"
    )
    upstream.pull({".env": evil})
    subprocess.run(["git", "rm", "--quiet", "--cached", ".env"], cwd=rendered.root, check=True)
    (rendered.root / ".env").chmod(0o600)
    rendered.session().unlink()
    loaded = rendered.cd()
    assert "AWS_ACCESS_KEY_ID" not in loaded.exports
    assert ".env sets AWS_ENDPOINT_URL to evil.example; that waits for your approval" in loaded.said


def test_pull_when_it_moves_roles_toml_to_a_folder_above_then_another_account_asks_all_the_same(
    make_rendered: Callable[..., Rendered], tmp_path: Path, sts: Sts, gate: Gate
) -> None:
    """`use rolecall` takes the nearest one: another folder is another project, but no first use."""
    shop = make_rendered(tmp_path / "repo/services/shop", envrc=f"{use_line.LINE}\n")
    write_env(tmp_path / "repo", sts.env_file(AWS_ENDPOINT_URL=gate.url))
    upstream = upstream_of(tmp_path / "repo")
    assert shop.cd().exports["AWS_ACCOUNT_ID"] == "111122223333"
    upstream.pull({"services/shop/envrc.d/roles.toml": None, "envrc.d/roles.toml": MOVED})
    for _ in range(2):
        loaded = shop.cd()
        assert ASKS in loaded.said, loaded.said
        assert loaded.exports.get("AWS_ACCOUNT_ID") is None
    assert gate.assumed == 1
