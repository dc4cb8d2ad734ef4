"""A project's git remote, and what somebody else pushes there; it arrives by `git pull --ff-only`."""

import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

IGNORED = ".env\n.envrc\n.venv\n__pycache__/\n"
PERSON = {
    "GIT_CONFIG_NOSYSTEM": "1",
    **{f"GIT_{who}_{what}": "ann@shop.test" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")},
}


@dataclass(frozen=True, slots=True)
class Upstream:
    """The remote of the project at `root`, and `author`, another clone of it."""

    root: Path
    author: Path

    def push(self, files: Mapping[str, str | bytes | None]) -> None:
        """Commit and push `files` by path; None removes one, and what git ignores is added all the same."""
        for name, content in files.items():
            path = self.author / name
            if content is None:
                path.unlink()
                continue
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content.encode() if isinstance(content, str) else content)
        git(self.author, "add", "--all", "--force")
        git(self.author, "commit", "--quiet", "--message", "change")
        git(self.author, "push", "--quiet")

    def pull(self, files: Mapping[str, str | bytes | None] | None = None) -> None:
        """Pull into the project, as the person does; with `files`, after somebody pushed them.

        What came is a second younger than what it replaces, and than `.envrc`: direnv compares whole ones.
        """
        if files is not None:
            self.push(files)
        paths = [self.root / name for name in files or {}]
        before = max([0, *(_time(path) for path in (*paths, self.root / ".envrc"))])
        git(self.root, "pull", "--quiet", "--ff-only")
        for path in paths:
            if 0 < _time(path) <= before:
                os.utime(path, (before + 1, before + 1))


def upstream_of(root: Path) -> Upstream:
    """Make the project at `root` a clone of a remote that holds what it holds now."""
    remote, author = root.parent / f"{root.name}.git", root.parent / f"{root.name}-of-bob"
    (root / ".gitignore").write_text(IGNORED)
    git(root.parent, "init", "--quiet", "--bare", "--initial-branch=main", str(remote))
    git(root, "init", "--quiet", "--initial-branch=main")
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "--message", "begin")
    git(root, "remote", "add", "origin", str(remote))
    git(root, "push", "--quiet", "--set-upstream", "origin", "main")
    git(root.parent, "clone", "--quiet", str(remote), str(author))
    return Upstream(root, author)


def git(folder: Path, *words: str) -> str:
    """Run git, and return what it printed."""
    environ = {**os.environ, **PERSON}
    done = subprocess.run(
        ["git", "-C", folder, *words], env=environ, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def _time(path: Path) -> int:
    """Return a file's mtime in whole seconds; nothing for what is none."""
    return int(path.stat().st_mtime) if path.is_file() and not path.is_symlink() else 0
