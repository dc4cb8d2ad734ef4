"""One profile's text in the AWS files: its own lines, and those of the profiles and portals it names.

The SDK understands them; here only a change is to be noticed, and a profile that calls rolecall itself. A
`cd` loads this module for a profile: no configparser, no re.
"""

import os

from rolecall.system.disk import files

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

FILES = {"AWS_CONFIG_FILE": "config", "AWS_SHARED_CREDENTIALS_FILE": "credentials"}
REFERENCES = {"source_profile": "profile", "sso_session": "sso-session", "services": "services"}
OUR_VERB = "credential-process"


def of(profile: str, sdk_environ: "Mapping[str, str]") -> list[str]:
    """Return the lines that decide `profile`, without comments: with them changes who it is."""
    sections = _sections(sdk_environ)
    wanted, found = [f"profile {profile}"], []
    for name in wanted:
        lines = sections.get(name, [])
        found += [f"[{name}]", *lines]
        for key, value in map(_pair, lines):
            target = f"{REFERENCES[key]} {value}" if key in REFERENCES else ""
            if target and target not in wanted:
                wanted.append(target)
    return found


def settings(profile: str, sdk_environ: "Mapping[str, str]") -> dict[str, str]:
    """Return the plain settings of `profile`, in small letters; a line that begins with a blank is none."""
    lines = _sections(sdk_environ).get(f"profile {profile}", [])
    return dict(_pair(line) for line in lines if line[0].isalpha())


def is_ours(profile: str, root: str, sdk_environ: "Mapping[str, str]") -> bool:
    """Return whether `profile`, or its source, gets its credentials from rolecall in the project at `root`.

    rolecall for another project is as good a source as any other program. Keys in a section go before its
    credential_process.
    """
    sections, seen, name = _sections(sdk_environ), set(), profile
    while name and name not in seen:
        seen.add(name)
        lines = dict(map(_pair, sections.get(f"profile {name}", [])))
        if "aws_access_key_id" in lines:
            return False
        if _our_words(lines.get("credential_process", ""), root):
            return True
        name = lines.get("source_profile", "")
    return False


def our_role(lines: "Iterable[str]", root: str) -> str:
    """Return the role that a profile of these lines gets from rolecall in the project at `root`, if any."""
    values = dict(map(_pair, lines))
    words = [] if "aws_access_key_id" in values else _our_words(values.get("credential_process", ""), root)
    return words[0] if words else ""


def is_served(lines: "Iterable[str]") -> bool:
    """Return whether a profile of these lines gets its credentials from rolecall, for whatever project."""
    return bool(_words(dict(map(_pair, lines)).get("credential_process", "")))


def sections(*texts: str) -> dict[str, list[str]]:
    """Return the lines of each profile in the texts of AWS files, by its name."""
    found: dict[str, list[str]] = {}
    for text in texts:
        for section, line in _lines(text, with_heads=True):
            kind, _, name = _name(section).partition(" ")
            if kind == "profile":
                found.setdefault(name, []).append(line)
    return found


def path(sdk_environ: "Mapping[str, str]", variable: str) -> str:
    """Return the AWS file that `variable` of FILES moves."""
    home = sdk_environ.get("HOME", "")
    found = sdk_environ.get(variable) or f"{home}/.aws/{FILES[variable]}"
    return f"{home}/{found[2:]}" if found.startswith("~/") else found


def _our_words(command: str, root: str) -> list[str]:
    """Return the words after our verb where the command asks for a role of the project at `root`."""
    rest = _words(command)
    is_here = len(rest) == 1 or (len(rest) > 1 and os.path.realpath(rest[1]) == os.path.realpath(root))
    return rest if is_here else []


def _words(command: str) -> list[str]:
    if "rolecall" not in command or OUR_VERB not in command:
        return []
    import shlex

    try:
        words = shlex.split(command)
    except ValueError:
        return []
    return words[words.index(OUR_VERB) + 1 :] if OUR_VERB in words else []


def _sections(sdk_environ: "Mapping[str, str]") -> dict[str, list[str]]:
    """Return the lines of both files by section; a profile has one name in both."""
    found: dict[str, list[str]] = {}
    for variable in FILES:
        text = files.read_text(path(sdk_environ, variable)) or ""
        for section, line in _lines(text):
            found.setdefault(_name(section), []).append(line)
    return found


def _lines(text: str, *, with_heads: bool = False) -> "Iterator[tuple[str, str]]":
    """Yield each line below its section's head; the head too, as an empty line, where that is asked for."""
    section = ""
    for line in text.splitlines():
        if line.startswith("["):
            section = line[1:].partition("]")[0]
            if with_heads:
                yield section, ""
        elif line.strip() and not line.lstrip().startswith(("#", ";")):
            yield section, line.rstrip()


def _name(section: str) -> str:
    """Return `[profile ann]` of one file and `[ann]` of the other alike; names may be quoted."""
    kind, _, rest = section.strip().partition(" ")
    name = rest.strip().strip("\"'")
    return f"{kind} {name}" if name and kind in REFERENCES.values() else f"profile {section.strip()}"


def _pair(line: str) -> tuple[str, str]:
    name, _, value = line.partition("=")
    return name.strip().lower(), value.strip()
