"""Write down what a program started in a shell sees: the proof types this module's command into its shells.

Holds no secret: it writes names and yes or no, never the value of a credential.
"""

import json
import os
import sys
from pathlib import Path
from typing import Any

CONNECT_SECONDS, READ_SECONDS = 3, 8
OURS = ("AWS_", "ROLECALL_", "DIRENV_", "ROLE_ARN")


def observation(*, is_asking: bool) -> dict[str, Any]:
    """Return what this process sees; where `is_asking`, also who STS says it is."""
    seen: dict[str, Any] = {
        "role": os.environ.get("ROLECALL_ROLE", ""),
        "names": sorted(name for name in os.environ if name.startswith(OURS)),
        "path": os.environ.get("PATH", "").split(os.pathsep),
    }
    if is_asking and not {"AWS_ACCESS_KEY_ID", "AWS_PROFILE"}.isdisjoint(seen["names"]):
        seen |= _caller()
    return seen


def _caller() -> dict[str, str]:
    import boto3
    import botocore.config
    import botocore.exceptions

    config = botocore.config.Config(
        connect_timeout=CONNECT_SECONDS, read_timeout=READ_SECONDS, retries={"total_max_attempts": 1}
    )
    try:
        caller = boto3.client("sts", config=config).get_caller_identity()
    except (botocore.exceptions.BotoCoreError, botocore.exceptions.ClientError) as problem:
        return {"problem": str(problem)}
    return {"arn": caller["Arn"]}


def main(file: Path) -> None:
    """Write the observation to `file`, whole."""
    temporary = file.with_suffix(".part")
    temporary.write_text(json.dumps(observation(is_asking=file.stem == "inside")), encoding="utf-8")
    temporary.replace(file)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
