"""The table of failures: how each is recognised, what is said, and what helps."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from rolecall.errors import CredentialError


def error(code: str, **facts: str | None) -> "CredentialError":
    """Return the error `code` of the table. The table is loaded only where something failed."""
    from rolecall.credentials.failures import table

    return table.error(code, **facts)
