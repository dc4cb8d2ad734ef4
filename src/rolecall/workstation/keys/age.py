"""How old the identity's long-lived key is. Asks IAM, and takes no for an answer."""

import time
from collections.abc import Callable

from rolecall.credentials.aws import environment as aws_environment
from rolecall.credentials.model import masked
from rolecall.errors import RolecallError
from rolecall.project.declared import Project
from rolecall.workstation.keys import place
from rolecall.workstation.keys.iam import Iam

MOST_DAYS = 90  # IAM User Guide, "Security best practices": rotate access keys
DAY_SECONDS = 86_400


def days(project: Project, *, clock: Callable[[], float] = time.time) -> tuple[str, int] | None:
    """Return the key, cut to four, and its age in days; None where there is none, or IAM does not tell."""
    found = place.of(project)
    if found is None:
        return None
    try:
        keys = found.read()
        for one in Iam(keys, aws_environment.of(project), project.region or "us-east-1").listed():
            if one.key_id == keys.key_id:
                return masked(one.key_id), int((clock() - one.created) // DAY_SECONDS)
    except RolecallError:
        return None
    return None
