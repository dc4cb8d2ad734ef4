"""The step `devcontainer`: a script that sets rolecall up in a dev container, and a devcontainer.json for it.

A devcontainer.json that is there is the team's, and stays: the line to add is said. A script that a person
edited is not written over.
"""

from collections.abc import Iterator
from pathlib import Path

from rolecall.errors import ConfigError
from rolecall.system.disk import files
from rolecall.workstation import templates
from rolecall.workstation.envrc import merge, render
from rolecall.workstation.project import ci_role, made_file
from rolecall.workstation.steps.step import Context, Finding, State, Step

NAME = "devcontainer"
SCRIPT = ".devcontainer/rolecall.sh"
FILE = ".devcontainer/devcontainer.json"
PLACES = (
    FILE,
    ".devcontainer.json",
    ".devcontainer/*/devcontainer.json",
)  # containers.dev, "devcontainer.json"
BEGIN = "# Rendered by rolecall; kept up to date by: "
LINE = f'"postCreateCommand": "bash {SCRIPT}"'


def step(package: str = "") -> Step:
    """Return the step: of `render --devcontainer` with its flag, of a check and of a teardown without."""
    return Step(
        NAME,
        "rolecall in the project's dev container",
        "invoke render --devcontainer",
        check=lambda context: _check(context, package),
        apply=lambda context: _apply(context, package),
        undo=made_file.undo,
    )


def is_there(root: Path) -> bool:
    """Return whether the project has our script."""
    return (root / SCRIPT).is_file()


def _check(context: Context, package: str) -> Finding:
    old = files.read_text(context.root / SCRIPT) or ""
    is_edited = old != "" and not _is_unedited(old)
    if is_edited and context.answers.on_edit == "keep":
        return Finding(State.DONE, f"{SCRIPT} is kept as you edited it")
    new = _script(context.root, package, old)
    if new == old and (is_there(context.root) and any(_declared(context.root))):
        return Finding(State.DONE, f"{SCRIPT} is as it would be rendered")
    says = f"{SCRIPT} was edited" if is_edited else f"{SCRIPT} would be rendered"
    diff = [merge.diff(old, new, SCRIPT)]
    if not any(_declared(context.root)):
        diff.append(merge.diff("", _json(context.root), FILE))
    return Finding(State.CHANGE, says, "\n".join(filter(None, diff)))


def _apply(context: Context, package: str) -> None:
    path = context.root / SCRIPT
    old = files.read_text(path) or ""
    new = _script(context.root, package, old)
    if old and not _is_unedited(old) and context.answers.on_edit != "replace":
        context.show(merge.diff(old, new, SCRIPT))
        says = f"{SCRIPT} was edited, and stays as it is"
        raise ConfigError("devcontainer-edited", says, hint="invoke render --devcontainer --on-edit replace")
    made_file.write(context, NAME, path, new)
    declared = list(_declared(context.root))
    if not declared:
        made_file.write(context, NAME, context.root / FILE, _json(context.root))
    elif not any(SCRIPT in (files.read_text(path) or "") for path in declared):
        name = declared[0].relative_to(context.root)
        context.say(f"{name} is yours and stays; so that it runs the script, add to it: {LINE}")


def _script(root: Path, package: str, old: str) -> str:
    first = old.partition("\n")[0]
    values = {
        "package": ci_role.package(root, package, ci_role.flags_in(first), flag="--devcontainer"),
    }
    body = templates.render(None, "devcontainer_script.j2", **values)
    return render.marked(body, BEGIN + ci_role.command("--devcontainer", **values))


def _is_unedited(text: str) -> bool:
    return text.startswith(BEGIN) and render.is_unedited(text, text.partition("\n")[0])


def _json(root: Path) -> str:
    return templates.render(None, "devcontainer.j2", project=root.name)


def _declared(root: Path) -> Iterator[Path]:
    """Yield each devcontainer.json of the project, where the format looks for it."""
    return (path for place in PLACES for path in sorted(root.glob(place)))
