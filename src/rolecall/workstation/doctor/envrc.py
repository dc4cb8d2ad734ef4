"""Which of its two ways `.envrc` takes to the role, and what in a file of the project's own is in the way."""

import re
from collections.abc import Iterator

from rolecall.system.disk import files, paths
from rolecall.system.text import quoting
from rolecall.workstation.direnv_lib import copies
from rolecall.workstation.doctor.symptom import Symptom, fact, fine, note, problem
from rolecall.workstation.envfile import account
from rolecall.workstation.envrc import render, use_line
from rolecall.workstation.envrc.runtime import FILE
from rolecall.workstation.steps.step import Context

LOADS_ENV = re.compile(
    r"^(?:[^#]*[\s;&|])?(?:dotenv|dotenv_if_exists|(?:source|source_env|\.)[ \t]+\S*\.env)(?:[\s;&|]|$)"
)
KEYS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")


def look(context: Context) -> Iterator[Symptom]:
    """Yield envrc-way, and for a file with `use rolecall` envrc-fragments and envrc-dotenv."""
    text = files.read_text(context.root / FILE)
    if text is None:
        return
    if render.is_ours(text):
        yield fact("envrc-way", f"{FILE} is rendered from envrc.d/")
    elif use_line.is_in(text):
        yield _way(context)
        yield _fragments(context)
        yield _dotenv(context, text)
    else:
        yield fact("envrc-way", f"{FILE} is your own, and does not load a role")


def _way(context: Context) -> Symptom:
    own, common = copies.own(context.root, context.environ), copies.shared(context.environ)
    runs = paths.short(own if own.exists() else common, environ=context.environ)
    return fact("envrc-way", f"{FILE} is the project's own; its line `use rolecall` runs {runs}")


def _fragments(context: Context) -> Symptom:
    """See whether the project has fragments: only a rendered `.envrc` holds them."""
    names = [fragment.name for fragment in render.fragments(context.root) if not _is_shipped(fragment)]
    if not names:
        return fine("envrc-fragments", "no fragment is left out")
    detail = f"`use rolecall` does not run envrc.d/{', envrc.d/'.join(names)}; its lines belong in {FILE}"
    return note("envrc-fragments", detail, quoting.edit_command(FILE))


def _is_shipped(fragment: render.Fragment) -> bool:
    return fragment in render.fragments(None)


def _dotenv(context: Context, text: str) -> Symptom:
    lines = text.splitlines()
    use = next(at for at, line in enumerate(lines) if use_line.is_in(line))
    below = next((at for at in range(use + 1, len(lines)) if LOADS_ENV.search(lines[at])), None)
    env = account.values_of(account.read(context.root / account.FILE) or "")
    if below is None or not any(env.get(name) for name in KEYS):
        return fine("envrc-dotenv", "no line loads a key into the shell")
    detail = (
        f"line {below + 1} of {FILE} puts the keys of .env into the shell; it belongs above `use rolecall`"
    )
    return problem("envrc-dotenv", detail, quoting.edit_command(FILE, below + 1))
