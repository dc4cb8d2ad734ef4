"""The offers of setup beside what it needs: each is asked about once, and no is the default.

Must not know how any of it is brought about.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

from rolecall.workstation.profiles import step as profiles
from rolecall.workstation.prompt import name, quiet
from rolecall.workstation.setup.screen import Screen
from rolecall.workstation.steps import once
from rolecall.workstation.steps.step import Context


@dataclass(frozen=True, slots=True)
class Offer:
    """One step that nobody needs: its name in Answers, the question, and where it is worth asking."""

    step: str
    answer: str
    question: str
    wanted: Callable[[Context], bool]
    is_worth_asking: Callable[[Context], bool] = lambda _: True
    is_shared: bool = True


OFFERS = (
    Offer(
        profiles.NAME,
        "profiles",
        "Also write a profile for each role into your AWS config, for IDEs, Terraform and long runs?",
        profiles.wanted,
        is_shared=False,
    ),
    Offer(name.NAME, "prompt", "Show the role's name in your prompt?", name.wanted, name.is_used),
    Offer(
        quiet.NAME,
        "quiet_direnv",
        "Let direnv no longer list every variable on `cd` (hide_env_diff in your direnv.toml)?",
        quiet.wanted,
        lambda context: not quiet.is_set(context) and quiet.is_known(context),
    ),
)


def made(context: Context, screen: Screen) -> Context:
    """Return `context` with the person's answers, where they were never asked and can be."""
    for offer in OFFERS:
        flag = getattr(context.answers, offer.answer)
        if flag == once.NO:
            once.decline(context, offer.step)
        elif not flag and _is_open(offer, context, screen):
            if screen.confirm(offer.question, default=False):
                answers = replace(context.answers, **{offer.answer: once.YES})  # type: ignore[arg-type] # a str
                context = replace(context, answers=answers)
            else:
                once.decline(context, offer.step)
    return context


def _is_open(offer: Offer, context: Context, screen: Screen) -> bool:
    """Return whether to ask: not in the sandbox, not where --yes answers, and once."""
    answers = context.answers
    if answers.sandbox or answers.yes or not screen.can_ask() or offer.wanted(context):
        return False
    return not once.answered(context, offer.step, is_shared=offer.is_shared) and offer.is_worth_asking(
        context
    )
