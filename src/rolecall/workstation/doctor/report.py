"""Doctor's report: the steps' own checks and the symptoms, in order, as lines or as JSON.

Checks nothing itself. It also knows which repairs are safe to do unasked.
"""

import json
from collections.abc import Sequence

from rolecall.errors import RolecallError
from rolecall.system import command
from rolecall.workstation.doctor import direnv, env_files, envrc, identity, network, programs, shells
from rolecall.workstation.doctor.symptom import Level, Symptom, fine, problem
from rolecall.workstation.envfile import step as env_step
from rolecall.workstation.steps import engine, git_exclude
from rolecall.workstation.steps import sandbox as sandbox_step
from rolecall.workstation.steps.journal import Journal
from rolecall.workstation.steps.step import Context, State, Step

# Steps that --fix applies: none changes a file of the person's, approves code, or installs a program.
SAFE = (git_exclude.NAME, env_step.NAME, sandbox_step.NAME)
SIGNS = {Level.OK: "ok", Level.FACT: "  ", Level.NOTE: "? ", Level.PROBLEM: "! "}
LOOKS = (
    env_files.look,
    envrc.look,
    direnv.look,
    programs.look,
    shells.look,
    network.look,
    identity.look,
)


def examine(steps: Sequence[Step], context: Context) -> list[Symptom]:
    """Return every symptom. Changes nothing; asks STS who the identity is, and one unsigned question."""
    found = [_of_step(step, context) for step in steps]
    for look in LOOKS:
        try:
            found.extend(look(context))
        except RolecallError as cause:
            found.append(problem(cause.code, cause.message, cause.hint))
    return found


def mend(steps: Sequence[Step], context: Context, symptoms: Sequence[Symptom]) -> list[str]:
    """Do what is safe about `symptoms`, and return the ids of what was mended."""
    problems = [symptom for symptom in symptoms if symptom.level is Level.PROBLEM]
    wrong = {symptom.id for symptom in problems}
    safe = [step for step in steps if step.name in SAFE and step.name in wrong]
    engine.apply(safe, context, Journal(context.root, context.environ))
    mended = [step.name for step in safe]
    for symptom in problems:
        if symptom.mend is not None:
            symptom.mend()
            mended.append(symptom.id)
    return mended


def exit_code(symptoms: Sequence[Symptom]) -> int:
    """Return 1 where anything is a problem, else 0."""
    return int(any(symptom.level is Level.PROBLEM for symptom in symptoms))


def as_lines(symptoms: Sequence[Symptom]) -> list[tuple[Level, str]]:
    """Return the report for people, a level with each line: what is wrong in full, what is right counted."""
    width = max((len(symptom.id) for symptom in symptoms), default=0)
    lines: list[tuple[Level, str]] = []
    for symptom in symptoms:
        if symptom.level is not Level.OK:
            detail = command.spoken(symptom.detail)
            lines.append((symptom.level, f"{SIGNS[symptom.level]} {symptom.id:<{width}}  {detail}"))
            if symptom.fix:
                lines.append((Level.OK, f"   {'':<{width}}  try: {command.spoken(symptom.fix)}"))
    good = sum(symptom.level is Level.OK for symptom in symptoms)
    bad = sum(symptom.level is Level.PROBLEM for symptom in symptoms)
    checks = sum(symptom.level is not Level.FACT for symptom in symptoms)
    counted = f"all {good}" if good == checks else f"{good} of {checks}"
    needed = f", {bad} need{'s' if bad == 1 else ''} you" if bad else ""
    return [*lines, (Level.OK, f"{counted} checks are fine{needed}")]


def as_json(symptoms: Sequence[Symptom]) -> str:
    """Return the report for scripts."""
    rows = [
        {
            "id": symptom.id,
            "level": str(symptom.level),
            "detail": command.spoken(symptom.detail),
            "fix": command.spoken(symptom.fix),
        }
        for symptom in symptoms
    ]
    return json.dumps({"checks": rows, "exit_code": exit_code(symptoms)}, indent=2)


def _of_step(step: Step, context: Context) -> Symptom:
    finding = engine.find(step, context)
    if finding.state is State.DONE:
        return fine(step.name, finding.detail)
    level = Level.NOTE if step.optional else Level.PROBLEM
    return Symptom(step.name, level, finding.detail, finding.hint or step.hint)
