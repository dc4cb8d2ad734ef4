"""Doctor's findings, for tests that look one up."""

from collections.abc import Iterator

from rolecall.workstation.doctor.symptom import Symptom


def by_id(found: Iterator[Symptom]) -> dict[str, Symptom]:
    """Return the symptoms by their ids."""
    return {symptom.id: symptom for symptom in found}
