"""The proposal for a repository that rolecall is new in: its roles, and where git is told what to ignore.

From the flags, from the person's AWS profiles, or from the person. Must not write a file.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from rolecall.credentials.identity import aws_profiles
from rolecall.credentials.identity.aws_profiles import RoleProfile
from rolecall.errors import CredentialError, UsageError
from rolecall.project import roles
from rolecall.project.env_file import own_exports
from rolecall.system.disk import paths
from rolecall.system.person.person import Person
from rolecall.workstation.envfile import account, check, questions
from rolecall.workstation.project import proposal, python
from rolecall.workstation.setup.options import SetupOptions
from rolecall.workstation.steps.step import Answers

REGIONS = ("AWS_REGION", "REGION_NAME", "AWS_DEFAULT_REGION")


@dataclass(frozen=True, slots=True)
class Adoption:
    """What is added for the team; `roles` is roles.toml, empty where `unknown` says what is not known.

    `profile` is the AWS profile that assumes the roles, as far as the chosen ones tell.
    """

    roles: str = ""
    unknown: str = ""
    profile: str = ""
    gitignore: bool = False
    python: bool = False

    def into(self, answers: Answers) -> Answers:
        """Return `answers` with this in them."""
        return replace(
            answers,
            is_new=True,
            roles=self.roles,
            unknown=self.unknown,
            gitignore=self.gitignore,
            python=self.python,
        )


@dataclass(frozen=True, slots=True)
class _Known:
    """What the machine tells before anybody is asked."""

    root: Path
    options: SetupOptions
    environ: Mapping[str, str]
    profiles: tuple[RoleProfile, ...]
    env: Mapping[str, str]

    def value(self, *names: str) -> str:
        places = (self.env, self.environ)
        return next((place[name] for place in places for name in names if place.get(name)), "")


def propose(
    root: Path, options: SetupOptions, *, environ: Mapping[str, str], person: Person | None
) -> Adoption:
    """Return what the repository at `root` gets. Asks nobody where `person` is None.

    Raises UsageError where a flag names what is not there.
    """
    ignore = options.ignore_in or ("gitignore" if (root / ".gitignore").is_file() else "exclude")
    made = Adoption(gitignore=ignore == "gitignore", python=_wants_python(root, options, person))
    if options.sandbox:
        return made
    known = _known(root, options, own_exports.removed(environ), person)
    if person is not None:
        person.say(f"new in {paths.short(root, environ=environ)}; which roles does this project use?")
    chosen = _chosen(known, person)
    if isinstance(chosen, str):
        text = proposal.of_arn(chosen, region=_region(known, "", person)) if chosen else ""
        return _with(made, text, "", known)
    text = proposal.of_profiles(chosen, known.environ, region=_region(known, chosen[0].region, person))
    return _with(made, text, _source(chosen[0], known.profiles), known)


def names_role(adopted: Adoption, options: SetupOptions) -> dict[str, str]:
    """Return the values for `.env` that the flags gave, without those that went into roles.toml."""
    kept = {n: value for n, value in options.account.items() if n not in ("ROLE_ARN", "AWS_REGION")}
    if options.profile and f"[roles.{options.profile}]" in adopted.roles:  # a role's profile assumes nothing
        kept.pop("AWS_PROFILE")
        return kept | ({"AWS_PROFILE": adopted.profile} if adopted.profile else {})
    return kept


def _with(made: Adoption, text: str, profile: str, known: _Known) -> Adoption:
    listed = ", ".join(profile.name for profile in known.profiles)
    unknown = f"give --role-arn ARN{f', or --role-from one of {listed}' if listed else ''}"
    return Adoption(text, "" if text else unknown, profile, made.gitignore, made.python)


def _known(root: Path, options: SetupOptions, environ: Mapping[str, str], person: Person | None) -> _Known:
    try:
        profiles = aws_profiles.found(environ)
    except CredentialError as problem:
        if person is not None:
            person.say(problem.message)
        profiles = ()
    env = account.values_of(account.read(root / account.FILE) or "")
    return _Known(root, options, environ, profiles, env)


def _chosen(known: _Known, person: Person | None) -> Sequence[RoleProfile] | str:
    """Return the profiles whose roles the project uses, or a role's ARN; an empty one is not known."""
    options = known.options
    if options.role_from:
        return [_named(name, known.profiles) for name in options.role_from]
    if options.role_arn:
        return check.value("ROLE_ARN", options.role_arn)
    if own := [profile for profile in known.profiles if profile.name == options.profile]:
        return own
    if person is None:
        return known.value("ROLE_ARN") or (known.profiles if len(known.profiles) == 1 else "")
    if not known.profiles:
        return questions.until_valid(lambda: _arn(known, person), person)
    return questions.until_valid(lambda: _picked(known, person), person)


def _picked(known: _Known, person: Person) -> Sequence[RoleProfile] | str:
    alike = known.root.name.casefold()
    near = [str(at) for at, one in enumerate(known.profiles, 1) if alike in one.name.casefold()]
    default = " ".join(near) or ("1" if len(known.profiles) == 1 else "")
    question = "Numbers or names, the default role first; or a role's ARN"
    typed = person.ask("\n".join([*_listed(known.profiles), question]), default=default)
    words = [word for word in re.split(r"[ ,]+", typed) if word]
    if words and roles.is_arn(words[0]):
        return words[0]
    if not words:
        raise UsageError("role-missing", "a project needs one role at least", hint="invoke setup")
    numbered = {str(at): one.name for at, one in enumerate(known.profiles, 1)}
    return [_named(numbered.get(word, word), known.profiles) for word in dict.fromkeys(words)]


def _listed(profiles: Sequence[RoleProfile]) -> Iterator[str]:
    width = max(len(profile.name) for profile in profiles)
    for number, profile in enumerate(profiles, 1):
        yield f"{number:>4}  {profile.name:<{width}}  {profile.account}  {profile.role}"


def _named(name: str, profiles: Sequence[RoleProfile]) -> RoleProfile:
    found = next((profile for profile in profiles if profile.name == name), None)
    if found is None:
        listed = ", ".join(profile.name for profile in profiles) or "none"
        says = f"no profile {name} of your AWS config names a role (those that do: {listed})"
        raise UsageError("profile-missing", says, hint="invoke setup --role-arn ARN")
    return found


def _arn(known: _Known, person: Person) -> str:
    return check.value("ROLE_ARN", person.ask("Role ARN", default=known.value("ROLE_ARN")))


def _region(known: _Known, of_profile: str, person: Person | None) -> str:
    region = known.options.region or of_profile or known.value(*REGIONS)
    if region or person is None:
        return check.value("AWS_REGION", region) if region else ""
    return questions.until_valid(
        lambda: check.value("AWS_REGION", person.ask("Region", default="us-east-1")), person
    )


def _source(profile: RoleProfile, profiles: Sequence[RoleProfile]) -> str:
    """Return the profile that assumes the first role of the chain to `profile`."""
    by_name = {one.name: one for one in profiles}
    seen = [profile.name]
    while (source := by_name[seen[-1]].source) in by_name and source not in seen:
        seen.append(source)
    return source if source not in seen else ""


def _wants_python(root: Path, options: SetupOptions, person: Person | None) -> bool:
    if options.python or person is None or not python.is_python(root) or not python.offers(root):
        return options.python
    question = (
        "This is a Python project. Also add rolecall to its development dependencies and its tasks.py? [y/N]"
    )
    return person.ask(question).lower() in ("y", "yes")
