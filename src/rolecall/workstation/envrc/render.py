"""The text of a fresh `.envrc`: the fragments of `envrc.d/` in one file, with a marker and a digest on top.

A project's own fragment or template replaces the shipped one of the same name.
"""

import dataclasses
import re
from dataclasses import dataclass
from pathlib import Path

from rolecall.system.disk import files, paths
from rolecall.workstation import templates
from rolecall.workstation.envrc import runtime

SESSION_FRAGMENT = "50-"
COLD = ".cold.sh"
LOAD = ".load.sh"
MARKER = "# Rendered by rolecall; change envrc.d/ or templates/ and run: invoke render"
COPY_MARKER = "# Written by rolecall: `setup` writes it anew, and `teardown` removes it."
COMMENT = re.compile(r"(?m)^[ \t]*#(?! shellcheck ).*\n")
DIGEST = re.compile(r"# sha256 of the rest: ([0-9a-f]{64})")


@dataclass(frozen=True, slots=True)
class Fragment:
    """One file of `envrc.d/`, as the template takes it."""

    name: str
    text: str
    is_own: bool = False  # the project's, not rolecall's
    is_added: bool = False  # and none of rolecall's has its name
    is_cold: bool = False  # rolecall's, read by a `cd` only where it is needed

    @property
    def part(self) -> str:
        """By what word `_rolecall_read_cold` reads it: `git` of `46-git.cold.sh`."""
        return self.name.partition("-")[2].removesuffix(COLD)

    @property
    def is_load(self) -> bool:
        """Whether it reads from the disk: a `cd` does that again after a program may have written there."""
        return self.name.endswith(LOAD)

    @property
    def without_comments(self) -> "Fragment":
        """The same without comments, a linter's aside, if it is rolecall's: each `cd` would read them."""
        return self if self.is_own else dataclasses.replace(self, text=COMMENT.sub("", self.text))


def envrc(root: Path, *, extra: tuple[Fragment, ...] = ()) -> str:
    """Return the `.envrc` of the project at `root`; `extra` are fragments that are about to be written."""
    return _filled(root, root, extra)


def by_shipped_templates(root: Path) -> str:
    """Return what `envrc` would, had the project no templates of its own."""
    return _filled(root, None)


def _filled(root: Path, templates_of: Path | None, extra: tuple[Fragment, ...] = ()) -> str:
    found = {fragment.name: fragment for fragment in (*fragments(root), *extra)}
    ordered = [found[name].without_comments for name in sorted(found)]
    values = runtime.constants(root)
    return marked(templates.render(templates_of, "envrc.j2", fragments=ordered, **values))


def session(root: Path | None) -> tuple[str, str]:
    """Return the person's copy of what `use rolecall` runs, for every project or for the one at `root`.

    The second text is what a `cd` reads only where there is no valid session. Only what is shipped is in
    them: a fragment or a template of a project would be code that nobody approved.
    """
    shipped = [fragment.without_comments for fragment in fragments(None)]
    values = {"fragments": shipped, **runtime.copy_constants(root)}
    cold = marked(templates.render(None, "session.cold.j2", **values), COPY_MARKER)
    digest = unmarked(cold, COPY_MARKER)[1]
    return marked(templates.render(None, "session.j2", cold_digest=digest, **values), COPY_MARKER), cold


def use(name: str) -> str:
    """Return a file of `use rolecall`, by its name in `templates/`, without the comments below its head."""
    text = (paths.shipped("templates") / name).read_text(encoding="utf-8")
    head, _, code = text.partition("\n\n")
    return marked(f"{head}\n\n{COMMENT.sub('', code)}", COPY_MARKER)


def marked(text: str, marker: str = MARKER) -> str:
    """Return `text` below a marker and its digest."""
    body = text.removeprefix(marker).lstrip("\n")
    return f"{marker}\n# sha256 of the rest: {files.sha256(body)}\n{body}"


def fragments(root: Path | None) -> list[Fragment]:
    """Return the shipped fragments and those of the project at `root`, in the order of their names."""
    folders = (paths.shipped("envrc.d"), *([root / "envrc.d"] if root else []))
    found = {path.name: path for folder in folders for path in folder.glob("*.sh")}
    shipped = {path.name for path in folders[0].glob("*.sh")}
    own = root / "envrc.d" if root else None
    return [
        Fragment(
            name,
            files.read_text(path) or "",
            is_own=path.parent == own,
            is_added=name not in shipped,
            is_cold=name in shipped and name.endswith(COLD),
        )
        for name, path in sorted(found.items())
    ]


def own_texts(root: Path) -> tuple[str, str]:
    """Return the fragments that only the project has: those before the session, and the others."""
    shipped = {fragment.name for fragment in fragments(None)}
    own = [fragment for fragment in fragments(root) if fragment.name not in shipped]
    early = "".join(fragment.text for fragment in own if fragment.name < SESSION_FRAGMENT)
    return early, "".join(fragment.text for fragment in own if fragment.name >= SESSION_FRAGMENT)


def is_ours(text: str) -> bool:
    """Return whether rolecall rendered `text`; it may have been edited since."""
    return text.startswith(MARKER)


def is_unedited(text: str, marker: str = MARKER) -> bool:
    """Return whether `text` has the digest of its body on top: nobody edited it by mistake.

    Everybody can write such a digest, so it says nothing about who rendered the text.
    """
    body, digest = unmarked(text, marker)
    return digest == files.sha256(body)


def unmarked(text: str, marker: str = MARKER) -> tuple[str, str]:
    """Return `text` without the marker and the digest on top, and that digest; all of it where they lack."""
    first, _, rest = text.partition("\n")
    line, _, body = rest.partition("\n")
    found = DIGEST.fullmatch(line)
    return (body, found[1]) if first == marker and found else (text, "")
