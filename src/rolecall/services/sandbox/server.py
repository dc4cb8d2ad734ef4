"""The sandbox's process: moto behind the gate, with a user, its keys and the roles already there.

Run detached, as `python -m rolecall.services.sandbox.server`; its keys come by stdin. Must not be imported
by other modules (moto is heavy), or write a file.
"""

import json
import logging
import os
import signal
import sys
from typing import Any

from rolecall.system.loopback import HOST

REGION = "us-east-1"  # where moto keeps what IAM has once for each partition
USER = "developer"
ANYONE = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "*"}
TRUST = {"Version": "2012-10-17", "Statement": [ANYONE]}


def main() -> None:
    """Read {"port", "key_id", "secret", "roles"} from stdin and serve until told to stop."""
    wanted = json.load(sys.stdin)
    os.chdir("/")  # hold no folder of the user
    os.environ["MOTO_PORT"] = str(wanted["port"])
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: os._exit(0))  # moto has nothing to save
    _seed_user(wanted["key_id"], wanted["secret"])
    for arn in wanted["roles"]:
        _seed_role(arn)
    _serve(wanted["port"])


def _seed_user(key_id: str, secret: str) -> None:
    from moto.core.models import DEFAULT_ACCOUNT_ID
    from moto.iam.models import iam_backends

    iam = iam_backends[DEFAULT_ACCOUNT_ID]["aws"]
    iam.create_user(region_name=REGION, user_name=USER)
    key = iam.create_access_key(USER)
    del iam.access_keys[key.physical_resource_id]
    key.access_key_id, key.secret_access_key = key_id, secret
    iam.access_keys[key_id] = key


def _seed_role(arn: str) -> None:
    from moto.iam.models import iam_backends

    parts = arn.split(":", 5)
    path, _, name = parts[5].removeprefix("role").rpartition("/")
    iam_backends[parts[4]][parts[1]].create_role(
        role_name=name,
        assume_role_policy_document=json.dumps(TRUST),
        path=f"{path}/",
        permissions_boundary=None,
        description="made by the sandbox",
        tags=[],
        max_session_duration="43200",
    )


def _serve(port: int) -> None:
    from moto.moto_server.werkzeug_app import (
        DomainDispatcherApplication,
        MotoRequestHandler,
        create_backend_app,
    )
    from moto.sts import models as _  # noqa: F401 - imported now: the first answer is not to be the slow one
    from werkzeug.serving import run_simple

    from rolecall.services.sandbox.gate import Gate

    logging.getLogger("werkzeug").setLevel(logging.ERROR)  # request lines may hold signed URLs
    application: Any = DomainDispatcherApplication(create_backend_app)
    run_simple(HOST, port, Gate(application), threaded=True, request_handler=MotoRequestHandler)


if __name__ == "__main__":
    main()
