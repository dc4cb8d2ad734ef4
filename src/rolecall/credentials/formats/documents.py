"""A session as a JSON document: as STS answers, and as `credential_process` does."""

import json
from collections.abc import Mapping

from rolecall.credentials.model import Session
from rolecall.credentials.store import warm
from rolecall.credentials.variables import environment


def sts(session: Session, _more: Mapping[str, str]) -> str:
    """Return the shape that `aws sts assume-role` prints."""
    answer = {
        "Credentials": {
            "AccessKeyId": session.key_id,
            "SecretAccessKey": session.secret.reveal(),
            "SessionToken": session.token.reveal(),
            "Expiration": session.expiration.isoformat(),
        },
        "AssumedRoleUser": {"AssumedRoleId": session.assumed_id, "Arn": session.assumed_arn},
    }
    return json.dumps(answer, indent=2) + "\n"


def process(session: Session, _more: Mapping[str, str]) -> str:
    """Return the shape that an SDK expects of `credential_process`."""
    return warm.process_reply(environment(session))
