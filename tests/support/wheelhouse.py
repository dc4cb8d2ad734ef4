"""Wheels for installers, without a network: rolecall's own, really built, and of what it needs, repacked.

What is installed here is packed into wheels again from the files that its installer wrote down.
"""

import re
import shutil
import subprocess
import sys
import zipfile
from importlib import metadata
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LEFT_OUT = ("INSTALLER", "REQUESTED", "direct_url.json")
SERVICES = ("iam", "sso", "sso-oidc", "sts")  # of botocore's 400, whose 2000 files each install would unpack


def build(folder: Path, *, version: str = "", changed: str = "") -> Path:
    """Build rolecall's wheel into `folder` beside the wheels of all it needs; return it.

    Another `version` than the checkout's is written into a copy of its tree, and a line more into the file
    `changed` of it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    source = _tree(folder.parent / f"tree{version}", version, changed) if version else ROOT
    if any(folder.iterdir()):  # the build backend alone, which pip starts too
        words = ["hatchling", "build", "-t", "wheel", "-d", str(folder)]
        subprocess.run([sys.executable, "-m", *words], check=True, cwd=source, capture_output=True)
    else:
        words = ["wheel", "--quiet", "--no-deps", "--no-build-isolation", "--no-index", "-w", str(folder)]
        subprocess.run([sys.executable, "-m", "pip", *words, str(source)], check=True)
        for name in needed("rolecall", set()) - {"rolecall"}:
            repack(name, folder)
    return max(folder.glob("rolecall-*.whl"), key=lambda path: path.stat().st_mtime_ns)


def environ(folder: Path) -> dict[str, str]:
    """Return the variables by which pip, pipx and uv install from `folder` alone.

    UV_PYTHON is not among them: `uv pip install` would put things into that Python.
    """
    return {
        "PIP_NO_INDEX": "1",
        "PIP_FIND_LINKS": str(folder),
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "UV_NO_INDEX": "1",
        "UV_OFFLINE": "1",
        "UV_FIND_LINKS": str(folder),
        "UV_PYTHON_DOWNLOADS": "never",
        "PIPX_DEFAULT_PYTHON": getattr(sys, "_base_executable", sys.executable),
    }


def needed(name: str, known: set[str]) -> set[str]:
    """Return `name` and everything that it needs on this machine, without extras."""
    if name in known:
        return known
    known.add(name)
    for line in metadata.requires(name) or []:
        word = re.match(r"[\w.-]+", line)
        if word and "extra ==" not in line and _is_here(word[0]):
            needed(_plain(word[0]), known)
    return known


def repack(name: str, folder: Path) -> Path:
    """Pack the installed distribution `name` into a wheel again."""
    found = metadata.distribution(name)
    tags = [line.split("-") for line in re.findall(r"(?m)^Tag: (\S+)", found.read_text("WHEEL") or "")]
    tag = "-".join(".".join(dict.fromkeys(parts)) for parts in zip(*tags, strict=True))
    plain = re.sub(r"[-_.]+", "_", found.metadata["Name"])
    path = folder / f"{plain}-{found.version}-{tag}.whl"
    with zipfile.ZipFile(path, "w") as wheel:
        for file in found.files or []:
            is_inside = ".." not in file.parts and file.suffix != ".pyc"
            if file.name == "RECORD":
                lines = file.read_text().splitlines(keepends=True)
                wheel.writestr(str(file), "".join(line for line in lines if _is_packed(line.split(",")[0])))
            elif is_inside and _is_packed(str(file)) and file.name not in LEFT_OUT:
                wheel.write(str(file.locate()), str(file))
    return path


def _is_packed(name: str) -> bool:
    """Return whether the file is no description of a service that rolecall never asks."""
    parts = name.split("/")
    return parts[:2] != ["botocore", "data"] or len(parts) == 3 or parts[2] in SERVICES


def _tree(folder: Path, version: str, changed: str) -> Path:
    """Copy what a wheel is built of to `folder`, as another version of it."""
    for name in ("src", "templates", "envrc.d"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    said = folder / "src/rolecall/system/python/version.py"
    said.write_text(re.sub(r'(?m)^VERSION = ".*"$', f'VERSION = "{version}"', said.read_text()))
    if changed:
        with (folder / changed).open("a") as file:
            file.write(": in this version, a line more\n")
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, folder / name)
    return folder


def _is_here(name: str) -> bool:
    try:
        metadata.distribution(name)
    except metadata.PackageNotFoundError:
        return False
    return True


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
