"""Look in a shell's files for direnv's hook, and for a login file that keeps bash from reading .bashrc.

The files are only read; no shell is started.
"""

import os
import re
from pathlib import Path

from rolecall.system.disk import paths
from rolecall.workstation.shells.dialects import Dialect, Environ, text_of

HOOK = re.compile(r"^[^#\n]*\bdirenv[\"']?[ \t]+hook\b", re.MULTILINE)
PLUGIN = re.compile(r"^[ \t]*plugins\+?=\([^)]*\bdirenv\b", re.MULTILINE)  # oh-my-zsh, oh-my-bash
BASHRC = re.compile(r"^[^#\n]*bashrc", re.MULTILINE)
SOURCED = re.compile(r"^[ \t]*(?:\.|source)[ \t]+[\"']?(?:~|\$HOME|\$\{HOME\})/([\w./-]+)", re.MULTILINE)
BASH_LOGIN_FILES = (".bash_profile", ".bash_login", ".profile")  # bash reads the first of these only


def bash_login_file(environ: Environ) -> Path | None:
    """Return the file that keeps a login bash from reading .bashrc, or None where bash does read it.

    Terminals on macOS, tmux and ssh start login shells. Where none of the login files exists, only macOS
    needs one: elsewhere terminals start plain interactive shells, and a new .bash_profile would hide a
    .profile that is made later.
    """
    home = paths.home(environ=environ)
    first = next((home / name for name in BASH_LOGIN_FILES if (home / name).exists()), None)
    if first is None:
        return home / BASH_LOGIN_FILES[0] if os.uname().sysname == "Darwin" else None
    return None if BASHRC.search(_without_ours(text_of(first))) else first


def has_hook(dialect: Dialect, environ: Environ) -> bool:
    """Return whether a file that this shell reads starts direnv's hook, outside our own block."""
    home = paths.home(environ=environ)
    rc_file = dialect.rc_file(environ)
    texts = [_without_ours(text_of(rc_file))]
    texts += [text_of(home / name) for text in texts for name in SOURCED.findall(text)]
    if dialect.name == "fish":
        texts.append(text_of(rc_file.parents[1] / "config.fish"))
        texts += [text_of(path) for path in sorted(rc_file.parent.glob("*.fish")) if path != rc_file]
    if dialect.name == "bash":
        texts += [_without_ours(text_of(home / name)) for name in BASH_LOGIN_FILES[:2]]
    for name in dialect.system_files:
        path = Path(name)
        texts += [text_of(file) for file in sorted(path.glob("*.fish"))] if path.is_dir() else [text_of(path)]
    return any(HOOK.search(text) or PLUGIN.search(text) for text in texts)


def _without_ours(text: str) -> str:
    return re.sub(r"(?ms)^# >>> rolecall >>>.*?^# <<< rolecall <<<", "", text)
