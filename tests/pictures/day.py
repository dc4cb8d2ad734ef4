"""Record a day in a terminal: a real bash in a new project on the sandbox, drawn as `docs/day.svg`.

`invoke picture` runs it. A home of its own keeps the person's files out of the picture and untouched.
"""

import contextlib
import io
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

try:
    import pexpect
except ImportError as problem:
    sys.exit(f"picture: {problem}: it needs what the tests need\n  try: python3 tasks.py picture")

from rich.console import Console
from rich.text import Text

from rolecall.system.disk import files, paths
from rolecall.system.programs import processes
from rolecall.workstation.setup.screen import REMOTE_FONTS

ROOT = Path(__file__).resolve().parents[2]
PICTURE = ROOT / "docs/day.svg"
COMMANDS = (
    "cd shop",
    "invoke whoami",
    "invoke assume --role prod",
    "invoke status",
    "cd ..",
    "env | grep -c AWS_",
)
KEPT = ("PATH", "LANG", "LC_ALL", "TMPDIR")
PERSON = "ann"
KEEP_SPACES = 'xml:space="preserve"'  # librsvg cuts off leading spaces without it
WIDTH, HEIGHT = 80, 50
PATIENCE_SECONDS = 60
PROMPT_END = "$\x1b[0m\x1b[K "  # no program writes just this, so it tells when a command has ended
RC = r"""
PS1='\[\e[1;32m\]\w $\[\e[0m\e[K\] '
bind 'set enable-bracketed-paste off'
export DIRENV_LOG_FORMAT=
"""


def main(picture: Path = PICTURE) -> None:
    """Record the day, and write it as an SVG file."""
    with tempfile.TemporaryDirectory() as folder:
        environ = _environ(Path(folder))
        with _project(Path(folder), environ):
            shown = _typed(Path(folder), environ, COMMANDS)
    draw(shown, picture)


def draw(shown: str, picture: Path) -> None:
    """Write what a terminal showed as an SVG file. It names no font of another host."""
    console = Console(file=io.StringIO(), record=True, width=WIDTH, emoji=False)
    console.print(Text.from_ansi(shown), soft_wrap=True)
    svg = REMOTE_FONTS.sub("", console.export_svg(title="bash", unique_id="day"))
    files.write_file(picture, svg.replace("<svg ", f"<svg {KEEP_SPACES} ", 1), mode=0o644)


def _environ(home: Path) -> dict[str, str]:
    """Return the environment of a person who has nothing but a home and this Python."""
    runtime = home / ".run"
    runtime.mkdir(mode=0o700)
    kept = {name: os.environ[name] for name in KEPT if name in os.environ}
    return {
        **kept,
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "HOME": str(home),
        "XDG_RUNTIME_DIR": str(runtime),
        "SHELL": shutil.which("bash") or "bash",
        "USER": PERSON,
        "LOGNAME": PERSON,
        "TERM": "xterm-256color",
    }


@contextlib.contextmanager
def _project(home: Path, environ: Mapping[str, str]) -> Iterator[None]:
    """Make the project `shop` and set it up on the sandbox; take everything back at the end."""
    root = home / "shop"
    (root / "envrc.d").mkdir(parents=True)
    shutil.copy(paths.shipped("templates") / "roles.toml", root / "envrc.d")
    (root / "tasks.py").write_text("from rolecall.tasks import namespace\n")
    (root / ".venv").mkdir()
    for name in ("bin", "lib", "pyvenv.cfg"):
        (root / ".venv" / name).symlink_to(Path(sys.prefix, name))
    try:
        _invoke(root, environ, "setup", "--sandbox", "--yes")
        with (home / ".bashrc").open("a") as rc:
            rc.write(RC)
        yield
    finally:
        _invoke(root, environ, "teardown", "--yes")


def _invoke(root: Path, environ: Mapping[str, str], *words: str) -> None:
    argv = [sys.executable, "-m", "invoke", *words]
    done = processes.run(argv, environ=environ, folder=root)
    if not done.is_ok:
        raise SystemExit(f"picture: invoke {' '.join(words)} failed\n{done.err}")


def _typed(home: Path, environ: Mapping[str, str], commands: Sequence[str]) -> str:
    """Type each command at a prompt; return everything that the terminal showed up to the last prompt."""
    shell = pexpect.spawn(
        "bash",
        ["-i"],
        cwd=str(home),
        env=environ,
        encoding="utf-8",
        timeout=PATIENCE_SECONDS,
        dimensions=(HEIGHT, WIDTH),
    )
    shown = io.StringIO()
    shell.logfile_read = shown
    try:
        for command in commands:
            shell.expect_exact(PROMPT_END)
            shell.sendline(command)
        shell.expect_exact(PROMPT_END)
    finally:
        shell.close(force=True)
    return shown.getvalue().replace("\r\n", "\n").rpartition("\n")[0]


if __name__ == "__main__":
    main()
