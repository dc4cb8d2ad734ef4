"""A lasting copy of rolecall, where it was run from a throw-away environment (`uvx`, `pipx run`).

`.envrc` names the Python and the package that a `cd` starts: an installer's cache is no place for them. The
copy is made of the files that are here, so it needs no network and no installer. It serves every project;
teardown of the last one removes it.
"""

import json
import os
import shutil
import sys
import sysconfig
import tempfile
from collections.abc import Callable, Iterator, Mapping, MutableMapping, Sequence
from dataclasses import asdict
from pathlib import Path

from rolecall.system import clock
from rolecall.system.disk import files, locks, paths
from rolecall.system.python import origin
from rolecall.workstation.programs.tool import user_bin
from rolecall.workstation.steps import new_folders
from rolecall.workstation.steps.step import Answers, Context, Finding, State, Step

Environ = Mapping[str, str]
NAME = "rolecall"
ANSWERS = "ROLECALL_ANSWERS"  # the number of an open file
LOCK_SECONDS = 120
LEFT_OUT = shutil.ignore_patterns("__pycache__", "*.pth", "_virtualenv.py")
# As pip writes it: the path of Python may be too long, or hold a space, for a first line of its own.
SCRIPT = """\
#!/bin/sh
'''exec' {python} "$0" "$@"
' '''
from rolecall.tasks.command.program import main
main()
"""


def folder(environ: Environ) -> Path:
    """Return the folder of the copy; it may not exist."""
    return paths.xdg("XDG_DATA_HOME", ".local/share", environ=environ) / "rolecall/venv"


def link(environ: Environ) -> Path:
    """Return the place of the command."""
    return user_bin(environ) / NAME


def steps(context: Context) -> tuple[Step, ...]:
    """Return the step that a plan shows where rolecall runs from a throw-away environment, else none."""
    if not origin.is_throw_away():
        return ()
    target, command = (paths.short(at(context.environ), environ=context.environ) for at in (folder, link))
    says = f"would copy rolecall to {target}, as the command {command}: this environment is a throw-away one"
    return (
        Step(
            name=NAME,
            reason="so that `cd` finds it tomorrow",
            hint="invoke setup",
            check=lambda _: Finding(State.CHANGE, says),
            apply=lambda _: None,
            undo=lambda _context, _record: "",
        ),
    )


def become(
    words: Sequence[str], answers: Answers, say: Callable[[str], None], *, environ: Environ = os.environ
) -> None:
    """Make the copy and go on in it with the same words, and with what the person answered here.

    Returns where this environment lasts. So it is called once nothing that was asked can fail any more.
    """
    if not origin.is_throw_away():
        return
    make(environ, say)
    own = str(Path(sys.prefix) / "bin")
    search = [part for part in environ.get("PATH", "").split(os.pathsep) if part != own]
    script = str(folder(environ) / "bin" / NAME)
    sys.stdout.flush()
    sys.stderr.flush()
    kept = {name: value for name, value in environ.items() if name != "VIRTUAL_ENV"}
    kept["PATH"] = os.pathsep.join(search)
    with tempfile.TemporaryFile("w+") as file:  # without a name: a secret may be among the answers
        json.dump(asdict(answers), file)
        file.seek(0)
        os.set_inheritable(file.fileno(), True)
        kept[ANSWERS] = str(file.fileno())
        os.execve(script, [script, *words], kept)  # noqa: S606 - no shell is the point


def answered(environ: MutableMapping[str, str] = os.environ) -> Answers | None:
    """Return what a throw-away environment asked before this process took its place, once; else None."""
    descriptor = environ.pop(ANSWERS, "")
    if not descriptor:
        return None
    with open(int(descriptor), encoding="utf-8") as file:  # noqa: PTH123 - it has no path
        found = json.load(file)
    return Answers(**{**found, "tools": tuple(found["tools"])})


def make(environ: Environ, say: Callable[[str], None]) -> None:
    """Bring the copy and the command about, and say where they are."""
    target, command = folder(environ), link(environ)
    absent = new_folders.missing(target.parent, command.parent)
    new_folders.make(target.parent)
    with locks.exclusive(target.parent / "lock", deadline=clock.Deadline.after(LOCK_SECONDS)):
        if not (target.parent / "made").exists():
            files.write_private(target.parent / "made", json.dumps({"folders": absent}))
        if not _is_same(target):
            _copy(target)
        shown = paths.short(target, environ=environ)
        say(f"this environment is a throw-away one; rolecall itself is in {shown}")
        say(_linked(command, target / "bin" / NAME, environ))


def made(environ: Environ) -> Iterator[Path]:
    """Yield the folder and the command that `make` made, as far as they are still that."""
    target, command = folder(environ), link(environ)
    if (target.parent / "made").exists():
        yield from (path for path in (target,) if path.exists())
        yield from (path for path in (command,) if _leads_to(command, target / "bin" / NAME))


def remove(environ: Environ) -> list[Path]:
    """Remove the copy and the command; return what was removed. The Python that runs may be its own."""
    gone, place = list(made(environ)), folder(environ).parent
    facts = files.read_text(place / "made")
    for path in gone:
        if path.is_symlink():
            path.unlink()
        else:
            shutil.rmtree(path)
    for name in ("made", "lock") if facts else ():
        (place / name).unlink(missing_ok=True)
    if facts:
        new_folders.remove_empty(json.loads(facts)["folders"])
    return gone


def _copy(target: Path) -> None:
    """Make a virtual environment of the packages that are here, and put it in the place of an older one."""
    import venv

    new, old = (target.with_name(f"{target.name}.{word}") for word in ("new", "old"))
    for path in (new, old):
        shutil.rmtree(path, ignore_errors=True)
    venv.EnvBuilder(symlinks=True, with_pip=False).create(new)
    shutil.copytree(_packages(Path(sys.prefix)), _packages(new), dirs_exist_ok=True, ignore=LEFT_OUT)
    python = paths.typed(target / "bin/python")
    files.write_file(new / "bin" / NAME, SCRIPT.format(python=python), mode=0o755)
    if target.exists():
        target.rename(old)
    new.rename(target)
    shutil.rmtree(old, ignore_errors=True)


def _linked(command: Path, script: Path, environ: Environ) -> str:
    """Make the link for the command, and return the line about it. Somebody else's file stays."""
    shown = paths.short(command, environ=environ)
    if command.exists() or command.is_symlink():
        is_ours = _leads_to(command, script)
        return f"the command is {shown}" if is_ours else f"{shown} is there already, and stays as it is"
    new_folders.make(command.parent)
    command.symlink_to(script)
    return f"the command is {shown}"


def _leads_to(command: Path, script: Path) -> bool:
    return command.is_symlink() and command.readlink() == script


def _is_same(target: Path) -> bool:
    """Return whether the copy is of these very files: the installers' own lists say so."""
    here, there = _packages(Path(sys.prefix)), _packages(target)
    lists = [path.relative_to(here) for path in here.glob("*.dist-info/RECORD")]
    same = all(files.read_text(here / name) == files.read_text(there / name) for name in lists)
    return same and len(lists) == len(list(there.glob("*.dist-info/RECORD")))


def _packages(prefix: Path) -> Path:
    place = {"base": str(prefix), "platbase": str(prefix)}
    return Path(sysconfig.get_path("purelib", "venv", vars=place))
