"""What a `cd` exports, says and leaves, with real direnv and a real STS on loopback."""

import base64
import json
import os
import re
import subprocess
import sys
import time
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from rolecall.workstation.steps.step import Context
from rolecall.workstation.venv import on_path
from support import ROLES_TOML, Sts, outside_git, write_env
from support.root import needs_root
from support.sts_gate import Gate
from support.terminals import Rendered, allow, change_constant, executed


def test_cd_when_cold_then_exports_the_role(rendered: Rendered) -> None:
    """A first cd gets a session, exports what the design names, and says it in one line."""
    loaded = rendered.cd()
    assert loaded.code == 0
    assert loaded.exports["ROLECALL_ROLE"] == "dev"
    assert loaded.exports["AWS_ACCOUNT_ID"] == "111122223333"
    assert loaded.exports["AWS_REGION"] == loaded.exports["AWS_DEFAULT_REGION"] == "eu-west-1"
    assert str(loaded.exports["ROLECALL_RENEW_AT"]).isdigit()
    assert str(loaded.exports["AWS_ACCESS_KEY_ID"]).startswith("ASIA")
    assert str(loaded.exports["PATH"]).startswith(f"{rendered.root}/.venv/bin:")
    assert loaded.lines == ["rolecall: dev · 111122223333 · 1h00m left"]


def test_cd_when_the_projects_environment_is_called_venv_then_that_is_first_on_path(
    rendered: Rendered,
) -> None:
    """A folder of that name which is no environment is none."""
    (rendered.root / ".venv").unlink()
    (rendered.root / "venv/bin").mkdir(parents=True)
    assert f"{rendered.root}/venv" not in str(rendered.cd().exports.get("PATH"))
    (rendered.root / "venv/pyvenv.cfg").write_text("")
    on_path.apply(Context(rendered.root))
    assert str(rendered.cd().exports["PATH"]).startswith(f"{rendered.root}/venv/bin:")


def test_cd_when_the_project_has_no_environment_then_rolecall_is_found_last(
    rendered: Rendered, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The command comes from the installation that rendered; it hides nothing, and one on PATH is enough."""
    (rendered.root / ".venv").unlink()
    search = [folder for folder in os.environ["PATH"].split(":") if not Path(folder, "rolecall").exists()]
    monkeypatch.setenv("PATH", ":".join(search))
    assert rendered.cd().exports["PATH"] == f"{os.environ['PATH']}:{Path(sys.executable).parent}"
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/rolecall").write_text("#!/bin/sh\n")
    (tmp_path / "bin/rolecall").chmod(0o755)
    assert "PATH" not in rendered.cd(PATH=f"{os.environ['PATH']}:{tmp_path / 'bin'}").exports


def test_cd_when_the_project_needs_a_newer_rolecall_then_one_line_says_so(rendered: Rendered) -> None:
    """A pull brings the wish: the session of before stays, and the line names the command."""
    assert rendered.cd().exports["ROLECALL_ROLE"] == "dev"
    (rendered.root / "envrc.d/roles.toml").write_text(
        ROLES_TOML.replace("[project]", '[project]\nrolecall = ">=99"')
    )
    loaded = rendered.cd()
    assert loaded.exports["ROLECALL_ROLE"] == "dev"
    assert "this project needs rolecall >=99, and this is " in loaded.lines[0]
    assert len(loaded.lines) == 2


def test_cd_when_warm_then_asks_nobody(rendered: Rendered, gate: Gate) -> None:
    """A second cd gives the same session without a request."""
    first = rendered.cd()
    second = rendered.cd()
    assert second.exports["AWS_SESSION_TOKEN"] == first.exports["AWS_SESSION_TOKEN"]
    assert gate.requests == 1


def test_cd_when_loaded_then_no_long_lived_key_is_anywhere(rendered: Rendered, sts: Sts) -> None:
    """The keys of `.env` are in no variable, not even inside direnv's own record of the change."""
    exports = rendered.cd(AWS_PROFILE="mine").exports
    packed = str(exports["DIRENV_DIFF"])
    record = zlib.decompress(base64.urlsafe_b64decode(packed + "=" * (-len(packed) % 4))).decode()
    for text in (str(exports), record):
        assert sts.secret not in text
        assert sts.key_id not in text
    assert "AWS_PROFILE" in json.loads(record)["p"]
    assert exports["AWS_PROFILE"] is None


def test_cd_when_left_then_every_variable_is_as_before(rendered: Rendered) -> None:
    """Leaving the folder restores the environment exactly."""
    script = """
    state() { env | grep -v -e "^_=" -e "^OLDPWD=" -e "^PWD=" | sort; }
    before=$(state)
    cd "$1" && eval "$(direnv export bash)" && env | grep -c ^AWS_ACCESS
    cd / && eval "$(direnv export bash)" && diff <(echo "$before") <(state) && echo same
    """
    done = subprocess.run(
        ["bash", "-c", script, "bash", str(rendered.root)],
        capture_output=True,
        text=True,
        cwd="/",
        check=False,
    )
    assert done.stdout.splitlines() == ["1", "same"]


@pytest.mark.parametrize(
    "value",
    [
        "a b",
        "it's",
        'say "hi"',
        "p$w $HOME",
        "a#b # c",
        r"back\slash\n",
        "Zürich ✓",
        "",
        "two\nlines",
        "tab\there",
        "${NOPE}",
    ],
)
def test_cd_when_env_has_any_value_then_the_shell_reads_what_python_dotenv_reads(
    rendered: Rendered, sts: Sts, gate: Gate, value: str
) -> None:
    """Every value of `.env` reaches the shell as python-dotenv, the one parser, understands it."""
    from dotenv import dotenv_values, set_key

    write_env(rendered.root, sts.env_file(AWS_ENDPOINT_URL=gate.url))
    set_key(rendered.root / ".env", "VALUE", value)
    assert rendered.cd().exports.get("VALUE", "") == dotenv_values(rendered.root / ".env")["VALUE"]


STRANGE = ["space dir", "quo'te", 'double"quote', "$dollar", "Zoë ✓", "back`tick", "new;semi&amp"]


@pytest.mark.parametrize("name", STRANGE)
def test_cd_when_the_path_is_strange_then_works(
    make_rendered: Callable[..., Rendered], tmp_path: Path, name: str
) -> None:
    """A folder's name never matters, unless direnv itself loads no bare `.envrc` there (2.32.1: " $ `)."""
    bare = tmp_path / name / "bare"
    bare.mkdir(parents=True)
    (bare / ".envrc").write_text("export LOADED=1\n")
    allow(bare)
    control = subprocess.run(
        ["direnv", "exec", ".", "env"], cwd=bare, capture_output=True, text=True, check=False
    )
    rendered = make_rendered(tmp_path / name / "shop")
    expected = "dev" if "LOADED=1" in control.stdout else None
    assert rendered.cd().exports.get("ROLECALL_ROLE") == expected
    assert expected or set(name) & set('"$`')


def test_cd_when_env_changes_then_the_new_value_loads_without_a_new_session(
    rendered: Rendered, sts: Sts, gate: Gate
) -> None:
    """`.env` edited after the snapshot is read again; the session it did not change is kept."""
    rendered.cd()
    write_env(rendered.root, sts.env_file(AWS_ENDPOINT_URL=gate.url, GREETING="hello"))
    assert rendered.cd().exports["GREETING"] == "hello"
    assert gate.assumed == 1


def test_cd_when_env_changes_and_sts_is_down_then_the_new_value_still_loads(
    rendered: Rendered, sts: Sts, gate: Gate
) -> None:
    """What the shell loads of `.env` does not wait for STS."""
    gate.mode = "reset"
    write_env(rendered.root, sts.env_file(AWS_ENDPOINT_URL=gate.url, GREETING="hello"))
    loaded = rendered.cd()
    assert loaded.exports["GREETING"] == "hello"
    assert "AWS_ACCESS_KEY_ID" not in loaded.exports


def test_cd_when_a_role_definition_changes_then_its_session_is_not_used(
    rendered: Rendered, gate: Gate
) -> None:
    """A changed role is another role."""
    rendered.cd()
    roles = rendered.root / "envrc.d/roles.toml"
    roles.write_text(roles.read_text().replace('duration = "1h"', 'duration = "2h"'))
    render_again(rendered)
    rendered.cd()
    assert gate.assumed == 2


def test_cd_when_another_role_was_looked_at_since_then_this_ones_session_is_still_checked(
    rendered: Rendered, gate: Gate
) -> None:
    """roles.toml changed, and dev went first: prod's older session is not taken for current."""
    old = rendered.cd(ROLECALL_ROLE="prod").exports["AWS_SESSION_TOKEN"]
    roles = rendered.root / "envrc.d/roles.toml"
    roles.write_text(roles.read_text().replace("role/prod", "role/prod-admin"))
    render_again(rendered)
    rendered.cd()
    assert rendered.cd(ROLECALL_ROLE="prod").exports["AWS_SESSION_TOKEN"] != old
    assert gate.assumed == 3


@pytest.mark.parametrize(
    "content",
    [b"", b"garbage", b"\xff\xfe\x00", b"AWS_ACCESS_KEY_ID=x\n", b"ROLECALL_EXPIRES=a[$(touch hacked)]\n"],
)
def test_cd_when_the_session_file_is_corrupt_then_it_is_a_miss(
    rendered: Rendered, gate: Gate, content: bytes
) -> None:
    """A corrupt session is fetched anew; nothing in it is run."""
    rendered.cd()
    rendered.session().write_bytes(content)
    assert rendered.cd().exports["ROLECALL_ROLE"] == "dev"
    assert gate.assumed == 2
    assert not (rendered.root / "hacked").exists()


EXPIRES = "ROLECALL_EXPIRES=_rolecall_now+9999"  # of plain characters, and a number in bash's arithmetic


@pytest.mark.parametrize(
    "line",
    [
        EXPIRES,
        EXPIRES.replace("EXPIRES", "RENEW_AT"),
        "ROLECALL_EXPIRES=a[$(>hacked)]",
        "ROLECALL_RENEW_AT=a[$(>hacked)]",
        "AWS_REGION=$(touch hacked)",
        "AWS_REGION=$HOME",
        "AWS_REGION=eu west",
        "ROLECALL_ROLE=prod",
        "AWS_ACCOUNT_ID=",
        "ROLECALL_ENVIRON=another",
        "AWS_REGION=*",
    ],
)
def test_cd_when_one_line_of_the_session_file_is_wrong_then_it_is_a_miss(
    rendered: Rendered, gate: Gate, line: str
) -> None:
    """Each line is checked for itself: the rest of the file is right, and nothing of it is run."""
    rendered.cd()
    name = line.partition("=")[0]
    text = rendered.session().read_text()
    rendered.session().write_text(re.sub(rf"(?m)^{name}=.*$", lambda _: line, text))
    loaded = rendered.cd()
    assert loaded.exports["ROLECALL_ROLE"] == "dev"
    assert loaded.exports["AWS_REGION"] == "eu-west-1"
    assert gate.assumed == 2
    assert not (rendered.root / "hacked").exists()


@needs_root
@pytest.mark.parametrize("name", ["dev.env", "project.snapshot"])
def test_cd_when_a_file_is_someone_elses_then_it_is_not_believed(rendered: Rendered, name: str) -> None:
    """What another user put into the folder is exported to nobody."""
    rendered.cd()
    path = rendered.folder / name
    text = path.read_text()
    path.write_text(text.replace("AWS_REGION=eu-west-1", "AWS_REGION=theirs"))
    os.chown(path, 12345, 12345)
    loaded = rendered.cd()
    assert loaded.exports["AWS_REGION"] == "eu-west-1"
    assert loaded.exports["ROLECALL_ROLE"] == "dev"


def test_cd_when_an_older_env_takes_its_place_then_is_read(rendered: Rendered, sts: Sts, gate: Gate) -> None:
    """`cp -p backup .env`: a file older than what was read is another one, too."""
    rendered.cd()
    write_env(rendered.root, sts.env_file(AWS_ENDPOINT_URL=gate.url, GREETING="hello"))
    os.utime(rendered.root / ".env", (1_000_000_000, 1_000_000_000))
    assert rendered.cd().exports["GREETING"] == "hello"


def test_cd_when_a_policy_changed_then_its_session_is_another(
    make_rendered: Callable[..., Rendered], tmp_path: Path, gate: Gate
) -> None:
    """The file that `session_policy` names decides like roles.toml itself."""
    folder = tmp_path / "shop/envrc.d"
    folder.mkdir(parents=True)
    (folder / "dev.json").write_text('{"Version": "2012-10-17", "Statement": []}')
    rendered = make_rendered(tmp_path / "shop", roles=f'{ROLES_TOML}session_policy = "dev.json"\n')
    for _ in range(2):
        assert rendered.cd(ROLECALL_ROLE="prod").exports["AWS_ACCOUNT_ID"] == "444455556666"
    assert gate.assumed == 1
    (folder / "dev.json").write_text('{"Version": "2012-10-17", "Statement": [{}]}')
    rendered.cd(ROLECALL_ROLE="prod")
    assert gate.assumed == 2


def test_cd_when_keys_of_the_environment_assume_then_others_are_not_served_with_theirs(
    rendered: Rendered, gate: Gate
) -> None:
    """Without keys in `.env`, the session belongs to the identity that the shell had before."""
    env = rendered.root / ".env"
    env.write_text("".join(line for line in env.read_text().splitlines(keepends=True) if "KEY" not in line))
    keys = ["AKIAFIRSTFIRST000001", "AKIASECONDSECOND0002"]
    for key_id in keys:
        for _ in range(2):
            loaded = rendered.cd(AWS_ACCESS_KEY_ID=key_id, AWS_SECRET_ACCESS_KEY="s")
            assert loaded.exports["ROLECALL_ROLE"] == "dev"
    assert gate.signers == set(keys)
    assert gate.assumed == 2


def test_cd_when_cold_then_python_learns_when_it_began(rendered: Rendered, tmp_path: Path) -> None:
    """Python keeps the time for the whole `cd`, so it is told the beginning."""
    log, python = tmp_path / "started", tmp_path / "python"
    python.write_text(f"#!/bin/sh\necho \"$ROLECALL_STARTED\" >'{log}'\nexec '{sys.executable}' \"$@\"\n")
    python.chmod(0o755)
    change_constant(rendered, "python", str(python))
    before = time.time()
    rendered.cd()
    assert before <= float(log.read_text()) <= time.time()


def test_cd_when_a_fragment_of_the_project_loads_env_then_its_keys_do_not_stay(
    rendered: Rendered, sts: Sts
) -> None:
    """A person's old `dotenv` line, a fragment by now, comes after the session; the role's keys are held."""
    (rendered.root / "envrc.d/60-project.sh").write_text("dotenv\nexport MINE=1\n")
    render_again(rendered)
    for exports in (rendered.cd().exports, rendered.cd(ROLECALL_ROLE="nobody").exports):
        assert exports["MINE"] == "1"
        assert sts.key_id not in str(exports)
        assert sts.secret not in str(exports)
    assert str(rendered.cd().exports["AWS_ACCESS_KEY_ID"]).startswith("ASIA")


EVERYDAY = ["tasks.py", "boto3.py", "invoke.yaml", "boto3/__init__.py", "envrc.d/60-new.sh", "templates/x.j2"]


@pytest.mark.parametrize("name", [*EVERYDAY, "sitecustomize.py", "rolecall/__init__.py", "dotenv.py"])
def test_cd_when_the_folder_has_code_then_none_of_it_runs_and_nothing_is_held_up(
    rendered: Rendered, name: str
) -> None:
    """Nothing of the folder is imported on `cd`, so an everyday edit neither runs nor needs an approval."""
    path = rendered.root / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"open({str(rendered.root / 'hacked')!r}, 'w')\n")
    assert rendered.cd().exports["ROLECALL_ROLE"] == "dev"
    (rendered.root / ".env").write_text((rendered.root / ".env").read_text() + "MORE=1\n")
    assert rendered.cd(PYTHONPATH=str(rendered.root)).exports["MORE"] == "1"
    assert not (rendered.root / "hacked").exists()


def test_cd_when_git_brings_files_into_the_venv_then_nothing_of_it_runs(rendered: Rendered) -> None:
    """A commit can hold what .gitignore names: the Python of the cold path is not the one in `.venv`."""
    (rendered.root / ".venv").unlink()
    python = rendered.root / ".venv/bin/python"
    python.parent.mkdir(parents=True)
    python.write_text("#!/bin/sh\ntouch hacked\n")
    python.chmod(0o755)
    for words in (["init", "-q"], ["add", "-f", ".venv/bin/python"]):
        subprocess.run(["git", *words], cwd=rendered.root, check=True)
    assert rendered.cd().exports["ROLECALL_ROLE"] == "dev"
    assert not (rendered.root / "hacked").exists()


def test_cd_when_warm_then_starts_no_process_beyond_direnvs_own(rendered: Rendered, tmp_path: Path) -> None:
    """Counted execve by execve: an empty `.envrc` against ours, warm and unchanged since the last entry."""
    empty = tmp_path / "empty"
    empty.mkdir()
    (empty / ".envrc").write_text("")
    allow(empty)
    rendered.cd()
    rendered.cd()
    least = len(executed(empty, tmp_path))
    assert len(executed(rendered.root, tmp_path)) == least
    session = rendered.session()
    os.utime(session, (time.time() + 2, time.time() + 2))
    assert len(executed(rendered.root, tmp_path)) == least + 1  # `direnv watch`


def test_cd_when_cold_then_starts_one_process_more(rendered: Rendered, tmp_path: Path) -> None:
    """The cold path is one Python; here `direnv watch` and a `mkdir` and `rm` for the claim come with it."""
    programs = [Path(line.split('"')[1]).name for line in executed(rendered.root, tmp_path)]
    ours = [name for name in programs if not name.startswith(("direnv", "bash"))]
    assert sorted(ours) == sorted(["mkdir", "rm", Path(constant(rendered, "python")).name])


def test_cd_when_python_is_gone_then_says_the_command(rendered: Rendered) -> None:
    """A Python that was removed is one clear line."""
    change_constant(rendered, "python", "/nowhere/python3")
    (line,) = rendered.cd().lines
    assert line.startswith("rolecall: /nowhere/python3 or ")
    assert line.endswith("is gone (try: invoke setup)")


def test_cd_when_nothing_of_ours_is_needed_then_no_name_of_ours_is_left(rendered: Rendered) -> None:
    """No function or variable of the fragments outlives the evaluation, cold or warm."""
    with (rendered.root / ".envrc").open("a") as file:
        file.write("\n(set -o posix; set) | grep ^_rolecall >&2; declare -F | grep _rolecall >&2; true\n")
    allow(rendered.root)
    assert "_rolecall" not in rendered.cd().said
    assert "_rolecall" not in rendered.cd().said


def test_fragments_when_they_define_a_function_then_the_last_of_them_unsets_it() -> None:
    """Those of the parts that are seldom read, too: no test reads them all at once."""
    gone, made = set[str](), set[str]()
    for path in (Path(__file__).resolve().parents[2] / "envrc.d").glob("*.sh"):
        text = path.read_text()
        made |= set(re.findall(r"(?m)^(_rolecall_\w+)\(\) \{", text))
        for names in re.findall(r"(?m)^unset -f ((?:.*\\\n)*.*)$", text):
            gone |= set(names.replace("\\\n", " ").split())
    assert made
    assert made - gone == set()


def test_cd_when_strict_env_is_on_then_still_works(rendered: Rendered, home: Path) -> None:
    """`strict_env = true` in direnv.toml does not break the fragments."""
    config = home / ".config/direnv/direnv.toml"
    config.parent.mkdir(parents=True)
    config.write_text("[global]\nstrict_env = true\n")
    assert rendered.cd().exports["ROLECALL_ROLE"] == "dev"
    assert rendered.cd().exports["ROLECALL_ROLE"] == "dev"


def test_cd_when_role_is_set_in_the_environment_then_it_wins(rendered: Rendered) -> None:
    """ROLECALL_ROLE set by the person decides."""
    assert rendered.cd(ROLECALL_ROLE="prod").exports["AWS_ACCOUNT_ID"] == "444455556666"


def test_cd_when_only_role_arn_is_declared_then_it_is_the_role(
    make_rendered: Callable[..., Rendered], tmp_path: Path
) -> None:
    """A project without roles: ROLE_ARN in `.env` alone is enough."""
    rendered = make_rendered(tmp_path / "shop", roles="", ROLE_ARN="arn:aws:iam::123456789012:role/only")
    assert rendered.cd().lines == ["rolecall: only · 123456789012 · 1h00m left"]


def test_cd_when_bash_is_old_then_the_rendered_file_is_still_its_language(rendered: Rendered) -> None:
    """No construct that bash 3.2 does not know, and clean for shellcheck and shfmt as a whole."""
    envrc = str(rendered.root / ".envrc")
    folder = Path(sys.executable).parent
    for words in (["shellcheck", "-s", "bash", envrc], ["shfmt", "-i", "2", "-d", envrc]):
        done = subprocess.run([folder / words[0], *words[1:]], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout
    text = Path(envrc).read_text()
    for word in ("mapfile", "declare -A", "local -n", "|&", "&>>", "coproc", "^^}", ",,}"):
        assert word not in text


def constant(rendered: Rendered, name: str) -> str:
    """Return a constant of the rendered `.envrc`."""
    text = (rendered.root / ".envrc").read_text()
    found = re.search(rf"(?m)^_rolecall_{name}=(.*)$", text)
    assert found
    return found[1]


def render_again(rendered: Rendered) -> None:
    """Render and approve as `invoke render` does."""
    (rendered.root / ".envrc").write_text(outside_git.envrc(rendered.root))
    allow(rendered.root)
