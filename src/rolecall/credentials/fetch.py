"""Fetching one session: from the identity through every hop of the chain.

Owns: the walk along the chain.
Must not: cache, lock, or read files.
Called by: the broker alone.
"""

import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from rolecall.credentials import identity, sts
from rolecall.credentials.model import Identity, Session, renew_at
from rolecall.project.config import Project
from rolecall.project.roles import Chain
from rolecall.system.clock import Deadline

if TYPE_CHECKING:
    import botocore.session


def session(
    project: Project,
    chain: Chain,
    who: Identity,
    fingerprint: str,
    deadline: Deadline,
    environ: Mapping[str, str],
    *,
    clock: Callable[[], float] = time.time,
) -> Session:
    """Return a new session of the chain's role. Raises CredentialError or LoginNeededError."""
    source = identity.sdk_session(who, environ=environ)
    answer: Mapping[str, Any] = {}
    for hop in chain.hops:
        client = sts.client(
            source,
            region=hop.region or project.region,
            endpoint=project.endpoint,
            timeout_seconds=max(0.1, deadline.seconds_left),
            arn=hop.role_arn,
        )
        answer = sts.assume(client, chain, hop, project_name=project.name)
        source = _holding(answer)
    return _session(answer, project, chain, fingerprint, clock())


def _holding(answer: Mapping[str, Any]) -> "botocore.session.Session":
    import botocore.session

    keys = answer["Credentials"]
    holder = botocore.session.Session()
    holder.set_credentials(keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"])
    return holder


def _session(answer: Mapping[str, Any], project: Project, chain: Chain, fingerprint: str, now: float) -> Session:
    keys, user, role = answer["Credentials"], answer["AssumedRoleUser"], chain.role
    expiration = sts.expiration(answer)
    return Session(
        role=role.name,
        role_arn=role.role_arn,
        account=user["Arn"].split(":")[4],
        assumed_arn=user["Arn"],
        assumed_id=user["AssumedRoleId"],
        key_id=keys["AccessKeyId"],
        secret=keys["SecretAccessKey"],
        token=keys["SessionToken"],
        expiration=expiration,
        renew_at=renew_at(now, int(expiration.timestamp())),
        region=role.region or project.region,
        fingerprint=fingerprint,
        protected=role.protected,
    )
