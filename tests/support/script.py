"""A person with prepared answers."""

from collections.abc import Iterator

from rolecall.system.person.person import Person


class Script:
    """Answers in turn, and keeps what was asked and said."""

    def __init__(self, *answers: str) -> None:
        self.answers: Iterator[str] = iter(answers)
        self.asked: list[str] = []
        self.said: list[str] = []

    def ask(self, question: str, *, default: str = "") -> str:
        """Answer, and remember the question."""
        self.asked.append(f"{question} [{default}]")
        return next(self.answers).strip() or default

    def secret(self, question: str) -> str:
        """Answer without an echo."""
        return self.ask(question)

    def person(self) -> Person:
        """Return this script as the person at the terminal."""
        return Person(can_ask=lambda: True, say=self.said.append, ask=self.ask, ask_secret=self.secret)
