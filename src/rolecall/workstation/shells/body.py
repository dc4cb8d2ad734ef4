"""The text of rolecall's block in a shell's startup file.

In this order: a line that puts direnv on PATH where it is needed, direnv's hook where the shell has none yet,
rolecall's renewal before each prompt, and the completion script.
"""

import shlex
from pathlib import Path

from rolecall.system.disk import paths
from rolecall.system.programs import processes
from rolecall.workstation import templates
from rolecall.workstation.programs import lasting
from rolecall.workstation.programs.tool import search_path, user_bin
from rolecall.workstation.shells import existing_hook
from rolecall.workstation.shells.dialects import Dialect
from rolecall.workstation.steps.step import Context

COMMON_FOLDERS = ("/usr/bin", "/bin", "/usr/local/bin")
LOGIN = """\
# bash reads this file instead of .bashrc in a login shell
case $- in *i*) if [ -n "${BASH_VERSION-}" ] && [ -r "$HOME/.bashrc" ]; then . "$HOME/.bashrc"; fi ;; esac
"""


def text(dialect: Dialect, context: Context) -> str:
    """Return the lines between the markers in this shell's file."""
    has_hook = existing_hook.has_hook(dialect, context.environ)
    block = templates.render(context.root, dialect.template, hook=not has_hook)
    script = shlex.quote(str(completion_file(dialect, context)))
    return _path_line(dialect, context) + block + dialect.source_line.format(file=script)


def completion_file(dialect: Dialect, context: Context) -> Path:
    """Return the completion script that the block reads, where one was installed."""
    return paths.state_dir(environ=context.environ) / f"completion.{dialect.name}"


def _path_line(dialect: Dialect, context: Context) -> str:
    """Return the line that puts direnv's folder on PATH, where this shell may not have it there yet.

    Also for the command of a lasting copy, which is in the person's own folder.
    """
    found = processes.find("direnv", path=search_path(context.environ))
    if found is None:
        return ""
    is_own = found.parent == user_bin(context.environ) or any(lasting.made(context.environ))
    # fish reads conf.d before config.fish, which may be where PATH is extended
    is_early = dialect.name == "fish" and str(found.parent) not in COMMON_FOLDERS
    if not is_own and not is_early:
        return ""
    return dialect.path_line.format(folder="$HOME/.local/bin" if is_own else found.parent)
