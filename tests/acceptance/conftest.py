"""One build and one installation by each tool for all days, and a machine whose only shell is bash."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from support import Sts
from support.foreign import DEV_PROFILES
from support.installed import OLD, Wheels, built, python

OTHER_SHELLS = {"zsh", "fish", "tcsh", "csh", "rolecall", "invoke", "inv", "python3", "python", "pipx", "uv"}
CONFIG = f"""\
{DEV_PROFILES}\
[profile shop-prod]
role_arn = arn:aws:iam::444455556666:role/prod
source_profile = base
region = eu-west-1
"""


@pytest.fixture(scope="session")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> Wheels:
    """Build rolecall in two versions, and pack what it needs."""
    return built(tmp_path_factory.mktemp("built"))


@pytest.fixture(scope="session")
def programs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a PATH folder with this machine's programs, but no shell beside bash: each costs seconds."""
    folder = tmp_path_factory.mktemp("machine")
    for place in ("/bin", "/usr/bin"):
        for path in Path(place).iterdir():
            if path.name not in OTHER_SHELLS and not (folder / path.name).is_symlink():
                (folder / path.name).symlink_to(path)
    (folder / "python3").symlink_to(python())
    direnv = shutil.which("direnv")
    if direnv and not (folder / "direnv").exists():
        (folder / "direnv").symlink_to(direnv)
    return folder


@pytest.fixture
def shell(request: pytest.FixtureRequest, desk: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Return the login shell of the person, bash where the test names none; beside bash, it alone is here."""
    name = str(getattr(request, "param", "bash"))
    found = shutil.which(name, path="/usr/bin:/bin:/usr/local/bin")
    assert found, f"no {name}: python3 tasks.py test installs it"
    if name != "bash":
        (tmp_path / "shell").mkdir()
        (tmp_path / "shell" / name).symlink_to(found)
        monkeypatch.setenv("PATH", f"{os.environ['PATH']}:{tmp_path}/shell")
    monkeypatch.setenv("SHELL", found)
    return name


@pytest.fixture
def person(programs: Path, sts: Sts, monkeypatch: pytest.MonkeyPatch) -> Callable[[Path], Path]:
    """Return a function that makes a folder the home of a person with AWS profiles, and of this test."""

    def become(folder: Path) -> Path:
        fish = (".config/fish/functions", ".config/fish/completions")  # it makes them at its first start
        for name in ("run", ".aws", *fish):
            (folder / name).mkdir(mode=0o700, parents=True, exist_ok=True)
        (folder / ".aws/config").write_text(CONFIG)
        keys = f"aws_access_key_id = {sts.key_id}\naws_secret_access_key = {sts.secret}\n"
        (folder / ".aws/credentials").write_text(f"[base]\n{keys}")
        for rc in (".bashrc", ".zshrc", ".config/fish/config.fish"):
            (folder / rc).parent.mkdir(parents=True, exist_ok=True)
            (folder / rc).write_text("# mine\nalias ll='ls -l'")
        monkeypatch.setenv("HOME", str(folder))
        monkeypatch.setenv("XDG_RUNTIME_DIR", str(folder / "run"))
        monkeypatch.setenv("PATH", f"{folder}/.local/bin:{programs}")
        monkeypatch.setenv("SHELL", "/bin/bash")
        monkeypatch.setenv("HISTFILE", "/dev/null")
        monkeypatch.setenv("AWS_ENDPOINT_URL", sts.url)
        return folder

    return become


@pytest.fixture(scope="session")
def homes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Hold a home for each tool."""
    return {tool: tmp_path_factory.mktemp(f"{tool} é") for tool in ("pipx", "uv")}


@pytest.fixture
def desk(
    request: pytest.FixtureRequest,
    homes: dict[str, Path],
    wheels: Wheels,
    person: Callable[[Path], Path],
) -> Path:
    """Return the home of a person who installed rolecall with the tool that the test names."""
    home = person(homes[request.param])
    if not (home / "version").exists() or (home / "version").read_text() != OLD:
        wheels.install(request.param, OLD)
        (home / "version").write_text(OLD)
    return home
