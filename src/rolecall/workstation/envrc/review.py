"""Show a person how `.envrc` would change, and go on only with their consent."""

from dataclasses import replace

from rolecall.errors import ConfigError, UsageError
from rolecall.workstation.envrc import allow, approval, draft, merge
from rolecall.workstation.envrc.draft import OWN_LINES, Case, Draft
from rolecall.workstation.envrc.runtime import FILE
from rolecall.workstation.envrc.way import Way
from rolecall.workstation.steps import git
from rolecall.workstation.steps.step import Context

BACKUP = ".envrc.before-rolecall"


def agreed(context: Context, planned: Draft) -> Draft:
    """Return the draft that the person agreed to. Raises UsageError where they did not."""
    if planned.needs_decision:
        return _decided(context, planned)
    if planned.case is Case.ABSENT or planned.new == planned.old:
        return planned
    was_allowed = allow.is_allowed(context.root / FILE, environ=context.environ)
    context.show(_difference(planned))
    if not context.confirm(f"Write this to {FILE}{', and let direnv run it' if was_allowed else ''}?"):
        return _rendered_instead(context, planned)
    if was_allowed:
        approval.remember_seen(planned.new, context)
    return planned


def _rendered_instead(context: Context, refused: Draft) -> Draft:
    """Offer the other way to a person whose own `.envrc` should not get the line. Raises UsageError."""
    is_personal = (
        refused.case is Case.FOREIGN and refused.way is Way.LINE and not git.tracks(context.root, FILE)
    )
    if is_personal and not context.answers.envrc:
        question = f"Move your lines to envrc.d/{OWN_LINES} instead, and let rolecall render {FILE}?"
        if context.confirm(question):
            return draft.make(replace(context, answers=replace(context.answers, envrc=Way.RENDERED)))
    raise UsageError("not-confirmed", f"{FILE} was left as it is", hint="invoke render")


def _decided(context: Context, planned: Draft) -> Draft:
    problem = "was edited where rolecall changes it too"
    if context.answers.yes:
        raise ConfigError(
            f"envrc-{planned.case}",
            f"{context.root / FILE} {problem}; keep it with --on-edit keep, or replace it"
            f" (yours then stays as {BACKUP})",
            hint="invoke render --on-edit replace",
        )
    replaced = replace(planned, new=planned.rendered, conflicts=0)
    context.show(_difference(replaced))
    if context.confirm(f"{FILE} {problem}. Replace it? Yours is kept as {BACKUP}"):
        return replaced
    raise UsageError("not-confirmed", f"{FILE} was left as it is", hint="invoke render --on-edit keep")


def _difference(planned: Draft) -> str:
    """Return the change as a diff; of a file whose lines all go elsewhere, those lines."""
    if planned.way is Way.LINE or planned.case is Case.EDITED or planned.case is Case.RENDERED:
        return merge.diff(planned.old, planned.new, FILE)
    gone = "\n".join(f"-{line}" for line in planned.old.splitlines())
    own = planned.own
    moved = f"+({len(own.text.splitlines())} lines in envrc.d/{own.name})\n" if own else ""
    return f"{gone}\n{moved}+({len(planned.new.splitlines())} lines rendered from envrc.d/)"
