"""The changes that direnv made to this environment, and the environment as it was before.

Reads DIRENV_DIFF (base64url of zlib of JSON {"p": before, "n": after}; direnv's gzenv.go). Must not start
direnv, or know what the variables mean.
"""

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


def changes(environ: "Mapping[str, str]") -> dict[str, tuple[str | None, str | None]]:
    """Return what the loaded `.envrc` changed: name -> (value before, value after); None is unset.

    Empty where nothing is loaded (always so inside `.envrc`), or the variable cannot be read.
    """
    packed = environ.get("DIRENV_DIFF", "")
    if not packed:
        return {}
    import base64
    import json
    import zlib

    try:
        diff = json.loads(zlib.decompress(base64.urlsafe_b64decode(packed + "=" * (-len(packed) % 4))))
        before, after = diff["p"], diff["n"]
        return {name: (before.get(name), after.get(name)) for name in {*before, *after}}
    except (ValueError, zlib.error, KeyError, TypeError, AttributeError):
        return {}


def reverted(environ: "Mapping[str, str]") -> dict[str, str]:
    """Return `environ` as direnv would leave it on leaving the folder."""
    plain = {name: value for name, value in environ.items() if not name.startswith("DIRENV_")}
    for name, (before, _) in changes(environ).items():
        plain.pop(name, None)
        if before is not None and not name.startswith("DIRENV_"):
            plain[name] = before
    return plain


def is_loaded(root: "Path | str", *, environ: "Mapping[str, str]" = os.environ) -> bool:
    """Return whether this shell has the `.envrc` of `root` loaded."""
    loaded = environ.get("DIRENV_FILE", "")
    return bool(loaded) and os.path.dirname(loaded) == str(root)


def settings_file(environ: "Mapping[str, str]" = os.environ) -> "Path":
    """Return the settings file that direnv reads: direnv.toml; config.toml where only that is (config.go)."""
    from pathlib import Path

    from rolecall.system.disk import paths

    folder = Path(
        environ.get("DIRENV_CONFIG") or paths.xdg("XDG_CONFIG_HOME", ".config", environ=environ) / "direnv"
    )
    current, old = folder / "direnv.toml", folder / "config.toml"
    return old if old.exists() and not current.exists() else current
