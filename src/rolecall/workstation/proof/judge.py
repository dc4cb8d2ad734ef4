"""Judge what one shell showed: before it entered the project, inside, and after it left. Starts nothing."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rolecall.workstation.venv import state


@dataclass(frozen=True, slots=True)
class Row:
    """The result of one shell. `problem` is empty where all of it is as it should be."""

    shell: str
    role: str = ""
    identity: str = ""
    has_venv: bool = False
    is_clean_after: bool = False
    problem: str = ""

    @property
    def is_ok(self) -> bool:
        """Whether everything held."""
        return not self.problem


def judged(
    name: str,
    root: Path,
    before: Mapping[str, Any],
    inside: Mapping[str, Any],
    after: Mapping[str, Any] | None,
    *,
    shown: str,
) -> Row:
    """Return the row of the shell `name` from its three observations; `shown` is quoted with a problem."""
    venv = state.programs(root)
    has_venv = venv is None or str(venv) in inside["path"]
    left = sorted(set(after["names"]) - set(before["names"])) if after else []
    problems = [
        (not inside["role"] and "rolecall:" in shown, "it has no role"),
        (not inside["role"], "ROLECALL_ROLE is not set: direnv's hook did not load .envrc"),
        (not {"AWS_ACCESS_KEY_ID", "AWS_PROFILE"} & {*inside["names"]}, "it has no credentials"),
        ("problem" in inside, f"STS does not accept them: {inside.get('problem')}"),
        (":assumed-role/" not in inside.get("arn", ""), f"STS says it is {inside.get('arn')}"),
        (not has_venv, f"{venv} is not on PATH"),
        (after is None, "it came to no prompt after leaving"),
        (bool(left), f"after leaving it still has {', '.join(left)}"),
        (str(venv) in (after or {"path": []})["path"], f"after leaving {venv} is still on PATH"),
    ]
    problem = next((text for is_so, text in problems if is_so), "")
    return Row(
        name,
        role=inside["role"],
        identity=inside.get("arn", ""),
        has_venv=has_venv,
        is_clean_after=after is not None and not left,
        problem=f"{problem}; it shows: {shown}" if problem else "",
    )
