"""Private files that cannot be believed: a link, a pipe, a folder, another user's, a huge one, an open one.

bash and Python are asked about the same file. In the place of the Python that a cold `cd` starts is
/bin/true, so what the shell has is what bash believed.
"""

import os
import re
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from rolecall.credentials.store import cache, choice, recent_failure
from rolecall.project import snapshot
from rolecall.system.disk import files
from rolecall.system.person.terminal import Leader
from support.terminals import Rendered, Terminal, change_constant

FAILED = "role dev: no answer"
LATE = "another shell is still getting this session"
HUGE = b"x" * (files.MOST_BYTES + 1)
KINDS = ("link", "pipe", "folder", "huge", *(["another's"] if os.geteuid() == 0 else []))


class Shop:
    """A project with a session of dev and of prod on disk, and a terminal that has taken prod."""

    def __init__(self, rendered: Rendered, terminal: Terminal) -> None:
        self.rendered, self.terminal = rendered, terminal
        for role in ("dev", "prod"):
            rendered.cd(ROLECALL_ROLE=role)
        start = Path(f"/proc/{terminal.child.pid}/stat").read_text().rpartition(") ")[2].split()[19]
        self.leader = Leader(terminal.child.pid, start)
        change_constant(rendered, "python", "/bin/true")
        folder = rendered.folder
        self.kept = {path: path.read_bytes() for path in (folder / "dev.env", folder / "project.snapshot")}
        self.places = {
            "session": folder / "dev.env",
            "snapshot": folder / "project.snapshot",
            "choice": folder / "terminals" / self.leader.key,
            "failure": folder / "dev.failed",
            "claim": folder / "project.claim",
        }

    def right(self, name: str) -> bytes:
        """Return what a right file holds."""
        now = int(time.time())
        made = {
            "choice": b"prod\n",
            "failure": f"until={now + 25}\nat={now}.5\ncode=timeout\nsays={FAILED}\n".encode(),
            "claim": f"{os.getpid()} {now}\n".encode(),
        }
        return made.get(name) or self.kept[self.places[name]]

    def put(self, name: str, plant: Callable[[Path, bytes], None]) -> None:
        """Have every file as it was, but `name` as `plant` makes it."""
        for path in self.places.values():
            clear(path)
        for path, content in self.kept.items():
            ordinary(path, content)
        if name in ("failure", "claim"):
            (self.rendered.folder / "dev.env").unlink()
        self.places[name].parent.mkdir(mode=0o700, exist_ok=True)
        clear(self.places[name])
        plant(self.places[name], self.right(name))

    def is_believed_by_bash(self, name: str) -> bool:
        """Enter the project, and return whether the file had its effect."""
        self.terminal.run("cd /")
        said = self.terminal.run(f"cd '{self.rendered.root}'") + self.terminal.run("true")
        assert not re.search(r"line \d+:|command not found", said), said
        role = self.terminal.value("ROLECALL_ROLE")
        seen = {"choice": role == "prod", "failure": FAILED in said, "claim": LATE in said}
        return seen.get(name, role == "dev")

    def is_believed_by_python(self, name: str) -> bool:
        """Read the file as `credential_process`, `status` and the rest do."""
        place = self.rendered.place
        found: dict[str, Callable[[], object]] = {
            "session": lambda: cache.read(place, "dev"),
            "snapshot": lambda: snapshot.read(place),
            "choice": lambda: choice.read(place, self.leader),
            "failure": lambda: recent_failure.read(place, "dev"),
        }
        return found[name]() is not None


@pytest.fixture
def shop(rendered: Rendered, open_terminal: Callable[[str], Terminal]) -> Shop:
    """Make the project and the terminal."""
    return Shop(rendered, open_terminal("bash"))


def clear(path: Path) -> None:
    """Remove whatever is at `path`."""
    if path.is_dir() and not path.is_symlink():
        path.rmdir()
    path.unlink(missing_ok=True)


def ordinary(path: Path, content: bytes) -> None:
    """Write a private file."""
    path.write_bytes(content)
    path.chmod(0o600)


def planted(kind: str) -> Callable[[Path, bytes], None]:
    """Return a function that puts an odd file in the place of a right one."""

    def plant(path: Path, content: bytes) -> None:
        if kind == "link":
            ordinary(path.with_suffix(".other"), content)
            path.symlink_to(path.with_suffix(".other"))
        elif kind == "pipe":
            os.mkfifo(path, 0o600)
        elif kind == "folder":
            path.mkdir()
        else:
            ordinary(path, content + (HUGE if kind == "huge" else b""))
        if kind == "another's":
            os.chown(path, 12345, 12345)

    return plant


def test_file_when_it_is_right_then_bash_and_python_believe_it(shop: Shop) -> None:
    """Else the tests below would show nothing."""
    for name in shop.places:
        shop.put(name, ordinary)
        assert name == "claim" or shop.is_believed_by_python(name), name
        assert shop.is_believed_by_bash(name), name


@pytest.mark.parametrize("kind", KINDS)
def test_file_when_it_is_odd_then_bash_and_python_miss_it_alike(shop: Shop, kind: str) -> None:
    """Neither waits for it, says an error of its own, or takes what it holds."""
    wrong = []
    for name in shop.places:
        shop.put(name, planted(kind))
        if name != "claim" and shop.is_believed_by_python(name):
            wrong.append(f"Python: {name}")
        if shop.is_believed_by_bash(name):
            wrong.append(f"bash: {name}")
    assert not wrong


@pytest.mark.parametrize("mode", [0o644, 0o620, 0o604])
def test_file_when_others_may_reach_it_then_python_misses_it(shop: Shop, mode: int) -> None:
    """No builtin of bash tells a mode: what keeps others out of its files is the folder."""
    for name in ("session", "snapshot", "choice", "failure"):
        shop.put(name, ordinary)
        shop.places[name].chmod(mode)
        assert not shop.is_believed_by_python(name), name
    assert shop.rendered.folder.stat().st_mode & 0o777 == files.PRIVATE_DIR


def test_folder_when_it_was_opened_to_others_then_the_next_cold_cd_closes_it(rendered: Rendered) -> None:
    """With all that is above the files: in a closed folder nobody reaches a file, whatever its mode."""
    rendered.cd()
    rendered.session().unlink()
    rendered.folder.chmod(0o777)
    assert rendered.cd().exports["ROLECALL_ROLE"] == "dev"
    assert rendered.folder.stat().st_mode & 0o777 == files.PRIVATE_DIR
