"""Whether the login shell renews its role by itself. The steps say whether it is set up at all."""

from collections.abc import Iterator

from rolecall.workstation.doctor.symptom import Symptom, fine, note
from rolecall.workstation.shells import by_hand, dialects
from rolecall.workstation.steps.step import Context


def look(context: Context) -> Iterator[Symptom]:
    """Yield renewal."""
    name = dialects.login_shell(context.environ)
    if name and name not in dialects.DIALECTS:
        yield note("renewal", f"your shell is {name}: {by_hand.NEVER_RENEWS}", by_hand.RENEW)
    else:
        yield fine("renewal", "an open shell renews its role at the prompt")
