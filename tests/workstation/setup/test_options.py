"""The flags of setup as one value."""

import pytest

from rolecall.errors import UsageError
from rolecall.workstation.setup.options import SetupOptions


def test_account_when_some_flags_are_given_then_holds_their_values_alone() -> None:
    """A flag that was not given is no value for `.env`, not even an empty one."""
    assert SetupOptions(profile="work", region="eu-west-1").account == {
        "AWS_PROFILE": "work",
        "AWS_REGION": "eu-west-1",
    }


@pytest.mark.parametrize(
    ("options", "code"),
    [
        (SetupOptions(sandbox=True, profile="work"), "sandbox-or-account"),
        (SetupOptions(sandbox=True, region="eu-west-1"), "sandbox-or-account"),
        (SetupOptions(json=True), "json-plan"),
        (SetupOptions(profiles=True, no_profiles=True), "profiles-or-none"),
        (SetupOptions(quiet_direnv=True, no_quiet_direnv=True), "quiet-direnv-or-none"),
        (SetupOptions(on_edit="overwrite"), "on-edit"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_validated_when_flags_contradict_each_other_then_refuses(options: SetupOptions, code: str) -> None:
    """Each contradiction has its own code and a command to type instead."""
    with pytest.raises(UsageError) as caught:
        options.validated()
    assert caught.value.code == code
    assert caught.value.hint.startswith("invoke ")


def test_validated_when_flags_agree_then_returns_the_same_options() -> None:
    """A plan may be printed as JSON, also for the sandbox."""
    options = SetupOptions(sandbox=True, plan=True, json=True, on_edit="keep")
    assert options.validated() is options
