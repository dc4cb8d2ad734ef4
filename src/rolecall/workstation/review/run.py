"""The review as a whole: compare, show, ask, and on a yes approve exactly what was shown.

Nothing of the project runs before the yes. `main` is for the command in the private folder, which runs the
approved copy of rolecall.
"""

import os
import stat
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NoReturn

from rolecall.credentials.aws import environment
from rolecall.credentials.store import recent_failure
from rolecall.errors import EXIT_INTERRUPTED, MachineError, RolecallError, UsageError
from rolecall.project import config
from rolecall.project.approved import record as approved
from rolecall.system import command
from rolecall.system.disk import files, place
from rolecall.system.person import person
from rolecall.system.python import site_packages
from rolecall.workstation.direnv_lib import step as direnv_lib
from rolecall.workstation.envrc import allow, approval, manifest, render, runtime, use_line
from rolecall.workstation.envrc import draft as drafts
from rolecall.workstation.envrc import step as envrc
from rolecall.workstation.review import copy, difference, pages, sources
from rolecall.workstation.steps.journal import Journal
from rolecall.workstation.steps.step import Answers, Context, State

FINISH = "--finish"


def main() -> NoReturn:
    """Run the review of the project that the command in the private folder names; end the process."""
    command.use(os.environ.get(command.VARIABLE) or command.usual())
    root = Path(sys.argv[2])
    try:
        if FINISH in sys.argv:
            _finish(root)
        else:
            review(root)
    except RolecallError as problem:
        person.say(problem.message)
        if problem.hint:
            person.advise(problem.hint)
        sys.exit(problem.exit_code)
    except KeyboardInterrupt:
        sys.exit(EXIT_INTERRUPTED)
    sys.exit(0)


def review(root: Path) -> None:
    """Show what has changed, and approve it if the person says yes. Raises UsageError where they do not."""
    before, now = copy.read(root) or {}, sources.read(root)
    names, asks = difference.changed(before, now), _asks(root)
    rendered = [] if names or copy.package(root) else _rendered_anew(root)
    if not (names or asks or rendered):
        person.say("nothing has changed since you approved it")
        _make_newest(root / sources.ENVRC)
        return
    shown = [*difference.lines(before, now), *rendered, *([""] if asks else []), *asks]
    is_whole = pages.show(shown)
    if not person.can_ask():
        raise UsageError(
            "cannot-ask",
            f"{_count(names)}: what has changed waits for your approval, and nobody can answer here",
            hint=approved.review_command(place.at(root)),
        )
    unseen = "" if is_whole else ", though not all of it was shown"
    if not person.confirm(f"Approve what has changed in {_count(names)}{unseen}?"):
        raise UsageError("not-confirmed", "nothing was approved, so none of it runs")
    if sources.read(root) != now:
        raise MachineError("changed-meanwhile", f"a file in {root} changed while you looked at it")
    _approve(root, now)


def _rendered_anew(root: Path) -> list[str]:
    """Return how another version of rolecall would render `.envrc`, where only that has changed."""
    text = files.read_text(root / sources.ENVRC) or ""
    if not render.is_ours(text):
        return []
    draft = drafts.make(Context(root, Answers(yes=True)))
    return list(difference.lines({sources.ENVRC: draft.old.encode()}, {sources.ENVRC: draft.new.encode()}))


def _make_newest(envrc_file: Path) -> None:
    """Give `.envrc` a newer time than its sources: by that a `cd` tells whether they changed."""
    text = files.read_text(envrc_file)
    if text is not None and render.is_ours(text):
        files.write_file(envrc_file, text, mode=stat.S_IMODE(envrc_file.stat().st_mode))


def _count(names: Sequence[str]) -> str:
    return f"{len(names)} file{'' if len(names) == 1 else 's'}" if names else sources.ENVRC


def _asks(root: Path) -> list[str]:
    """Return in words which roles wait for an approval; where the files say nothing clear, what is wrong."""
    try:
        found = approved.changes(config.load(root))
    except RolecallError as problem:
        return [f"! {problem.message}"]
    return [
        f"! {says}" for says in (found.asks_all, found.asks_default, *found.asks.values(), found.news) if says
    ]


def _approve(root: Path, now: Mapping[str, bytes]) -> None:
    """Keep what was shown, then bring `.envrc` up to date by the code that is approved now."""
    own = copy.package(root)
    if own:
        manifest.of(own)  # a link among rolecall's own files is refused before anything is kept
    copy.write(root, now)
    copy.write_command(root, runtime.installation(root))
    project = config.load(root)
    approved.accept(project)
    for name in (*project.roles, recent_failure.PROJECT):
        recent_failure.clear(project.place, name, environment.mark(project))
    person.say("approved")
    sys.stderr.flush()
    if own:
        os.execv(copy.command(root), [str(copy.command(root)), FINISH])  # noqa: S606 - the new copy, no shell
    _finish(root)


def _finish(root: Path) -> None:
    """Render `.envrc` from the approved files, and let direnv run it; a person's own is approved as it is."""
    site_packages.allow()
    text = files.read_text(root / sources.ENVRC)
    if text is None:
        return
    answers = Answers(yes=True)
    context = Context(root, answers, say=person.say, journal=Journal(root, os.environ).append)
    if render.is_ours(text) and envrc.check(context).state is not State.DONE:
        envrc.apply(context)
    if use_line.is_in(text) and direnv_lib.check(context).state is not State.DONE:
        direnv_lib.apply(context)
    kept, now = copy.read(root) or {}, sources.read(root)
    if {name for name in difference.changed(kept, now) if name != sources.ENVRC}:
        raise MachineError("changed-meanwhile", f"a file in {root} changed while you looked at it")
    if not allow.is_allowed(root / sources.ENVRC, environ=os.environ):
        approval.apply(context)
        person.say("direnv may run .envrc as it is now")
    else:
        approval.keep(root)
        _make_newest(root / sources.ENVRC)
