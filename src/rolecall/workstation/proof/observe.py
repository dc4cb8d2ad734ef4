"""What a program started in a shell sees: run inside the shells of the proof, it writes that down.

Owns: the shape of a statement. Must hold no secret: names and yes or no, never a value of a credential.
Must not: be imported by anything else than the proof.
Called by: `python -m rolecall.workstation.proof.observe FILE`, typed into a shell by the proof.
"""

import json
import os
import sys
from pathlib import Path
from typing import Any

CONNECT_SECONDS, READ_SECONDS = 3, 8
OURS = ("AWS_", "ROLECALL_", "DIRENV_", "ROLE_ARN")


def statement(*, is_asking: bool) -> dict[str, Any]:
    """Return what this process sees; where `is_asking`, with who STS says we are."""
    seen: dict[str, Any] = {
        "role": os.environ.get("ROLECALL_ROLE", ""),
        "names": sorted(name for name in os.environ if name.startswith(OURS)),
        "path": os.environ.get("PATH", "").split(os.pathsep),
    }
    if is_asking and "AWS_ACCESS_KEY_ID" in seen["names"]:
        seen |= _asked()
    return seen


def _asked() -> dict[str, str]:
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
    return {"arn": caller["Arn"], "account": caller["Account"]}


def main(file: Path) -> None:
    """Write the statement to `file`, whole."""
    temporary = file.with_suffix(".part")
    temporary.write_text(json.dumps(statement(is_asking=file.stem == "inside")), encoding="utf-8")
    temporary.replace(file)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
