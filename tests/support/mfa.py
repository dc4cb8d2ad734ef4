"""A person with an MFA device, and a project whose roles want it."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from rolecall.system.person.person import Person

ROLES = """\
[project]
name = "shop"
region = "eu-west-1"
mfa_serial = "arn:aws:iam::111122223333:mfa/ann"

[roles.dev]
role_arn = "arn:aws:iam::111122223333:role/dev"
mfa = true

[roles.ops]
role_arn = "arn:aws:iam::111122223333:role/ops"
mfa = true

[roles.long]
role_arn = "arn:aws:iam::111122223333:role/long"
duration = "8h"
mfa = true

[roles.far]
role_arn = "arn:aws:iam::444455556666:role/far"
source = "plain"
mfa = true

[roles.plain]
role_arn = "arn:aws:iam::111122223333:role/plain"
"""


@dataclass
class Ann:
    """A person with a device, at a terminal, in a time of her own."""

    codes: list[str]
    now: float = field(default_factory=time.time)
    heard: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    slept: list[float] = field(default_factory=list)
    is_there: bool = True

    def ask(self, question: str) -> str:
        """Answer with the next code."""
        self.asked.append(question)
        return self.codes.pop(0)

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        self.slept.append(seconds)
        self.now += seconds

    @property
    def person(self) -> Person:
        """What the code under test sees of her."""
        return Person(
            ask_on_terminal=self.ask,
            say=self.heard.append,
            can_ask=lambda: self.is_there,
            clock=lambda: self.now,
            sleep=self.sleep,
        )


Meet = Callable[..., Ann]
