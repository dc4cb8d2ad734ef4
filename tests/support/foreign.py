"""Repositories of other people, made on the spot, each with what such a project has: none knows rolecall."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

OWN_TASKS = """\
from invoke import task

@task
def setup(c):
    print("their own")
"""
# A person's AWS config: whose keys they have, and a role that those may take.
DEV_PROFILES = """\
[profile base]
region = eu-west-1
[profile shop-dev]
role_arn = arn:aws:iam::111122223333:role/dev
source_profile = base
region = eu-west-1
"""
HOOK = "#!/bin/sh\nexit 0\n"


def git(root: Path, *words: str) -> str:
    """Run git in `root` and return what it prints."""
    identity = ["-c", "user.name=Ann", "-c", "user.email=ann@shop.example"]
    done = subprocess.run(["git", *identity, *words], cwd=root, check=True, capture_output=True, text=True)
    return done.stdout


def python(root: Path) -> None:
    """Python with its own pyproject.toml, tasks.py and venv, pre-commit, and a .env.example."""
    write(
        root,
        "pyproject.toml",
        "[project]\nname = 'shop'\nversion = '1'\n[dependency-groups]\ndev = ['ruff']\n",
    )
    write(root, "tasks.py", OWN_TASKS)
    write(root, ".gitignore", "venv/\n.env\n__pycache__/")
    write(root, ".env.example", "DATABASE_URL=\n", mode=0o640)
    write(root, ".pre-commit-config.yaml", "repos: []\n")
    write(root, ".git/hooks/pre-commit", HOOK, mode=0o755)
    base = getattr(sys, "_base_executable", sys.executable)
    subprocess.run([base, "-m", "venv", "--without-pip", str(root / "venv")], check=True)


def node(root: Path) -> None:
    """Node with husky, docker compose, and the app's .env, which has no last line end and others can read."""
    write(root, "package.json", '{"name": "shop", "scripts": {"prepare": "husky"}}\n')
    write(root, ".husky/pre-commit", HOOK, mode=0o755)
    write(root, "compose.yaml", "services: {}\n")
    write(root, ".gitignore", "node_modules\r\n.env\r\n")
    write(root, ".env", "DATABASE_URL=postgres://localhost/shop\nPORT=3000", mode=0o644)


def terraform(root: Path) -> None:
    """Terraform with a folder for each environment, and a devcontainer."""
    write(root, "main.tf", "terraform {}\n")
    for name in ("dev", "prod"):
        write(root, f"envs/{name}/main.tf", 'module "shop" {\n  source = "../.."\n}\n')
    write(root, ".devcontainer/devcontainer.json", "{}\n")
    write(root, ".gitignore", ".terraform/\n")


def go(root: Path) -> None:
    """Go, without a .gitignore."""
    write(root, "go.mod", "module shop.example/shop\n\ngo 1.22\n")
    write(root, "main.go", "package main\n\nfunc main() {}\n")


def layout_python(root: Path) -> None:
    """Python that a tracked .envrc gives a layout, beside an app's .env."""
    write(root, ".envrc", "layout python3\nPATH_add bin\n")
    write(root, ".gitignore", ".direnv/\n.env\n")
    write(root, ".env", "DATABASE_URL=postgres://localhost/shop\nPORT=3000", mode=0o644)
    write(root, "compose.yaml", "services: {}\n")
    write(root, "bin/serve", HOOK, mode=0o755)


def write(root: Path, name: str, text: str, *, mode: int = 0o644) -> None:
    """Write a file of that mode, and the folders above it; line ends as they are."""
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode())
    path.chmod(mode)


def make(root: Path, fill: Callable[[Path], None]) -> Path:
    """Make a repository with one commit, and a working tree that is not clean."""
    root.mkdir(parents=True)
    git(root, "init", "-q", "-b", "main")
    fill(root)
    git(root, "add", "-A")
    git(root, "commit", "-q", "-m", "first", "--no-verify")
    write(root, "NOTES.md", "not committed\n")
    return root


def contents(*folders: Path, without: tuple[str, ...] = ()) -> dict[str, tuple[int, bytes | str]]:
    """Return every file, link and folder below `folders`: its mode and what is in it."""
    found: dict[str, tuple[int, bytes | str]] = {}
    for folder in folders:
        for above, names, files in os.walk(folder):
            names[:] = [name for name in names if not is_within(f"{above}/{name}", folder, without)]
            for name in (
                *names,
                *(name for name in files if not is_within(f"{above}/{name}", folder, without)),
            ):
                path = Path(above, name)
                mode = path.lstat().st_mode
                if path.is_symlink():
                    found[str(path)] = mode, str(path.readlink())
                else:
                    found[str(path)] = mode, path.read_bytes() if path.is_file() else "folder"
    return found


def is_within(path: str, folder: Path, names: tuple[str, ...]) -> bool:
    """Return whether `path` is one of `names` below `folder`."""
    return os.path.relpath(path, folder) in names
