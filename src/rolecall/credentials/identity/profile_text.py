"""One profile's text in the AWS files: its own lines, and those of the profiles and portals it names.

The SDK understands them; here only a change is to be noticed, and a profile that calls rolecall itself. A
`cd` loads this module for a profile: no configparser, no re.
"""

import os

from rolecall.system.disk import files

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

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
        if _is_our_command(lines.get("credential_process", ""), root):
            return True
        name = lines.get("source_profile", "")
    return False


def _is_our_command(command: str, root: str) -> bool:
    if "rolecall" not in command or OUR_VERB not in command:
        return False
    import shlex

    try:
        words = shlex.split(command)
    except ValueError:
        return False
    rest = words[words.index(OUR_VERB) + 1 :] if OUR_VERB in words else []
    return len(rest) == 1 or (len(rest) > 1 and os.path.realpath(rest[1]) == os.path.realpath(root))


def _sections(sdk_environ: "Mapping[str, str]") -> dict[str, list[str]]:
    """Return the lines of both files by section; a profile has one name in both."""
    found: dict[str, list[str]] = {}
    for variable, name in FILES.items():
        text = files.read_text(_path(sdk_environ, variable, name)) or ""
        for section, line in _lines(text):
            found.setdefault(_name(section), []).append(line)
    return found


def _path(sdk_environ: "Mapping[str, str]", variable: str, name: str) -> str:
    home = sdk_environ.get("HOME", "")
    path = sdk_environ.get(variable) or f"{home}/.aws/{name}"
    return f"{home}/{path[2:]}" if path.startswith("~/") else path


def _lines(text: str) -> "Iterator[tuple[str, str]]":
    section = ""
    for line in text.splitlines():
        if line.startswith("["):
            section = line[1:].partition("]")[0]
        elif line.strip() and not line.lstrip().startswith(("#", ";")):
            yield section, line.rstrip()


def _name(section: str) -> str:
    """Return `[profile ann]` of one file and `[ann]` of the other alike; names may be quoted."""
    kind, _, rest = section.strip().partition(" ")
    name = rest.strip().strip("\"'")
    return (
        f"{kind} {name}"
        if name and kind in ("profile", *REFERENCES.values())
        else f"profile {section.strip()}"
    )


def _pair(line: str) -> tuple[str, str]:
    name, _, value = line.partition("=")
    return name.strip().lower(), value.strip()
