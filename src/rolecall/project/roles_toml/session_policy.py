"""The session policies of `envrc.d/roles.toml`: a file of the project each, read and checked."""

from __future__ import annotations

import json
import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from rolecall.project.input_files import InputFiles
    from rolecall.project.roles_toml.toml_file import TomlSource

POLICY_KEYS = ("Version", "Id", "Statement")
POLICY = frozenset(POLICY_KEYS)


def allows(policy: str) -> bool:
    """Return whether a session policy allows anything, or is none that can be understood."""
    document = json.loads(policy)
    statements = document.get("Statement", []) if isinstance(document, dict) else [None]
    listed = statements if isinstance(statements, list) else [statements]
    return any(not isinstance(one, dict) or one.get("Effect") != "Deny" for one in listed)


def read(source: TomlSource, where: str, name: str, reader: InputFiles) -> str:
    """Return the policy in the file `name`, beside `roles.toml`, as STS takes it. Raises ConfigError."""
    # Going up by the text of the path, as workstation.review.sources does: it shows what is read here.
    path = os.path.normpath(os.path.join(os.path.dirname(source.path), name))
    if not path.startswith(os.path.join(os.path.normpath(reader.root), "")):
        says = f"{name} is outside the project, where no review shows a change of it; have it in envrc.d/"
        raise source.fail(where, "session_policy", says)
    text = reader.text(path)
    if text is None:
        raise source.fail(where, "session_policy", f"no file {path}")
    try:
        policy = json.loads(text)
    except ValueError as problem:
        raise source.fail(where, "session_policy", f"{path} is not JSON: {problem}") from None
    # STS shows the policy to the role's owner: any other JSON (a login's token, say) must not be sent there.
    if not isinstance(policy, dict) or not POLICY.issuperset(policy):
        says = f"{path} is not a policy: a JSON object of {', '.join(POLICY_KEYS)}"
        raise source.fail(where, "session_policy", says)
    return json.dumps(policy, separators=(",", ":"))  # STS limits the policy's packed size
