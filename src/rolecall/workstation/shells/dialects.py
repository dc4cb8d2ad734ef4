"""The shells: which file each really reads, and what a line looks like in it.

Owns: everything that differs from shell to shell, as data.
Must not: write anything.
Called by: hooks, shells, completion, proof.
"""

import contextlib
import os
import pwd
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from rolecall.errors import MachineError
from rolecall.system import paths, processes
from rolecall.workstation.programs.tool import search_path

Environ = Mapping[str, str]
ZSH_SECONDS = 5


@dataclass(frozen=True, slots=True)
class Dialect:
    """One shell, as data and the two functions that find its files."""

    name: str
    template: str
    rc_file: Callable[[Environ], Path]
    system_files: tuple[str, ...]
    path_line: str
    source_line: str


def bash_rc(environ: Environ) -> Path:
    """Return what an interactive bash reads."""
    return paths.home(environ=environ) / ".bashrc"


def zsh_rc(environ: Environ) -> Path:
    """Return what an interactive zsh reads: ZDOTDIR moves it, and is often set in .zshenv only."""
    home = paths.home(environ=environ)
    moved = environ.get("ZDOTDIR", "")
    if not moved and any("ZDOTDIR" in text_of(path) for path in (home / ".zshenv", Path("/etc/zsh/zshenv"))):
        moved = _asked_of_zsh(environ)
    return (Path(moved) if moved else home) / ".zshrc"


def fish_rc(environ: Environ) -> Path:
    """Return a file of our own in the folder that fish reads."""
    return config_folder(environ) / "fish/conf.d/rolecall.fish"


def tcsh_rc(environ: Environ) -> Path:
    """Return what tcsh reads: .cshrc only where there is no .tcshrc."""
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


@dataclass(frozen=True, slots=True)
class ByHand:
    """A shell that rolecall writes nothing for: the line to add, and the file (below ~/.config or ~/)."""

    line: str
    file: str


BY_HAND = {
    "elvish": ByHand(
        "use direnv  # after: direnv hook elvish > ~/.config/elvish/lib/direnv.elv", "elvish/rc.elv"
    ),
    "nu": ByHand(
        "$env.config.hooks.pre_prompt = ($env.config.hooks.pre_prompt | append {|| direnv export json"
        " | from json | default {} | load-env; $env.PATH = ($env.PATH | split row (char esep)) })",
        "nushell/config.nu",
    ),
    "pwsh": ByHand('Invoke-Expression "$(direnv hook pwsh)"', "powershell/Microsoft.PowerShell_profile.ps1"),
    "murex": ByHand("direnv hook murex -> source", "~/.murex_profile"),
    "xonsh": ByHand("xontrib load direnv  # after: pip install xonsh-direnv", "~/.xonshrc"),
}


def by_hand_file(found: ByHand, environ: Environ) -> Path:
    """Return the file that the person adds the line to."""
    if found.file.startswith("~/"):
        return paths.home(environ=environ) / found.file.removeprefix("~/")
    return config_folder(environ) / found.file


def config_folder(environ: Environ) -> Path:
    """Return where programs of this user keep their settings."""
    return paths.xdg("XDG_CONFIG_HOME", ".config", environ=environ)


def login_shell(environ: Environ) -> str:
    """Return the name of the user's own shell: "zsh"; empty where direnv has no hook for it."""
    given = environ.get("SHELL", "")
    with contextlib.suppress(KeyError):  # a container's user without an entry
        given = given or pwd.getpwuid(os.getuid()).pw_shell
    name = Path(given).name
    return "" if name in NO_HOOK else "tcsh" if name == "csh" else name


def wanted(environ: Environ) -> tuple[str, ...]:
    """Return the shells to wire: the user's own, and every one of bash, zsh and fish that is installed."""
    installed = (name for name in ("bash", "zsh", "fish") if processes.find(name, path=search_path(environ)))
    return tuple(filter(None, dict.fromkeys((login_shell(environ), *installed))))


def _asked_of_zsh(environ: Environ) -> str:
    zsh = processes.find("zsh", path=search_path(environ))
    if zsh is None:
        return ""
    try:
        done = processes.run(
            [zsh, "-c", "print -r -- $ZDOTDIR"], environ=environ, timeout_seconds=ZSH_SECONDS
        )
    except MachineError:
        return ""  # a .zshenv that hangs: the usual place is the best guess
    return done.out.strip()


def text_of(path: Path) -> str:
    """Return the text of a regular file, else nothing: reading a pipe would never end."""
    try:
        return path.read_bytes().decode(errors="surrogateescape") if path.is_file() else ""
    except OSError:
        return ""
