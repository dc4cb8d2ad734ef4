"""rolecall as a person has it: in three versions, installed by pipx and by uv into a home, offline."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from support import wheelhouse

ROOT = wheelhouse.ROOT
BIN = Path(sys.executable).parent
OLD, NEW, CHANGED = "0.1.0", "0.2.0", "0.3.0"  # the last has another text in a shipped fragment
INSTALL = {
    "pipx": ("pipx", "install", "--quiet", "--force"),
    "uv": ("uv", "tool", "install", "--quiet", "--force"),
}
PATIENCE_SECONDS = 240


@dataclass(frozen=True, slots=True)
class Wheels:
    """A folder with the wheels that rolecall needs, and with rolecall in three versions."""

    folder: Path

    def rolecall(self, version: str) -> Path:
        """Return rolecall's wheel of that version."""
        return self.folder / f"rolecall-{version}-py3-none-any.whl"

    def environ(self) -> dict[str, str]:
        """Return what keeps pipx and uv from every index."""
        own = {"PIP_CONFIG_FILE": os.devnull, "UV_NO_CONFIG": "1"}
        own["UV_CACHE_DIR"] = str(self.folder.parent / "uv")  # what is unpacked once serves every home
        return {**wheelhouse.environ(self.folder), **own, "UV_PYTHON": python()}

    def install(self, tool: str, version: str) -> None:
        """Install rolecall of that version into HOME, as `tool` does."""
        words = [str(BIN / INSTALL[tool][0]), *INSTALL[tool][1:], str(self.rolecall(version))]
        environ = {**os.environ, **self.environ(), "PATH": f"{BIN}:{os.environ['PATH']}"}
        done = subprocess.run(
            words, env=environ, capture_output=True, text=True, timeout=PATIENCE_SECONDS, check=False
        )
        assert done.returncode == 0, done.stderr


def python() -> str:
    """Return the Python that this environment was made with."""
    return str(getattr(sys, "_base_executable", sys.executable))


def built(folder: Path) -> Wheels:
    """Build each version of rolecall and pack everything else that it needs, into `folder`."""
    lacking = [name for name in ("hatchling", "pipx", "uv") if not (BIN / name).exists()]
    assert not lacking, f"no {', '.join(lacking)} in {BIN}: they are of the group test; python3 tasks.py test"
    for version in (OLD, NEW, CHANGED):
        changed = "envrc.d/80-venv.sh" if version == CHANGED else ""
        wheelhouse.build(folder / "wheels", version=version, changed=changed)
    return Wheels(folder / "wheels")
