"""The step `profiles`: a block with the project's profiles in the person's AWS config (`setup --profiles`).

Also wanted where the team's `delivery` is "profile", and kept up to date once it was wanted. A profile of the
person's own stays as it is. What each role's profile is called is written down for `.envrc`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from rolecall.credentials.aws import environment as aws_environment
from rolecall.credentials.identity import profile_text
from rolecall.errors import ConfigError, MachineError
from rolecall.project import config, own_profiles
from rolecall.project.declared import Project
from rolecall.project.roles_toml import reader
from rolecall.system.disk import files, paths, place
from rolecall.system.python.frozen import replace
from rolecall.workstation.profiles import section
from rolecall.workstation.shells import block, rc_file
from rolecall.workstation.shells.dialects import text_of
from rolecall.workstation.shells.rc_file import Edit
from rolecall.workstation.steps import handover, journal, new_folders, once
from rolecall.workstation.steps.journal import Journal
from rolecall.workstation.steps.step import Context, Finding, Record, State, Step, record

NAME = "profiles"
MODE = files.PRIVATE_FILE


@dataclass(frozen=True, slots=True)
class _Wanted:
    """The edit of the AWS config, and the profile of each role after it."""

    edit: Edit
    profiles: dict[str, str]
    where: place.Place


def step() -> Step:
    """Return the step of the table."""
    reason = "a profile for each role, for programs that read your AWS config"
    return Step(
        NAME,
        reason,
        "invoke setup --profiles",
        check=check,
        apply=apply,
        undo=undo,
        optional=True,
        shared=True,
    )


def wanted(context: Context) -> bool:
    """Return whether there are to be profiles: by a flag, the team's word, or an earlier run."""
    answer = context.answers.profiles or once.answered(context, NAME)
    return answer == once.YES or (context.answers.profiles != once.NO and _declares(context))


def concerns(context: Context) -> bool:
    """Return whether this run has anything to do about profiles."""
    return wanted(context) or bool(_blocks(context))


def check(context: Context) -> Finding:
    """Return what the AWS config has of the project's profiles."""
    if not wanted(context):
        return _unwanted(context)
    made = _wanted(context)
    shown = _short(made.edit.path, context)
    if made.edit.refusal:
        return Finding(State.UNKNOWN, f"{shown} cannot be changed: {made.edit.refusal}")
    listed = ", ".join(made.profiles.values()) or "no role, so none"
    if made.edit.is_needed:
        return Finding(State.CHANGE, f"would write into {shown}: {listed}", made.edit.diff)
    if own_profiles.read(made.where) != made.profiles:
        return Finding(State.CHANGE, f"the names of the profiles in {shown} would be noted")
    note = f"; {made.edit.note}" if "edited" in made.edit.note else ""
    return Finding(State.DONE, f"{listed} in {shown}{note}")


def apply(context: Context) -> None:
    """Write the block; or where none is wanted any more, take it back."""
    if not wanted(context):
        for name in _blocks(context):
            context.say(rc_file.undo({"file": str(_file(context)), "block": name}))
        own_profiles.write(place.at(context.root, environ=context.environ), {})
        once.decline(context, NAME)
        return
    made = _wanted(context)
    if made.edit.refusal:
        says = f"{_short(made.edit.path, context)} cannot be changed: {made.edit.refusal}"
        raise MachineError("profiles-untouchable", says, hint=f"ls -l {paths.typed(made.edit.path)}")
    last = journal.of(context).last(NAME)
    if last is None or last.facts.get("file") != str(made.edit.path):
        context.journal(record(NAME, **rc_file.facts(made.edit)))
    if made.edit.is_needed:
        rc_file.apply(made.edit)
    own_profiles.write(made.where, made.profiles)
    for role, name in made.profiles.items():
        if not name.endswith(f"-{role}"):
            context.say(f"role {role} is in profile {name}")


def undo(context: Context, done: Record) -> str:
    """Take the block out; the names that were noted go with the project's folder.

    Where another project has profiles in the file, folders that were made for it are left to that one.
    """
    if once.is_no(done):
        return ""
    line = rc_file.undo(done.facts)
    if done.facts.get("folders") and Path(done.facts["file"]).exists():
        handover.hand_over(done, context, shares=lambda root: bool(_records(root, context)))
    for found in _records(context.root, context):
        new_folders.remove_empty(found.facts.get("folders", ""))
    return line


def _records(root: Path, context: Context) -> list[Record]:
    return [found for found in Journal(root, context.environ).read() if found.step == NAME]


def _unwanted(context: Context) -> Finding:
    if _blocks(context):
        return Finding(State.CHANGE, f"would take its profiles out of {_short(_file(context), context)}")
    return Finding(State.DONE, "no profiles, as you chose")


def _wanted(context: Context) -> _Wanted:
    """Return the edit, and the names. Raises ConfigError where roles.toml or `.env` is wrong."""
    project, environ, name = _project(context), _sdk_environ(context), _block_name(context.root)
    kept = text_of(Path(profile_text.path(environ, "AWS_SHARED_CREDENTIALS_FILE")))
    found: dict[str, str] = {}

    def body(text: str) -> str:
        own = block.find(text, name)
        rest = text[: own.start] + text[own.end :] if own else text
        others = profile_text.sections(rest, kept)
        by_hand = _served(others, project)
        found.update(section.names(project, others, by_hand))
        return section.text(project, found, without=by_hand.values()) or section.HEAD

    edit = rc_file.plan(_file(context), body, name=name, mode=MODE)
    if not found:  # edited by hand: what it has, counts
        found = _served(profile_text.sections(edit.before or ""), project)
    return _Wanted(edit, found, project.place)


def _served(profiles: Mapping[str, list[str]], project: Project) -> dict[str, str]:
    """Return the roles of `project` that are in these profiles, each with the profile's name."""
    asked = {name: profile_text.our_role(lines, project.root) for name, lines in profiles.items()}
    named = {name: role for name, role in asked.items() if not section.PLAIN.search(name)}
    return {role: name for name, role in named.items() if role in project.roles}


def _project(context: Context) -> Project:
    """Return the project; where its roles.toml is still to be written, with the roles it will have."""
    project = config.load(context.root, environ=context.environ)
    if not context.answers.roles:
        return project
    declared = reader.parse(context.root / config.ROLES_FILE, context.answers.roles)
    return replace(
        project, roles=dict(declared.roles), declared_region=project.declared_region or declared.region
    )


def _declares(context: Context) -> bool:
    try:
        return _project(context).delivery == "profile"
    except ConfigError:
        return False  # other steps say what is wrong with it


def _blocks(context: Context) -> list[str]:
    """Return the name of this project's block where the AWS config has it."""
    own = _block_name(context.root)
    text = text_of(_file(context))
    return [name for name in block.names(text) if name == own]


def _file(context: Context) -> Path:
    """Return the AWS config that the project's SDKs read."""
    return Path(profile_text.path(_sdk_environ(context), "AWS_CONFIG_FILE"))


def _sdk_environ(context: Context) -> Mapping[str, str]:
    try:
        return aws_environment.of(config.load(context.root, environ=context.environ))
    except ConfigError:
        return aws_environment.plain(context.environ)


def _block_name(root: Path) -> str:
    """Return the project's folder as one word."""
    return quote(str(root.resolve()), safe="/~+,=@:")


def _short(path: Path, context: Context) -> str:
    return paths.short(path, environ=context.environ)
