"""The right role in every corner: with real direnv, in real shells."""

import os
import shutil
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from rolecall.credentials.store import cache
from support import ROLES_TOML, Sts, write_env
from support.sts_gate import Gate
from support.terminals import Rendered, Terminal, allow

PROD = "arn:aws:iam::444455556666:role/prod"
ROLE = "arn:aws:iam::111122223333:role"
PROTECTED = ROLES_TOML.replace('role/prod"\n', 'role/prod"\nprotected = true\n')
BEHIND = f'{PROTECTED}\n[roles.behind]\nrole_arn = "arn:aws:iam::123456789012:role/x"\nsource = "prod"\n'
Make = Callable[..., Rendered]
Open = Callable[[str], Terminal]


def change_roles(rendered: Rendered, before: str, after: str) -> None:
    """Edit `roles.toml`, with an mtime that nobody can miss."""
    path = rendered.root / "envrc.d/roles.toml"
    path.write_text(path.read_text().replace(before, after))
    moment = time.time() + 5
    os.utime(path, (moment, moment))


@pytest.mark.parametrize("how", ["copied", "renamed", "behind a link to the new place"])
def test_cd_when_the_folder_is_copied_or_renamed_then_loads_nothing_and_names_the_command(
    rendered: Rendered, tmp_path: Path, gate: Gate, how: str
) -> None:
    """Another folder is another project: the first one's role is not its role."""
    assert rendered.cd().exports["ROLECALL_ROLE"] == "dev"
    other = tmp_path / "other"
    if how == "copied":
        shutil.copytree(rendered.root, other, symlinks=True)
    else:
        rendered.root.rename(other)
    if how.startswith("behind"):
        rendered.root.symlink_to(other)
    allow(other)
    loaded = Rendered(other, rendered.folder).cd()
    assert loaded.code == 0
    assert not [name for name in loaded.exports if name.startswith(("AWS_", "ROLECALL_", "_rolecall"))]
    assert loaded.lines == [
        "rolecall: this .envrc was made for another folder; nothing was loaded (try: invoke setup)"
    ]
    assert gate.assumed == 1


def test_cd_when_the_folder_is_entered_through_a_link_then_it_is_the_same_project(
    rendered: Rendered, tmp_path: Path
) -> None:
    """A link to the project is no other project."""
    link = tmp_path / "link"
    link.symlink_to(rendered.root)
    loaded = Rendered(link, rendered.folder).cd(PWD=str(link))
    assert loaded.exports["ROLECALL_ROLE"] == "dev"


@pytest.mark.parametrize("how", ["ROLECALL_ROLE", "ROLE_ARN in .env", "ROLE_ARN", "source"])
def test_cd_when_the_arn_is_protected_then_no_name_of_it_is_a_way_around(
    make_rendered: Make, tmp_path: Path, gate: Gate, how: str
) -> None:
    """The ARN, the personal default, and a role behind it are as protected as the alias."""
    roles = BEHIND if how == "source" else PROTECTED
    if how == "ROLE_ARN":
        roles = roles.replace('default_role = "dev"\n', "")
    env = {"ROLE_ARN": PROD} if how == "ROLE_ARN in .env" else {}
    rendered = make_rendered(tmp_path / "shop", roles=roles, **env)
    environ = {"ROLECALL_ROLE": {"source": "behind", "ROLECALL_ROLE": PROD}.get(how, "")}
    environ |= {"ROLE_ARN": PROD} if how == "ROLE_ARN" else {}
    loaded = rendered.cd(**{name: value for name, value in environ.items() if value})
    assert "AWS_SESSION_TOKEN" not in loaded.exports
    assert "is protected: it is taken by hand only" in loaded.lines[0]
    assert gate.assumed == 0


def test_cd_when_another_terminal_took_the_protected_role_then_its_arn_does_not_hand_it_out(
    make_rendered: Make, tmp_path: Path, open_terminal: Open
) -> None:
    """Neither by alias nor by ARN; where it was taken, both name it."""
    rendered = make_rendered(tmp_path / "shop", roles=PROTECTED)
    one = open_terminal("bash")
    one.run(f"cd '{rendered.root}'")
    one.confirm("invoke assume --role prod", "Type its name to take it: ", "prod")
    assert one.value("ROLECALL_ROLE") == "prod"
    for name in ("prod", PROD):
        assert "AWS_SESSION_TOKEN" not in rendered.cd(ROLECALL_ROLE=name).exports
    one.run(f"cd / && export ROLECALL_ROLE={PROD} && cd '{rendered.root}'")
    assert one.value("AWS_ACCOUNT_ID") == "444455556666"


def test_cd_when_roles_toml_is_not_utf8_then_says_so_and_takes_nothing(
    make_rendered: Make, tmp_path: Path, gate: Gate
) -> None:
    """A declaration that cannot be read does not let a protection fall away."""
    rendered = make_rendered(tmp_path / "shop", roles=PROTECTED, ROLE_ARN=PROD)
    path = rendered.root / "envrc.d/roles.toml"
    path.write_bytes(path.read_bytes() + b"# caf\xe9\n")
    loaded = rendered.cd()
    assert "AWS_SESSION_TOKEN" not in loaded.exports
    assert "not UTF-8" in loaded.lines[0]
    assert gate.assumed == 0


def test_cd_when_a_declared_role_is_named_by_its_arn_then_it_is_that_role(
    rendered: Rendered, gate: Gate
) -> None:
    """One session under one name: alias and ARN find it, and nobody asks twice."""
    first = rendered.cd(ROLECALL_ROLE=PROD)
    assert first.exports["ROLECALL_ROLE"] == "prod"
    for name in (PROD, "prod"):
        again = rendered.cd(ROLECALL_ROLE=name)
        assert again.exports["AWS_SESSION_TOKEN"] == first.exports["AWS_SESSION_TOKEN"]
    assert gate.assumed == 1


@pytest.mark.parametrize(
    "arns",
    [
        (f"{ROLE}/team/ops", f"{ROLE}/team_ops"),
        (
            f"arn:aws:iam::111122223333:role/{'p' * 300}/ops",
            f"arn:aws:iam::111122223333:role/{'p' * 301}/ops",
        ),
    ],
    ids=["folded", "long"],
)
def test_cd_when_two_arns_are_alike_then_they_do_not_evict_each_other(
    rendered: Rendered, gate: Gate, arns: tuple[str, ...]
) -> None:
    """Each ARN has a session file of its own, whatever its length."""
    for arn in arns * 2:
        loaded = rendered.cd(ROLECALL_ROLE=arn)
        assert loaded.exports.get("AWS_SESSION_TOKEN"), loaded.said
        assert loaded.lines[-1].startswith(f"rolecall: {arn} ")
    assert gate.assumed == 2


def test_cd_when_two_identities_take_turns_then_each_keeps_its_session(
    rendered: Rendered, sts: Sts, gate: Gate
) -> None:
    """Terminals with profiles of their own: one call each, however often they take turns."""
    write_env(rendered.root, f"AWS_ENDPOINT_URL={gate.url}\nAWS_REGION=eu-west-1\n")
    folder = Path(os.environ["HOME"], ".aws")
    folder.mkdir()
    keys = f"aws_access_key_id = {sts.key_id}\naws_secret_access_key = {sts.secret}\n"
    (folder / "credentials").write_text(f"[ann]\n{keys}[bob]\n{keys}")
    tokens = [rendered.cd(AWS_PROFILE=name).exports["AWS_SESSION_TOKEN"] for name in ("ann", "bob") * 2]
    assert (tokens[:2], len(set(tokens))) == (tokens[2:], 2)
    assert gate.assumed == 2


@pytest.mark.parametrize("before", ["", 'rm "$1"; '], ids=["warm", "cold"])
def test_cd_when_a_program_of_exec_enters_then_bash_and_python_agree_who_assumes(
    rendered: Rendered, sts: Sts, gate: Gate, before: str
) -> None:
    """Within `exec -- bash` the keys at hand are the role's, and no identity."""
    write_env(rendered.root, f"AWS_ENDPOINT_URL={gate.url}\nAWS_REGION=eu-west-1\n")
    folder = Path(os.environ["HOME"], ".aws")
    folder.mkdir()
    keys = f"aws_access_key_id = {sts.key_id}\naws_secret_access_key = {sts.secret}\n"
    (folder / "credentials").write_text(f"[default]\n{keys}")
    script = f'{before}eval "$(direnv export bash)"; echo "$ROLECALL_RENEW_AT"'
    words = ["bash", "-c", script, "bash", str(rendered.session())]
    done = subprocess.run(
        [".venv/bin/python", "-m", "invoke", "exec", "--", *words],
        cwd=rendered.root,
        capture_output=True,
        text=True,
        check=True,
    )
    assert f"ROLECALL_RENEW_AT={done.stdout.strip()}\n" in rendered.session().read_text(), "not warm"
    assert (gate.assumed, gate.signers) == (2 if before else 1, {sts.key_id})


def test_cd_when_an_unrelated_profile_is_added_and_sts_is_down_then_the_session_stays(
    rendered: Rendered, sts: Sts, gate: Gate
) -> None:
    """59 minutes are not lost to a line about somebody else."""
    write_env(rendered.root, f"AWS_ENDPOINT_URL={gate.url}\nAWS_REGION=eu-west-1\nAWS_PROFILE=ann\n")
    path = Path(os.environ["HOME"], ".aws/credentials")
    path.parent.mkdir()
    path.write_text(f"[ann]\naws_access_key_id = {sts.key_id}\naws_secret_access_key = {sts.secret}\n")
    first = rendered.cd().exports["AWS_SESSION_TOKEN"]
    path.write_text(f"{path.read_text()}\n[eve]\nregion = us-east-1\n")
    gate.mode = "reset"
    write_env(rendered.root, f"{(rendered.root / '.env').read_text()}# touched\n")
    loaded = rendered.cd()
    assert loaded.exports["AWS_SESSION_TOKEN"] == first
    assert "cannot" not in loaded.said
    assert "rolecall: role" not in loaded.said, "STS was asked"


def test_cd_when_env_names_pwd_then_it_is_the_projects_folder_in_every_terminal(
    rendered: Rendered, sts: Sts, gate: Gate
) -> None:
    """Whoever ran Python last, and from where, does not decide: what it read is kept for every shell."""
    text = sts.env_file(AWS_ENDPOINT_URL=gate.url)
    write_env(rendered.root, f"{text}DATA=${{PWD}}/data\n")
    subprocess.run(
        [rendered.root / ".venv/bin/python", "-m", "invoke", "assume", "--format", "env"],
        cwd=rendered.root / "envrc.d",
        env={**os.environ, "PWD": "/elsewhere"},
        check=True,
        capture_output=True,
    )
    assert rendered.cd().exports["DATA"] == f"{rendered.root}/data"
    assert gate.assumed == 1


@pytest.mark.parametrize(
    ("env", "name", "expected"),
    [
        ("", "AWS_REGION", "us-east-2"),
        ("", "AWS_DEFAULT_REGION", "us-east-2"),
        ("AWS_DEFAULT_REGION=ap-south-1\n", "AWS_REGION", "ap-south-1"),
    ],
)
def test_cd_when_the_team_names_no_region_then_it_is_the_persons(
    rendered: Rendered, sts: Sts, env: str, name: str, expected: str
) -> None:
    """The region stands under both names, and is never another terminal's."""
    change_roles(rendered, 'region = "eu-west-1"\n', "")
    write_env(rendered.root, sts.env_file().replace("AWS_REGION=eu-west-1\n", env))
    rendered.cd(AWS_REGION="eu-north-1")
    ambient = {name: "us-east-2"}
    exports = {**ambient, **{name: value for name, value in rendered.cd(**ambient).exports.items() if value}}
    assert exports["AWS_REGION"] == exports["AWS_DEFAULT_REGION"] == expected


def test_renew_at_when_the_role_is_protected_then_lies_at_its_end(
    make_rendered: Make, tmp_path: Path, open_terminal: Open
) -> None:
    """Nobody renews it: the prompt does not load again and again in its last quarter."""
    rendered = make_rendered(tmp_path / "shop", roles=PROTECTED)
    terminal = open_terminal("bash")
    terminal.run(f"cd '{rendered.root}'")
    terminal.confirm("invoke assume --role prod", "Type its name to take it: ", "prod")
    expires = int(time.time()) + 600
    rendered.move_times("prod", expires=expires, renew_at=expires - 900)
    terminal.run("export ROLECALL_RENEW_AT=1")
    assert terminal.value("ROLECALL_ROLE") == "prod"
    assert int(terminal.value("ROLECALL_RENEW_AT")) == expires - 119


def test_cd_when_the_role_was_removed_then_its_session_is_not_exported(
    rendered: Rendered, gate: Gate
) -> None:
    """Named by hand it is an error; nothing of it is exported while it would still be valid."""
    assert rendered.cd(ROLECALL_ROLE="prod").exports["AWS_ACCOUNT_ID"] == "444455556666"
    change_roles(rendered, "[roles.prod]", "[roles.other]")
    loaded = rendered.cd(ROLECALL_ROLE="prod")
    assert "AWS_SESSION_TOKEN" not in loaded.exports
    assert "unknown role 'prod'" in loaded.lines[0]
    assert gate.assumed == 1


def test_terminal_when_its_role_was_removed_then_it_is_let_go_with_one_line(
    rendered: Rendered, open_terminal: Open
) -> None:
    """The terminal's choice, and the person's default, fall back on what the project declares."""
    terminal = open_terminal("bash")
    terminal.run(f"cd '{rendered.root}'")
    terminal.run("invoke assume --role prod --default")
    assert terminal.value("ROLECALL_ROLE") == "prod"
    change_roles(rendered, "[roles.prod]", "[roles.other]")
    said = terminal.run("true") + terminal.run("true")
    assert terminal.value("ROLECALL_ROLE") == "dev"
    assert said.count("role prod is no longer in envrc.d/roles.toml; this terminal lets go of it") == 1
    assert "Known roles" not in terminal.run("invoke status")


def test_cd_when_two_roles_share_a_session_policy_then_both_are_warm(rendered: Rendered, gate: Gate) -> None:
    """One file is an input of both."""
    (rendered.root / "envrc.d/policy.json").write_text('{"Version": "2012-10-17", "Statement": []}')
    change_roles(rendered, "role_arn", 'session_policy = "policy.json"\nrole_arn')
    for role in ("dev", "prod") * 2:
        loaded = rendered.cd(ROLECALL_ROLE=role)
        renew_at = loaded.exports["ROLECALL_RENEW_AT"]
        assert f"ROLECALL_RENEW_AT={renew_at}\n" in rendered.session(role).read_text(), "not warm"
    assert gate.assumed == 2


def test_cd_when_a_role_is_named_project_then_its_failure_holds_up_no_other(
    make_rendered: Make, tmp_path: Path, gate: Gate
) -> None:
    """Its marker is its own."""
    rendered = make_rendered(tmp_path / "shop", roles=ROLES_TOML.replace("[roles.prod]", "[roles.project]"))
    gate.mode = "reset"
    assert "AWS_SESSION_TOKEN" not in rendered.cd(ROLECALL_ROLE="project").exports
    gate.mode = "pass"
    assert rendered.cd().exports["ROLECALL_ROLE"] == "dev"


def test_cd_when_a_full_disk_left_an_empty_claim_then_nobody_waits_for_it(
    rendered: Rendered, gate: Gate
) -> None:
    """A claim that nobody could write into is nobody's."""
    rendered.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    claim = rendered.folder / "project.claim"
    claim.touch()
    os.utime(claim, (1, 1))
    assert rendered.cd().exports["ROLECALL_ROLE"] == "dev"
    assert gate.assumed == 1


def test_assume_when_the_path_is_not_utf8_then_one_line_and_exit_1(
    rendered: Rendered, tmp_path: Path
) -> None:
    """No file of ours could name such a folder."""
    other = Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9"))
    rendered.root.rename(other)
    for words in (["-m", "invoke", "assume"], ["-P", "-m", "rolecall", "assume"]):
        done = subprocess.run(
            [other / ".venv/bin/python", *words], cwd=other, capture_output=True, text=True, check=False
        )
        assert done.returncode == 1
        assert "caf\\xe9 is not UTF-8 text; rename that folder" in done.stderr
        assert "Traceback" not in done.stderr


def test_session_path_when_the_alias_is_plain_then_is_its_name(rendered: Rendered) -> None:
    """A person finds the file of a role by its name."""
    assert cache.session_path(rendered.place, "dev").endswith("/dev.env")
