"""Templates to text: `.envrc` and `.env` from `templates/` and `envrc.d/`.

Owns: where a template or fragment comes from (the project's own before the shipped one), the filters, and
the mark and digest at the top of a rendered `.envrc`.
Must not: write files (envrc and account do), or import Jinja2 before something is rendered.
Called by: envrc, envfile.
"""

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rolecall.errors import ConfigError
from rolecall.system import files, paths, quoting

MARKER = "# Rendered by rolecall; change envrc.d/ or templates/ and run: invoke render"
DIGEST = re.compile(r"# sha256 of the rest: ([0-9a-f]{64})")


@dataclass(frozen=True, slots=True)
class Fragment:
    """One file of `envrc.d/`: its name, and the text that is inlined."""

    name: str
    text: str


def envrc(root: Path) -> str:
    """Return the `.envrc` of the project at `root`: every fragment inlined, marked, with its digest."""
    from rolecall.workstation.envrc import runtime

    text = render(
        root,
        "envrc.j2",
        fragments=fragments(root),
        **runtime.constants(root),
    )
    body = text.removeprefix(MARKER).lstrip("\n")
    return f"{MARKER}\n# sha256 of the rest: {_digest(body)}\n{body}"


def fragments(root: Path) -> list[Fragment]:
    """Return the fragments by name: the shipped ones, each replaced by the project's of the same name."""
    found = {path.name: path for path in sorted(paths.shipped("envrc.d").glob("*.sh"))}
    found |= {path.name: path for path in sorted((root / "envrc.d").glob("*.sh"))}
    return [Fragment(name, files.read_text(found[name]) or "") for name in sorted(found)]


def render(root: Path, name: str, **values: Any) -> str:
    """Return template `name` filled in. Raises ConfigError naming the template and its line."""
    import jinja2

    places = [str(folder) for folder in (root / "templates", paths.shipped("templates")) if folder.is_dir()]
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(places),
        undefined=jinja2.StrictUndefined,
        keep_trailing_newline=True,
        trim_blocks=True,
        lstrip_blocks=True,
        autoescape=False,  # noqa: S701 - shell text, not HTML: every value goes through a quoting filter
    )
    environment.filters.update(shell=quoting.shell, dotenv=quoting.dotenv)
    try:
        return environment.get_template(name).render(**values)
    except jinja2.TemplateNotFound as problem:
        raise ConfigError(
            "template-missing",
            f"no template {problem.name} in {' or '.join(places)}",
            hint="reinstall rolecall",
        ) from problem
    except jinja2.TemplateSyntaxError as problem:
        raise ConfigError(
            "template-syntax",
            f"{problem.filename}:{problem.lineno}: {problem.message}",
            hint=f"mend templates/{name}",
        ) from problem
    except jinja2.UndefinedError as problem:
        raise ConfigError(
            "template-value", f"templates/{name}: {problem.message}", hint=f"mend templates/{name}"
        ) from problem


def is_ours(text: str) -> bool:
    """Whether `text` was rendered by rolecall at some time, edited since or not."""
    return text.startswith(MARKER)


def is_unedited(text: str) -> bool:
    """Whether `text` is exactly as rolecall rendered it: the digest at its top holds."""
    lines = text.split("\n", 2)
    if len(lines) < 3 or lines[0] != MARKER:  # noqa: PLR2004 - marker, digest, rest
        return False
    found = DIGEST.fullmatch(lines[1])
    return bool(found) and found is not None and found[1] == _digest(lines[2])


def _digest(body: str) -> str:
    return hashlib.sha256(body.encode()).hexdigest()
