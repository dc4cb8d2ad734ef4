"""Remove what shells leave in a home folder by being started, where it was not there before."""

import contextlib
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path

from rolecall.system.disk import paths

HOME_FILES = (".bash_history", ".zsh_history", ".zcompdump", ".zsh_sessions", ".sudo_as_admin_successful")


@contextlib.contextmanager
def swept(environ: Mapping[str, str]) -> Iterator[None]:
    """Remove after the block what shells made during it.

    fish starts a background job on its first run, to read all man pages, unless the folder for the result
    is there: it is made for the duration.
    """
    home = paths.home(environ=environ)
    data = paths.xdg("XDG_DATA_HOME", ".local/share", environ=environ)
    config = paths.xdg("XDG_CONFIG_HOME", ".config", environ=environ)
    cache = paths.xdg("XDG_CACHE_HOME", ".cache", environ=environ)
    watched = [home / name for name in HOME_FILES]
    watched += [data / "fish", config / "fish/fish_variables", config / "fish/completions"]
    watched += [config / "fish/functions", config / "fish/config.fish", config / "fish", cache / "fish"]
    if environ.get("XDG_RUNTIME_DIR"):
        watched.append(Path(environ["XDG_RUNTIME_DIR"], "fish_universal_variables.notifier"))
    absent = [path for path in watched if not path.exists()]
    parents = [path for path in (data, config, cache, data.parent) if not path.exists()]
    with contextlib.suppress(OSError):
        (data / "fish/generated_completions").mkdir(parents=True)
        absent.append(data / "fish/generated_completions")
    try:
        yield
    finally:
        for path in absent:
            _remove(path, is_own=path != config / "fish")
        for path in parents:
            _remove(path, is_own=False)


def _remove(path: Path, *, is_own: bool) -> None:
    """Remove a file or folder; a folder that others may have filled only if it is empty."""
    with contextlib.suppress(OSError):
        if not path.is_dir():
            path.unlink()
        elif is_own:
            shutil.rmtree(path)
        else:
            path.rmdir()
