"""The types of the steps."""

from rolecall.workstation.steps import step as steps


def test_record_when_made_then_has_the_time_in_utc() -> None:
    """A journal line says when, with its zone."""
    assert steps.record("x", a="b").at.endswith("Z")
