"""direnv's own record of the `.envrc` files that it may run.

An approval is a file named sha256(path, newline, content), a denial sha256(path, newline) (direnv's rc.go;
measured alike in 2.32.1 and 2.37.1), so no program is needed to look.
"""

import hashlib
import os
import re
import shlex
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

from rolecall.errors import MachineError
from rolecall.system.disk import files, paths
from rolecall.system.programs import processes

ODD = re.compile(r"""[$`"]""")
DIRENV_SECONDS = 30

Environ = Mapping[str, str]


def is_allowed(path: Path, *, environ: Environ = os.environ) -> bool:
    """Return whether direnv would run `path` as it is now."""
    return path.exists() and allow_file(path, environ).exists() and not is_denied(path, environ)


def is_denied(path: Path, environ: Environ) -> bool:
    """Return whether the person told direnv never to run `path`."""
    return deny_file(path, environ).exists()


def allow(path: Path, text: str, *, environ: Environ, before: Callable[[Path], None]) -> None:
    """Let direnv run exactly `text` at `path`; `before` is called with the file that says so.

    `.envrc` is written anew first: direnv sees a change only in another second than its last look.
    Raises MachineError where `.envrc` has changed meanwhile or direnv refuses.
    """
    if files.read_text(path) != text:
        raise MachineError("envrc-changed", f"{path} changed while you looked at it", hint="invoke setup")
    record = allow_file(path, environ)
    before(record)
    files.rewrite(path, text)
    done = processes.run(
        ["direnv", "allow", path], environ=environ, folder=path.parent, timeout_seconds=DIRENV_SECONDS
    )
    if not done.is_ok or not record.exists():
        last = (done.err.strip().splitlines() or ["no approval was written"])[-1]
        raise MachineError("direnv-allow", f"direnv allow {path}: {last}", hint="direnv allow")


def check_path(root: Path, *, environ: Environ) -> None:
    """Try a folder with the odd characters of `root`: direnv 2.32.1 expands $, " and ` in the path.

    Raises MachineError where this direnv cannot load such a folder.
    """
    odd = sorted(set(ODD.findall(str(root))))
    if not odd:
        return
    with tempfile.TemporaryDirectory(prefix="rolecall-") as scratch:
        folder = Path(scratch) / f"a{''.join(odd)}b"
        folder.mkdir()
        (folder / ".envrc").write_text("export ROLECALL_PROBE=1\n", encoding="utf-8")
        own = {**environ, "XDG_DATA_HOME": scratch}
        processes.run(["direnv", "allow", folder / ".envrc"], environ=own, timeout_seconds=DIRENV_SECONDS)
        probe = ["direnv", "exec", str(folder), "printenv", "ROLECALL_PROBE"]
        done = processes.run(probe, environ=own, timeout_seconds=DIRENV_SECONDS)
    if done.out.strip() != "1":
        raise MachineError(
            "direnv-path",
            f"this direnv cannot load a folder with {' '.join(odd)} in its path: {root}; rename the folder,"
            " or install direnv 2.37 or newer",
            hint=f"mv {shlex.quote(str(root))} {shlex.quote(ODD.sub('_', str(root)))}",
        )


def allow_file(path: Path, environ: Environ) -> Path:
    """Return direnv's file that allows `path` with its content of now."""
    return _record("allow", _resolved(path) + path.read_bytes(), environ)


def deny_file(path: Path, environ: Environ) -> Path:
    """Return direnv's file that denies `path`, whatever its content."""
    return _record("deny", _resolved(path), environ)


def _resolved(path: Path) -> bytes:
    return os.fsencode(path.parent.resolve() / path.name) + b"\n"


def _record(kind: str, content: bytes, environ: Environ) -> Path:
    return (
        paths.xdg("XDG_DATA_HOME", ".local/share", environ=environ)
        / "direnv"
        / kind
        / hashlib.sha256(content).hexdigest()
    )
