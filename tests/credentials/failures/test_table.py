"""The table of failures as a whole: what passes by itself, and how a row is worded and documented."""

from rolecall.credentials.failures import table


def test_row_when_it_passes_by_itself_then_tried_again() -> None:
    """A refusal stays one; these three are a matter of a moment."""
    passing = [code for code, row in table.ROWS.items() if row.is_transient]
    assert passing == ["throttled", "aws-down", "connection-lost"]


def test_table_when_rows_are_chosen_then_those_alone_with_what_helps() -> None:
    """The command for keys in `.env`, or where there is none, the advice at the end of the message."""
    first, second = table.table(("clock-off", "explicitly-denied")).splitlines()[2:]
    assert first.startswith("| `explicitly-denied` | a policy with an explicit deny")
    assert first.endswith(" | only the owner of that policy can change this |")
    assert second == "| `clock-off` | this machine's clock is off | `sudo timedatectl set-ntp true` |"


def test_error_when_it_is_about_no_role_then_its_hint_names_none() -> None:
    """Nor does its message begin with one."""
    about = table.error("mfa-needed", role="dev")
    assert (about.message, about.hint) == ("role dev: it needs an MFA code", "invoke assume --role dev")
    about = table.error("mfa-needed")
    assert (about.message, about.hint) == ("it needs an MFA code", "invoke assume")


def test_error_when_nobody_is_named_then_in_general_words() -> None:
    """Not with a hole."""
    assert (
        "this identity may not take x: there is no such role" in table.error("trust-denied", arn="x").message
    )
    assert table.error("token-invalid").message.startswith("the source identity: its session token")
