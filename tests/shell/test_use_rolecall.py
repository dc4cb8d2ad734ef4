"""`use rolecall` in a project's own `.envrc`: the same as a rendered one, and what only it can do."""

import os
import shutil
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

import rolecall
from rolecall.system.disk import paths
from rolecall.workstation.direnv_lib import copies
from rolecall.workstation.envrc import use_line
from rolecall.workstation.steps.step import Context
from support import Sts
from support.sts_gate import Gate
from support.terminals import (
    SHELLS,
    Rendered,
    Terminal,
    allow,
    executed,
    install_function,
    needs_old_bash,
    put_first,
    write_constant,
)

LINE = f"{use_line.LINE}\n"
TEAM = f"export GREETING=hello\nPATH_add bin\n{LINE}"
FUNCTIONS = Path(__file__).resolve().parents[2] / "templates"


@pytest.fixture
def shop(make_rendered: Callable[..., Rendered], tmp_path: Path) -> Rendered:
    """Make a project whose team has an `.envrc` of its own, with the line."""
    return make_rendered(tmp_path / "shop", envrc=TEAM)


def test_use_when_cold_and_warm_then_is_as_a_rendered_one(shop: Rendered, gate: Gate) -> None:
    """The role, the values of `.env` and the line that is said; the team's own lines count too."""
    first, second = shop.cd(), shop.cd()
    assert first.exports["ROLECALL_ROLE"] == "dev"
    assert first.exports["GREETING"] == "hello"
    assert f"{shop.root}/bin" in str(first.exports["PATH"])
    assert second.lines == ["rolecall: dev · 111122223333 · 1h00m left"]
    assert second.exports["AWS_SESSION_TOKEN"] == first.exports["AWS_SESSION_TOKEN"]
    assert gate.assumed == 1


def test_use_when_git_is_asked_then_nothing_names_this_machine(shop: Rendered) -> None:
    """What the team commits is the line; no file of the project has a path of this machine."""
    text = (shop.root / ".envrc").read_text()
    assert str(shop.root) not in text
    assert os.environ["HOME"] not in text


def test_use_when_warm_then_starts_no_process_beyond_direnvs_own(shop: Rendered, tmp_path: Path) -> None:
    """Counted execve by execve, against the same `.envrc` with a function that does nothing."""
    shop.cd()
    shop.cd()
    ours = executed(shop.root, tmp_path)
    library = copies.library(os.environ)
    text = library.read_text()
    library.write_text("use_rolecall() { :; }\n")
    least = executed(shop.root, tmp_path)
    library.write_text(text)
    assert len(ours) == len(least)


def test_use_when_rolecall_is_absent_then_a_colleague_notices_nothing(shop: Rendered) -> None:
    """Without the function the line is silent, and the rest of `.envrc` works."""
    copies.library(os.environ).unlink()
    loaded = shop.cd()
    assert loaded.exports["GREETING"] == "hello"
    assert "ROLECALL_ROLE" not in loaded.exports
    assert loaded.lines == []
    assert "command not found" not in loaded.said


def test_use_when_the_project_brings_fragments_then_none_of_them_runs(shop: Rendered) -> None:
    """A pull can change neither what runs nor add to it."""
    (shop.root / "envrc.d/50-session.sh").write_text("export HACKED=1\n")
    (shop.root / "envrc.d/60-own.sh").write_text("export HACKED=1\n")
    (shop.root / "templates").mkdir()
    for name in ("session.j2", "session.cold.j2"):
        (shop.root / "templates" / name).write_text("export HACKED=1\n")
    install_function(shop.root)
    loaded = shop.cd()
    assert loaded.exports["ROLECALL_ROLE"] == "dev"
    assert "HACKED" not in loaded.exports


def test_use_when_the_copy_is_someone_elses_or_gone_then_says_the_command(shop: Rendered, sts: Sts) -> None:
    """Nothing is loaded; keys of a `dotenv` do not stay either; what setup writes then is noticed."""
    copies.shared(os.environ).unlink()
    (shop.root / ".envrc").write_text(f"dotenv\n{LINE}")
    allow(shop.root)
    loaded = shop.cd()
    assert loaded.lines == ["rolecall: this project is not set up on this machine (try: rolecall setup)"]
    assert sts.key_id not in str(loaded.exports)
    assert loaded.code == 0
    script = """
    cd "$1"; eval "$(direnv export bash)"; printf '<%s>' "$ROLECALL_ROLE"
    eval "$2"; eval "$(direnv export bash)"; printf '<%s>' "$ROLECALL_ROLE"
    """
    saved, _ = copies.session(Context(shop.root))
    write = f"cat >'{saved.path}' <<'END'\n{saved.text}END"
    done = subprocess.run(
        ["bash", "-c", script, "bash", str(shop.root), write], capture_output=True, text=True, check=True
    )
    assert done.stdout == "<><dev>"


def test_use_when_the_copy_changes_then_an_open_shell_notices(shop: Rendered) -> None:
    """An upgrade reaches a shell that stays in the folder, at its next prompt."""
    copy = copies.shared(os.environ)
    later = time.time() + 5
    script = """
    cd "$1"; eval "$(direnv export bash)"
    echo 'export UPGRADED=1' >>"$2"; touch -d "@$3" "$2"
    eval "$(direnv export bash)"; printf '<%s>' "$UPGRADED"
    """
    words = ["bash", "-c", script, "bash", str(shop.root), str(copy), str(int(later))]
    assert subprocess.run(words, capture_output=True, text=True, check=True).stdout == "<1>"


# A subfolder with its own default role


@pytest.fixture
def staging(shop: Rendered) -> Path:
    """Make a folder below the project whose default role is prod."""
    folder = shop.root / "envs/staging"
    folder.mkdir(parents=True)
    (folder / ".envrc").write_text("source_up\nif has use_rolecall; then use rolecall prod; fi\n")
    allow(folder)
    return folder


def test_use_when_a_subfolder_names_a_role_then_it_is_the_default_there(
    shop: Rendered, gate: Gate, staging: Path
) -> None:
    """One line, one role, one question to STS; the project's own folder keeps its default."""
    for number in (1, 2):
        inside = Rendered(staging, shop.folder).cd()
        assert inside.exports["ROLECALL_ROLE"] == "prod"
        assert inside.exports["AWS_ACCOUNT_ID"] == "444455556666"
        assert inside.exports["GREETING"] == "hello"
        assert inside.lines == ["rolecall: prod · 444455556666 · 1h00m left"]
        assert gate.assumed == number
        assert shop.cd().exports["ROLECALL_ROLE"] == "dev"
    assert gate.assumed == 2
    assert str(inside.exports["PATH"]).count(f"{shop.root}/.venv/bin:") == 1


def test_use_when_folders_take_turns_then_neither_asks_direnv_to_watch_again(
    shop: Rendered, staging: Path, tmp_path: Path
) -> None:
    """Each keeps its own answer of `direnv watch`: no more programs than with an empty function."""
    for _ in range(2):
        shop.cd()
        Rendered(staging, shop.folder).cd()
    ours = [executed(folder, tmp_path) for folder in (shop.root, staging, shop.root, staging)]
    copies.library(os.environ).write_text("use_rolecall() { :; }\n")
    least = [executed(folder, tmp_path) for folder in (shop.root, staging)]
    assert [len(found) for found in ours] == [len(found) for found in least] * 2


@pytest.mark.parametrize("shell", SHELLS)
def test_use_when_a_subfolder_is_entered_in_a_shell_then_one_line_says_its_role(
    shop: Rendered, staging: Path, open_terminal: Callable[[str], Terminal], shell: str
) -> None:
    """In and out again: the role of each folder, said once.

    The sessions are taken by hand: a `cd` waits for AWS four seconds, which a busy machine may need more of.
    """
    for role in ("dev", "prod"):
        rolecall.frozen_credentials(role, root=shop.root)
    terminal = open_terminal(shell)
    inside = terminal.run(f"cd '{staging}'") + terminal.run("true")
    assert inside.count("rolecall: ") == 1
    assert "rolecall: prod · 444455556666" in inside
    assert terminal.value("ROLECALL_ROLE") == "prod"
    outside = terminal.run(f"cd '{shop.root}'") + terminal.run("true")
    assert outside.count("rolecall: ") == 1
    assert "rolecall: dev · 111122223333" in outside, outside.encode()
    assert terminal.value("ROLECALL_ROLE") == "dev"


def test_use_when_the_line_below_is_of_another_project_then_both_are_loaded(
    shop: Rendered, gate: Gate, staging: Path
) -> None:
    """A project within a project: the outer one's `.env` counts too, and the inner one's role."""
    (staging / "envrc.d").mkdir()
    (staging / "envrc.d/roles.toml").write_text((shop.root / "envrc.d/roles.toml").read_text())
    install_function(staging)
    with (shop.root / ".env").open("a") as file:
        file.write("OUTER=1\n")
    assert Rendered(staging, shop.folder).cd().exports["OUTER"] == "1"


def test_use_when_a_subfolder_names_a_role_then_commands_there_know_it(shop: Rendered, staging: Path) -> None:
    """What a person types in the folder takes the folder's default; elsewhere the project's."""
    script = """
    cd "$1"; eval "$(direnv export bash)";
    "$2" -c 'from rolecall.project import config; from rolecall.credentials.store import choice
import sys; print(choice.current(config.load(sys.argv[1])))' "$3"
    """
    said = {}
    for folder in (staging, shop.root):
        words = [
            "bash",
            "-c",
            script,
            "bash",
            str(folder),
            str(shop.root / ".venv/bin/python"),
            str(shop.root),
        ]
        said[folder] = subprocess.run(words, capture_output=True, text=True, check=True).stdout.split()
    assert said == {staging: ["prod"], shop.root: ["dev"]}


@pytest.mark.parametrize(
    "line", ["use rolecall prod", "  use rolecall prod", "if true; then\n  use_rolecall prod\nfi"]
)
def test_use_when_the_person_had_a_profile_then_the_second_line_sees_it_and_leaving_gives_it_back(
    shop: Rendered, staging: Path, line: str
) -> None:
    """The first line's role does not decide about the second; and everything is as before outside.

    An indented line may stand in an `if`, so the first one does not count on it, and loads its role.
    """
    (staging / ".envrc").write_text(f"source_up\n{line}\n")
    allow(staging)
    script = """
    state() { env | grep -v -e "^_=" -e "^OLDPWD=" -e "^PWD=" | sort; }
    export AWS_PROFILE=mine AWS_REGION=us-west-2 ROLECALL_ROLE=
    before=$(state)
    cd "$1" && eval "$(direnv export bash)" && echo "$ROLECALL_ROLE"
    cd / && eval "$(direnv export bash)" && diff <(echo "$before") <(state) && echo same
    """
    done = subprocess.run(
        ["bash", "-c", script, "bash", str(staging)], capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["prod", "same"]


# dotenv


@pytest.mark.parametrize("loader", ["dotenv", "dotenv_if_exists .env", "set -a; . ./.env; set +a"])
def test_use_when_a_dotenv_stands_above_then_its_keys_are_undone(
    shop: Rendered, sts: Sts, loader: str
) -> None:
    """The long-lived key is in no variable and in no record of direnv; nothing is said."""
    (shop.root / ".envrc").write_text(f"{loader}\n{LINE}")
    allow(shop.root)
    loaded = shop.cd()
    assert loaded.exports["ROLECALL_ROLE"] == "dev"
    assert not [
        value for value in loaded.exports.values() if value and (sts.key_id in value or sts.secret in value)
    ]
    assert len(loaded.lines) == 1


@pytest.mark.parametrize(
    "loader",
    [
        "dotenv",
        "dotenv_if_exists",
        "dotenv ./.env",
        '[[ ! -f .env ]] || dotenv ".env"',
        "set -a; source .env; set +a",
    ],
)
def test_use_when_a_dotenv_stands_below_then_it_is_said(shop: Rendered, loader: str) -> None:
    """It cannot be undone there: the line and the file are named, and the command opens it at the line."""
    (shop.root / ".envrc").write_text(f"# dotenv\n{LINE}{loader}\n# dotenv\n")
    allow(shop.root)
    first = shop.cd().lines[0]
    assert first.startswith(f"rolecall: {shop.root}/.envrc:3 puts the keys of {shop.root}/")
    assert "+3 " in first


def test_use_when_a_dotenv_stands_below_in_an_odd_folder_then_its_name_is_shown_as_it_is(
    make_rendered: Callable[..., Rendered], tmp_path: Path
) -> None:
    """Not letter by letter in octal digits, as bash quotes it where LC_ALL is C."""
    shop = make_rendered(tmp_path / "Zoë", envrc=f"{LINE}dotenv\n")
    assert "Zoë/.envrc)" in shop.cd(LC_ALL="C.UTF-8").lines[0]


def test_use_when_a_dotenv_stands_below_the_line_above_then_the_line_of_the_subfolder_undoes_it(
    shop: Rendered, sts: Sts, staging: Path
) -> None:
    """Nothing is said, as nothing is left to say: no long-lived key stays."""
    (shop.root / ".envrc").write_text(f"{LINE}dotenv\n")
    allow(shop.root)
    loaded = Rendered(staging, shop.folder).cd()
    assert loaded.lines == ["rolecall: prod · 444455556666 · 1h00m left"]
    assert not [value for value in loaded.exports.values() if value and sts.key_id in value]


def test_use_when_a_dotenv_below_has_no_key_then_nothing_is_said(shop: Rendered) -> None:
    """An app's own `.env.local` is nobody's business."""
    (shop.root / ".env.local").write_text("A=1\nAWS_ACCESS_KEY_ID=\n")
    (shop.root / ".envrc").write_text(f"{LINE}dotenv .env.local\n")
    allow(shop.root)
    assert len(shop.cd().lines) == 1


def test_use_when_the_folder_below_has_a_dotenv_after_source_up_then_it_is_said(shop: Rendered) -> None:
    """Each `.envrc` that is being read is looked at, in its own folder."""
    below = shop.root / "below"
    below.mkdir()
    (below / ".env").write_text("AWS_ACCESS_KEY_ID=AKIAOTHER\n")
    (below / ".envrc").write_text("source_up\ndotenv\n")
    allow(below)
    assert (
        Rendered(below, shop.folder).cd().lines[0].startswith(f"rolecall: {below}/.envrc:2 puts the keys of")
    )


# Folders


ODD = ["a shop", "Zoë's ✓", "plain", "a+b=c~", "long" * 40]


@pytest.mark.parametrize("name", ODD)
def test_use_when_the_folder_is_odd_then_bash_and_python_name_it_alike(tmp_path: Path, name: str) -> None:
    """The key of the private folders, computed on both sides."""
    root = tmp_path / name
    root.mkdir()
    data = tmp_path / "data"
    data.mkdir()
    shutil.copy(FUNCTIONS / "use.cold.sh", data)
    (data / "session.sh").write_text('printf \'%s\\n\' "$_rolecall_root" "$_rolecall_key"\n')
    script = f"cd \"$1\"; _rolecall_data=$2; . '{FUNCTIONS}/use.sh'"
    words = ["bash", "-c", script, "bash", str(root), str(data)]
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == [str(root), paths.project_key(root)]


def test_use_when_entered_through_a_link_then_is_the_same_project(shop: Rendered, tmp_path: Path) -> None:
    """The root is without links; the folder that the shell is in stays as it was typed."""
    (tmp_path / "link").symlink_to(shop.root)
    script = 'cd "$1"; eval "$(direnv export bash)"; printf "%s\\n" "$ROLECALL_ROLE"; ls "$2"'
    words = ["bash", "-c", script, "bash", str(tmp_path / "link"), str(shop.folder.parent)]
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["dev", shop.folder.name]


@needs_old_bash
def test_use_when_bash_is_old_then_works(shop: Rendered, home: Path) -> None:
    """MacOS's own bash."""
    from support.terminals import OLD_BASH

    put_first(OLD_BASH, home)
    assert shop.cd().exports["ROLECALL_ROLE"] == "dev"
    assert shop.cd().exports["ROLECALL_ROLE"] == "dev"


def test_use_when_strict_env_is_on_then_still_works(shop: Rendered, home: Path) -> None:
    """`strict_env = true` in direnv.toml does not break the function."""
    config = home / ".config/direnv/direnv.toml"
    config.write_text("[global]\nstrict_env = true\n")
    for _ in range(2):
        assert shop.cd().exports["ROLECALL_ROLE"] == "dev"


def test_use_when_env_has_the_names_of_locals_then_they_arrive(shop: Rendered) -> None:
    """`cmd` is a local of direnv's own `use`; `file` could be one of ours."""
    with (shop.root / ".env").open("a") as file:
        file.write("cmd=1\nfile=2\nname=3\nline=4\nat=5\n")
    exports = shop.cd().exports
    assert [exports.get(name) for name in ("cmd", "file", "name", "line", "at")] == ["1", "2", "3", "4", "5"]


# An upgrade


def test_use_when_rolecall_has_another_version_then_says_so_until_setup(
    shop: Rendered, tmp_path: Path
) -> None:
    """The folder of the release that wrote the copy is gone, and the new one has other fragments."""
    package = tmp_path / "site/rolecall"
    (package / "packaged/envrc.d").mkdir(parents=True)
    (package / "__main__.py").touch()
    (package / "packaged/envrc.d/20-project.sh").write_text("# another\n")
    copy = copies.shared(os.environ)
    shop.cd()
    write_constant(copies.cold(copy), "package", str(package))
    write_constant(copy, "release", "/nowhere")
    says = "rolecall: rolecall has another version; your copy of before runs (try: rolecall setup)"
    assert says in shop.cd().lines
    copy.unlink()
    install_function(shop.root)
    assert says not in shop.cd().lines


def test_use_when_another_version_has_the_same_fragments_then_says_nothing(
    shop: Rendered, tmp_path: Path
) -> None:
    """What would run is what runs, comments or not: nothing is asked of the person."""
    package = tmp_path / "site/rolecall"
    shutil.copytree(paths.shipped("envrc.d"), package / "packaged/envrc.d")
    (package / "__main__.py").touch()
    copy = copies.shared(os.environ)
    shop.cd()
    write_constant(copies.cold(copy), "package", str(package))
    write_constant(copy, "release", "/nowhere")
    assert "rolecall: rolecall has another version" not in shop.cd().said
    with (package / "packaged/envrc.d/35-session.load.sh").open("a") as fragment:
        fragment.write("true\n")
    assert "rolecall: rolecall has another version" in shop.cd().said


def test_use_when_the_cold_part_is_gone_then_only_a_cold_cd_misses_it(shop: Rendered) -> None:
    """A `cd` with a valid session does not look for it; without one it says the file and the command."""
    shop.cd()
    cold = copies.cold(copies.shared(os.environ))
    cold.unlink()
    assert shop.cd().exports["ROLECALL_ROLE"] == "dev"
    shop.session().unlink()
    loaded = shop.cd()
    says = f"rolecall: {cold} is missing, or of another version, so no role is fetched (try: rolecall setup)"
    assert loaded.lines == [says]
    assert "ROLECALL_ROLE" not in loaded.exports
    install_function(shop.root)
    text = cold.read_text()
    cold.write_text(text.replace("# sha256 of the rest: ", "# sha256 of the rest: 0", 1))
    loaded = shop.cd()
    assert loaded.lines == [says]
    assert "ROLECALL_ROLE" not in loaded.exports
    cold.write_text(text)
    assert shop.cd().exports["ROLECALL_ROLE"] == "dev"
