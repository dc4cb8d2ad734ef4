"""The worked example: what it needs of AWS is a parameter, so that a test can hand it in."""

import logging
from typing import Any

LOG = logging.getLogger(__name__)
MOST = 10


def hello_ec2(ec2_resource: Any) -> list[str]:
    """List up to ten security groups in the log; return their ids."""
    groups = list(ec2_resource.security_groups.limit(MOST))
    LOG.info("%d security groups:", len(groups))
    for group in groups:
        LOG.info("  %s  %s", group.id, group.group_name)
    return [group.id for group in groups]
