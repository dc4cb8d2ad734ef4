"""The step `ci`: the steps of a GitHub Actions workflow that take a role, between two marks.

The job's OIDC token assumes the role, so no key is stored. The steps may stand in any workflow of the
repository, and the rest of it is the team's. What a person edited between the marks is not written over.
"""

import re
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from rolecall.errors import ConfigError
from rolecall.system.disk import files
from rolecall.workstation import templates
from rolecall.workstation.envrc import merge
from rolecall.workstation.project import ci_role, made_file
from rolecall.workstation.steps import git
from rolecall.workstation.steps.step import Context, Finding, State, Step

NAME = "ci"
FOLDER = ".github/workflows"
FILE = f"{FOLDER}/rolecall.yml"
INDENT = 6  # of a step in `jobs.NAME.steps`
BEGIN, END = "# >>> rolecall >>> ", "# <<< rolecall <<<"
BLOCK = re.compile(
    rf"^(?P<indent>[ ]*){BEGIN}(?P<command>.*)\n[ ]*# sha256 of these steps: (?P<digest>\w+)\n"
    rf"(?P<steps>(?:.*\n)*?)[ ]*{END}[ ]*\n",
    re.MULTILINE,
)
GITHUB = re.compile(r"github\.com[:/]([^/\s]+/[^/\s]+?)(?:\.git)?$")
EDITED = "the steps between rolecall's marks were edited"


@dataclass(frozen=True, slots=True)
class Change:
    """One workflow, as it is (None: not there) and as it would be; whether our steps in it were edited."""

    path: Path
    old: str | None
    new: str
    is_edited: bool = False


def step(role: str = "", package: str = "") -> Step:
    """Return the step: of `render --ci` with its flags, of a check and of a teardown without."""
    return Step(
        NAME,
        "the workflow that takes a role in GitHub Actions",
        "invoke render --ci",
        check=lambda context: _check(context, role, package),
        apply=lambda context: _apply(context, role, package),
        undo=made_file.undo,
    )


def is_there(root: Path) -> bool:
    """Return whether a workflow of the project has our steps."""
    return any(True for _ in _with_block(root))


def taken(root: Path) -> str:
    """Return the role that the first workflow with our steps takes; empty where there is none."""
    blocks = [BLOCK.search(text) for _, text in _with_block(root)]
    return next((ci_role.flags_in(block["command"]).get("role", "") for block in blocks if block), "")


def subject(root: Path) -> str:
    """Return the subject of the tokens that GitHub gives to jobs of this repository, as far as known."""
    found = GITHUB.search(git.said(root, "remote", "get-url", "origin"))
    return f"repo:{found[1] if found else 'OWNER/NAME'}:*"


def _check(context: Context, role: str, package: str) -> Finding:
    changes = [change for change in _changes(context, role, package) if change.old != change.new]
    if not changes:
        return Finding(State.DONE, "the workflow is as it would be rendered")
    names = ", ".join(_name(change, context.root) for change in changes)
    says = (
        f"{names}: {EDITED}" if any(change.is_edited for change in changes) else f"{names} would be rendered"
    )
    return Finding(State.CHANGE, says, "\n".join(_diff(change, context.root) for change in changes))


def _apply(context: Context, role: str, package: str) -> None:
    changes = list(_changes(context, role, package))
    edited = [change for change in changes if change.is_edited]
    if edited and context.answers.on_edit != "replace":
        context.show("\n".join(_diff(change, context.root) for change in edited))
        says = f"{_name(edited[0], context.root)}: {EDITED}, and stay as they are"
        raise ConfigError("ci-edited", says, hint="invoke render --ci --on-edit replace")
    for change in changes:
        made_file.write(context, NAME, change.path, change.new)


def _changes(context: Context, role: str, package: str) -> Iterator[Change]:
    """Yield each workflow with our steps, else the one that would be made.

    Raises UsageError or ConfigError.
    """
    found = list(_with_block(context.root))
    if not found:
        path = context.root / FILE
        block = textwrap.indent(_block(context.root, role, package, {}), " " * INDENT)
        chosen = ci_role.role(context.root, role, {})
        made = templates.render(None, "workflow.j2", role=chosen, block=block)
        if path.exists():
            context.show(block)
            says = f"{path} is there without rolecall's marks; put the lines above among its steps"
            raise ConfigError("ci-foreign", says, hint="invoke render --ci")
        yield Change(path, None, made)
    for path, text in found:
        yield _renewed(context, path, text, role, package)


def _renewed(context: Context, path: Path, text: str, role: str, package: str) -> Change:
    """Return the workflow with each block of it as it is rendered today; one kept as edited stays."""
    new, is_edited = text, False
    for block in reversed(list(BLOCK.finditer(text))):
        steps = textwrap.dedent(block["steps"])
        is_own = files.sha256(steps) == block["digest"]
        if not is_own and context.answers.on_edit == "keep":
            continue
        is_edited = is_edited or not is_own
        fresh = _block(context.root, role, package, ci_role.flags_in(block["command"]))
        new = new[: block.start()] + textwrap.indent(fresh, block["indent"]) + new[block.end() :]
    return Change(path, text, new, is_edited)


def _block(root: Path, role: str, package: str, known: dict[str, str]) -> str:
    """Return the steps between their marks, without indentation."""
    values = {
        "role": ci_role.role(root, role, known),
        "package": ci_role.package(root, package, known, flag="--ci"),
    }
    steps = templates.render(None, "workflow_steps.j2", **values)
    command = ci_role.command("--ci", **values)
    return f"{BEGIN}{command}\n# sha256 of these steps: {files.sha256(steps)}\n{steps}{END}\n"


def _with_block(root: Path) -> Iterator[tuple[Path, str]]:
    for path in sorted((root / FOLDER).glob("*.y*ml")):
        text = files.read_text(path) or ""
        if BLOCK.search(text):
            yield path, text


def _diff(change: Change, root: Path) -> str:
    return merge.diff(change.old or "", change.new, _name(change, root))


def _name(change: Change, root: Path) -> str:
    return str(change.path.relative_to(root))
