"""`cd` into a project and you hold the right AWS role; leave, and it is gone.

Owns: the names a program may import (`session`, `credentials`).
Must not: import boto3 or anything heavy before one of them is called.
Called by: users' programs, and the pytest plugin.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import boto3

    from rolecall.credentials.model import Session

__all__ = ["credentials", "session"]
