"""The two ways a request to STS fails: AWS answered no, or nothing that AWS said came back.

Neither is a RolecallError: which failure they mean for which role is for others to say.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any, TypeVar

    E = TypeVar("E", bound=Exception)


class AwsRefusedError(Exception):
    """An error answer; `response` has the shape of botocore's ClientError.response."""

    def __init__(self, operation: str, response: "Mapping[str, Any]") -> None:
        error = response["Error"]
        super().__init__(f"{operation}: {error['Code']}: {error['Message']}")
        self.operation, self.response = operation, response

    def redact(self, secrets: "Iterable[str]") -> None:
        """Take `secrets` out of what AWS said: it quotes a request whose signature is wrong."""
        from rolecall.system.text import redaction

        error = self.response["Error"]
        for secret in secrets:
            error["Message"] = error["Message"].replace(secret, redaction.REMOVED)
        error["Message"] = redaction.redacted(error["Message"])
        self.args = (f"{self.operation}: {error['Code']}: {error['Message']}",)


class AwsUnreachableError(Exception):
    """No answer of AWS's; `code` is a code of the table of failures, `kwargs` what its row may name."""

    def __init__(self, code: str, error: str) -> None:
        super().__init__(f"{code}: {error}")
        self.code = code
        self.kwargs = {"endpoint_url": "", "error": error, "proxy_url": ""}

    def at(self, endpoint_url: str, proxy_url: str = "") -> "AwsUnreachableError":
        """Return this error with the addresses it was about, where none were known yet."""
        self.kwargs["endpoint_url"] = self.kwargs["endpoint_url"] or endpoint_url
        self.kwargs["proxy_url"] = self.kwargs["proxy_url"] or proxy_url
        return self


def without_frames(problem: "E") -> "E":
    """Return `problem` without where it was raised: those frames hold the request and the answer."""
    if problem.__cause__ is not None:
        problem.__cause__.__traceback__ = None
    return problem.with_traceback(None)
