"""Where things live: the project's root, its private runtime folder, the user's state folder.

The only reading of HOME and XDG_* in Python; `envrc.d/00-lib.sh` writes the rule for the runtime folder a
second time in bash, and a test compares the two. Creates nothing. A `cd` loads this module: pathlib and re
are imported where a caller needs them.
"""

import os

from rolecall.errors import ConfigError, MachineError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

APP = "rolecall"
LETTERS = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789")
KEY_PLAIN = LETTERS | frozenset("._-")
KEY_SLASH, KEY_ESCAPE, KEY_GOES_ON = "+", "=", "~"
KEY_PART = 120  # of the 143 bytes that the narrowest file system (eCryptfs) gives a name
NAME_PLAIN = LETTERS | frozenset("_.@+=,-")
NAME_MOST = (
    80  # with what `files` adds, a name stays below the 143 bytes of the narrowest file system (eCryptfs)
)
CHECKSUM_FACTOR, CHECKSUM_PRIME = 257, 2**53 - 111  # their product stays within bash's 64 bits


def project_root(start: "Path | None" = None) -> "Path":
    """Return the nearest folder at or above `start` (default: here) that is a rolecall project.

    A project has `envrc.d/`, or failing that `tasks.py`. Raises ConfigError where there is none.
    """
    from pathlib import Path

    here = (start or Path.cwd()).resolve()
    found = nearest(here, "envrc.d") or nearest(here, "tasks.py")
    if found is None:
        says = f"no rolecall project at or above {here}: no folder has envrc.d/ or tasks.py"
        raise ConfigError("project-not-found", says, hint="invoke setup" if nearest(here, ".git") else "")
    return found


def nearest(here: "Path", mark: str) -> "Path | None":
    """Return the nearest folder at or above `here` that holds `mark`, or None."""
    return next((folder for folder in (here, *here.parents) if (folder / mark).exists()), None)


def project_key(root: "Path | str") -> str:
    """Return the name of the private folders of the project at `root`: its real path, written as a file name.

    `/people/ann/shop` is `+people+ann+shop`; any other character than a letter, a digit, or one of `._-` is
    `=` and two digits for each of its bytes. So the name is readable, and no two paths have one name. A long
    one is several folders deep: each part that goes on ends with `~`. Raises MachineError where the path is
    not UTF-8 text: no file of ours could name it.
    """
    real = os.path.realpath(root)
    encoded = os.fsencode(real)
    try:
        encoded.decode()
    except UnicodeDecodeError:
        raise MachineError(
            "path-encoding",
            f"the path {encoded.decode(errors='backslashreplace')} is not UTF-8 text; rename that folder",
            hint=f"ls -lb {os.path.dirname(real).encode(errors='replace').decode()}",
        ) from None
    return _key(encoded)


def project_of(key: str) -> str:
    """Return the path that `project_key` made `key` of; empty where it made no such key."""
    first, *escaped = key.replace(f"{KEY_GOES_ON}/", "").replace(KEY_SLASH, "/").split(KEY_ESCAPE)
    try:
        codes = (bytes([int(part[:2], 16)]) + part[2:].encode() for part in escaped)
        path = (first.encode() + b"".join(codes)).decode()
    except ValueError:
        return ""
    return path if path.startswith("/") and _key(path.encode()) == key else ""


def _key(path: bytes) -> str:
    plain_name = "".join(_key_character(code) for code in path)
    parts = (plain_name[at : at + KEY_PART] for at in range(0, len(plain_name), KEY_PART))
    return f"{KEY_GOES_ON}/".join(parts)


def _key_character(code: int) -> str:
    character = chr(code)
    if character in KEY_PLAIN:
        return character
    return KEY_SLASH if character == "/" else f"{KEY_ESCAPE}{code:02X}"


def file_name(role: str, mark: str = "") -> str:
    """Return `role` (an alias or an ARN) as a file name; so does `envrc.d/35-session.load.sh`.

    `mark` is what of the environment decides who assumes it; no role's name holds the space between them.

    A name that is too long, or that cannot stand as it is, ends with a checksum (a polynomial: bash has no
    other): `role/team/ops` and `role/team_ops` are two files. A file still says inside which role it is.
    """
    whole = f"{role} {mark}" if mark else role
    if len(whole) <= NAME_MOST and NAME_PLAIN.issuperset(whole):
        return whole
    checksum, folded = 0, ""
    for code in os.fsencode(whole):
        checksum = (checksum * CHECKSUM_FACTOR + code) % CHECKSUM_PRIME
        folded += chr(code) if chr(code) in NAME_PLAIN else "_"
    return f"{folded[:NAME_MOST]}~{checksum}"


def plain(text: str, allowed: frozenset[str]) -> str:
    """Return `text` with an underscore for each character that is not `allowed`."""
    return "".join(character if character in allowed else "_" for character in text)


def typed(path: "Path | str | os.PathLike[str]") -> str:
    """Return `path` as one word of a command line, quoted where a shell would read it otherwise."""
    import shlex

    return shlex.quote(os.fspath(path))


def runtime_folder(key: str, *, environ: "Mapping[str, str]" = os.environ) -> str:
    """Return the folder for the sessions of project `key`: tmpfs where the system gives one.

    XDG Base Directory Specification: XDG_RUNTIME_DIR must be owned by the user; where it is not (su,
    sudo), the cache folder serves.
    """
    runtime = environ.get("XDG_RUNTIME_DIR", "")
    if runtime.startswith("/") and _is_mine(runtime):
        return f"{runtime}/{APP}/{key}"
    return f"{_user_folder(environ, 'XDG_CACHE_HOME', '.cache', 'Library/Caches')}/{key}"


def state_folder(*, environ: "Mapping[str, str]" = os.environ) -> str:
    """Return the user's state folder: the setup journal, rendered bases, logs."""
    return _user_folder(environ, "XDG_STATE_HOME", ".local/state", "Library/Application Support")


def runtime_dir(key: str, *, environ: "Mapping[str, str]" = os.environ) -> "Path":
    """Return `runtime_folder` as a Path."""
    from pathlib import Path

    return Path(runtime_folder(key, environ=environ))


def cache_dir(*, environ: "Mapping[str, str]" = os.environ) -> "Path":
    """Return the user's cache folder for rolecall."""
    from pathlib import Path

    return Path(_user_folder(environ, "XDG_CACHE_HOME", ".cache", "Library/Caches"))


def state_dir(*, environ: "Mapping[str, str]" = os.environ) -> "Path":
    """Return `state_folder` as a Path."""
    from pathlib import Path

    return Path(state_folder(environ=environ))


def home(*, environ: "Mapping[str, str]" = os.environ) -> "Path":
    """Return the user's home folder. Raises MachineError where HOME is not set."""
    from pathlib import Path

    return Path(_home(environ))


def xdg(variable: str, usual: str, *, environ: "Mapping[str, str]" = os.environ) -> "Path":
    """Return the folder that `variable` names, or `usual` below home where it names no absolute path.

    XDG Base Directory Specification: a relative path in such a variable is to be ignored.
    """
    from pathlib import Path

    given = environ.get(variable, "")
    return Path(given) if given.startswith("/") else home(environ=environ) / usual


def short(path: "Path", *, environ: "Mapping[str, str]" = os.environ) -> str:
    """Return `path` as a person would read it: with `~` for the home folder."""
    above = environ.get("HOME", "").rstrip("/")
    return f"~{str(path).removeprefix(above)}" if above and str(path).startswith(f"{above}/") else str(path)


def shipped(kind: str) -> "Path":
    """Return the folder `kind` ("templates", "envrc.d") that rolecall ships.

    In a wheel it lies inside the package; in a checkout of rolecall itself, at the top level.
    """
    from pathlib import Path

    package = Path(__file__).resolve().parents[2]
    packaged = package / "packaged" / kind
    return packaged if packaged.is_dir() else package.parents[1] / kind


def _home(environ: "Mapping[str, str]") -> str:
    if not environ.get("HOME"):
        raise MachineError("home-missing", "HOME is not set", hint='export HOME="$(cd ~ && pwd)"')
    return environ["HOME"]


def _user_folder(environ: "Mapping[str, str]", variable: str, usual: str, darwin: str) -> str:
    if environ.get(variable, "").startswith("/"):
        return f"{environ[variable]}/{APP}"
    below = darwin if os.uname().sysname == "Darwin" else usual
    return f"{_home(environ)}/{below}/{APP}"


def _is_mine(folder: str) -> bool:
    try:
        status = os.stat(folder)
    except OSError:
        return False
    return status.st_uid == os.getuid() and os.path.isdir(folder) and os.access(folder, os.W_OK)
