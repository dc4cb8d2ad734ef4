"""`cd` into a project and you hold the right AWS role; leave, and it is gone.

The names a program may import: `session` and `frozen_credentials`. Must not import boto3 or anything heavy
before one of them is called.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pathlib import Path

    import boto3

    from rolecall.credentials.model import Session

__all__ = ["frozen_credentials", "session"]


def session(
    role: str | None = None, *, root: "Path | None" = None, region: str | None = None
) -> "boto3.Session":
    """Return a boto3 session in `role` (default: the one that applies here) that renews itself."""
    from rolecall import sdk

    return sdk.session(role, root=root, region=region)


def frozen_credentials(role: str | None = None, *, root: "Path | None" = None) -> "Session":
    """Return the frozen session of `role`: key id, secret, token, expiration, account."""
    from rolecall import sdk

    return sdk.frozen_credentials(role, root=root)
