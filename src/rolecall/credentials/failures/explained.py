"""A block whose failures are explained: what an SDK or our client raises becomes a row of the table.

A `cd` loads this module; the table itself is loaded only where something failed.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from rolecall.credentials.failures.about import About


class explained:  # noqa: N801 - reads as a word in a with statement
    """A block in which what an SDK raises becomes a CredentialError of the table of failures."""

    def __init__(self, about: "About") -> None:
        self.about = about

    def __enter__(self) -> None:
        """Nothing to prepare."""

    def __exit__(self, kind: object, problem: BaseException | None, trace: object) -> None:
        """Translate."""
        if isinstance(problem, Exception):
            raise_explained(problem, self.about)


def raise_explained(problem: Exception, about: "About") -> None:
    """Raise the failure that `problem` means; return where it is none we know."""
    from rolecall.credentials.failures import recognise

    found = recognise.explain(problem, about)
    if found is not None and found is not problem:
        raise found from problem
