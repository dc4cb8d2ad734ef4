"""A person's answer about what setup offers: asked for once, kept in the journal, changed by a flag.

Must not know what is offered.
"""

from rolecall.workstation.steps import handover, journal
from rolecall.workstation.steps.step import Context, Record, record

DECLINED = "declined"
YES, NO = "yes", "no"


def answered(context: Context, step: str, *, is_shared: bool = False) -> str:
    """Return what an earlier run was told about `step`: "yes", "no", or nothing.

    With `is_shared`, an answer in another project counts as much: the latest one.
    """
    journals = (journal.of(context), *(handover.others(context) if is_shared else ()))
    found = [last for own in journals if (last := own.last(step))]
    if not found:
        return ""
    return NO if is_no(max(found, key=lambda last: last.at)) else YES


def is_wanted(context: Context, step: str, flag: str, *, is_shared: bool = False) -> bool:
    """Return whether the person wants `step`: by a flag of this run, else as they answered once."""
    return (flag or answered(context, step, is_shared=is_shared)) == YES


def is_no(done: Record) -> bool:
    """Return whether a record says that the person wants none of it."""
    return DECLINED in done.facts


def decline(context: Context, step: str) -> None:
    """Note that the person wants none of it, so that they are not asked again."""
    context.journal(record(step, **{DECLINED: "True"}))
