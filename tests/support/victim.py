"""A person's checkout, with rolecall installed in one of seven ways, and an attacker who can push to it."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from rolecall.system.disk import paths
from rolecall.workstation.envrc import use_line
from rolecall.workstation.steps.step import Context
from rolecall.workstation.venv import on_path
from support import ROLES_TOML, write_env
from support.pulled import SUBMODULE, Files, Kind, Place
from support.terminals import TASKS, allow

ROOT = Path(__file__).resolve().parents[2]
PYTHON = getattr(sys, "_base_executable", sys.executable)
SITE = f"lib/python{sys.version_info.major}.{sys.version_info.minor}/site-packages"
DEPENDENCIES = next(path for path in sys.path if path.endswith("site-packages"))
RENDER = "import sys; from pathlib import Path; from rolecall.workstation.envrc import render; "
RENDER += "root = Path(sys.argv[1]); (root / '.envrc').write_text(render.envrc(root))"
FUNCTION = "import os, sys; from pathlib import Path; from rolecall.workstation.direnv_lib import step; "
FUNCTION += "from rolecall.workstation.steps.journal import Journal; "
FUNCTION += "from rolecall.workstation.steps.step import Context; root = Path(sys.argv[1]); "
FUNCTION += "step.apply(Context(root, journal=Journal(root, os.environ).append))"
INSTALLATIONS = ("repository", "venv", "editable", "user-wide", "monorepo", "line", "venv-line")
IGNORED = ".venv\n.env\n.envrc\nnode_modules\n__pycache__\n"
AUTHOR = "Eve <eve@example.com> 1700000000 +0000"


@dataclass(frozen=True, slots=True)
class Victim:
    """The checkout `top` with the project `root` in it; `kept` holds the person's own files as they were."""

    top: Path
    root: Path
    folder: Path  # of the sessions
    origin: Path
    kept: Path
    place: Place

    @property
    def own(self) -> Iterable[tuple[Path, Path]]:
        """Each of the person's own places, and where it is kept."""
        state = paths.state_dir() / paths.project_key(self.root)
        venvs = dict.fromkeys((self.root / ".venv", self.top / ".venv"))
        own = (self.root / ".env", self.root / ".envrc", self.folder, state, *venvs)
        return ((path, self.kept / str(number)) for number, path in enumerate(own))

    def keep(self) -> None:
        """Remember the person's own files."""
        for path, kept in self.own:
            copy(path, kept)

    def restore(self) -> None:
        """Undo a pull: the checkout is as it was cloned, the person's own files as they were kept."""
        git(self.top, "reset", "-q", "--hard", "base")
        git(
            self.top,
            "clean",
            "-qfdx",
            "-e",
            "/.venv",
            "-e",
            "/services/shop/.venv",
            "-e",
            ".envrc",
            "-e",
            ".env",
        )
        for path, kept in self.own:
            if path.name != ".venv" or not same(path, kept):
                copy(kept, path)

    def push(self, kinds: Iterable[Kind]) -> None:
        """Push a branch for each kind of file, in one run of git."""
        data = b"".join(commit(kind.name, kind.files(self.place)) for kind in kinds)
        subprocess.run(
            ["git", "-C", str(self.origin), "fast-import", "--quiet"],
            input=data,
            check=True,
            capture_output=True,
        )


def make(installation: str, folder: Path, env: str) -> Victim:
    """Make the victim's project, rendered and approved, with a session to come."""
    is_mono, is_line = installation == "monorepo", installation.endswith("line")
    start = folder / "start"
    prefix = "services/shop/" if is_mono else ""
    write(start / prefix / "envrc.d/roles.toml", ROLES_TOML)
    write(start / prefix / "tasks.py", TASKS)
    write(start / ".gitignore", IGNORED)
    if is_line:
        write(start / ".envrc", f"export GREETING=hello\n{use_line.LINE}\n")
    package = {"repository": "src/rolecall", "editable": "vendor/rolecall/src/rolecall"}.get(installation, "")
    if package:
        home = start / package.removesuffix("src/rolecall")
        for name in ("src/rolecall", "templates", "envrc.d"):
            shutil.copytree(
                ROOT / name, home / name, ignore=shutil.ignore_patterns("__pycache__"), dirs_exist_ok=True
            )
        write(start / prefix / "envrc.d/roles.toml", ROLES_TOML)
    for words in (
        ["init", "-q", "-b", "main"],
        ["add", "-A", "--force"],
        ["commit", "-q", "-m", "base"],
        ["tag", "base"],
    ):
        git(start, "-c", "user.name=Ann", "-c", "user.email=ann@example.com", *words)
    origin, top = folder / "origin.git", folder / "checkout"
    git(folder, "clone", "-q", "--bare", str(start), str(origin))
    git(folder, "clone", "-q", str(origin), str(top))
    root = top / prefix
    venv = make_venv(root / ".venv")
    inside = make_venv(top / ".venv") if is_mono else venv if installation.startswith("venv") else None
    installed = inside or (venv if package else make_venv(folder / "pipx/rolecall"))
    if not package:
        install(installed / SITE)
    write_env(root, env)
    source = (top / package).parent if package else installed / SITE
    by_rolecall(FUNCTION if is_line else RENDER, installed / "bin/python", source, root)
    on_path.apply(Context(root))
    allow(root)
    site = (installed / SITE).relative_to(top) if installed.is_relative_to(top) else Path(".venv", SITE)
    place = Place(
        root=prefix,
        package=package or str(site / "rolecall"),
        is_package_pulled=bool(package or inside),
        venv=f"{prefix}.venv",
        site=str(site),
        is_site_pulled=installed.is_relative_to(top),
        site_venv=str(site).partition("/lib/")[0],
        mark=str(folder / "hacked"),
    )
    (folder / "hacked-token.json").write_text('{"accessToken": "secret"}')
    sessions = paths.runtime_dir(paths.project_key(root))
    return Victim(top, root, sessions, origin, folder / "kept", place)


def make_venv(folder: Path) -> Path:
    """Make a `.venv` as `python -m venv` does, with python-dotenv in it."""
    for name in ("bin", SITE):
        (folder / name).mkdir(parents=True)
    (folder / "bin/python").symlink_to(PYTHON)
    write(folder / "pyvenv.cfg", f"home = {Path(PYTHON).parent}\n")
    shutil.copytree(Path(DEPENDENCIES, "dotenv"), folder / SITE / "dotenv")
    return folder


def install(site: Path) -> None:
    """Put rolecall into `site` as its wheel does."""
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "src/rolecall", site / "rolecall", ignore=ignored)
    for name in ("templates", "envrc.d"):
        shutil.copytree(ROOT / name, site / "rolecall/packaged" / name)


def by_rolecall(code: str, python: Path, source: Path, root: Path) -> None:
    """Write `.envrc`, or what `use rolecall` runs, by that Python and the rolecall in `source`."""
    environ = {**os.environ, "PYTHONPATH": f"{source}:{DEPENDENCIES}", "PYTHONDONTWRITEBYTECODE": "1"}
    argv = [str(python), "-c", code, str(root)]
    subprocess.run(argv, env=environ, capture_output=True, text=True, check=True, cwd="/")


def commit(name: str, files: Files) -> bytes:
    """Return a commit on top of the base as `git fast-import` reads it."""
    lines = [f"commit refs/heads/{name}\ncommitter {AUTHOR}\ndata 1\nx\nfrom refs/tags/base^0\n".encode()]
    for path, (mode, content) in files.items():
        quoted = '"' + "".join(f"\\{byte:03o}" for byte in path.encode()) + '"'
        if mode == SUBMODULE:
            lines.append(f"M {mode} {content.decode() * 20:.40s} {quoted}\n".encode())
        else:
            lines.append(f"M {mode} inline {quoted}\ndata {len(content)}\n".encode() + content + b"\n")
    return b"".join([*lines, b"\n"])


def git(folder: Path, *words: str) -> None:
    """Run git in `folder`."""
    subprocess.run(["git", "-C", str(folder), *words], check=True, capture_output=True)


def write(path: Path, content: str) -> None:
    """Write a file in folders that may be new."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content)


def copy(path: Path, to: Path) -> None:
    """Copy a file or a folder with its times, in place of what is there."""
    remove(to)
    to.parent.mkdir(parents=True, exist_ok=True)
    if path.is_dir() and not path.is_symlink():
        shutil.copytree(path, to, symlinks=True)
    elif path.exists():
        shutil.copy2(path, to, follow_symlinks=False)


def remove(path: Path) -> None:
    """Remove whatever is at `path`."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def same(one: Path, other: Path) -> bool:
    """Return whether two folders hold the same files with the same times."""
    return listing(one) == listing(other)


def listing(folder: Path) -> list[tuple[str, int]]:
    """Return what is in a folder, each with its time."""
    if folder.is_symlink() or not folder.is_dir():
        return []
    return sorted((str(path.relative_to(folder)), path.lstat().st_mtime_ns) for path in folder.rglob("*"))


Make = Callable[[str], Victim]
