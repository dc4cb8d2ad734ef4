"""A rendered project, a `cd` into it, and interactive shells in terminals of their own."""

import json
import os
import re
import shutil
import subprocess
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pexpect
import pytest

from rolecall.credentials.store import cache
from rolecall.system.disk import place
from rolecall.system.disk.place import Place
from rolecall.workstation import templates
from rolecall.workstation.envrc import use_line
from support import utc

TASKS = "from rolecall.tasks import namespace\n"
PATIENCE_SECONDS = 30
SHELLS = ("bash", "zsh", "fish")
# Of a way to have `.envrc`, direnv's own bash sees all, and the shell nothing but what changes: a pair each.
PAIRS = [
    pytest.param("", "bash", id="rendered-bash"),
    pytest.param(f"{use_line.LINE}\n", "zsh", id="line-zsh"),
    pytest.param("", "fish", id="rendered-fish"),
]
RC_FILES = {
    "bash": ".bashrc",
    "zsh": ".zshrc",
    "fish": ".config/fish/conf.d/rolecall.fish",
    "tcsh": ".tcshrc",
}


def direnvs() -> list[str]:
    """Return every direnv on PATH: each must behave."""
    found = [shutil.which("direnv", path=folder) for folder in os.environ.get("PATH", "").split(os.pathsep)]
    return list(dict.fromkeys(os.path.realpath(path) for path in found if path)) or ["direnv-is-missing"]


@dataclass(frozen=True, slots=True)
class Rendered:
    """A project whose `.envrc` is rendered and approved."""

    root: Path
    folder: Path  # of the sessions

    @property
    def place(self) -> Place:
        """The project's place."""
        return place.at(self.root)

    def session(self, role: str = "dev") -> Path:
        """Return the session file of `role`: the one that a terminal holds, where one does."""
        held = sorted(self.folder.glob(f"held/[0-9]*/{role}.env"))
        return held[0] if held else Path(cache.session_path(self.place, role))

    def move_times(self, role: str = "dev", *, expires: int, renew_at: int | None = None) -> None:
        """Make the session expire at epoch `expires`: the world has moved on, nobody had to sleep."""
        text = self.session(role).read_text()
        moment = utc(expires).strftime("%Y-%m-%dT%H:%M:%SZ")
        text = re.sub(r"(?m)^ROLECALL_EXPIRES=.*$", f"ROLECALL_EXPIRES={expires}", text)
        text = re.sub(r"(?m)^AWS_CREDENTIAL_EXPIRATION=.*$", f"AWS_CREDENTIAL_EXPIRATION={moment}", text)
        renew = expires - 900 if renew_at is None else renew_at
        text = re.sub(r"(?m)^ROLECALL_RENEW_AT=.*$", f"ROLECALL_RENEW_AT={renew}", text)
        self.session(role).write_text(text)

    def cd(self, **environ: str) -> "Loaded":
        """Evaluate `.envrc` as a fresh `cd` does, without a terminal."""
        done = subprocess.run(
            ["direnv", "export", "json"],
            cwd=self.root,
            env={**os.environ, **environ},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=PATIENCE_SECONDS,
            check=False,
        )

        return Loaded(json.loads(done.stdout or "{}"), done.stderr, done.returncode)


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a `cd` exported and said."""

    exports: Mapping[str, str | None]
    said: str
    code: int

    @property
    def lines(self) -> list[str]:
        """What rolecall said, line by line."""
        return [line for line in self.said.splitlines() if line.startswith("rolecall:")]


def old_bash() -> str:
    """Return a bash 3.2, as ROLECALL_TEST_BASH_3 names it, else one that is found."""
    named = os.environ.get("ROLECALL_TEST_BASH_3")  # at import: every test starts without ROLECALL_*
    if named:
        return named
    folders = [Path(folder) for folder in os.environ.get("PATH", "").split(os.pathsep)]
    found = [folder / "bash" for folder in (*folders, *sorted(Path("/opt").glob("*/bin")))]
    return next((str(path) for path in found if os.access(path, os.X_OK) and _major(path) == "3"), "")


def _major(bash: Path) -> str:
    words = [str(bash), "-c", "echo ${BASH_VERSINFO[0]}"]
    return subprocess.run(words, capture_output=True, text=True, check=False).stdout.strip()


OLD_BASH = old_bash()
NO_OLD_BASH = "no bash 3.2, macOS's own, on PATH or in /opt, and ROLECALL_TEST_BASH_3 names none"
needs_old_bash = pytest.mark.skipif(not OLD_BASH, reason=NO_OLD_BASH)


def put_first(shell: str, home: Path) -> None:
    """Make `shell` the bash of direnv and of new terminals; the fixture `direnv` made the folder."""
    (home / "bin/bash").symlink_to(shell)
    config = home / ".config/direnv/direnv.toml"
    config.parent.mkdir(parents=True, exist_ok=True)
    config.write_text(f'[global]\nbash_path = "{shell}"\n')


def allow(root: Path) -> None:
    """Approve `.envrc` as a person would."""
    subprocess.run(["direnv", "allow", str(root / ".envrc")], check=True, capture_output=True)


def install_function(root: Path, environ: Mapping[str, str] = os.environ) -> None:
    """Bring about what `use rolecall` needs for the project at `root`, as setup does."""
    from rolecall.workstation.direnv_lib import step
    from rolecall.workstation.steps.journal import Journal
    from rolecall.workstation.steps.step import Context

    step.apply(Context(root, environ=environ, journal=Journal(root, environ).append))


def change_constant(rendered: Rendered, name: str, value: str) -> None:
    """Give a constant of the rendered `.envrc` another value, and approve it."""
    write_constant(rendered.root / ".envrc", name, value)
    allow(rendered.root)


def write_constant(path: Path, name: str, value: str) -> None:
    """Give a constant of a rendered file another value."""
    path.write_text(re.sub(rf"(?m)^_rolecall_{name}=.*$", f"_rolecall_{name}='{value}'", path.read_text()))


def executed(root: Path, tmp_path: Path) -> list[str]:
    """Return the programs that evaluating the `.envrc` of `root` starts; each process has its own log."""
    for log in tmp_path.glob("strace.*"):
        log.unlink()
    words = ["strace", "-ff", "-qq", "-e", "trace=execve", "-o", str(tmp_path / "strace")]
    subprocess.run(
        [*words, "direnv", "export", "bash"],
        cwd=root,
        check=True,
        capture_output=True,
        stdin=subprocess.DEVNULL,
    )
    lines = [line for log in tmp_path.glob("strace.*") for line in log.read_text().splitlines()]
    return [line for line in lines if line.endswith("= 0")]


class Terminal:
    """One interactive shell in a terminal of its own, with the rc block that setup writes."""

    patience = PATIENCE_SECONDS

    def __init__(self, shell: str, home: Path) -> None:
        self.shell, self.home, self.count = shell, home, 0
        self._write_rc(shell)
        self.child = pexpect.spawn(
            shell,
            ["-i"],
            env={**os.environ, "TERM": "dumb", "PS1": "$ ", "fish_greeting": ""},
            encoding="utf-8",
            codec_errors="replace",  # without a locale, readline draws by bytes and may begin within an é
            timeout=self.patience,
            dimensions=(50, 200),
        )
        self.child.delaybeforesend = None
        self.run("true")

    def run(self, command: str) -> str:
        """Type `command`, wait for its end, and return what it printed."""
        self.count += 1
        end = f"done-{self.count}"
        self.child.sendline(f"{command}; printf 'done-''%s\\n' {self.count}")
        self.child.expect(rf"{end}\r?\n")
        return str(self.child.before)

    def confirm(self, command: str, question: str, typed: str) -> str:
        """Type `command`, answer its question with `typed`, and return what it said then."""
        self.child.sendline(command)
        self.child.expect(question)
        self.child.sendline(typed)
        return self.run("true")

    def value(self, name: str) -> str:
        """Return the value of variable `name` as a command sees it."""
        asked = {"fish": f"(printenv {name})", "tcsh": f"`printenv {name}`"}.get(
            self.shell, f'"$(printenv {name})"'
        )
        out = self.run(f"printf '<''%s>' {asked}")
        return out.rpartition("<")[2].partition(">")[0]

    def _write_rc(self, shell: str) -> None:
        rc = self.home / RC_FILES[shell]
        rc.parent.mkdir(parents=True, exist_ok=True)
        rc.write_text(templates.render(self.home, f"rc.{shell}", hook=True))

    def nest(self, shell: str) -> None:
        """Start another shell in this one."""
        self._write_rc(shell)
        self.shell = shell
        self.child.sendline(f"{shell} -i")
        self.run("true")

    def close(self) -> None:
        """Hang up, and await the end of the shell; pexpect itself would sleep."""
        if self.child.closed:
            return
        self.child.ptyproc.fileobj.close()
        await_condition(lambda: not self.child.isalive())
        self.child.ptyproc.delayafterclose = 0
        self.child.close()


def await_condition(is_true: Callable[[], bool]) -> None:
    """Poll until another process has brought `is_true` about."""
    until = time.monotonic() + PATIENCE_SECONDS
    while not is_true():
        assert time.monotonic() < until, "it never happened"
        time.sleep(0.02)  # another process's file: polling is all there is
