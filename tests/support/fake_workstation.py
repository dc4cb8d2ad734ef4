"""Package managers as small programs: they answer as the real ones were recorded, and log every question."""

import hashlib
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from rolecall.workstation.programs import install as installing
from rolecall.workstation.programs import tool as tools
from rolecall.workstation.programs.packages import Run
from rolecall.workstation.programs.tool import Pin, Tool

DIRENV = "#!/bin/sh\necho {version}\n"
HAVE = {
    "apt": "direnv:\n  Installed: (none)\n  Candidate: 1:{v}-2+b4\n  Version table:\n     1:{v}-2+b4 500\n",
    "dnf": "{v}\n",
    "pacman": "Repository      : extra\nName            : direnv\nVersion         : 1:{v}-1\n",
    "zypper": "Loading repository data...\n\nInformation for package direnv:\n-----\nRepository     : Main\n"
    "Name           : direnv\nVersion        : {v}-1.3\nArch           : x86_64\n",
    "apk": "direnv policy:\n  2.30.0-r1:\n    lib/apk/db/old\n  {v}-r0:\n    https://mirror.example/v3.22/community\n",
    "brew": '{{"formulae":[{{"name":"direnv","versions":{{"stable":"{v}","head":"HEAD"}}}}],"casks":[]}}\n',
    "nix": "{v}",
}
HAVE_NOT = {
    "apt": "",
    "dnf": "",
    "pacman": "",
    "zypper": "Loading repository data...\nReading installed packages...\n\n\npackage 'direnv' not found.\n",
    "apk": "",
    "brew": "",
    "nix": "",
}
BINARY = b"#!/bin/sh\necho 2.37.1\n"
PROGRAMS = {"apt": ("apt-get", "apt-cache")}
# What each asks with, installs with and refreshes with, as words of its command line.
ASK = {
    "apt": "policy",
    "dnf": "repoquery",
    "pacman": "-Si",
    "zypper": "info",
    "apk": "policy",
    "brew": "info",
    "nix": "eval",
}
INSTALL = {
    "apt": "install",
    "dnf": "install",
    "pacman": "-S",
    "zypper": "install",
    "apk": "add",
    "brew": "install",
}
REFRESH = {"apt": "update", "dnf": "makecache", "pacman": "-Sy", "zypper": "refresh", "apk": "update"}


@dataclass(frozen=True, slots=True)
class Machine:
    """A PATH of fakes: nothing else is on this machine but sh and env."""

    folder: Path
    home: Path
    managers: list[str] = field(default_factory=list)

    @property
    def environ(self) -> dict[str, str]:
        """The environment of a process on this machine."""
        return {"PATH": str(self.folder), "HOME": str(self.home)}

    @property
    def calls(self) -> list[str]:
        """Every command line that was run, in order."""
        log = self.folder / "log"
        return log.read_text().splitlines() if log.exists() else []

    def add_tool(self, name: str, says: str, *, folder: Path | None = None) -> Path:
        """Put a program on PATH that prints `says`."""
        path = (folder or self.folder) / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"#!/bin/sh\nprintf '%s\\n' '{says}'\n")
        path.chmod(0o755)
        return path

    def add_manager(
        self,
        name: str,
        *,
        version: str | None,
        installs: str | None = None,
        after_refresh: str | None = None,
        code: int = 0,
    ) -> None:
        """Add a manager that has direnv in `version` (None: not), installs `installs`, and exits with `code`.

        With `after_refresh`, that version is there once the lists were refreshed.
        """
        self.managers.append(name)
        answer = self.folder / f"{name}.answer"
        answer.write_text(HAVE[name].format(v=version) if version else HAVE_NOT[name])
        later = self.folder / f"{name}.later"
        later.write_text(HAVE[name].format(v=after_refresh) if after_refresh else HAVE_NOT[name])
        tool = (
            f"printf '#!/bin/sh\\necho {installs}\\n' >{self.folder}/direnv; chmod +x {self.folder}/direnv"
            if installs
            else ":"
        )
        refresh = f"cat {later} >{answer}" if after_refresh else ":"
        script = (
            "#!/bin/sh\n"
            f'printf "%s\\n" "${{0##*/}} $*" >>{self.folder}/log\n'
            "PATH=/bin:/usr/bin\n"
            'for word in "$@"; do\n'
            "  case $word in\n"
            f"  {ASK[name]}) cat {answer}; exit 0 ;;\n"
            f"  {REFRESH.get(name, 'no-refresh')}) {refresh}; exit {code} ;;\n"
            f"  {INSTALL.get(name, 'profile')})\n"
            f"    [ {code} = 0 ] || {{ echo 'E: it broke' >&2; exit {code}; }}\n"
            f"    {tool}; exit 0 ;;\n"
            "  esac\n"
            "done\n"
        )
        for program in PROGRAMS.get(name, (name,)):
            path = self.folder / program
            path.write_text(script)
            path.chmod(0o755)

    def add_sudo(self, *, is_free: bool) -> None:
        """Add a sudo that lets everything through, or needs a password."""
        path = self.folder / "sudo"
        log = f'printf "%s\\n" "sudo $*" >>{self.folder}/log\n'
        refuse = (
            "" if is_free else 'if [ "$1" = -n ]; then echo "sudo: a password is required" >&2; exit 1; fi\n'
        )
        run = 'while [ "${1#-}" != "$1" ]; do [ "$1" = -v ] && exit 0; shift; done\nexec "$@"\n'
        path.write_text(f"#!/bin/sh\n{log}{refuse}{run}")
        path.chmod(0o755)


def machine(folder: Path, home: Path) -> Machine:
    """Return a machine without any manager."""
    folder.mkdir()
    for name in ("env", "true"):
        (folder / name).symlink_to(shutil.which(name) or name)
    return Machine(folder, home)


def pinned(tool: Tool, url: str, content: bytes, *, kind: str = "binary") -> Tool:
    """Return `tool` with a download for this machine."""
    pin = Pin(url, hashlib.sha256(content).hexdigest(), kind=kind)
    return replace(tool, pins={tools.machine(): pin}, packages={})


def as_root(**_: object) -> tuple[str, ...]:
    return ()


def as_nobody(**_: object) -> None:
    return None


def install(tool: Tool, machine: Machine, root: object = as_root) -> Mapping[str, str]:
    """Install, and give back the facts."""
    return installing.install(tool, Run(machine.environ, lambda _: None, find_root=root))  # type: ignore[arg-type] # a test's own
