"""Show a person how `.envrc` would change, and go on only with their consent."""

from dataclasses import replace

from rolecall.errors import ConfigError, UsageError
from rolecall.workstation.envrc import allow, approval, merge
from rolecall.workstation.envrc.draft import FILE, Case, Draft
from rolecall.workstation.steps.step import Context

BACKUP = ".envrc.before-rolecall"


def agreed(context: Context, draft: Draft) -> Draft:
    """Return the draft that the person agreed to. Raises UsageError where they did not."""
    if draft.needs_decision:
        return _decided(context, draft)
    if draft.case is Case.ABSENT or draft.new == draft.old:
        return draft
    was_allowed = allow.is_allowed(context.root / FILE, environ=context.environ)
    context.show(_difference(draft))
    if not context.confirm(f"Write this to {FILE}{', and let direnv run it' if was_allowed else ''}?"):
        raise UsageError("not-confirmed", f"{FILE} was left as it is", hint="invoke render")
    if was_allowed:
        approval.remember_seen(draft.new, context)
    return draft


def _decided(context: Context, draft: Draft) -> Draft:
    is_foreign = draft.case is Case.FOREIGN
    problem = "was not rendered by rolecall" if is_foreign else "was edited where rolecall changes it too"
    if context.answers.yes:
        raise ConfigError(
            f"envrc-{draft.case}",
            f"{context.root / FILE} {problem}; keep it with --on-edit keep, or replace it"
            f" (yours then stays as {BACKUP})",
            hint="invoke render --on-edit replace",
        )
    replaced = replace(draft, new=draft.rendered, conflicts=0)
    context.show(_difference(replaced))
    if context.confirm(f"{FILE} {problem}. Replace it? Yours is kept as {BACKUP}"):
        return replaced
    raise UsageError("not-confirmed", f"{FILE} was left as it is", hint="invoke render --on-edit keep")


def _difference(draft: Draft) -> str:
    """Return the change as a diff; of a file that is replaced as a whole, the lines that go."""
    if draft.case is not Case.FOREIGN:
        return merge.diff(draft.old, draft.new, FILE)
    gone = "\n".join(f"-{line}" for line in draft.old.splitlines())
    return f"{gone}\n+({len(draft.new.splitlines())} lines rendered from envrc.d/)"
