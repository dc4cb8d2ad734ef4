"""The differences between the shells: the startup file that each reads, and the syntax of a line in it."""

import contextlib
import os
import pwd
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from rolecall.errors import MachineError
from rolecall.system.disk import paths
from rolecall.system.programs import processes
from rolecall.workstation.programs.tool import search_path

Environ = Mapping[str, str]
ZSH_SECONDS = 5


@dataclass(frozen=True, slots=True)
class Dialect:
    """One shell: its startup file, its template, and the form of the lines in it."""

    name: str
    template: str
    rc_file: Callable[[Environ], Path]
    system_files: tuple[str, ...]
    path_line: str
    source_line: str


def bash_rc(environ: Environ) -> Path:
    """Return the startup file of an interactive bash."""
    return paths.home(environ=environ) / ".bashrc"


def zsh_rc(environ: Environ) -> Path:
    """Return the startup file of an interactive zsh. ZDOTDIR moves it, and may be set in .zshenv only."""
    home = paths.home(environ=environ)
    moved = environ.get("ZDOTDIR", "")
    if not moved and any("ZDOTDIR" in text_of(path) for path in (home / ".zshenv", Path("/etc/zsh/zshenv"))):
        moved = _zdotdir(environ)
    return (Path(moved) if moved else home) / ".zshrc"


def fish_rc(environ: Environ) -> Path:
    """Return rolecall's own file in the folder whose files fish reads."""
    return paths.xdg("XDG_CONFIG_HOME", ".config", environ=environ) / "fish/conf.d/rolecall.fish"


def tcsh_rc(environ: Environ) -> Path:
    """Return the startup file of tcsh: .cshrc only where there is no .tcshrc."""
    home = paths.home(environ=environ)
    return home / ".tcshrc" if (home / ".tcshrc").exists() else home / ".cshrc"


_SH_PATH = 'case ":$PATH:" in *":{folder}:"*) ;; *) export PATH="{folder}:$PATH" ;; esac\n'
_SH_SOURCE = "if [ -r {file} ]; then . {file}; fi\n"
DIALECTS = {
    "bash": Dialect("bash", "rc.bash", bash_rc, ("/etc/bash.bashrc", "/etc/bashrc"), _SH_PATH, _SH_SOURCE),
    "zsh": Dialect("zsh", "rc.zsh", zsh_rc, ("/etc/zsh/zshrc", "/etc/zshrc"), _SH_PATH, _SH_SOURCE),
    "fish": Dialect(
        "fish",
        "rc.fish",
        fish_rc,
        ("/etc/fish/conf.d", "/usr/share/fish/vendor_conf.d", "/usr/local/share/fish/vendor_conf.d"),
        'contains -- "{folder}" $PATH; or set -gx PATH "{folder}" $PATH\n',
        "if test -r {file}; source {file}; end\n",
    ),
    "tcsh": Dialect(
        "tcsh",
        "rc.tcsh",
        tcsh_rc,
        ("/etc/csh.cshrc",),
        'if (":${{PATH}}:" !~ *":{folder}:"*) setenv PATH "{folder}:${{PATH}}"\n',
        "",
    ),
}
NO_HOOK = ("sh", "dash", "ash", "nologin", "false")  # direnv has none for these


def login_shell(environ: Environ) -> str:
    """Return the name of the user's login shell, such as "zsh"; empty where direnv has no hook for it."""
    given = environ.get("SHELL", "")
    with contextlib.suppress(KeyError):  # a container's user without an entry
        given = given or pwd.getpwuid(os.getuid()).pw_shell
    name = Path(given).name
    return "" if name in NO_HOOK else "tcsh" if name == "csh" else name


def wanted(environ: Environ) -> tuple[str, ...]:
    """Return the shells to set up: the login shell, and those of bash, zsh and fish that are installed."""
    installed = (name for name in ("bash", "zsh", "fish") if processes.find(name, path=search_path(environ)))
    return tuple(filter(None, dict.fromkeys((login_shell(environ), *installed))))


def _zdotdir(environ: Environ) -> str:
    """Return the ZDOTDIR that zsh itself ends up with."""
    zsh = processes.find("zsh", path=search_path(environ))
    if zsh is None:
        return ""
    try:
        done = processes.run(
            [zsh, "-c", "print -r -- $ZDOTDIR"], environ=environ, timeout_seconds=ZSH_SECONDS
        )
    except MachineError:
        return ""  # .zshenv hangs: the usual place is the best guess
    return done.out.strip()


def text_of(path: Path) -> str:
    """Return the text of a regular file, else an empty text: reading a pipe would never end."""
    try:
        return path.read_bytes().decode(errors="surrogateescape") if path.is_file() else ""
    except OSError:
        return ""
